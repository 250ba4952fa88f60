"""Fallback policies of an account, and the rules that they name."""

from collections.abc import Iterable
from copy import copy

import msgspec

from waypost.model.entry_index import EntriesByType, EntryIndex, by_type
from waypost.model.fallback.chain import StepCondition
from waypost.model.identifiers import AccountId


class FallbackRule(msgspec.Struct, frozen=True, kw_only=True):
    """A channel and sender to fall back to, which policies can name (console-and-access.md, section 2)."""

    id: str
    account_id: AccountId
    name: str
    channel: str
    sender: str
    created_at: int


class PolicyStep(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One step of a policy.

    Attributes:
        channel, sender: the way; of the rule `rule_id`, where there is one.
        name: what it is called.
        wait: seconds that what was tried before has; None for no limit.
        condition: what must have become of it for this step to start.
    """

    channel: str
    sender: str
    name: str = ""
    rule_id: str = ""
    wait: int | None = None
    condition: StepCondition = StepCondition.UNDELIVERED


class FallbackPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """A fallback policy, which calls name by `FallBackId`: steps, tried in order.

    Attributes:
        created_at: milliseconds UTC; 0 for one that the operator declared.
        declared_at: since when the operator declares it, milliseconds UTC; 0 for never.
    """

    id: str
    account_id: AccountId
    name: str = ""
    steps: tuple[PolicyStep, ...]
    created_at: int = 0
    declared_at: int = 0

    @property
    def declared(self) -> bool:
        """Whether the operator's configuration declares it, so that calls cannot change it."""
        return not self.created_at


class FallbackPolicies:
    """The fallback policies and rules of all accounts, indexed. It never changes."""

    def __init__(self, entries: Iterable[FallbackRule | FallbackPolicy] = ()) -> None:
        added = by_type(entries)
        self._rules = EntryIndex(FallbackRule, lambda rule: rule.id).changed({}, added)
        self._policies = EntryIndex(FallbackPolicy, lambda policy: policy.id).changed({}, added)

    def changed(self, removed: EntriesByType, added: EntriesByType) -> "FallbackPolicies":
        """The policies and rules without those `removed` and with those `added`."""
        made = copy(self)
        made._rules = self._rules.changed(removed, added)
        made._policies = self._policies.changed(removed, added)
        return made

    def policy(self, account_id: AccountId, policy_id: str) -> FallbackPolicy | None:
        """A fallback policy of the account, with the channels and senders that its rules have now."""
        found = self._policies.owned_by(account_id, policy_id)
        return self.with_current_rules(found) if found is not None else None

    def stored_policy(self, account_id: AccountId, policy_id: str) -> FallbackPolicy | None:
        """A fallback policy of the account as it is stored, which is what a change replaces."""
        return self._policies.owned_by(account_id, policy_id)

    def with_current_rules(self, policy: FallbackPolicy) -> FallbackPolicy:
        """A policy with the channels and senders that its rules have now."""
        return msgspec.structs.replace(policy, steps=tuple(map(self._with_current_rule, policy.steps)))

    def _with_current_rule(self, step: PolicyStep) -> PolicyStep:
        rule = self._rules.by_key.get(step.rule_id)
        if rule is None:
            return step
        return msgspec.structs.replace(step, channel=rule.channel, sender=rule.sender, name=rule.name)

    def policies_of(self, account_id: AccountId) -> list[FallbackPolicy]:
        """The account's fallback policies, those declared first, then by their age."""
        own = [self.with_current_rules(policy) for policy in self._policies.of(account_id)]
        return sorted(own, key=lambda policy: (policy.created_at, policy.id))

    def rule(self, account_id: AccountId, rule_id: str) -> FallbackRule | None:
        """A fallback rule of the account."""
        return self._rules.owned_by(account_id, rule_id)

    def rules_of(self, account_id: AccountId) -> list[FallbackRule]:
        """The account's fallback rules, by their age."""
        return sorted(self._rules.of(account_id), key=lambda rule: (rule.created_at, rule.id))
