"""The configuration: accounts and everything that belongs to them, indexed for the lookups of a call.

A `Configuration` is a snapshot: never changed. What changes in the store makes another one from it, which
shares all that stayed, so that a change costs the same however many entries there are.
What belongs to another account is not found, exactly like what does not exist (promise 6).
"""

from collections.abc import Iterable, Mapping
from copy import copy
from typing import NamedTuple

from waypost.model.access.policy import Policy
from waypost.model.access.principals import AccessKey, Principals, User
from waypost.model.channels import channel_named
from waypost.model.entries import (
    Account,
    CallbackTarget,
    Entry,
    EntryKey,
    ReceiptSettings,
    Sender,
    Space,
    entry_key,
)
from waypost.model.entry_index import EntryIndex, by_type, entries_of_type
from waypost.model.fallback.policies import FallbackPolicies
from waypost.model.identifiers import NO_SPACE, AccountId, SpaceId
from waypost.model.persistent_map import PersistentGroups, PersistentMap
from waypost.model.senders.viber_senders import ViberSenders, ViberService
from waypost.model.templates.template import Template
from waypost.model.templates.template_index import TemplateIndex

__all__ = ["Account", "CallbackTarget", "Configuration", "Entry", "ReceiptSettings", "Sender", "Space"]


_MOST_STANDINGS = 10_000


class Standing(NamedTuple):
    """What an account has of what a call names to send by.

    Attributes:
        space: the space; None if there is none.
        sender: the sender, if the space may use it.
        service: its registration, by which it may be suspended; None where it has none.
    """

    space: Space | None
    sender: Sender | None
    service: ViberService | None


