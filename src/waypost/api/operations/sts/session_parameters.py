"""Parameters of a role session: its name, its duration and the policy that restricts it."""

import re
from typing import Annotated

import msgspec

from waypost.api.description import Decoded, Parameter
from waypost.api.security_token import SESSION_POLICY
from waypost.model import codes
from waypost.model.access.limits import (
    DEFAULT_SESSION_S,
    LONGEST_CHAINED_SESSION_S,
    LONGEST_SESSION_S,
    SHORTEST_SESSION_S,
)
from waypost.model.access.policy import PolicyError, parse_policy
from waypost.model.faults import Fault

LONGEST_POLICY = 2048
"""The longest policy of a session, in characters."""

_SESSION_NAME = re.compile(r"[A-Za-z0-9.@_-]{2,64}")


def _decode_session_name(text: str) -> Decoded:
    if _SESSION_NAME.fullmatch(text):
        return text, ()
    allowed = "2 to 64 letters, digits and . @ - _ are"
    code = codes.INVALID_ROLE_SESSION_NAME
    return None, [Fault(code, "RoleSessionName", "is not allowed", allowed, text)]


def _decode_session_policy(text: str) -> Decoded:
    code = codes.INVALID_POLICY_GRAMMAR
    if len(text) > LONGEST_POLICY:
        allowed = f"at most {LONGEST_POLICY} are allowed"
        return None, [Fault(code, "Policy", f"it has {len(text)} characters", allowed)]
    try:
        parse_policy(SESSION_POLICY, msgspec.json.decode(text))
    # Lone surrogates raise UnicodeEncodeError, deep nesting RecursionError.
    except (PolicyError, ValueError, RecursionError) as error:
        return None, [Fault(code, "Policy", str(error))]
    return text, ()


SessionName = Annotated[
    str,
    Parameter(
        "RoleSessionName",
        "What the session is called where it is named: 2 to 64 letters, digits and . @ - _.",
        "shop",
        required=True,
        invalid=codes.INVALID_ROLE_SESSION_NAME,
        decode=_decode_session_name,
    ),
]
DurationSeconds = Annotated[
    int,
    Parameter(
        "DurationSeconds",
        "How long they are to be good for, in seconds; at most the role's MaxSessionDuration, and "
        f"{LONGEST_CHAINED_SESSION_S} for a caller with temporary credentials.",
        "3600",
        minimum=SHORTEST_SESSION_S,
        maximum=LONGEST_SESSION_S,
        default=str(DEFAULT_SESSION_S),
        invalid=codes.INVALID_DURATION_SECONDS,
    ),
]
SessionPolicy = Annotated[
    str,
    Parameter(
        "Policy",
        f"A policy that narrows the session, at most {LONGEST_POLICY} characters: it may do what both "
        "this and the role's policies allow.",
        '{"Version":"1","Statement":[]}',
        default="all that the role may do",
        invalid=codes.INVALID_POLICY_GRAMMAR,
        decode=_decode_session_policy,
    ),
]
