"""The configuration: accounts and everything that belongs to them, indexed for the lookups of a call.

A `Configuration` is a snapshot: never changed, replaced as a whole when the configuration's version moves.
What belongs to another account is not found, exactly like what does not exist (promise 6).
"""

from collections.abc import Iterable, Mapping

import msgspec

from waypost.model.access.policy import Policy
from waypost.model.access.principals import AccessKey, AccountPolicy, Principal, Principals, Role, User
from waypost.model.channels import channel_named
from waypost.model.fallback.policies import FallbackPolicies, FallbackPolicy, FallbackRule
from waypost.model.identifiers import NO_SPACE, AccountId, SpaceId
from waypost.model.senders.viber_senders import ViberRequest, ViberSenders, ViberService
from waypost.model.templates.template import AUDITING, UNREVIEWED, Template


class CallbackTarget(msgspec.Struct, frozen=True):
    """Where the callbacks of an account or a sender are pushed.

    Attributes:
        status_url, inbound_url: empty for none; without a URL the callbacks are only kept.
        secret: signs them (`X-Waypost-Signature`); empty for unsigned.
    """

    status_url: str = ""
    inbound_url: str = ""
    secret: str = ""


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """An account: what is subscribed, limited and billed.

    Attributes:
        subscribed: has the service been activated; otherwise `Product.Unsubscript`.
        limit: calls a second over all its keys; None for the configured default, 0 for no limit.
        sms_fallback: the "Activate SMS" switch; without it `InvalidParameter.SendSmsNotSupport`.
        callbacks: used by senders that have no target of their own.
    """

    id: AccountId
    name: str = ""
    subscribed: bool = True
    limit: int | None = None
    sms_fallback: bool = True
    callbacks: CallbackTarget = CallbackTarget()


class Space(msgspec.Struct, frozen=True, kw_only=True):
    """A sub-account; a call that names none means the account's default space.

    Attributes:
        channel, name, description: as the call that made it gave them.
        details: what else it gave (`ContactMail`, `CountryId`, ...), by the wire's names.
        created_at: milliseconds UTC; 0 for one that the operator declared.
    """

    id: SpaceId
    account_id: AccountId
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
    """A sender, which calls name as `From`.

    Attributes:
        channel, id: unique together over all accounts.
        route: the name of the route that carries it.
        callbacks: a target of its own; None for the account's.
        space_id: the space it was registered for; empty for one that all spaces of the account share.
    """

    channel: str
    id: str
    account_id: AccountId
    route: str
    callbacks: CallbackTarget | None = None
    space_id: SpaceId = NO_SPACE

    def is_of(self, space_id: SpaceId) -> bool:
        """Whether a space may use the sender."""
        return self.space_id in ("", space_id)


class ReceiptSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Where receipts go, as set by call for a space or a sender; None means not set here.

    Attributes:
        space_id: the space it is for; empty when it is for a sender.
        channel, sender_id: the sender it is for.
        http: whether anything is pushed (`HttpFlag`).
        queue: whether everything is put in the account's queues (`QueueFlag`).
        status_url, inbound_url: where to push.
    """

    account_id: AccountId
    space_id: SpaceId = NO_SPACE
    channel: str = ""
    sender_id: str = ""
    http: bool | None = None
    queue: bool | None = None
    status_url: str | None = None
    inbound_url: str | None = None


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


class Configuration:
    """A snapshot of all configuration entries, indexed for the lookups of a call."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self.accounts: dict[str, Account] = {}
        self.principals = Principals()
        self.fallbacks = FallbackPolicies()
        self.viber_senders = ViberSenders()
        self.users: Mapping[str, User] = self.principals.users
        self.keys: Mapping[str, AccessKey] = self.principals.keys
        self._spaces: dict[str, Space] = {}
        self._default_spaces: dict[str, str] = {}
        self._senders: dict[tuple[str, str], Sender] = {}
        # By account, space (empty for all of them), code or name, and language.
        self._templates: dict[tuple[str, str, str, str], Template] = {}
        self._unreviewed: list[Template] = []
        self._space_receipts: dict[str, ReceiptSettings] = {}
        self._sender_receipts: dict[tuple[str, str], ReceiptSettings] = {}
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
            case FallbackRule() | FallbackPolicy():
                self.fallbacks.add(entry)
            case ReceiptSettings():
                if entry.space_id:
                    self._space_receipts[entry.space_id] = entry
                else:
                    self._sender_receipts[entry.channel, entry.sender_id] = entry
            case ViberRequest() | ViberService():
                self.viber_senders.add(entry)
            case Template():
                if entry.status in (UNREVIEWED, AUDITING):
                    self._unreviewed.append(entry)
                for named in {entry.code, entry.name}:
                    place = entry.space_id or ""
                    self._templates[entry.account_id, place, named, entry.language] = entry

    def policies(self, user_id: str) -> tuple[Policy, ...]:
        """The policies attached to a user; none for a user that does not exist."""
        return self.principals.policies_for_user(user_id)

    def space(self, account_id: AccountId, space_id: SpaceId) -> Space | None:
        """A space of the account; the default one for an empty id."""
        found = self._spaces.get(space_id or self._default_spaces.get(account_id, ""))
        return found if found is not None and found.account_id == account_id else None

    def spaces(self, account_id: AccountId) -> list[Space]:
        """The spaces of the account, those declared first, then by when they were made."""
        own = [space for space in self._spaces.values() if space.account_id == account_id]
        return sorted(own, key=lambda space: (space.created_at, space.id))

    def sender(self, account_id: AccountId, channel: str, sender_id: str) -> Sender | None:
        """A sender of the account."""
        found = self._senders.get((channel, sender_id))
        return found if found is not None and found.account_id == account_id else None

    def sender_by_id(self, channel: str, sender_id: str) -> Sender | None:
        """A sender of any account, for the webhooks of providers."""
        return self._senders.get((channel, sender_id))

    def only_sender_of(self, channel: str, route: str) -> Sender | None:
        """The sender of a route that has exactly one: the one meant when a provider does not name it."""
        of_route = [
            sender for sender in self._senders.values() if sender.route == route and sender.channel == channel
        ]
        return of_route[0] if len(of_route) == 1 else None

    def template(
        self, account_id: AccountId, named: str, language: str, space_id: SpaceId = NO_SPACE
    ) -> Template | None:
        """A template of a space of the account, by its TemplateCode or TemplateName.

        Args:
            space_id: empty for the default one.
        """
        for place in self._places(account_id, space_id):
            found = self._templates.get((account_id, place, named, language))
            if found is not None:
                return found
        return None

    def _places(self, account_id: AccountId, space_id: SpaceId) -> tuple[str, str]:
        """The index keys of what a space can use: its own, and what all spaces share."""
        return space_id or self._default_spaces.get(account_id, ""), ""

    def template_of_any_space(self, account_id: AccountId, named: str, language: str) -> Template | None:
        """A template of the account in any of its spaces."""
        key = (account_id, named, language)
        return next(
            (
                template
                for (owner, _, name, spoken), template in self._templates.items()
                if (owner, name, spoken) == key
            ),
            None,
        )

    def templates(self, account_id: AccountId, space_id: SpaceId = NO_SPACE) -> list[Template]:
        """The templates that a space has, each language of each, those declared first, then by their age; an
        empty id is the default space's."""
        places = self._places(account_id, space_id)
        found = {
            (entry.created_at, entry.name, entry.language, place): entry
            for (owner, place, _, _), entry in self._templates.items()
            if owner == account_id and place in places
        }
        return [found[key] for key in sorted(found)]

    def unreviewed(self) -> list[Template]:
        """All templates that wait for a review."""
        return self._unreviewed

    def template_languages(
        self, account_id: AccountId, named: str, space_id: SpaceId = NO_SPACE
    ) -> tuple[str, ...]:
        """The languages in which a space has a template of that code or name, sorted; an empty id is the
        default space's."""
        places = self._places(account_id, space_id)
        return tuple(
            sorted(
                {
                    language
                    for owner, place, name, language in self._templates
                    if owner == account_id and place in places and name == named
                }
            )
        )

    def space_receipts(self, account_id: AccountId, space_id: SpaceId) -> ReceiptSettings:
        """The receipt settings of a space of the account, as set by call."""
        found = self._space_receipts.get(space_id)
        return found if found is not None and found.account_id == account_id else _nothing_set(account_id)

    def sender_receipts(self, account_id: AccountId, channel: str, sender_id: str) -> ReceiptSettings:
        """The receipt settings of a sender of the account, as set by call."""
        found = self._sender_receipts.get((channel, sender_id))
        return found if found is not None and found.account_id == account_id else _nothing_set(account_id)

    def suspended(self, account_id: AccountId, channel: str, sender_id: str, now: int) -> bool:
        """Whether a sender of the account cannot send at `now` (milliseconds UTC) because it is suspended."""
        if not channel_named(channel).registers_senders:
            return False
        service = self.viber_senders.service(account_id, sender_id)
        return service is not None and service.paused(now)

    def senders(self) -> Mapping[tuple[str, str], Sender]:
        """All senders, by channel and id."""
        return self._senders


def _nothing_set(account_id: AccountId) -> ReceiptSettings:
    return ReceiptSettings(account_id=account_id)
