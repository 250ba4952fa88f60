"""ListFallbackPolicies, Waypost's own: lists the account's fallback policies, one page per call."""

from typing import Annotated

from waypost.api.description import Operation, Params
from waypost.api.members import SuccessAnswer, member
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.fallback.policy import PolicyRow, fallback_policy_row
from waypost.api.operations.ownership import OWNER_PARAMETERS
from waypost.api.operations.paging import Page, PageIndex, PageSize


class ListFallbackPoliciesParams(Params, frozen=True):
    """The filters and the page of the list."""

    page_index: PageIndex = 1
    page_size: PageSize = 10


class ListFallbackPoliciesAnswer(SuccessAnswer, frozen=True, kw_only=True):
    """The answer with one page of policies."""

    total_count: Annotated[int, member("How many there are on all pages.")]
    data: Annotated[list[PolicyRow], member("The policies.")]


OPERATION = Operation(
    "ListFallbackPolicies",
    "Lists the account's fallback policies, those declared by the operator first, then by their age.",
    ListFallbackPoliciesParams,
    ListFallbackPoliciesAnswer,
    source="",
    ignored=OWNER_PARAMETERS,
)


def handle(request: Request[ListFallbackPoliciesParams]) -> Result[ListFallbackPoliciesAnswer]:
    """Returns one page of policies.

    Raises:
        ApiError: a parameter is invalid.
    """
    request.refuse()
    page = Page(request.params.page_index, request.params.page_size)
    policies = request.configuration.fallbacks.policies_of(request.caller.account_id)
    rows = [fallback_policy_row(policy) for policy in policies[page.skipped : page.skipped + page.size]]
    return Result(ListFallbackPoliciesAnswer(total_count=len(policies), data=rows))


ENDPOINT = Endpoint(OPERATION, handle)
