"""The parameters, rows and look-up that the operations on fallback rules share."""

from typing import Annotated, Any

from waypost.api.description import Parameter
from waypost.api.members import Answer, SuccessAnswer, member
from waypost.api.operations.endpoint import Request
from waypost.api.operations.ownership import not_owned
from waypost.model import codes
from waypost.model.channels import FALLBACK_CHANNELS
from waypost.model.fallback.policies import FallbackRule
from waypost.model.faults import Fault

LONGEST_NAME = 128
"""The longest name of a rule or policy, in characters."""

RULE_NAME = Parameter(
    "RuleName",
    "What the rule is called.",
    "SMS from Shop",
    required=True,
    longest=LONGEST_NAME,
    one_line=True,
)
CHANNEL = Parameter(
    "ChannelType",
    "The channel that is fallen back to.",
    "sms",
    required=True,
    allowed=FALLBACK_CHANNELS,
    invalid=codes.CHANNEL_TYPE_NOT_SUPPORT,
)
SENDER = Parameter(
    "SenderId",
    "The sender on that channel.",
    "Waypost",
    required=True,
    invalid=codes.UNKNOWN_RESOURCE_OWNER,
)
RuleId = Annotated[
    str, Parameter("RuleId", "The rule.", "R_271828182", required=True, invalid=codes.UNKNOWN_RESOURCE_OWNER)
]


class RuleRow(Answer, frozen=True):
    """A rule."""

    rule_id: Annotated[str, member("The rule.", "R_271828182")]
    rule_name: Annotated[str, member("Its name.", "SMS from Shop")]
    channel_type: Annotated[str, member("The channel.", "sms")]
    sender_id: Annotated[str, member("The sender.", "Waypost")]
    create_time: Annotated[int, member("When it was made, milliseconds UTC.")]


class RuleAnswer(SuccessAnswer, frozen=True, kw_only=True):
    """The answer with one rule."""

    data: Annotated[RuleRow, member("The rule.")]


def fallback_rule_row(rule: FallbackRule) -> RuleRow:
    """Converts a rule to its row."""
    return RuleRow(
        rule_id=rule.id,
        rule_name=rule.name,
        channel_type=rule.channel,
        sender_id=rule.sender,
        create_time=rule.created_at,
    )


def rule_answer(rule: FallbackRule) -> RuleAnswer:
    """Builds the answer with one rule."""
    return RuleAnswer(data=fallback_rule_row(rule))


def find_rule(request: Request[Any], rule_id: str) -> FallbackRule:
    """The rule of the account with that id.

    Raises:
        ApiError: a parameter is invalid; the account has no such rule.
    """
    rule = request.configuration.fallbacks.rule(request.caller.account_id, rule_id)
    request.refuse([unknown_rule(rule_id)] if rule is None and rule_id else [])
    assert rule is not None
    return rule


def unknown_rule(rule_id: str, parameter: str = "RuleId") -> Fault:
    """The fault of a reference to a rule that the account does not have."""
    return not_owned(parameter, rule_id, "a fallback rule")
