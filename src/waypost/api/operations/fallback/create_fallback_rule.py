"""CreateFallbackRule, Waypost's own: creates a fallback rule."""

from typing import Annotated

from waypost.api.description import Operation, Params
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.entry_changes import inserts, relies_on
from waypost.api.operations.fallback.drawn_id import draw_id
from waypost.api.operations.fallback.rule import CHANNEL, RULE_NAME, SENDER, RuleAnswer, rule_answer
from waypost.api.operations.ownership import OWNER_PARAMETERS, sender_faults
from waypost.model.fallback.policies import FallbackRule


class CreateFallbackRuleParams(Params, frozen=True):
    """The rule to create."""

    rule_name: Annotated[str, RULE_NAME] = ""
    channel_type: Annotated[str, CHANNEL] = ""
    sender_id: Annotated[str, SENDER] = ""


OPERATION = Operation(
    "CreateFallbackRule",
    "Makes a fallback rule: a channel and a sender under a name that policies refer to.",
    CreateFallbackRuleParams,
    RuleAnswer,
    source="",
    ignored=OWNER_PARAMETERS,
)


def handle(request: Request[CreateFallbackRuleParams]) -> Result[RuleAnswer]:
    """Creates a rule.

    Raises:
        ApiError: a parameter is invalid.
    """
    params = request.params
    channel, sender = params.channel_type, params.sender_id
    request.refuse(sender_faults(request, channel, sender, "SenderId") if channel and sender else [])
    rule = FallbackRule(
        id=draw_id("R_", "fallback_rule"),
        account_id=request.caller.account_id,
        name=params.rule_name,
        channel=channel,
        sender=sender,
        created_at=request.now,
    )
    used = request.configuration.sender(request.caller.account_id, channel, sender)
    return Result(rule_answer(rule), changes=[inserts(rule), *relies_on(used)])


ENDPOINT = Endpoint(OPERATION, handle)
