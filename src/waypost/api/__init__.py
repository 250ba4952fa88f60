"""The front door: it speaks the cams RPC contract, from the bytes of a call to the bytes of its answer."""
