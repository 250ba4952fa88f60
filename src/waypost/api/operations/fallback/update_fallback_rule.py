"""UpdateFallbackRule, Waypost's own: changes a fallback rule."""

from typing import Annotated

import msgspec

from waypost.api.description import Operation, Params
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.entry_changes import relies_on, replaces
from waypost.api.operations.fallback.rule import (
    CHANNEL,
    RULE_NAME,
    SENDER,
    RuleAnswer,
    RuleId,
    find_rule,
    rule_answer,
)
from waypost.api.operations.ownership import OWNER_PARAMETERS, sender_faults


class UpdateFallbackRuleParams(Params, frozen=True):
    """The rule to change, and its new values."""

    rule_id: RuleId = ""
    rule_name: Annotated[str, RULE_NAME._replace(required=False)] = ""
    channel_type: Annotated[str, CHANNEL._replace(required=False)] = ""
    sender_id: Annotated[str, SENDER._replace(required=False)] = ""


OPERATION = Operation(
    "UpdateFallbackRule",
    "Changes a fallback rule, for the policies that name it too; parameters left out stay as they are.",
    UpdateFallbackRuleParams,
    RuleAnswer,
    source="",
    ignored=OWNER_PARAMETERS,
)


def handle(request: Request[UpdateFallbackRuleParams]) -> Result[RuleAnswer]:
    """Changes a rule.

    Raises:
        ApiError: a parameter is invalid; the account has no such rule.
    """
    params = request.params
    rule = find_rule(request, params.rule_id)
    channel, sender = params.channel_type or rule.channel, params.sender_id or rule.sender
    request.refuse(sender_faults(request, channel, sender, "SenderId"))
    name = params.rule_name or rule.name
    changed = msgspec.structs.replace(rule, name=name, channel=channel, sender=sender)
    used = request.configuration.sender(request.caller.account_id, channel, sender)
    return Result(rule_answer(changed), changes=[replaces(rule, changed), *relies_on(used)])


ENDPOINT = Endpoint(OPERATION, handle)
