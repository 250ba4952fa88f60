"""The operations on fallback rules: made, changed, listed and deleted."""

import secrets
from collections.abc import Mapping
from typing import Any

import msgspec

from waypost.api.describe import Operation, shown
from waypost.api.errors import ApiError, from_faults
from waypost.api.operations import fallback_descriptions as described
from waypost.api.operations.handling import Handled, Request, Served
from waypost.api.structured import Page
from waypost.model.directory import Entry
from waypost.model.fallback_policies import FallbackRule
from waypost.model.faults import Fault
from waypost.storage.contract import Transaction
from waypost.storage.rows import entry_key

ORIGIN = "api"
_DIGITS = 10**9


def create(request: Request) -> Handled:
    """Makes a rule.

    Raises:
        ApiError: the call's faults.
    """
    texts = read(described.CREATE_RULE, request)
    check(described.CREATE_RULE, sender_faults(request, texts["ChannelType"], texts["SenderId"]))
    rule = FallbackRule(
        id=new_id("R_"),
        account_id=request.caller.account_id,
        name=texts["RuleName"],
        channel=texts["ChannelType"],
        sender=texts["SenderId"],
        created_at=request.now,
    )
    return put_new(rule, row(rule))


def update(request: Request) -> Handled:
    """Changes a rule.

    Raises:
        ApiError: the call's faults.
    """
    texts = read(described.UPDATE_RULE, request)
    rule = _own(request, texts)
    changed = msgspec.structs.replace(
        rule,
        name=texts.get("RuleName", rule.name),
        channel=texts.get("ChannelType", rule.channel),
        sender=texts.get("SenderId", rule.sender),
    )
    check(described.UPDATE_RULE, sender_faults(request, changed.channel, changed.sender))
    return Handled(
        {"Success": True, "Data": row(changed)},
        lambda transaction: transaction.put_entries([changed], ORIGIN),
        reconfigures=True,
    )


def list_(request: Request) -> Handled:
    """Lists rules.

    Raises:
        ApiError: the call's faults.
    """
    _, numbers, faults = described.LIST_RULES.read(request.given)
    check(described.LIST_RULES, faults)
    page = Page(numbers.get("PageIndex", 1), numbers.get("PageSize", 10))
    rules = request.directory.fallbacks.rules_of(request.caller.account_id)
    rows = [row(rule) for rule in rules[page.skipped : page.skipped + page.size]]
    return Handled({"Success": True, "TotalCount": len(rules), "Data": rows})


def delete(request: Request) -> Handled:
    """Deletes a rule.

    Raises:
        ApiError: the call's faults.
    """
    rule = _own(request, read(described.DELETE_RULE, request))
    naming = [
        policy.id
        for policy in request.directory.fallbacks.policies_of(request.caller.account_id)
        if any(step.rule_id == rule.id for step in policy.steps)
    ]
    if naming:
        text = f"{shown(rule.id)} is named by the policies {', '.join(naming)}; delete or change them first."
        raise from_faults([Fault("InvalidRuleId", "RuleId", text)])
    keys = [entry_key(rule)]
    return Handled({"Success": True}, lambda transaction: transaction.remove_entries(keys), reconfigures=True)


def new_id(prefix: str) -> str:
    """An id like those of the official console, `S_000001`, with nine random digits."""
    return f"{prefix}{secrets.randbelow(_DIGITS):09d}"


def put_new(entry: Entry, answer: Mapping[str, Any]) -> Handled:
    """Writes an entry whose id was drawn just now."""

    def write(transaction: Transaction) -> None:
        if transaction.entry(entry_key(entry)) is not None:
            raise ApiError("ServiceUnavailable", "The id that was drawn is taken; call again.")
        transaction.put_entries([entry], ORIGIN)

    return Handled({"Success": True, "Data": dict(answer)}, write, reconfigures=True)


def read(operation: Operation, request: Request) -> dict[str, str]:
    """The texts of a call.

    Raises:
        ApiError: the call's faults.
    """
    texts, _, faults = operation.read(request.given)
    check(operation, faults)
    return texts


def check(operation: Operation, faults: list[Fault]) -> None:
    """Refuses a call that has faults.

    Raises:
        ApiError: the first one's code, and all of them in the message.
    """
    if faults:
        raise from_faults(operation.in_order(faults))


def sender_faults(request: Request, channel: str, sender: str, where: str = "SenderId") -> list[Fault]:
    """What is wrong with a channel's sender: that the account has no such one."""
    if request.directory.sender(request.caller.account_id, channel, sender) is not None:
        return []
    return [Fault(described.NOT_YOURS, where, f"{shown(sender)} is not a {channel} sender of this account.")]


def _own(request: Request, texts: Mapping[str, str]) -> FallbackRule:
    rule = request.directory.fallbacks.rule(request.caller.account_id, texts["RuleId"])
    if rule is None:
        text = f"{shown(texts['RuleId'])} is not a fallback rule of this account."
        raise from_faults([Fault(described.NOT_YOURS, "RuleId", text)])
    return rule


def row(rule: FallbackRule) -> dict[str, Any]:
    """A rule as the answers have it."""
    return {
        "RuleId": rule.id,
        "RuleName": rule.name,
        "ChannelType": rule.channel,
        "SenderId": rule.sender,
        "CreateTime": rule.created_at,
    }


SERVED = (
    Served(described.CREATE_RULE, create),
    Served(described.UPDATE_RULE, update),
    Served(described.LIST_RULES, list_),
    Served(described.DELETE_RULE, delete),
)
