"""What is known of a person is removed; that they opted out stays, as a hash that names nobody."""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from waypost.model.identifiers import AccountId, MessageId
from waypost.storage.columns import OPT_OUT, PERSONAL_KEYS
from waypost.storage.suppressions import ListedPeople

if TYPE_CHECKING:
    from waypost.storage.erasure_statements import ErasureStatements

Rows = list[tuple[Any, ...]]


class QueuedTrace(NamedTuple):
    """A message in a queue that names a person; `message_id` is of the message that it is about."""

    id: int
    message_id: MessageId


class PersonTraces(NamedTuple):
    """The rows in which a person is found, by their keys.

    Attributes:
        callbacks: those of what the person wrote; the others go with their message.
        claims: (route, provider's id) of what the person wrote.
        conversations: (channel, sender, user).
        addresses: (channel, person).
    """

    message_ids: list[MessageId]
    callbacks: list[int]
    inbound_messages: list[int]
    claims: list[tuple[str, str]]
    conversations: list[tuple[str, str, str]]
    addresses: list[tuple[str, str]]
    queued: list[QueuedTrace]
    webhooks: list[int]


class PersonTraceReader(Protocol):
    """Finds a person in all tables; looks at everything, in a thread."""

    async def traces_of(self, addresses: Sequence[str], account_id: AccountId | None) -> PersonTraces:
        """Where a person is found.

        Args:
            addresses: all spellings of their address.
            account_id: the account whose rows are meant; None for all, and for what belongs to no account.
        """
        ...

    async def other_addresses(self, addresses: Sequence[str]) -> list[str]:
        """How providers spell a person, and the person whom such a spelling is of."""
        ...


class Erasure:
    """Removes within a transaction.

    Args:
        run: executes a statement; returns its rows and how many rows it changed.
        people: has the key of the hashes that stand in place of erased people.
    """

    def __init__(
        self,
        run: Callable[[str, dict[str, Any]], tuple[Rows, int]],
        statements: "ErasureStatements",
        people: ListedPeople,
    ) -> None:
        self._run = run
        self._sql = statements
        self._people = people

    def overwrite(self) -> None:
        """Lets this handle on the database overwrite what it frees from now on."""
        self._run(self._sql.overwrite, {})

    def pushed_callbacks(self, ids: Iterable[int]) -> list[tuple[int, str]]:
        """Those of some callbacks that do not wait to be pushed, as (id, body)."""
        rows = [row for id_ in ids for row in self._run(self._sql.callback, {"of_id": id_})[0]]
        return [(id_, body) for id_, body, state in rows if state != "waiting"]

    def remove(self, table: str, keys: Iterable[Sequence[object]]) -> int:
        """Removes rows of a table by their primary keys; returns how many there were."""
        names = [f"of_{key}" for key in PERSONAL_KEYS[table]]
        return sum(self._run(self._sql.remove[table], dict(zip(names, key, strict=True)))[1] for key in keys)

    def remove_sms_counts(self, addresses: Iterable[str]) -> None:
        """Removes the counters of SMS to a number."""
        for person in addresses:
            self._run(self._sql.remove_sms_counts, {"person": person})

    def hash_opt_outs(self, addresses: Iterable[str], account_id: AccountId | None) -> int:
        """Puts hashes in place of a person on the suppression list, without what they wrote; returns in how
        many entries. The key of the hashes has to be known (`ListedPeople.key`)."""
        assert self._people.key is not None
        count = 0
        for person in addresses:
            of_person = {"person": person, "account_id": account_id}
            rows = self._run(self._sql.opt_outs, of_person)[0]
            for row in rows:
                entry = dict(zip(OPT_OUT, row, strict=True))
                erased = self._people.erased(entry["account_id"], person)
                self._run(self._sql.add_opt_out, entry | {"recipient": erased, "detail": ""})
            if rows:
                self._run(self._sql.remove_opt_outs, of_person)
            count += len(rows)
        return count
