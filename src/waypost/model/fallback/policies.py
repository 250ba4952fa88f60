"""Fallback policies of an account, and the rules that they name."""

import msgspec

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
    """

    id: str
    account_id: AccountId
    name: str = ""
    steps: tuple[PolicyStep, ...]
    created_at: int = 0

    @property
    def declared(self) -> bool:
        """Whether the operator's configuration declares it, so that calls cannot change it."""
        return not self.created_at


class FallbackPolicies:
    """The fallback policies and rules of all accounts, indexed."""

    def __init__(self) -> None:
        self._rules: dict[str, FallbackRule] = {}
        self._policies: dict[str, FallbackPolicy] = {}

    def add(self, entry: FallbackRule | FallbackPolicy) -> None:
        """Adds a policy or a rule."""
        if isinstance(entry, FallbackRule):
            self._rules[entry.id] = entry
        else:
            self._policies[entry.id] = entry

    def policy(self, account_id: AccountId, policy_id: str) -> FallbackPolicy | None:
        """A fallback policy of the account, with the channels and senders that its rules have now."""
        found = self._policies.get(policy_id)
        if found is None or found.account_id != account_id:
            return None
        return self.with_current_rules(found)

    def with_current_rules(self, policy: FallbackPolicy) -> FallbackPolicy:
        """A policy with the channels and senders that its rules have now."""
        return msgspec.structs.replace(policy, steps=tuple(map(self._with_current_rule, policy.steps)))

    def _with_current_rule(self, step: PolicyStep) -> PolicyStep:
        rule = self._rules.get(step.rule_id)
        if rule is None:
            return step
        return msgspec.structs.replace(step, channel=rule.channel, sender=rule.sender, name=rule.name)

    def policies_of(self, account_id: AccountId) -> list[FallbackPolicy]:
        """The account's fallback policies, those declared first, then by their age."""
        own = [
            self.with_current_rules(policy)
            for policy in self._policies.values()
            if policy.account_id == account_id
        ]
        return sorted(own, key=lambda policy: (policy.created_at, policy.id))

    def rule(self, account_id: AccountId, rule_id: str) -> FallbackRule | None:
        """A fallback rule of the account."""
        found = self._rules.get(rule_id)
        return found if found is not None and found.account_id == account_id else None

    def rules_of(self, account_id: AccountId) -> list[FallbackRule]:
        """The account's fallback rules, by their age."""
        own = [rule for rule in self._rules.values() if rule.account_id == account_id]
        return sorted(own, key=lambda rule: (rule.created_at, rule.id))