class Configuration:
    """A snapshot of all configuration entries, indexed for the lookups of a call.

    Attributes:
        version: the version of the stored configuration that it has; 0 for one that was never stored.
        accounts: all accounts, by their ids.
    """

    def __init__(self, entries: Iterable[Entry] = (), version: int = 0) -> None:
        self.version = version
        self.accounts: PersistentMap[str, Account] = PersistentMap()
        self.principals = Principals()
        self.fallbacks = FallbackPolicies()
        self.viber_senders = ViberSenders()
        self._entries: PersistentMap[EntryKey, Entry] = PersistentMap()
        self._spaces = EntryIndex(Space, lambda space: space.id)
        self._default_spaces: PersistentMap[AccountId, SpaceId] = PersistentMap()
        self._senders = EntryIndex(Sender, lambda sender: (sender.channel, sender.id))
        self._senders_of_route: PersistentGroups[tuple[str, str], str, Sender] = PersistentGroups()
        self._templates = TemplateIndex()
        self._receipts = EntryIndex(ReceiptSettings, _subject)
        self._change([], list(entries))

    def with_changes(
        self, changed: Iterable[Entry], removed: Iterable[EntryKey] = (), version: int | None = None
    ) -> "Configuration":
        """The snapshot after a change.

        Args:
            changed: the entries that are new or have other values.
            removed: the keys of those that are gone; one that was not there is passed over.
            version: the version of the stored configuration after the change; None for the same one.
        """
        new = list(changed)
        keys = [*map(entry_key, new), *removed]
        made = copy(self)
        if version is not None:
            made.version = version
        made._change([old for key in keys if (old := self._entries.get(key)) is not None], new)
        return made

    def _change(self, old: list[Entry], new: list[Entry]) -> None:
        removed, added = by_type(old), by_type(new)
        self._standings: dict[tuple[AccountId, SpaceId, str, str], Standing] = {}
        self._entries = self._entries.changed(map(entry_key, old), {entry_key(entry): entry for entry in new})
        self.accounts = self.accounts.changed(
            (account.id for account in entries_of_type(removed, Account)),
            {account.id: account for account in entries_of_type(added, Account)},
        )
        self.principals = self.principals.changed(removed, added)
        self.fallbacks = self.fallbacks.changed(removed, added)
        self.viber_senders = self.viber_senders.changed(removed, added)
        self._spaces = self._spaces.changed(removed, added)
        self._default_spaces = self._changed_default_spaces(
            {space.account_id for spaces in (removed, added) for space in entries_of_type(spaces, Space)}
        )
        self._senders = self._senders.changed(removed, added)
        self._senders_of_route = self._senders_of_route.changed(
            ((of, sender.id) for sender in entries_of_type(removed, Sender) for of in _routes_of(sender)),
            (
                (of, sender.id, sender)
                for sender in entries_of_type(added, Sender)
                for of in _routes_of(sender)
            ),
        )
        self._templates = self._templates.changed(removed, added)
        self._receipts = self._receipts.changed(removed, added)

    def _changed_default_spaces(self, accounts: Iterable[AccountId]) -> PersistentMap[AccountId, SpaceId]:
        """The default spaces after spaces of these accounts have changed."""
        found: dict[AccountId, SpaceId] = {}
        without: list[AccountId] = []
        for account_id in accounts:
            default = min((space.id for space in self._spaces.of(account_id) if space.default), default=None)
            if default is None:
                without.append(account_id)
            else:
                found[account_id] = default
        return self._default_spaces.changed(without, found)

    def entry(self, key: EntryKey) -> Entry | None:
        """The entry with that key, whoever owns it."""
        return self._entries.get(key)

    @property
    def users(self) -> Mapping[str, User]:
        """The users of all accounts, by their ids."""
        return self.principals.users

    @property
    def keys(self) -> Mapping[str, AccessKey]:
        """The access keys of all accounts, by their ids."""
        return self.principals.keys

    def policies(self, user_id: str) -> tuple[Policy, ...]:
        """The policies attached to a user; none for a user that does not exist."""
        return self.principals.policies_for_user(user_id)

    def space(self, account_id: AccountId, space_id: SpaceId) -> Space | None:
        """A space of the account; the default one for an empty id."""
        return self._spaces.owned_by(account_id, space_id or self._default_spaces.get(account_id, NO_SPACE))

    def spaces(self, account_id: AccountId) -> list[Space]:
        """The spaces of the account, those declared first, then by when they were made."""
        return sorted(self._spaces.of(account_id), key=lambda space: (space.created_at, space.id))

    def sender(self, account_id: AccountId, channel: str, sender_id: str) -> Sender | None:
        """A sender of the account."""
        return self._senders.owned_by(account_id, (channel, sender_id))

    def standing(self, account_id: AccountId, space_id: SpaceId, channel: str, sender_id: str) -> Standing:
        """The space and the sender that a call of the account names; for an empty id the default space."""
        key = (account_id, space_id, channel, sender_id)
        found = self._standings.get(key)
        if found is None:
            found = self._find_standing(*key)
            # Nothing is kept of names that callers have invented.
            exists = found.sender is not None and (found.space is not None or not space_id)
            if exists and len(self._standings) < _MOST_STANDINGS:
                self._standings[key] = found
        return found

    def _find_standing(
        self, account_id: AccountId, space_id: SpaceId, channel: str, sender_id: str
    ) -> Standing:
        space = self.space(account_id, space_id)
        sender = self.sender(account_id, channel, sender_id)
        if sender is not None and not sender.is_of(space.id if space is not None else NO_SPACE):
            sender = None
        return Standing(space, sender, self._service(account_id, channel, sender_id))

    def sender_by_id(self, channel: str, sender_id: str) -> Sender | None:
        """A sender of any account, for the webhooks of providers."""
        return self._senders.by_key.get((channel, sender_id))

    def only_sender_of(self, channel: str, route: str) -> Sender | None:
        """The sender of a route that has exactly one: the one meant when a provider does not name it."""
        of_route = list(self._senders_of_route.of((channel, route)).values())
        return of_route[0] if len(of_route) == 1 else None

    def senders(self) -> Mapping[tuple[str, str], Sender]:
        """The senders of all accounts, by channel and id."""
        return self._senders.by_key

    def senders_of(self, account_id: AccountId) -> list[Sender]:
        """The senders of the account, by channel and id."""
        return sorted(self._senders.of(account_id), key=lambda sender: (sender.channel, sender.id))

    def template(
        self, account_id: AccountId, named: str, language: str, space_id: SpaceId = NO_SPACE
    ) -> Template | None:
        """A template of a space of the account, by its TemplateCode or TemplateName.

        Args:
            space_id: empty for the default one.
        """
        return self._templates.find(account_id, self._scopes(account_id, space_id), named, language)

    def _scopes(self, account_id: AccountId, space_id: SpaceId) -> tuple[SpaceId, SpaceId]:
        """The spaces whose templates a space can use: itself, and what all spaces share."""
        return space_id or self._default_spaces.get(account_id, NO_SPACE), NO_SPACE

    def template_of_any_space(self, account_id: AccountId, named: str, language: str) -> Template | None:
        """A template of the account in any of its spaces."""
        return self._templates.find_in_any_space(account_id, named, language)

    def templates(self, account_id: AccountId, space_id: SpaceId = NO_SPACE) -> list[Template]:
        """The templates that a space has, each language of each, those declared first, then by their age; an
        empty id is the default space's."""
        return self._templates.in_spaces(account_id, self._scopes(account_id, space_id))

    def unreviewed(self) -> list[Template]:
        """All templates that wait for a review, oldest first."""
        return self._templates.unreviewed()

    def template_languages(
        self, account_id: AccountId, named: str, space_id: SpaceId = NO_SPACE
    ) -> tuple[str, ...]:
        """The languages in which a space has a template of that code or name, sorted; an empty id is the
        default space's."""
        return self._templates.languages(account_id, self._scopes(account_id, space_id), named)

    def receipts_of(self, account_id: AccountId) -> Iterable[ReceiptSettings]:
        """All receipt settings that the account set by call."""
        return self._receipts.of(account_id)

    def space_receipts(self, account_id: AccountId, space_id: SpaceId) -> ReceiptSettings:
        """The receipt settings of a space of the account, as set by call."""
        return self._receipts.owned_by(account_id, (space_id, "", "")) or _nothing_set(account_id)

    def sender_receipts(self, account_id: AccountId, channel: str, sender_id: str) -> ReceiptSettings:
        """The receipt settings of a sender of the account, as set by call."""
        subject = (NO_SPACE, channel, sender_id)
        return self._receipts.owned_by(account_id, subject) or _nothing_set(account_id)

    def suspended(self, account_id: AccountId, channel: str, sender_id: str, now: int) -> bool:
        """Whether a sender of the account cannot send at `now` (milliseconds UTC) because it is suspended."""
        service = self._service(account_id, channel, sender_id)
        return service is not None and service.paused(now)

    def _service(self, account_id: AccountId, channel: str, sender_id: str) -> ViberService | None:
        """The registration of a sender of the account, on a channel that has such."""
        if not channel_named(channel).registers_senders:
            return None
        return self.viber_senders.service(account_id, sender_id)


def _subject(settings: ReceiptSettings) -> tuple[str, str, str]:
    if settings.space_id:
        return settings.space_id, "", ""
    return NO_SPACE, settings.channel, settings.sender_id


def _routes_of(sender: Sender) -> list[tuple[str, str]]:
    return [(sender.channel, route) for route in sender.all_routes]


def _nothing_set(account_id: AccountId) -> ReceiptSettings:
    return ReceiptSettings(account_id=account_id)
