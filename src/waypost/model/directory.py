"""Who may do what with what: accounts and all that belongs to them, as looked up on every call.

A directory is a snapshot: never changed, replaced as a whole when the configuration's version moves. What is
another account's is not found, exactly like what does not exist (promise 6).
"""

from collections.abc import Iterable, Mapping

import msgspec

from waypost.model.access import Policy
from waypost.model.fallback_chain import StepCondition
from waypost.model.principals import AccessKey, AccountPolicy, Principal, Principals, Role, User
from waypost.model.templates import UNREVIEWED, Template
from waypost.model.viber_senders import ViberRequest, ViberService


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


class ReceiptSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Where receipts go as a call has set it, for a space or for a sender; what is None is not set here.

    Attributes:
        space_id: the space it is for; empty when it is for a sender.
        channel, sender_id: the sender it is for.
        http: whether anything is pushed (`HttpFlag`).
        queue: whether everything is put in the account's queues (`QueueFlag`).
        status_url, inbound_url: where to push.
    """

    account_id: str
    space_id: str = ""
    channel: str = ""
    sender_id: str = ""
    http: bool | None = None
    queue: bool | None = None
    status_url: str | None = None
    inbound_url: str | None = None


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


Entry = (
    Account
    | Principal
    | Space
    | Sender
    | FallbackRule
    | FallbackPolicy
    | Template
    | ReceiptSettings
    | ViberRequest
    | ViberService
)


class Directory:
    """All of it, indexed for the lookups of a call."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self.accounts: dict[str, Account] = {}
        self.principals = Principals()
        self.users: Mapping[str, User] = self.principals.users
        self.keys: Mapping[str, AccessKey] = self.principals.keys
        self._spaces: dict[str, Space] = {}
        self._default_spaces: dict[str, str] = {}
        self._senders: dict[tuple[str, str], Sender] = {}
        self._templates: dict[tuple[str, str, str], Template] = {}
        self._unreviewed: list[Template] = []
        self._rules: dict[str, FallbackRule] = {}
        self._fallbacks: dict[str, FallbackPolicy] = {}
        self._space_receipts: dict[str, ReceiptSettings] = {}
        self._sender_receipts: dict[tuple[str, str], ReceiptSettings] = {}
        self._viber_requests: dict[str, ViberRequest] = {}
        self._viber_services: dict[str, ViberService] = {}
        for entry in entries:
            self._add(entry)

    def _add(self, entry: Entry) -> None:
        match entry:
            case Account():
                self.accounts[entry.id] = entry
            case User() | AccessKey() | Role() | AccountPolicy():
                self.principals.add(entry)
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
            case ReceiptSettings():
                if entry.space_id:
                    self._space_receipts[entry.space_id] = entry
                else:
                    self._sender_receipts[entry.channel, entry.sender_id] = entry
            case ViberRequest():
                self._viber_requests[entry.id] = entry
            case ViberService():
                self._viber_services[entry.id] = entry
            case Template():
                if entry.status == UNREVIEWED:
                    self._unreviewed.append(entry)
                for named in {entry.code, entry.name}:
                    self._templates[entry.account_id, named, entry.language] = entry

    def policies(self, user_id: str) -> tuple[Policy, ...]:
        """The policies attached to a user; none for a user that does not exist."""
        return self.principals.deciding_for_user(user_id)

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

    def space_receipts(self, account_id: str, space_id: str) -> ReceiptSettings:
        """What calls have set for the receipts of a space of the account."""
        found = self._space_receipts.get(space_id)
        return found if found is not None and found.account_id == account_id else _nothing_set(account_id)

    def sender_receipts(self, account_id: str, channel: str, sender_id: str) -> ReceiptSettings:
        """What calls have set for the receipts of a sender of the account."""
        found = self._sender_receipts.get((channel, sender_id))
        return found if found is not None and found.account_id == account_id else _nothing_set(account_id)

    def viber_request(self, account_id: str, request_no: str) -> ViberRequest | None:
        """A request of the account about a Viber sender."""
        found = self._viber_requests.get(request_no)
        return found if found is not None and found.account_id == account_id else None

    def viber_requests(self) -> Mapping[str, ViberRequest]:
        """All requests about Viber senders, by their numbers."""
        return self._viber_requests

    def viber_service(self, account_id: str, service_id: str) -> ViberService | None:
        """What is known of a Viber sender that the account has registered."""
        found = self._viber_services.get(service_id)
        return found if found is not None and found.account_id == account_id else None

    def suspended(self, account_id: str, channel: str, sender_id: str, now: int) -> bool:
        """Whether a sender of the account cannot send at `now` (milliseconds UTC) because it is suspended."""
        service = self.viber_service(account_id, sender_id) if channel == "viber" else None
        return service is not None and service.paused(now)

    def viber_service_of_space(self, account_id: str, space_id: str) -> ViberService | None:
        """The Viber sender that was registered in a space of the account."""
        own = (service for service in self._viber_services.values() if service.account_id == account_id)
        return next((service for service in own if service.space_id == space_id), None)

    def senders(self) -> Mapping[tuple[str, str], Sender]:
        """All senders, by channel and id."""
        return self._senders


def _nothing_set(account_id: str) -> ReceiptSettings:
    return ReceiptSettings(account_id=account_id)
