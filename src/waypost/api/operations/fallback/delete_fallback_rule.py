"""DeleteFallbackRule, Waypost's own: deletes a fallback rule that no policy refers to."""

from waypost.api.description import Operation, Params
from waypost.api.members import SuccessAnswer
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.entry_changes import relies_on_all
from waypost.api.operations.fallback.rule import RuleId, find_rule
from waypost.api.operations.ownership import OWNER_PARAMETERS
from waypost.model import codes
from waypost.model.entry_changes import RemoveEntry
from waypost.model.fallback.policies import FallbackPolicy
from waypost.model.faults import Fault


class DeleteFallbackRuleParams(Params, frozen=True):
    """The rule to delete."""

    rule_id: RuleId = ""


OPERATION = Operation(
    "DeleteFallbackRule",
    "Deletes a fallback rule that no policy names any more.",
    DeleteFallbackRuleParams,
    SuccessAnswer,
    errors=(codes.invalid("RuleId"),),
    source="",
    ignored=OWNER_PARAMETERS,
)


def handle(request: Request[DeleteFallbackRuleParams]) -> Result[SuccessAnswer]:
    """Deletes a rule.

    Raises:
        ApiError: a parameter is invalid; the account has no such rule; a policy refers to it.
    """
    rule = find_rule(request, request.params.rule_id)
    naming = [
        policy.id
        for policy in request.configuration.fallbacks.policies_of(request.caller.account_id)
        if any(step.rule_id == rule.id for step in policy.steps)
    ]
    if naming:
        problem, allowed = f"is named by the policies {', '.join(naming)}", "delete or change them first"
        request.refuse([Fault(codes.invalid("RuleId"), "RuleId", problem, allowed, rule.id)])
    return Result(SuccessAnswer(), changes=[RemoveEntry(rule), relies_on_all(request, FallbackPolicy)])


ENDPOINT = Endpoint(OPERATION, handle)
