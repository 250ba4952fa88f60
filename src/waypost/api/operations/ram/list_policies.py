"""ListPolicies: lists the account's own policies and the system policies, by name."""

from typing import Annotated

from waypost.api.description import Operation, Params, without_effect
from waypost.api.members import Answer, member
from waypost.api.operations.endpoint import Request, Result
from waypost.api.operations.ram.endpoint import ram_endpoint
from waypost.api.operations.ram.marker_paging import MarkedAnswer, Marker, MaxItems, page_after
from waypost.api.operations.ram.policy_row import CountedPolicyRow, counted_policy_row, system_policy_row
from waypost.api.operations.ram.resources import ram_resources
from waypost.api.operations.ram.text_rules import POLICY_TYPE
from waypost.api.product import RAM
from waypost.model.access.principals import CUSTOM, SYSTEM, SYSTEM_POLICIES


class ListPoliciesParams(Params, frozen=True):
    """The filters and the page of the list."""

    policy_type: Annotated[str, POLICY_TYPE._replace(required=False, default="both")] = ""
    marker: Marker = ""
    max_items: MaxItems = 100


class PolicyRows(Answer, frozen=True):
    """The member Policies, a list of policies."""

    policy: Annotated[list[CountedPolicyRow], member("The policies.")]


class ListPoliciesAnswer(MarkedAnswer, frozen=True):
    """The answer with one page of policies."""

    policies: Annotated[PolicyRows, member("The policies.")]


OPERATION = Operation(
    "ListPolicies",
    "Lists the account's own policies and those that every account has, by name.",
    ListPoliciesParams,
    ListPoliciesAnswer,
    ignored=without_effect("Tag"),
    product=RAM,
)


def handle(request: Request[ListPoliciesParams]) -> Result[ListPoliciesAnswer]:
    """Returns one page of policies.

    Raises:
        ApiError: a parameter is invalid.
    """
    request.refuse()
    params, account_id = request.params, request.caller.account_id
    principals = request.configuration.principals
    attachments = principals.attachment_counts(account_id)
    rows: list[tuple[str, CountedPolicyRow]] = []
    if params.policy_type != SYSTEM:
        own = principals.policies_of(account_id)
        rows += [(policy.name, counted_policy_row(policy, attachments)) for policy in own]
    if params.policy_type != CUSTOM:
        # A custom and a system policy can have the same name; the marker must distinguish them.
        rows += [(f"{name}/", system_policy_row(name, attachments)) for name in SYSTEM_POLICIES]
    page = page_after(sorted(rows, key=lambda row: row[0]), params.marker, params.max_items)
    return Result(
        ListPoliciesAnswer(
            is_truncated=page.is_truncated, marker=page.marker, policies=PolicyRows(policy=page.rows)
        )
    )


ENDPOINT = ram_endpoint(OPERATION, handle, ram_resources(("policy", "")))
