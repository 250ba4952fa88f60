"""ListFallbackRules, Waypost's own: lists the account's fallback rules, one page per call."""

from typing import Annotated

from waypost.api.description import Operation, Params
from waypost.api.members import SuccessAnswer, member
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.fallback.rule import RuleRow, fallback_rule_row
from waypost.api.operations.ownership import OWNER_PARAMETERS
from waypost.api.operations.paging import Page, PageIndex, PageSize


class ListFallbackRulesParams(Params, frozen=True):
    """The filters and the page of the list."""

    page_index: PageIndex = 1
    page_size: PageSize = 10


class ListFallbackRulesAnswer(SuccessAnswer, frozen=True, kw_only=True):
    """The answer with one page of rules."""

    total_count: Annotated[int, member("How many there are on all pages.")]
    data: Annotated[list[RuleRow], member("The rules.")]


OPERATION = Operation(
    "ListFallbackRules",
    "Lists the account's fallback rules, the oldest first.",
    ListFallbackRulesParams,
    ListFallbackRulesAnswer,
    source="",
    ignored=OWNER_PARAMETERS,
)


def handle(request: Request[ListFallbackRulesParams]) -> Result[ListFallbackRulesAnswer]:
    """Returns one page of rules.

    Raises:
        ApiError: a parameter is invalid.
    """
    request.refuse()
    page = Page(request.params.page_index, request.params.page_size)
    rules = request.configuration.fallbacks.rules_of(request.caller.account_id)
    rows = [fallback_rule_row(rule) for rule in rules[page.skipped : page.skipped + page.size]]
    return Result(ListFallbackRulesAnswer(total_count=len(rules), data=rows))


ENDPOINT = Endpoint(OPERATION, handle)
