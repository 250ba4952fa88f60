"""The rate limit of sts."""

CALLS_A_SECOND = 100
"""The limit of each operation of sts, in calls per second and account."""
