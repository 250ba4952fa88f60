"""The signatures of the official clients: V3 and V1 of RPC calls, MNS of the queues."""
