"""Looks up the space that a call refers to by InstanceId."""

from typing import Any

from waypost.api.errors.catalogue import from_faults
from waypost.api.operations.endpoint import Request
from waypost.api.operations.ownership import declared_fault, not_owned
from waypost.model import codes
from waypost.model.configuration import Space
from waypost.model.faults import Fault
from waypost.model.identifiers import SpaceId


def own_space(request: Request[Any], space_id: SpaceId) -> Space:
    """The space of the account with that id.

    Raises:
        ApiError: the account has no such space.
    """
    space = request.configuration.space(request.caller.account_id, space_id)
    if space is None:
        raise from_faults([unknown_space(space_id)])
    return space


def changeable_space(request: Request[Any], space_id: SpaceId) -> Space:
    """The space of the account with that id, if API calls may change it.

    Raises:
        ApiError: the account has no such space, or the operator declares it.
    """
    space = own_space(request, space_id)
    if space.declared:
        raise from_faults([declared_fault(codes.invalid("InstanceId"), "InstanceId", space.id)])
    return space


def unknown_space(space_id: SpaceId) -> Fault:
    """The fault of a reference to a space that the account does not have."""
    return not_owned("InstanceId", space_id, "a space")
