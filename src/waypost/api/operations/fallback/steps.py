"""Decodes the parameter Steps, the steps of a fallback policy in order."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from waypost.api.description import Decoded, Parameter
from waypost.api.operations.endpoint import Request
from waypost.api.operations.fallback.rule import unknown_rule
from waypost.api.operations.ownership import sender_faults
from waypost.model import codes
from waypost.model.channels import FALLBACK_CHANNELS
from waypost.model.configuration import Entry
from waypost.model.fallback.chain import LONGEST_WAIT, SHORTEST_WAIT, StepCondition, step_error, unread_error
from waypost.model.fallback.policies import PolicyStep
from waypost.model.faults import Fault

MOST_STEPS = 10
"""The largest number of steps of a policy."""

_NAME = "Steps"
_INVALID = codes.invalid(_NAME)
_CONDITIONS = tuple(condition.value for condition in StepCondition)

_decode_list = msgspec.json.Decoder(list[dict[str, Any]]).decode


class StepReference(msgspec.Struct, frozen=True):
    """A step as sent: with a rule, or with a channel and sender.

    Attributes:
        rule_id: the rule that sets channel and sender; empty when the step sets them itself.
        channel, sender: ignored when there is a rule.
        wait: seconds; None for no limit.
    """

    rule_id: str
    channel: str
    sender: str
    wait: int | None
    condition: StepCondition


def decode_steps(text: str) -> Decoded:
    """Decodes the list of steps; `resolve_steps` checks that the account has their rules and senders."""
    try:
        items = _decode_list(text)
    # Lone surrogates raise UnicodeEncodeError, deep nesting RecursionError.
    except (ValueError, RecursionError):
        allowed = "the JSON text of a list of objects is needed"
        return (), [Fault(_INVALID, _NAME, "is not allowed", allowed, text)]
    if not 1 <= len(items) <= MOST_STEPS:
        return (), [Fault(_INVALID, _NAME, f"it has {len(items)} steps", f"1 to {MOST_STEPS} are allowed")]
    steps: list[StepReference] = []
    faults: list[Fault] = []
    for index, item in enumerate(items):
        step = _read_step(item, f"{_NAME}[{index}]")
        if isinstance(step, Fault):
            faults.append(step)
        else:
            steps.append(step)
    return tuple(steps), faults


def _read_step(item: Mapping[str, Any], path: str) -> StepReference | Fault:
    rule_id, channel = str(item.get("RuleId") or ""), str(item.get("ChannelType") or "").lower()
    if not rule_id and channel not in FALLBACK_CHANNELS:
        allowed = f"allowed are {', '.join(FALLBACK_CHANNELS)}, or a RuleId instead"
        return _not_allowed(f"{path}.ChannelType", channel, allowed)
    condition = str(item.get("Condition") or StepCondition.UNDELIVERED.value).lower()
    if condition not in _CONDITIONS:
        return _not_allowed(f"{path}.Condition", condition, f"allowed are {', '.join(_CONDITIONS)}")
    wait = _read_wait(item.get("Wait"), f"{path}.Wait")
    if isinstance(wait, Fault):
        return wait
    step = StepReference(rule_id, channel, str(item.get("SenderId") or ""), wait, StepCondition(condition))
    error = step_error(step.condition, wait)
    return Fault(_INVALID, f"{path}.Wait", error) if error else step


def _read_wait(value: object, path: str) -> int | Fault | None:
    if value is None or value == "":
        return None
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 10:
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return _not_allowed(path, str(value), "a whole number of seconds is needed")


def _not_allowed(path: str, value: str, allowed: str) -> Fault:
    return Fault(_INVALID, path, "is not allowed", allowed, value)


def resolve_steps(
    request: Request[Any], steps: Sequence[StepReference]
) -> tuple[tuple[PolicyStep, ...], list[Fault]]:
    """Resolves steps to channels and senders; also returns a fault for each one that the account lacks."""
    resolved: list[PolicyStep] = []
    faults: list[Fault] = []
    before = ""
    for index, step in enumerate(steps):
        path = f"{_NAME}[{index}]"
        channel, sender, name = step.channel, step.sender, ""
        if step.rule_id:
            rule = request.configuration.fallbacks.rule(request.caller.account_id, step.rule_id)
            if rule is None:
                faults.append(unknown_rule(step.rule_id, f"{path}.RuleId"))
                before = ""
                continue
            channel, sender, name = rule.channel, rule.sender, rule.name
        else:
            faults += sender_faults(request, channel, sender, f"{path}.SenderId")
        # What goes before the first step is chosen by each call.
        if before and (error := unread_error(step.condition, before)):
            faults.append(Fault(_INVALID, f"{path}.Condition", f"unread is not allowed: {error}"))
        before = channel
        resolved.append(
            PolicyStep(
                channel=channel,
                sender=sender,
                name=name,
                rule_id=step.rule_id,
                wait=step.wait,
                condition=step.condition,
            )
        )
    return tuple(resolved), faults


def rules_and_senders_of(request: Request[Any], steps: Iterable[PolicyStep]) -> list[Entry | None]:
    """The rules and senders that steps were resolved to."""
    account_id, configuration = request.caller.account_id, request.configuration
    return [
        configuration.fallbacks.rule(account_id, step.rule_id)
        if step.rule_id
        else configuration.sender(account_id, step.channel, step.sender)
        for step in steps
    ]


STEPS = Parameter(
    _NAME,
    f"What is tried, in this order: a JSON list of 1 to {MOST_STEPS} objects. Each names its way by RuleId, "
    "or by ChannelType and SenderId. Condition is the outcome of what was tried before that starts it: "
    "failed, undelivered (the default: failed, or not delivered within Wait) or unread (failed, or not read "
    "within Wait; only after viber, whatsapp, messenger and instagram, which report it). Wait is in seconds, "
    f"{SHORTEST_WAIT} to {LONGEST_WAIT}; without it only a failure counts.",
    '[{"ChannelType":"sms","SenderId":"Waypost","Wait":120,"Condition":"undelivered"}]',
    required=True,
    invalid=_INVALID,
    decode=decode_steps,
)
