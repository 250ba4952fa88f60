"""CancelMessages, Waypost's own: what of a campaign is not with a provider yet is not sent any more."""

from typing import Annotated

from waypost.api.description import Operation, Parameter, Params
from waypost.api.members import Answer, SuccessAnswer, member
from waypost.api.operations.endpoint import Endpoint, Request, Result, space_or_account_resource
from waypost.api.operations.messages.send_parameters import TASK_ID
from waypost.api.operations.ownership import OWNER_PARAMETERS, space_faults
from waypost.messaging.cancellation import accepted_by_now
from waypost.model import codes
from waypost.model.faults import Fault
from waypost.model.identifiers import NO_SPACE, SpaceId
from waypost.model.message.cancellation import CancelFilter
from waypost.storage.contract import Store, Transaction

_CALLS_PER_SECOND = 1


class CancelMessagesParams(Params, frozen=True):
    """The filters of the messages to cancel; several narrow each other."""

    cust_space_id: Annotated[
        SpaceId,
        Parameter(
            "CustSpaceId",
            "Those of one space.",
            "cams-8c8a0b9",
            default="those of every space",
            invalid=codes.UNKNOWN_RESOURCE_OWNER,
        ),
    ] = NO_SPACE
    task_id: Annotated[
        str,
        TASK_ID._replace(description="Those that were sent with this TaskId.", default="those of every task"),
    ] = ""
    group_message_id: Annotated[
        str,
        Parameter(
            "GroupMessageId",
            "Those of one SendChatappMassMessage.",
            "2026112303460800000100000",
            default="those of every call",
        ),
    ] = ""
    template_code: Annotated[
        str,
        Parameter(
            "TemplateCode",
            "Those of one template.",
            "1100923",
            default="those of every template, and of none",
        ),
    ] = ""
    everything: Annotated[
        str,
        Parameter(
            "All",
            "Confirms that a call without TaskId, GroupMessageId and TemplateCode means all that waits.",
            "true",
            allowed=("true",),
            required_for="a call without TaskId, GroupMessageId and TemplateCode",
            missing=codes.missing("All"),
        ),
    ] = ""


class StartedCancellation(Answer, frozen=True):
    """A cancellation that has been recorded."""

    cancel_id: Annotated[str, member("Its id, for GetCancellation.", "170411000000000017")]


class CancelMessagesAnswer(SuccessAnswer, frozen=True, kw_only=True):
    """The answer with the cancellation."""

    data: Annotated[StartedCancellation, member("The cancellation.")]


OPERATION = Operation(
    "CancelMessages",
    "Cancels what was accepted before the call and is not with a provider: it ends as Failed with ErrorCode "
    "CANCELLED, without a fallback. What a provider has, or may have, is left, and nothing follows it. It is "
    "answered once this is recorded; it is then carried out whatever happens, and GetCancellation says how "
    "far it has come.",
    CancelMessagesParams,
    CancelMessagesAnswer,
    source="",
    ignored=OWNER_PARAMETERS,
)


def handle(request: Request[CancelMessagesParams], store: Store) -> Result[CancelMessagesAnswer]:
    """Records a cancellation, which the stages then carry out.

    Raises:
        ApiError: a parameter is invalid, or it is not said what to cancel.
    """
    params = request.params
    request.refuse([*space_faults(request, params.cust_space_id), *_unconfirmed(params)])
    filters = CancelFilter(
        account_id=request.caller.account_id,
        space_id=params.cust_space_id,
        task_id=params.task_id,
        group_id=params.group_message_id,
        template_code=params.template_code,
    )
    before = accepted_by_now(store, request.now)

    def write(transaction: Transaction) -> CancelMessagesAnswer:
        key_id = request.origin.access_key_id
        id_ = transaction.cancellations.add(filters, before, key_id, request.now)
        return CancelMessagesAnswer(data=StartedCancellation(cancel_id=str(id_)))

    return Result(None, write)


def _unconfirmed(params: CancelMessagesParams) -> list[Fault]:
    if params.task_id or params.group_message_id or params.template_code or params.everything:
        return []
    allowed = "a call without TaskId, GroupMessageId and TemplateCode needs All=true"
    return [Fault(codes.missing("All"), "All", "it is missing", allowed)]


ENDPOINT = Endpoint(OPERATION, handle, _CALLS_PER_SECOND, resources=space_or_account_resource("CustSpaceId"))
