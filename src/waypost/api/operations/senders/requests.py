"""Looks up, checks and creates requests about Viber senders.

A customer registers, changes, suspends or resumes a sender by submitting a request, which is then reviewed.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from waypost.api.errors.catalogue import ApiError, from_faults
from waypost.api.members import Answer, SuccessAnswer, member
from waypost.api.operations.derived_id import derived_id
from waypost.api.operations.endpoint import Request, Result
from waypost.api.operations.entry_changes import inserts, relies_on, relies_on_all
from waypost.api.operations.ownership import not_owned, space_faults
from waypost.model import codes
from waypost.model.entry_changes import EntryChange
from waypost.model.faults import Fault
from waypost.model.identifiers import SpaceId
from waypost.model.senders.viber_records import check_record
from waypost.model.senders.viber_senders import ViberRequest, ViberService
from waypost.model.templates.template import UNREVIEWED


class NumberedRequest(Answer, frozen=True):
    """The number of a request that was created or changed."""

    request_no: Annotated[str, member("Its number.", "2026112500012345678")]


class RequestAnswer(SuccessAnswer, frozen=True, kw_only=True):
    """The answer with the request that was created or changed."""

    data: Annotated[NumberedRequest, member("The request.")]


def request_answer(viber_request: ViberRequest) -> RequestAnswer:
    """Builds the answer to a call that created or changed a request."""
    return RequestAnswer(data=NumberedRequest(request_no=viber_request.id))


def checked_record(
    request: Request[Any], request_type: str, space_id: SpaceId, members: Mapping[str, Any]
) -> dict[str, Any]:
    """The record of a request without its empty members.

    Raises:
        ApiError: a parameter, the space or a member of the record is invalid.
    """
    faults = space_faults(request, space_id)
    record: dict[str, Any] = {}
    if not request.faults and not faults:
        record, faults = check_record(request_type, members, request.now)
    request.refuse(faults)
    return record


def service_of_space(request: Request[Any], space_id: SpaceId) -> ViberService | None:
    """The sender registered in a space of the account, or None."""
    return request.configuration.viber_senders.service_of_space(request.caller.account_id, space_id)


def find_request(request: Request[Any], request_no: str) -> ViberRequest | None:
    """The request of the account with that number, or None."""
    return request.configuration.viber_senders.request(request.caller.account_id, request_no)


def unreviewed_request(request: Request[Any], space_id: SpaceId, request_type: str) -> ViberRequest | None:
    """The unreviewed request of that type in a space, or None."""
    of_type = _requests_of_type(request, space_id, request_type)
    return next((one for one in of_type if one.status == UNREVIEWED), None)


def unknown_request(request_no: str) -> ApiError:
    """The error of a call that refers to a request which the account or space does not have."""
    return from_faults([not_owned("RequestNo", request_no, "a request", "this account and space")])


def status_error(parameter: str, problem: str, allowed: str = "") -> ApiError:
    """The error of a call that the state of a sender or request does not allow."""
    return from_faults([Fault(codes.AUDIT_STATUS_NOT_SUPPORT, parameter, problem, allowed)])


def submit_request(
    request: Request[Any], space_id: SpaceId, request_type: str, record: dict[str, Any], service_id: str = ""
) -> Result[RequestAnswer]:
    """Submits a new request for review.

    Args:
        service_id: the id of the sender to change; empty when the request is for a new sender.

    Raises:
        ApiError: there is an unreviewed request of the same type.
    """
    if unreviewed_request(request, space_id, request_type) is not None:
        problem = f"a request of the type {request_type} waits for its review"
        raise status_error("CustSpaceId", problem, "change that one")
    account_id = request.caller.account_id
    earlier = len(_requests_of_type(request, space_id, request_type))
    submitted = ViberRequest(
        id=derived_id(account_id, space_id, request_type, str(earlier)),
        account_id=account_id,
        space_id=space_id,
        type=request_type,
        record=record,
        service_id=service_id,
        user_id=request.caller.user_id or "",
        created_at=request.now,
        updated_at=request.now,
    )
    changes: list[EntryChange] = [
        inserts(submitted),
        relies_on_all(request, ViberRequest, ViberService),
        *relies_on(request.configuration.space(account_id, space_id)),
    ]
    return Result(request_answer(submitted), changes=changes)


def _requests_of_type(request: Request[Any], space_id: SpaceId, request_type: str) -> list[ViberRequest]:
    requests = request.configuration.viber_senders.requests_of(request.caller.account_id)
    return [one for one in requests if (one.space_id, one.type) == (space_id, request_type)]
