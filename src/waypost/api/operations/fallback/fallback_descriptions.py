"""The descriptions of the operations on fallback rules and policies.

The official console has these objects (console-and-access.md, section 2) and the official API no operations
on them: the operations are Waypost's own, in the style of the others.
"""

from waypost.api.description import Kind, Member, Operation, Parameter
from waypost.api.operations.recurring import ANY_CALL, NOT_YOURS, OWNERS, PAGE_ROWS, SUCCESS
from waypost.model.addresses import ADDRESSES
from waypost.model.fallback.chain import LONGEST_WAIT, SHORTEST_WAIT, StepCondition

_LONGEST_NAME = 128
MOST_STEPS = 10
INVALID_STEPS = "InvalidSteps"
FALLBACK_CHANNELS = ("sms", *ADDRESSES)
CONDITIONS = tuple(condition.value for condition in StepCondition)
_P = Parameter

_RULE_ID = _P("RuleId", Kind.STRING, "The rule.", "R_271828182", required=True, invalid=NOT_YOURS)
_RULE_NAME = _P(
    "RuleName",
    Kind.STRING,
    "What the rule is called.",
    "SMS from Shop",
    required=True,
    longest=_LONGEST_NAME,
    one_line=True,
)
_CHANNEL = _P(
    "ChannelType",
    Kind.STRING,
    "The channel that is fallen back to.",
    "sms",
    required=True,
    allowed=FALLBACK_CHANNELS,
    invalid="InvalidParameter.ChannelTypeNotSupport",
)
_SENDER = _P(
    "SenderId", Kind.STRING, "The sender on that channel.", "Waypost", required=True, invalid=NOT_YOURS
)
_POLICY_ID = _P("FallBackId", Kind.STRING, "The policy.", "S_314159265", required=True, invalid=NOT_YOURS)
_POLICY_NAME = _P(
    "PolicyName",
    Kind.STRING,
    "What the policy is called.",
    "Viber, then SMS",
    required=True,
    longest=_LONGEST_NAME,
    one_line=True,
)
_STEPS = _P(
    "Steps",
    Kind.LIST,
    f"What is tried, in this order: a JSON list of 1 to {MOST_STEPS} objects. Each names its way by RuleId, "
    "or by ChannelType and SenderId. Condition says what must have become of what was tried before: failed, "
    "undelivered (the default: failed, or not delivered within Wait) or unread (failed, or not read within "
    f"Wait). Wait is in seconds, {SHORTEST_WAIT} to {LONGEST_WAIT}; without it only a failure counts.",
    '[{"ChannelType":"sms","SenderId":"Waypost","Wait":120,"Condition":"undelivered"}]',
    required=True,
    invalid=INVALID_STEPS,
)

_TOTAL = Member("TotalCount", "How many there are on all pages.", kind="integer")
_RULE_MEMBERS = (
    Member("RuleId", "The rule.", "R_271828182"),
    Member("RuleName", "Its name.", "SMS from Shop"),
    Member("ChannelType", "The channel.", "sms"),
    Member("SenderId", "The sender.", "Waypost"),
    Member("CreateTime", "When it was made, milliseconds UTC.", kind="integer"),
)
_POLICY_MEMBERS = (
    Member("FallBackId", "The policy.", "S_314159265"),
    Member("PolicyName", "Its name.", "Viber, then SMS"),
    Member(
        "Steps",
        "What is tried, in this order.",
        kind="array",
        members=(
            Member("RuleId", "The rule, where the step names one.", ""),
            Member("RuleName", "Its name.", ""),
            Member("ChannelType", "The channel.", "sms"),
            Member("SenderId", "The sender.", "Waypost"),
            Member("Condition", "failed, undelivered or unread.", "undelivered"),
            Member("Wait", "Seconds; left out when only a failure counts.", kind="integer"),
        ),
    ),
    Member("Declared", "Whether the operator declares it and calls cannot change it.", kind="boolean"),
    Member("CreateTime", "When it was made, milliseconds UTC; 0 for a declared one.", kind="integer"),
)
_RULE = Member("Data", "The rule.", kind="object", members=_RULE_MEMBERS)
_POLICY = Member("Data", "The policy.", kind="object", members=_POLICY_MEMBERS)


def _operation(
    name: str,
    summary: str,
    parameters: tuple[Parameter, ...],
    answer: tuple[Member, ...],
    *errors: str,
) -> Operation:
    return Operation(
        name=name,
        summary=summary,
        source="",
        parameters=(*parameters, *OWNERS),
        answer=(SUCCESS, *answer),
        errors=(*ANY_CALL, *errors),
    )


CREATE_RULE = _operation(
    "CreateFallbackRule",
    "Makes a fallback rule: a channel and a sender under a name that policies refer to.",
    (_RULE_NAME, _CHANNEL, _SENDER),
    (_RULE,),
)
UPDATE_RULE = _operation(
    "UpdateFallbackRule",
    "Changes a fallback rule, for the policies that name it too; what is left out stays.",
    (
        _RULE_ID,
        _RULE_NAME._replace(required=False),
        _CHANNEL._replace(required=False),
        _SENDER._replace(required=False),
    ),
    (_RULE,),
)
LIST_RULES = _operation(
    "ListFallbackRules",
    "Lists the account's fallback rules, the oldest first.",
    PAGE_ROWS,
    (_TOTAL, Member("Data", "The rules.", kind="array", members=_RULE_MEMBERS)),
)
DELETE_RULE = _operation(
    "DeleteFallbackRule",
    "Deletes a fallback rule that no policy names any more.",
    (_RULE_ID,),
    (),
    "InvalidRuleId",
)
CREATE_POLICY = _operation(
    "CreateFallbackPolicy",
    "Makes a fallback policy: the chain of what is tried when a message does not arrive. Its FallBackId is "
    "what SendChatappMessage takes.",
    (_POLICY_NAME, _STEPS),
    (_POLICY,),
    NOT_YOURS,
)
UPDATE_POLICY = _operation(
    "UpdateFallbackPolicy",
    "Changes a fallback policy; what is left out stays. Messages accepted before keep the steps they had.",
    (_POLICY_ID, _POLICY_NAME._replace(required=False), _STEPS._replace(required=False)),
    (_POLICY,),
    "InvalidFallBackId",
)
GET_POLICY = _operation("GetFallbackPolicy", "Shows a fallback policy.", (_POLICY_ID,), (_POLICY,))
LIST_POLICIES = _operation(
    "ListFallbackPolicies",
    "Lists the account's fallback policies, those declared by the operator first, then by their age.",
    PAGE_ROWS,
    (_TOTAL, Member("Data", "The policies.", kind="array", members=_POLICY_MEMBERS)),
)
DELETE_POLICY = _operation(
    "DeleteFallbackPolicy",
    "Deletes a fallback policy. Messages accepted before keep the steps they had.",
    (_POLICY_ID,),
    (),
    "InvalidFallBackId",
)
