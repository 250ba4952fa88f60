"""The RPC front door: signatures, throttle, access, operations."""
