"""Who may do what with what: accounts and all that belongs to them, as looked up on every call.

A directory is a snapshot: never changed, replaced as a whole when the configuration's version moves. What is
another account's is not found, exactly like what does not exist (promise 6).
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from waypost.model.access import Policy, parse_policy
from waypost.model.fallback_chain import StepCondition
from waypost.model.templates import UNREVIEWED, Template


class CallbackTarget(msgspec.Struct, frozen=True):
    """Where a customer's callbacks go.

    Attributes:
        status_url, inbound_url: empty for none; without a URL the callbacks are only kept.
        secret: signs them (`X-Waypost-Signature`); empty for unsigned.
    """

    status_url: str = ""
    inbound_url: str = ""
    secret: str = ""


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """Who pays and is limited.

    Attributes:
        subscribed: has the service been activated; otherwise `Product.Unsubscript`.
        limit: calls a second over all its keys; None for the configured default, 0 for no limit.
        sms_fallback: the "Activate SMS" switch; without it `InvalidParameter.SendSmsNotSupport`.
        callbacks: used by senders that have no target of their own.
    """

    id: str
    name: str = ""
    subscribed: bool = True
    limit: int | None = None
    sms_fallback: bool = True
    callbacks: CallbackTarget = CallbackTarget()


class User(msgspec.Struct, frozen=True, kw_only=True):
    """A user of an account, who may do what the attached policies allow.

    Attributes:
        id: unique over all accounts.
        policies: policy name to policy document (RAM grammar).
    """

    id: str
    account_id: str
    policies: dict[str, dict[str, Any]] = {}


class AccessKey(msgspec.Struct, frozen=True, kw_only=True):
    """An access key.

    Attributes:
        user_id: whose it is; None for the account's owner, who may do everything.
        secret: encrypted with the key that lies outside the database.
    """

    id: str
    account_id: str
    user_id: str | None = None
    secret: bytes
    enabled: bool = True
    created_at: int = 0


class Space(msgspec.Struct, frozen=True, kw_only=True):
    """A sub-account; the default one is meant when a call names none.

    Attributes:
        channel, name, description: as the call that made it gave them.
        details: what else it gave (`ContactMail`, `CountryId`, ...), by the wire's names.
        created_at: milliseconds UTC; 0 for one that the operator declared.
    """

    id: str
    account_id: str
    default: bool = False
    channel: str = ""
    name: str = ""
    description: str = ""
    details: dict[str, str] = {}
    created_at: int = 0

    @property
    def declared(self) -> bool:
        """Whether the operator's configuration declares it, so that calls cannot change it."""
        return not self.created_at


class Sender(msgspec.Struct, frozen=True, kw_only=True):
    """A From.

    Attributes:
        channel, id: unique together over all accounts.
        route: the name of the route that carries it.
        callbacks: a target of its own; None for the account's.
    """

    channel: str
    id: str
    account_id: str
    route: str
    callbacks: CallbackTarget | None = None


class FallbackRule(msgspec.Struct, frozen=True, kw_only=True):
    """A way to fall back that policies can name (console-and-access.md, section 2)."""

    id: str
    account_id: str
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
    """What a FallBackId names: steps, tried in their order.

    Attributes:
        created_at: milliseconds UTC; 0 for one that the operator declared.
    """

    id: str
    account_id: str
    name: str = ""
    steps: tuple[PolicyStep, ...]
    created_at: int = 0

    @property
    def declared(self) -> bool:
        """Whether the operator's configuration declares it, so that calls cannot change it."""
        return not self.created_at


Entry = Account | User | AccessKey | Space | Sender | FallbackRule | FallbackPolicy | Template


