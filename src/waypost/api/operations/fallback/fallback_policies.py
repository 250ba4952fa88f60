"""The operations on fallback policies: made, changed, shown, listed and deleted.

One that the operator's configuration declares can be used like any other, and only be changed there.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from waypost.api.description import shown
from waypost.api.errors.catalogue import from_faults, refuse
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.fallback import fallback_descriptions as described
from waypost.api.operations.fallback.fallback_rules import new_id, put_new
from waypost.api.operations.recurring import (
    change_entry,
    declared_fault,
    not_yours,
    page_asked,
    sender_faults,
    texts_of,
)
from waypost.api.structured import read_list
from waypost.model.fallback.chain import StepCondition, step_error
from waypost.model.fallback.policies import FallbackPolicy, PolicyStep
from waypost.model.faults import Fault
from waypost.storage.rows import entry_key

_STEPS = "Steps"


def create(request: Request) -> Result:
    """Makes a policy.

    Raises:
        ApiError: the call's faults.
    """
    texts = texts_of(described.CREATE_POLICY, request)
    steps, faults = _read_steps(request, texts[_STEPS])
    refuse(described.CREATE_POLICY, faults)
    policy = FallbackPolicy(
        id=new_id("S_"),
        account_id=request.caller.account_id,
        name=texts["PolicyName"],
        steps=steps,
        created_at=request.now,
    )
    return put_new(policy, _row(policy))


def update(request: Request) -> Result:
    """Changes a policy.

    Raises:
        ApiError: the call's faults.
    """
    texts = texts_of(described.UPDATE_POLICY, request)
    policy = _changeable(request, texts)
    steps, faults = _read_steps(request, texts[_STEPS]) if _STEPS in texts else ((), [])
    refuse(described.UPDATE_POLICY, faults)

    def change(current: FallbackPolicy) -> FallbackPolicy:
        return msgspec.structs.replace(
            current,
            name=texts.get("PolicyName", current.name),
            steps=steps if _STEPS in texts else current.steps,
        )

    def shown_as(changed: FallbackPolicy) -> dict[str, Any]:
        return _row(request.configuration.fallbacks.by_its_rules(changed))

    return change_entry(policy, change, shown_as, _not_there(policy.id))


def get(request: Request) -> Result:
    """Shows a policy.

    Raises:
        ApiError: the call's faults.
    """
    return Result({"Success": True, "Data": _row(_own(request, texts_of(described.GET_POLICY, request)))})


def list_(request: Request) -> Result:
    """Lists policies.

    Raises:
        ApiError: the call's faults.
    """
    _, numbers, faults = described.LIST_POLICIES.read(request.given)
    refuse(described.LIST_POLICIES, faults)
    page = page_asked(numbers)
    policies = request.configuration.fallbacks.policies_of(request.caller.account_id)
    rows = [_row(policy) for policy in policies[page.skipped : page.skipped + page.size]]
    return Result({"Success": True, "TotalCount": len(policies), "Data": rows})


def delete(request: Request) -> Result:
    """Deletes a policy.

    Raises:
        ApiError: the call's faults.
    """
    keys = [entry_key(_changeable(request, texts_of(described.DELETE_POLICY, request)))]
    return Result({"Success": True}, lambda transaction: transaction.remove_entries(keys), reconfigures=True)


def _read_steps(request: Request, text: str) -> tuple[tuple[PolicyStep, ...], list[Fault]]:
    listed, faults = read_list(_STEPS, text, described.INVALID_STEPS)
    if not faults and not 1 <= len(listed) <= described.MOST_STEPS:
        counted = f"it has {len(listed)} steps; 1 to {described.MOST_STEPS} are allowed."
        faults.append(Fault(described.INVALID_STEPS, _STEPS, counted))
    steps: list[PolicyStep] = []
    for place, given in enumerate(listed if not faults else []):
        step, wrong = _read_step(request, given)
        faults += [
            fault._replace(parameter=f"{_STEPS}[{place}].{fault.parameter}".rstrip(".")) for fault in wrong
        ]
        if step is not None:
            steps.append(step)
    return tuple(steps), faults


def _read_step(request: Request, given: Mapping[str, Any]) -> tuple[PolicyStep | None, list[Fault]]:
    """A step, or what is wrong with it: parameters by their names within the step."""
    account_id = request.caller.account_id
    rule_id = str(given.get("RuleId") or "")
    channel, sender, name = str(given.get("ChannelType") or "").lower(), str(given.get("SenderId") or ""), ""
    faults: list[Fault] = []
    if rule_id:
        rule = request.configuration.fallbacks.rule(account_id, rule_id)
        if rule is None:
            return None, [not_yours("RuleId", rule_id, "a fallback rule")]
        channel, sender, name = rule.channel, rule.sender, rule.name
    elif channel not in described.FALLBACK_CHANNELS:
        allowed = ", ".join(described.FALLBACK_CHANNELS)
        text = f"{shown(channel)} is not allowed; allowed are {allowed}, or a RuleId instead."
        return None, [Fault(described.INVALID_STEPS, "ChannelType", text)]
    else:
        faults += sender_faults(request, channel, sender, "SenderId")
    named = str(given.get("Condition") or StepCondition.UNDELIVERED.value).lower()
    if named not in described.CONDITIONS:
        text = f"{shown(named)} is not allowed; allowed are {', '.join(described.CONDITIONS)}."
        return None, [*faults, Fault(described.INVALID_STEPS, "Condition", text)]
    wait, wrong = _read_wait(given.get("Wait"))
    condition = StepCondition(named)
    if not wrong and (fault := step_error(condition, wait)):
        wrong = [Fault(described.INVALID_STEPS, "Wait", f"{fault}.")]
    step = PolicyStep(
        channel=channel, sender=sender, name=name, rule_id=rule_id, wait=wait, condition=condition
    )
    return (step if not faults and not wrong else None), faults + wrong


def _read_wait(given: object) -> tuple[int | None, list[Fault]]:
    if given is None or given == "":
        return None, []
    if isinstance(given, str) and given.isascii() and given.isdecimal() and len(given) < 10:
        return int(given), []
    if isinstance(given, int) and not isinstance(given, bool):
        return given, []
    text = f"{shown(str(given))} is not allowed; a whole number of seconds is needed."
    return None, [Fault(described.INVALID_STEPS, "Wait", text)]


def _own(request: Request, texts: Mapping[str, str]) -> FallbackPolicy:
    policy = request.configuration.fallbacks.policy(request.caller.account_id, texts["FallBackId"])
    if policy is None:
        raise from_faults([_not_there(texts["FallBackId"])])
    return policy


def _not_there(policy_id: str) -> Fault:
    return not_yours("FallBackId", policy_id, "a fallback policy")


def _changeable(request: Request, texts: Mapping[str, str]) -> FallbackPolicy:
    policy = _own(request, texts)
    if policy.declared:
        raise from_faults([declared_fault("InvalidFallBackId", "FallBackId", policy.id)])
    return policy


def _row(policy: FallbackPolicy) -> dict[str, Any]:
    return {
        "FallBackId": policy.id,
        "PolicyName": policy.name,
        "Steps": [
            {
                "RuleId": step.rule_id,
                "RuleName": step.name,
                "ChannelType": step.channel,
                "SenderId": step.sender,
                "Condition": step.condition.value,
                **({"Wait": step.wait} if step.wait is not None else {}),
            }
            for step in policy.steps
        ],
        "Declared": policy.declared,
        "CreateTime": policy.created_at,
    }


ENDPOINTS = (
    Endpoint(described.CREATE_POLICY, create),
    Endpoint(described.UPDATE_POLICY, update),
    Endpoint(described.GET_POLICY, get),
    Endpoint(described.LIST_POLICIES, list_),
    Endpoint(described.DELETE_POLICY, delete),
)
