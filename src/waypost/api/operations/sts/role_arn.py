"""The parameter RoleArn, `acs:ram::<account>:role/<role name>`."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from waypost.api.caller import Caller
from waypost.api.description import Decoded, Parameter
from waypost.model import codes
from waypost.model.configuration import Configuration
from waypost.model.faults import Fault
from waypost.model.identifiers import AccountId

_ARN = re.compile(r"acs:ram:[^:]*:([^:]+):role/([A-Za-z0-9.-]{1,64})")


@dataclass(frozen=True)
class RoleArn:
    """A parsed RoleArn.

    Attributes:
        text: the arn as sent.
    """

    text: str
    account_id: AccountId
    role_name: str


NO_ROLE = RoleArn("", AccountId(""), "")
"""The default of a missing or invalid RoleArn, whose call is refused."""


def role_resource(raw_params: Mapping[str, str], caller: Caller, _: Configuration) -> Sequence[str]:
    """The resource of a call with a RoleArn, as an arn; without a valid one, all roles of the account."""
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
    return RoleArn(text, AccountId(match[1]), match[2]) if match is not None else None


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
