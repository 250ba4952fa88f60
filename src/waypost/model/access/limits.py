"""How many users, keys, policies and roles an account can have, and how long a list and a session are.

The numbers are the official service's, which its error codes name (`LimitExceeded.User`).
"""

MOST_USERS = 1000
"""Users of an account."""
MOST_USER_KEYS = 2
"""Access keys of a user."""
MOST_OWNER_KEYS = 5
"""Access keys of an account's owner."""
MOST_POLICIES = 1500
"""Policies of an account's own."""
MOST_POLICY_VERSIONS = 5
"""Versions of a policy."""
MOST_ATTACHED_POLICIES = 20
"""Policies attached to a user or a role."""
MOST_ROLES = 1000
"""Roles of an account."""
MOST_LISTED = 1000
"""Rows that one call of a list can ask for."""

SHORTEST_SESSION_S = 900
"""Seconds that AssumeRole gives credentials for at least."""
DEFAULT_SESSION_S = 3600
"""Seconds of a session whose call does not say, and the least that a role can have as its longest."""
LONGEST_SESSION_S = 43200
"""Seconds that a role can have as its longest."""
LONGEST_CHAINED_SESSION_S = 3600
"""Seconds of a session of a role that is assumed from within another session."""
