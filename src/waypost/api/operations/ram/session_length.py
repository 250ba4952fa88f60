"""The parameter with the longest session that a role allows."""

from waypost.api.description import Parameter
from waypost.model import codes
from waypost.model.access.limits import DEFAULT_SESSION_S, LONGEST_SESSION_S


def longest_session_parameter(name: str, default: str = "") -> Parameter:
    """Describes a parameter with the longest session of a role, in seconds.

    Args:
        default: in words, what its absence means.
    """
    return Parameter(
        name,
        "How long a session can be at most, in seconds.",
        str(DEFAULT_SESSION_S),
        minimum=DEFAULT_SESSION_S,
        maximum=LONGEST_SESSION_S,
        default=default,
        invalid=codes.INVALID_MAX_SESSION_DURATION,
    )
