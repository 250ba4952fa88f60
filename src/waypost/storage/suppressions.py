"""The suppression list: recipients who opted out of promotions, checked before each promotion is sent."""

from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING, Any

from waypost.model.channels import channel_named
from waypost.model.digest_filter import DigestFilter
from waypost.model.identifiers import AccountId
from waypost.model.message.suppression import ANY, OptOutReason, Suppression, erased_person, is_erased
from waypost.model.people import canonical_number, canonical_person

if TYPE_CHECKING:
    from waypost.storage.suppression_statements import SuppressionStatements

_64_BITS = (1 << 64) - 1
Rows = list[tuple[Any, ...]]


class ListedPeople:
    """A filter in memory over the recipients on any list: most are on none, which then costs no query.

    It has no channels, so that any address is looked up as if it was a phone number.

    Recipients are never removed from it, so it has false positives but no false negatives.

    Attributes:
        key: the key of the hashes that stand in place of erased people; None until it is known, which finds
            none of them.
    """

    def __init__(self, people: Iterable[tuple[AccountId, str]]) -> None:
        listed = list(people)
        self.key: bytes | None = None
        self._has_erased = any(is_erased(recipient) for _, recipient in listed)
        self._filter = DigestFilter(len(listed))
        for account_id, recipient in listed:
            self.add(account_id, recipient)

    def add(self, account_id: AccountId, recipient: str) -> None:
        """Adds a recipient of an account to the filter."""
        self._filter.add(_digest(account_id, recipient))

    def might_contain(self, account_id: AccountId, recipient: str) -> bool:
        """Whether a recipient may be on the account's list; False is certain."""
        if self._filter.might_contain(_digest(account_id, recipient)):
            return True
        # Who was erased while this runs is in the filter by their number.
        return self._has_erased and any(
            self._filter.might_contain(_digest(account_id, self.erased(account_id, person)))
            for person in {recipient, canonical_number(recipient)}
        )

    def erased(self, account_id: AccountId, person: str) -> str:
        """What stands on the list in place of a person who was erased; the person if the key is not known.

        Args:
            person: the canonical form of an address.
        """
        return person if self.key is None else erased_person(self.key, account_id, person)


def _digest(account_id: AccountId, recipient: str) -> int:
    return hash((account_id, canonical_number(recipient))) & _64_BITS


class Suppressions:
    """Reads and changes the list within a transaction.

    Args:
        run: executes a statement; returns its rows and how many rows it changed.
        people: the filter over the recipients on any list.
    """

    def __init__(
        self,
        run: Callable[[str, dict[str, Any]], tuple[Rows, int]],
        statements: "SuppressionStatements",
        people: ListedPeople,
    ) -> None:
        self._run = run
        self._sql = statements
        self._people = people

    def add(self, entry: Suppression) -> bool:
        """Adds an entry; False if there is one already, which then keeps its reason."""
        # Before the commit: after a rollback, a false positive only costs a query.
        self._people.add(entry.account_id, entry.recipient)
        return self._run(self._sql.add, _to_row(self._people, entry))[1] > 0

    def remove(
        self,
        account_id: AccountId,
        channel: str,
        sender: str,
        recipient: str,
        reason: OptOutReason | None = None,
    ) -> bool:
        """Removes an entry, with `reason` only if it has that reason; returns whether one was removed."""
        key = _key_parameters(self._people, account_id, channel, sender, recipient)
        if reason is None:
            return self._run(self._sql.remove, key)[1] > 0
        return self._run(self._sql.remove_for_reason, key | {"reason": reason.value})[1] > 0

    def holds(self, account_id: AccountId, channel: str, sender: str, recipient: str) -> bool:
        """Whether a recipient opted out of promotions from a sender."""
        if not self._people.might_contain(account_id, recipient):
            return False
        return bool(
            self._run(
                self._sql.holds, _opt_out_parameters(self._people, account_id, channel, sender, recipient)
            )[0]
        )


class SuppressionReader:
    """Reads the list outside a transaction.

    Attributes:
        people: the filter over the recipients on any list.
    """

    def __init__(
        self, read: Callable[[str, dict[str, Any]], Rows], statements: "SuppressionStatements"
    ) -> None:
        self._read = read
        self._sql = statements
        self.people = ListedPeople((row[0], row[1]) for row in read(statements.people, {}))

    async def among(
        self, account_id: AccountId, channel: str, sender: str, recipients: Iterable[str]
    ) -> Collection[str]:
        """Those of `recipients` who opted out of promotions from a sender."""
        return {
            recipient
            for recipient in recipients
            if self.people.might_contain(account_id, recipient)
            and self._read(
                self._sql.holds, _opt_out_parameters(self.people, account_id, channel, sender, recipient)
            )
        }

    async def page(
        self, account_id: AccountId, *, channel: str, sender: str, recipient: str, skip: int, limit: int
    ) -> list[Suppression]:
        """One page of an account's list, oldest first; an empty filter selects all."""
        rows = self._read(
            self._sql.page,
            _key_parameters(self.people, account_id, channel, sender, recipient)
            | {"offset": skip, "limit": limit},
        )
        return [_from_row(row) for row in rows]


def _to_row(people: ListedPeople, entry: Suppression) -> dict[str, Any]:
    return _key_parameters(people, entry.account_id, entry.channel, entry.sender, entry.recipient) | {
        "reason": entry.reason.value,
        "detail": entry.detail,
        "at": entry.at,
    }


def _from_row(row: tuple[Any, ...]) -> Suppression:
    account_id, recipient, channel, sender, reason, detail, at = row
    return Suppression(
        account_id=account_id,
        channel=channel,
        sender=sender,
        recipient=recipient,
        reason=OptOutReason(reason),
        detail=detail,
        at=at,
    )


def _key_parameters(
    people: ListedPeople, account_id: AccountId, channel: str, sender: str, recipient: str
) -> dict[str, Any]:
    person = canonical_person(channel, recipient)
    return {
        "account_id": account_id,
        "recipient": person,
        "erased": people.erased(account_id, person),
        "channel": channel,
        "sender": sender,
    }


def _opt_out_parameters(
    people: ListedPeople, account_id: AccountId, channel: str, sender: str, recipient: str
) -> dict[str, Any]:
    # An id of the channel's own is no phone number, so entries for all channels do not apply to it.
    any_channel = channel if channel_named(channel).own_ids else ANY
    return _key_parameters(people, account_id, channel, sender, recipient) | {
        "any_channel": any_channel,
        "any_sender": ANY,
    }
