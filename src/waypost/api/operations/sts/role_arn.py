"""The RoleArn of a call, `acs:ram::<account>:role/<role name>`."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from waypost.api.caller import Caller
from waypost.api.description import Decoded, Parameter
from waypost.model import codes
from waypost.model.configuration import Configuration
from waypost.model.faults import Fault

_ARN = re.compile(r"acs:ram:[^:]*:([^:]+):role/([A-Za-z0-9.-]{1,64})")


@dataclass(frozen=True)
class RoleArn:
    """The role that a call names.

    Attributes:
        text: as it was sent.
    """

    text: str
    account_id: str
    role_name: str


NO_ROLE = RoleArn("", "", "")
"""What stands for the role of a call that names none, or wrongly, until it is refused."""


def role_resource(raw_params: Mapping[str, str], caller: Caller, _: Configuration) -> Sequence[str]:
    """What a call is about that names a role, as policies name it; all roles of the account without one."""
    arn = _parse_role_arn(raw_params.get("RoleArn", ""))
    account_id, name = (caller.account_id, "*") if arn is None else (arn.account_id, arn.role_name)
    return (f"acs:ram:*:{account_id}:role/{name}",)


def _decode_role_arn(text: str) -> Decoded:
    arn = _parse_role_arn(text)
    if arn is None:
        allowed = "acs:ram::<account>:role/<role name> is"
        return None, [Fault(codes.INVALID_ROLE_ARN, "RoleArn", "is not allowed", allowed, text)]
    return arn, ()


def _parse_role_arn(text: str) -> RoleArn | None:
    match = _ARN.fullmatch(text)
    return RoleArn(text, match[1], match[2]) if match is not None else None


RoleArnParameter = Annotated[
    RoleArn,
    Parameter(
        "RoleArn",
        "The role.",
        "acs:ram::1:role/courier",
        required=True,
        invalid=codes.INVALID_ROLE_ARN,
        decode=_decode_role_arn,
    ),
]
