"""ListSuppressions, Waypost's own: shows the suppression list, one page per call."""

from typing import Annotated

from waypost.api.description import Operation, Params
from waypost.api.members import Answer, SuccessAnswer, member
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.ownership import OWNER_PARAMETERS
from waypost.api.operations.paging import Page, PageIndex, PageSize
from waypost.api.operations.suppressions.person import CHANNEL, FROM, TO
from waypost.model.message.suppression import Suppression
from waypost.storage.contract import Store


class ListSuppressionsParams(Params, frozen=True):
    """The filters and the page."""

    to: Annotated[str, TO._replace(required=False, invalid="", description="Lists that one person.")] = ""
    channel_type: Annotated[
        str, CHANNEL._replace(description="Lists the entries of that channel.", default="all of them")
    ] = ""
    sender: Annotated[
        str,
        FROM._replace(description="Lists the entries of that sender.", invalid="", default="all of them"),
    ] = ""
    page_index: PageIndex = 1
    page_size: PageSize = 10


class SuppressionRow(Answer, frozen=True):
    """An entry of the suppression list."""

    to: Annotated[
        str, member("The person; erased: and a hash for one who was erased since.", "8613900000000")
    ]
    channel_type: Annotated[str, member("The channel; empty for all that have phone numbers.", "viber")]
    from_: Annotated[str, member("The sender; empty for all of the account's.", "20001")]
    reason: Annotated[str, member("stop_word, provider or call.", "stop_word")]
    detail: Annotated[str, member("The word they wrote, or the provider's code.", "STOP")]
    create_time: Annotated[int, member("Since when, milliseconds UTC.")]


class ListSuppressionsAnswer(SuccessAnswer, frozen=True, kw_only=True):
    """The answer with one page of entries."""

    data: Annotated[
        list[SuppressionRow], member("The entries; a page with fewer rows than PageSize is the last one.")
    ]


OPERATION = Operation(
    "ListSuppressions",
    "Lists the suppression list, the oldest entries first: who is added meanwhile comes last.",
    ListSuppressionsParams,
    ListSuppressionsAnswer,
    source="",
    ignored=OWNER_PARAMETERS,
)


async def handle(request: Request[ListSuppressionsParams], store: Store) -> Result[ListSuppressionsAnswer]:
    """Returns one page of entries.

    Raises:
        ApiError: a parameter is invalid.
    """
    request.refuse()
    params = request.params
    page = Page(params.page_index, params.page_size)
    entries = await store.suppressions.page(
        request.caller.account_id,
        channel=params.channel_type,
        sender=params.sender,
        recipient=params.to,
        skip=page.skipped,
        limit=page.size,
    )
    return Result(ListSuppressionsAnswer(data=[_row(entry) for entry in entries]))


def _row(entry: Suppression) -> SuppressionRow:
    return SuppressionRow(
        to=entry.recipient,
        channel_type=entry.channel,
        from_=entry.sender,
        reason=entry.reason.value,
        detail=entry.detail,
        create_time=entry.at,
    )


ENDPOINT = Endpoint(OPERATION, handle)
