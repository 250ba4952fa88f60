"""Checks that resources belong to the caller's account.

A resource of another account is answered like one that does not exist, so that callers cannot probe for it.
"""

from typing import Any

from waypost.api.description import without_effect
from waypost.api.operations.endpoint import Request
from waypost.model import codes
from waypost.model.faults import Fault
from waypost.model.identifiers import SpaceId

OWNER_PARAMETERS = without_effect("OwnerId", "ResourceOwnerId", "ResourceOwnerAccount")
"""Parameters with which SDKs send the owner; ignored, since the access key determines it."""


def not_owned(parameter: str, value: str, kind: str, owner: str = "this account") -> Fault:
    """The fault of a reference to a resource that the account does not have, whether or not another has it.

    Args:
        kind: the kind of the resource, with its article (`a space`).
    """
    return Fault(codes.UNKNOWN_RESOURCE_OWNER, parameter, f"is not {kind} of {owner}", value=value)


def space_faults(request: Request[Any], space_id: SpaceId) -> list[Fault]:
    """The fault if the account has no such space; none for an empty id."""
    if not space_id or request.configuration.space(request.caller.account_id, space_id) is not None:
        return []
    return [not_owned("CustSpaceId", space_id, "a space")]


def sender_faults(request: Request[Any], channel: str, sender: str, parameter: str) -> list[Fault]:
    """The fault if the account has no such sender on the channel."""
    if request.configuration.sender(request.caller.account_id, channel, sender) is not None:
        return []
    return [not_owned(parameter, sender, f"a {channel} sender")]


def declared_fault(code: str, parameter: str, value: str) -> Fault:
    """The fault of a change to a resource that the operator declares in the settings file."""
    problem = "is declared by the operator of this service, who alone can change it"
    return Fault(code, parameter, problem, value=value)
