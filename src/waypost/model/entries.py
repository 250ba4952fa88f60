"""The entries of the configuration: accounts and all that belongs to them, each under a key of its own."""

import msgspec

from waypost.model.access.principals import AccessKey, AccountPolicy, Principal, Role, User
from waypost.model.fallback.policies import FallbackPolicy, FallbackRule
from waypost.model.identifiers import NO_SPACE, AccountId, SpaceId
from waypost.model.routes.choice import RouteChoice, routes_for
from waypost.model.senders.viber_senders import ViberRequest, ViberService
from waypost.model.templates.template import Template


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
        declared_at: since when the operator declares it, milliseconds UTC; 0 for never.
    """

    id: SpaceId
    account_id: AccountId
    default: bool = False
    channel: str = ""
    name: str = ""
    description: str = ""
    details: dict[str, str] = {}
    created_at: int = 0
    declared_at: int = 0

    @property
    def declared(self) -> bool:
        """Whether the operator's configuration declares it, so that calls cannot change it."""
        return not self.created_at


class Sender(msgspec.Struct, frozen=True, kw_only=True):
    """A sender, which calls name as `From`.

    Attributes:
        channel, id: unique together over all accounts.
        route: the name of the route that carries it; of several, the first one.
        routes: all of several, in the order of preference; empty for one that has no other.
        callbacks: a target of its own; None for the account's.
        space_id: the space it was registered for; empty for one that all spaces of the account share.
    """

    channel: str
    id: str
    account_id: AccountId
    route: str
    callbacks: CallbackTarget | None = None
    space_id: SpaceId = NO_SPACE
    routes: tuple[RouteChoice, ...] = ()

    @property
    def all_routes(self) -> tuple[str, ...]:
        """The names of all its routes."""
        return tuple(dict.fromkeys(one.route for one in self.routes)) or (self.route,)

    def routes_for(self, label: str, recipient: str) -> tuple[str, ...]:
        """The routes that a leg of it may go by, the preferred one first."""
        return routes_for(self.routes, label, recipient) if self.routes else (self.route,)

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


Dated = Space | User | AccessKey | Role | AccountPolicy | FallbackPolicy | Template
"""The entries that calls show with the time since which they are there."""


def date_declared(entry: Entry, before: Entry | None, now: int) -> Entry:
    """A declared entry with the time since when it is declared.

    Args:
        before: the same entry as it is stored; None if it is not declared yet.
        now: milliseconds UTC.
    """
    if not isinstance(entry, Dated):
        return entry
    since = before.declared_at if isinstance(before, Dated) else 0
    return msgspec.structs.replace(entry, declared_at=since or now)


ENTRY_TYPES: dict[str, type[Entry]] = {
    "account": Account,
    "user": User,
    "key": AccessKey,
    "role": Role,
    "policy": AccountPolicy,
    "space": Space,
    "sender": Sender,
    "fallback_rule": FallbackRule,
    "fallback": FallbackPolicy,
    "template": Template,
    "receipts": ReceiptSettings,
    "viber_request": ViberRequest,
    "viber_service": ViberService,
}
"""The kinds of entries, by the names that they are stored under."""

_KINDS = {entry_type: kind for kind, entry_type in ENTRY_TYPES.items()}

EntryKey = tuple[str, str]
"""The kind of an entry, and its id among those of its kind."""


def kind_of(entry_type: type[Entry]) -> str:
    """The name of a kind of entries."""
    return _KINDS[entry_type]


def entry_key(entry: Entry) -> EntryKey:
    """The key of an entry: no two entries of the configuration have the same one."""
    match entry:
        case Sender():
            return "sender", f"{entry.channel}/{entry.id}"
        case Template():
            return "template", f"{entry.account_id}/{entry.code}/{entry.language}"
        case ReceiptSettings():
            id_ = f"space/{entry.space_id}" if entry.space_id else f"{entry.channel}/{entry.sender_id}"
            return "receipts", id_
        case Role() | AccountPolicy():
            return _KINDS[type(entry)], f"{entry.account_id}/{entry.name}"
        case _:
            return _KINDS[type(entry)], entry.id


def template_ids(account_id: AccountId, code_prefix: str) -> str:
    """The beginning of the ids of all templates whose codes begin so."""
    return f"{account_id}/{code_prefix}"


def owner_of(entry: Entry) -> AccountId:
    """The account that an entry belongs to; an account belongs to itself."""
    return entry.id if isinstance(entry, Account) else entry.account_id
