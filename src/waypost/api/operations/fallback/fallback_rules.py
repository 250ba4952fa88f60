"""The operations on fallback rules: made, changed, listed and deleted."""

import secrets
from collections.abc import Mapping
from typing import Any

import msgspec

from waypost.api.description import shown
from waypost.api.errors.catalogue import ApiError, from_faults, refuse
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.fallback import fallback_descriptions as described
from waypost.api.operations.recurring import (
    ORIGIN,
    change_entry,
    not_yours,
    page_asked,
    sender_faults,
    texts_of,
)
from waypost.model.configuration import Entry
from waypost.model.fallback.policies import FallbackRule
from waypost.model.faults import Fault
from waypost.storage.contract import Transaction
from waypost.storage.rows import entry_key

_DIGITS = 10**9


def create(request: Request) -> Result:
    """Makes a rule.

    Raises:
        ApiError: the call's faults.
    """
    texts = texts_of(described.CREATE_RULE, request)
    refuse(described.CREATE_RULE, sender_faults(request, texts["ChannelType"], texts["SenderId"], "SenderId"))
    rule = FallbackRule(
        id=new_id("R_"),
        account_id=request.caller.account_id,
        name=texts["RuleName"],
        channel=texts["ChannelType"],
        sender=texts["SenderId"],
        created_at=request.now,
    )
    return put_new(rule, row(rule))


def update(request: Request) -> Result:
    """Changes a rule.

    Raises:
        ApiError: the call's faults.
    """
    texts = texts_of(described.UPDATE_RULE, request)
    rule = _own(request, texts)
    channel, sender = texts.get("ChannelType", rule.channel), texts.get("SenderId", rule.sender)
    refuse(described.UPDATE_RULE, sender_faults(request, channel, sender, "SenderId"))

    def change(current: FallbackRule) -> FallbackRule:
        name = texts.get("RuleName", current.name)
        return msgspec.structs.replace(current, name=name, channel=channel, sender=sender)

    return change_entry(rule, change, row, _not_there(rule.id))


def list_(request: Request) -> Result:
    """Lists rules.

    Raises:
        ApiError: the call's faults.
    """
    _, numbers, faults = described.LIST_RULES.read(request.given)
    refuse(described.LIST_RULES, faults)
    page = page_asked(numbers)
    rules = request.configuration.fallbacks.rules_of(request.caller.account_id)
    rows = [row(rule) for rule in rules[page.skipped : page.skipped + page.size]]
    return Result({"Success": True, "TotalCount": len(rules), "Data": rows})


def delete(request: Request) -> Result:
    """Deletes a rule.

    Raises:
        ApiError: the call's faults.
    """
    rule = _own(request, texts_of(described.DELETE_RULE, request))
    naming = [
        policy.id
        for policy in request.configuration.fallbacks.policies_of(request.caller.account_id)
        if any(step.rule_id == rule.id for step in policy.steps)
    ]
    if naming:
        text = f"{shown(rule.id)} is named by the policies {', '.join(naming)}; delete or change them first."
        raise from_faults([Fault("InvalidRuleId", "RuleId", text)])
    keys = [entry_key(rule)]
    return Result({"Success": True}, lambda transaction: transaction.remove_entries(keys), reconfigures=True)


def new_id(prefix: str) -> str:
    """An id like those of the official console, `S_000001`, with nine random digits."""
    return f"{prefix}{secrets.randbelow(_DIGITS):09d}"


def put_new(entry: Entry, answer: Mapping[str, Any]) -> Result:
    """Writes an entry whose id was drawn just now."""

    def write(transaction: Transaction) -> None:
        if transaction.entry(entry_key(entry)) is not None:
            raise ApiError("ServiceUnavailable", "The id that was drawn is taken; call again.")
        transaction.put_entries([entry], ORIGIN)

    return Result({"Success": True, "Data": dict(answer)}, write, reconfigures=True)


def _own(request: Request, texts: Mapping[str, str]) -> FallbackRule:
    rule = request.configuration.fallbacks.rule(request.caller.account_id, texts["RuleId"])
    if rule is None:
        raise from_faults([_not_there(texts["RuleId"])])
    return rule


def _not_there(rule_id: str) -> Fault:
    return not_yours("RuleId", rule_id, "a fallback rule")


def row(rule: FallbackRule) -> dict[str, Any]:
    """A rule as the answers have it."""
    return {
        "RuleId": rule.id,
        "RuleName": rule.name,
        "ChannelType": rule.channel,
        "SenderId": rule.sender,
        "CreateTime": rule.created_at,
    }


ENDPOINTS = (
    Endpoint(described.CREATE_RULE, create),
    Endpoint(described.UPDATE_RULE, update),
    Endpoint(described.LIST_RULES, list_),
    Endpoint(described.DELETE_RULE, delete),
)
