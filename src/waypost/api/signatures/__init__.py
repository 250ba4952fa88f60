"""The signature schemes of the official clients: V3 and V1 for RPC calls, MNS for the queue service."""
