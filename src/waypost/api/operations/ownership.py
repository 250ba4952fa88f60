"""Whether what a call names is its account's: what another account has is answered as what nobody has."""

from typing import Any

from waypost.api.description import without_effect
from waypost.api.operations.endpoint import Request
from waypost.model import codes
from waypost.model.faults import Fault
from waypost.model.identifiers import SpaceId

OWNER_PARAMETERS = without_effect("OwnerId", "ResourceOwnerId", "ResourceOwnerAccount")
"""What SDKs send of the owner; the access key says it already."""


def not_owned(parameter: str, value: str, kind: str, owner: str = "this account") -> Fault:
    """The fault of naming what the account does not have, whether another has it or nobody.

    Args:
        kind: what it was taken for, with its article (`a space`).
    """
    return Fault(codes.UNKNOWN_RESOURCE_OWNER, parameter, f"is not {kind} of {owner}", value=value)


def space_faults(request: Request[Any], space_id: SpaceId) -> list[Fault]:
    """What is wrong with CustSpaceId, where it is given: that the account has no such space."""
    if not space_id or request.configuration.space(request.caller.account_id, space_id) is not None:
        return []
    return [not_owned("CustSpaceId", space_id, "a space")]


def sender_faults(request: Request[Any], channel: str, sender: str, parameter: str) -> list[Fault]:
    """What is wrong with a channel's sender: that the account has no such one."""
    if request.configuration.sender(request.caller.account_id, channel, sender) is not None:
        return []
    return [not_owned(parameter, sender, f"a {channel} sender")]


def declared_fault(code: str, parameter: str, value: str) -> Fault:
    """The fault of a change to what the operator's configuration declares."""
    problem = "is declared by the operator of this service, who alone can change it"
    return Fault(code, parameter, problem, value=value)