class Directory:
    """All of it, indexed for the lookups of a call."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self.accounts: dict[str, Account] = {}
        self.users: dict[str, User] = {}
        self.keys: dict[str, AccessKey] = {}
        self._policies: dict[str, tuple[Policy, ...]] = {}
        self._spaces: dict[str, Space] = {}
        self._default_spaces: dict[str, str] = {}
        self._senders: dict[tuple[str, str], Sender] = {}
        self._templates: dict[tuple[str, str, str], Template] = {}
        self._unreviewed: list[Template] = []
        self._rules: dict[str, FallbackRule] = {}
        self._fallbacks: dict[str, FallbackPolicy] = {}
        for entry in entries:
            self._add(entry)

    def _add(self, entry: Entry) -> None:
        match entry:
            case Account():
                self.accounts[entry.id] = entry
            case User():
                self.users[entry.id] = entry
                self._policies[entry.id] = tuple(
                    parse_policy(name, document) for name, document in entry.policies.items()
                )
            case AccessKey():
                self.keys[entry.id] = entry
            case Space():
                self._spaces[entry.id] = entry
                if entry.default:
                    self._default_spaces[entry.account_id] = entry.id
            case Sender():
                self._senders[entry.channel, entry.id] = entry
            case FallbackRule():
                self._rules[entry.id] = entry
            case FallbackPolicy():
                self._fallbacks[entry.id] = entry
            case Template():
                if entry.status == UNREVIEWED:
                    self._unreviewed.append(entry)
                for named in {entry.code, entry.name}:
                    self._templates[entry.account_id, named, entry.language] = entry

    def policies(self, user_id: str) -> tuple[Policy, ...]:
        """The policies attached to a user; none for a user that does not exist."""
        return self._policies.get(user_id, ())

    def space(self, account_id: str, space_id: str) -> Space | None:
        """A space of the account; the default one for an empty id."""
        found = self._spaces.get(space_id or self._default_spaces.get(account_id, ""))
        return found if found is not None and found.account_id == account_id else None

    def spaces(self, account_id: str) -> list[Space]:
        """The spaces of the account, those declared first, then by when they were made."""
        own = [space for space in self._spaces.values() if space.account_id == account_id]
        return sorted(own, key=lambda space: (space.created_at, space.id))

    def sender(self, account_id: str, channel: str, sender_id: str) -> Sender | None:
        """A sender of the account."""
        found = self._senders.get((channel, sender_id))
        return found if found is not None and found.account_id == account_id else None

    def sender_by_id(self, channel: str, sender_id: str) -> Sender | None:
        """A sender whoever has it: for what comes in from a provider."""
        return self._senders.get((channel, sender_id))

    def only_sender_of(self, channel: str, route: str) -> Sender | None:
        """The sender of a route that has one only: who is meant when a provider does not say."""
        of_route = [
            sender for sender in self._senders.values() if sender.route == route and sender.channel == channel
        ]
        return of_route[0] if len(of_route) == 1 else None

    def template(self, account_id: str, named: str, language: str) -> Template | None:
        """A template of the account, by its TemplateCode or its TemplateName."""
        return self._templates.get((account_id, named, language))

    def templates(self, account_id: str) -> list[Template]:
        """The account's templates, each language of each, by name and language."""
        found = {
            (entry.name, entry.language): entry
            for key, entry in self._templates.items()
            if key[0] == account_id
        }
        return [found[key] for key in sorted(found)]

    def unreviewed(self) -> list[Template]:
        """All templates whose review is still to come."""
        return self._unreviewed

    def template_languages(self, account_id: str, named: str) -> tuple[str, ...]:
        """The languages in which the account has a template of that code or name, sorted."""
        return tuple(sorted(key[2] for key in self._templates if key[0] == account_id and key[1] == named))

    def fallback_policy(self, account_id: str, policy_id: str) -> FallbackPolicy | None:
        """A fallback policy of the account, each step with what its rule says now."""
        found = self._fallbacks.get(policy_id)
        if found is None or found.account_id != account_id:
            return None
        return msgspec.structs.replace(found, steps=tuple(map(self._by_its_rule, found.steps)))

    def _by_its_rule(self, step: PolicyStep) -> PolicyStep:
        rule = self._rules.get(step.rule_id)
        if rule is None:
            return step
        return msgspec.structs.replace(step, channel=rule.channel, sender=rule.sender, name=rule.name)

    def fallback_policies(self, account_id: str) -> list[FallbackPolicy]:
        """The account's fallback policies, those declared first, then by their age."""
        own = [policy for policy in self._fallbacks.values() if policy.account_id == account_id]
        return sorted(own, key=lambda policy: (policy.created_at, policy.id))

    def fallback_rule(self, account_id: str, rule_id: str) -> FallbackRule | None:
        """A fallback rule of the account."""
        found = self._rules.get(rule_id)
        return found if found is not None and found.account_id == account_id else None

    def fallback_rules(self, account_id: str) -> list[FallbackRule]:
        """The account's fallback rules, by their age."""
        own = [rule for rule in self._rules.values() if rule.account_id == account_id]
        return sorted(own, key=lambda rule: (rule.created_at, rule.id))

    def senders(self) -> Mapping[tuple[str, str], Sender]:
        """All senders, by channel and id."""
        return self._senders
