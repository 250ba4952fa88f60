"""The space that a call names as InstanceId."""

from typing import Any

from waypost.api.errors.catalogue import from_faults
from waypost.api.operations.endpoint import Request
from waypost.api.operations.ownership import declared_fault, not_owned
from waypost.model import codes
from waypost.model.configuration import Space
from waypost.model.faults import Fault
from waypost.model.identifiers import SpaceId


def own_space(request: Request[Any], space_id: SpaceId) -> Space:
    """A space of the account.

    Raises:
        ApiError: the account has none such.
    """
    space = request.configuration.space(request.caller.account_id, space_id)
    if space is None:
        raise from_faults([unknown_space(space_id)])
    return space


def changeable_space(request: Request[Any], space_id: SpaceId) -> Space:
    """A space of the account that calls may change.

    Raises:
        ApiError: the account has none such, or the operator declares it.
    """
    space = own_space(request, space_id)
    if space.declared:
        raise from_faults([declared_fault(codes.invalid("InstanceId"), "InstanceId", space.id)])
    return space


def unknown_space(space_id: SpaceId) -> Fault:
    """The fault of naming a space that the account does not have."""
    return not_owned("InstanceId", space_id, "a space")
