"""ListInstance: lists the spaces of an account, one page per call."""

from typing import Annotated

import msgspec

from waypost.api.description import Operation, Parameter, Params, without_effect
from waypost.api.members import SuccessAnswer, member
from waypost.api.operations.endpoint import Endpoint, Request, Result, space_or_account_resource
from waypost.api.operations.paging import Page, PageIndex, PageSize
from waypost.api.operations.spaces.parameters import CHANNEL, ID, NAME
from waypost.api.operations.spaces.row import DetailedSpaceRow, detailed_space_row
from waypost.model.configuration import Space
from waypost.model.identifiers import NO_SPACE, SpaceId


class ListInstanceParams(Params, frozen=True):
    """The filters and the page; an absent filter matches every space."""

    channel_type: Annotated[
        str,
        CHANNEL._replace(description="Lists spaces of that channel; declared ones are of every channel."),
    ] = ""
    instance_id: Annotated[
        SpaceId, ID._replace(required=False, invalid="", description="Lists that one space.")
    ] = NO_SPACE
    instance_name: Annotated[
        str,
        NAME._replace(required=False, longest=None, description="Lists spaces whose name holds that text."),
    ] = ""
    filter_text: Annotated[
        str, Parameter("FilterStr", "Lists spaces whose name or InstanceId holds that text.", "Shop")
    ] = ""
    page_index: PageIndex = 1
    page_size: PageSize = 10


class ListedSpaceRow(DetailedSpaceRow, frozen=True):
    """A space in the list, with its details."""

    cust_space_id: Annotated[SpaceId, member("The InstanceId.", "cams-8x1k0aq4m2zd")]
    state: Annotated[str, member("Always normal.", "normal")] = "normal"


class ListInstanceAnswer(SuccessAnswer, frozen=True, kw_only=True):
    """The answer with one page of spaces."""

    total_count: Annotated[int, member("How many there are on all pages.")]
    data: Annotated[list[ListedSpaceRow], member("The spaces.")]


OPERATION = Operation(
    "ListInstance",
    "Lists the account's spaces, those declared by the operator first, then by their age.",
    ListInstanceParams,
    ListInstanceAnswer,
    ignored=without_effect("BindId", "IsBind", "ResourceGroupId", "SubmitTime"),
)


def handle(request: Request[ListInstanceParams]) -> Result[ListInstanceAnswer]:
    """Returns one page of spaces.

    Raises:
        ApiError: a parameter is invalid.
    """
    request.refuse()
    params = request.params
    page = Page(params.page_index, params.page_size)
    spaces = [
        space for space in request.configuration.spaces(request.caller.account_id) if _matches(space, params)
    ]
    rows = [_listed_space_row(space) for space in spaces[page.skipped : page.skipped + page.size]]
    return Result(ListInstanceAnswer(total_count=len(spaces), data=rows))


def _matches(space: Space, params: ListInstanceParams) -> bool:
    return (
        (space.declared or params.channel_type in ("", space.channel))
        and params.instance_id in ("", space.id)
        and params.instance_name in space.name
        and (params.filter_text in space.name or params.filter_text in space.id)
    )


def _listed_space_row(space: Space) -> ListedSpaceRow:
    return ListedSpaceRow(**msgspec.structs.asdict(detailed_space_row(space)), cust_space_id=space.id)


ENDPOINT = Endpoint(OPERATION, handle, resources=space_or_account_resource("InstanceId"))
