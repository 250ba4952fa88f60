"""How often the operations of sts can be called."""

CALLS_A_SECOND = 100
"""The limit of each operation of sts, for an account."""
