"""The state of the simulated providers and phones: messages and undelivered callbacks, in a SQLite file.

A commit is not flushed to disk (`synchronous=NORMAL`), yet it survives the end of the process, which is what
the sandbox promises: a simulated provider still has the messages that it accepted before a `kill -9`.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from waypost.storage.private_files import prepare_database

_SCHEMA = """
CREATE TABLE IF NOT EXISTS message (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    channel TEXT NOT NULL, sender TEXT NOT NULL, recipient TEXT NOT NULL,
    text TEXT NOT NULL, media TEXT NOT NULL, seq INTEGER, reference TEXT,
    token TEXT NOT NULL, tracking_data TEXT NOT NULL,
    received_at INTEGER, delivered_at INTEGER, read_at INTEGER
);
CREATE INDEX IF NOT EXISTS message_of ON message (recipient, id);
CREATE INDEX IF NOT EXISTS message_by_time ON message (received_at, recipient);
CREATE TABLE IF NOT EXISTS event (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    due INTEGER NOT NULL, recipient TEXT NOT NULL, service_id INTEGER, url TEXT NOT NULL, body TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS blocked (
    channel TEXT NOT NULL, recipient TEXT NOT NULL, sender TEXT NOT NULL,
    PRIMARY KEY (channel, recipient, sender)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS busy (fingerprint TEXT PRIMARY KEY, answers INTEGER NOT NULL) WITHOUT ROWID;
"""


# Of `Arrival`, in its order.
_ARRIVAL = (
    "channel, sender, recipient, text, media, seq, reference, token, tracking_data,"
    " received_at, delivered_at, read_at, buttons"
)
# Among so many of the latest messages the phones are looked for that something reached last.
_LATEST = 500
# More than any row number and any time.
_NO_ROW = 2**62


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """A message that a simulated provider accepted.

    Attributes:
        channel: the channel of the provider.
        sender, recipient: their ids on the channel.
        text: the text that the phone shows.
        media: the URL of the image, video or file; empty if it has none.
        seq, reference: Waypost's id of the attempt, in the form that the channel carries.
        token: the provider's id of the message.
        tracking_data: the data that a reply echoes.
        received_at, delivered_at, read_at: when its state on the phone changes, in milliseconds UTC of
            sandbox time; None for never.
        buttons: its buttons, as `phone_actions` has them; empty for none.
    """

    channel: str
    sender: str
    recipient: str
    text: str
    media: str
    seq: int | None
    reference: str | None
    token: str
    tracking_data: str
    received_at: int | None
    delivered_at: int | None
    read_at: int | None
    buttons: str = ""


class ScheduledCallback(msgspec.Struct, frozen=True, kw_only=True):
    """A callback of a provider that is sent when it is due.

    Attributes:
        due: when to send it, in milliseconds UTC of sandbox time.
        recipient: the phone that it is about; callbacks about one phone are sent one after another.
        service_id: the Viber service whose callback URL it goes to; None if `url` is set.
        url: the URL; empty for Viber.
        body: the JSON to POST; empty for a GET.
    """

    due: int
    recipient: str
    service_id: int | None = None
    url: str = ""
    body: str = ""


class StoredCallback(msgspec.Struct, frozen=True):
    """A callback and its row number.

    Attributes:
        id: ascending in the order of writing.
        callback: the callback.
    """

    id: int
    callback: ScheduledCallback


class SandboxStore:
    """Reads and writes the file. Every change is committed when its method returns.

    Args:
        path: the SQLite file, which is created if needed.

    Raises:
        sqlite3.Error: from any method, if the file cannot be read or written.
    """

    def __init__(self, path: Path) -> None:
        prepare_database(path)
        self._db = sqlite3.connect(path)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(_SCHEMA)
        if "buttons" not in {row[1] for row in self._db.execute("PRAGMA table_info(message)")}:
            # A file of before has none.
            self._db.execute("ALTER TABLE message ADD COLUMN buttons TEXT NOT NULL DEFAULT ''")

    def add(
        self, arrival: Arrival | None, callbacks: Sequence[ScheduledCallback], busy_fingerprint: str = ""
    ) -> list[StoredCallback]:
        """Writes a message and its callbacks in one transaction.

        Args:
            arrival: the message; None for callbacks without one.
            callbacks: its callbacks; those due at the same time are sent in this order.
            busy_fingerprint: the fingerprint whose count of busy answers is reset; empty for none.

        Returns:
            The callbacks with their row numbers.
        """
        stored = []
        with self._db:
            if arrival is not None:
                values = msgspec.structs.astuple(arrival)
                self._db.execute(
                    "INSERT INTO message (channel, sender, recipient, text, media, seq, reference, token,"
                    " tracking_data, received_at, delivered_at, read_at, buttons)"
                    " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
                    values,
                )
            for callback in callbacks:
                row = self._db.execute(
                    "INSERT INTO event (due, recipient, service_id, url, body) VALUES (?,?,?,?,?)",
                    msgspec.structs.astuple(callback),
                )
                stored.append(StoredCallback(row.lastrowid or 0, callback))
            if busy_fingerprint:
                self._db.execute("DELETE FROM busy WHERE fingerprint = ?", (busy_fingerprint,))
        return stored

    def undelivered(self) -> list[StoredCallback]:
        """All callbacks that were not deleted, by due time and id."""
        rows = self._db.execute(
            "SELECT id, due, recipient, service_id, url, body FROM event ORDER BY due, id"
        )
        return [
            StoredCallback(
                id_,
                ScheduledCallback(due=due, recipient=recipient, service_id=service_id, url=url, body=body),
            )
            for id_, due, recipient, service_id, url, body in rows
        ]

    def delete(self, ids: Iterable[int]) -> None:
        """Deletes callbacks that were delivered."""
        with self._db:
            self._db.executemany("DELETE FROM event WHERE id = ?", [(id_,) for id_ in ids])

    def arrivals(self, recipient: str) -> list[Arrival]:
        """All messages accepted for a number, oldest first, whether they reach the phone or not."""
        rows = self._db.execute(
            f"SELECT {_ARRIVAL} FROM message WHERE recipient = ? ORDER BY id", (recipient,)
        )
        return [_arrival(row) for row in rows]

    def latest_arrivals(
        self, recipient: str, now: int, limit: int, before: int | None = None
    ) -> list[tuple[int, Arrival]]:
        """The messages that have reached a number until `now`, the latest first, with their row numbers.

        Args:
            before: a row number, exclusive; None for no bound.
        """
        rows = self._db.execute(
            f"SELECT id, {_ARRIVAL} FROM message WHERE recipient = ? AND received_at <= ? AND id < ?"
            " ORDER BY id DESC LIMIT ?",
            (recipient, now, _NO_ROW if before is None else before, limit),
        )
        return [(row[0], _arrival(row[1:])) for row in rows]

    def latest_phones(
        self, now: int, limit: int, before: tuple[int, str] | None = None
    ) -> list[tuple[str, int, int]]:
        """The first `limit` of `phones` behind one of them.

        Args:
            before: when the last message came to that one, and its number; None for no bound.
        """
        if before is None:
            found = self._lately_reached(now, limit)
            if found is not None:
                return found
        at, number = before or (_NO_ROW, "")
        return self._db.execute(
            "SELECT recipient, count(*), max(received_at) AS latest FROM message WHERE received_at <= ?"
            " GROUP BY recipient HAVING latest < ? OR (latest = ? AND recipient > ?)"
            " ORDER BY latest DESC, recipient LIMIT ?",
            (now, at, at, number, limit),
        ).fetchall()

    def _lately_reached(self, now: int, limit: int) -> list[tuple[str, int, int]] | None:
        """The first `limit` of `phones` without a look at all messages; None if the latest are of fewer."""
        rows = self._db.execute(
            "SELECT recipient, received_at FROM message WHERE received_at <= ?"
            " ORDER BY received_at DESC LIMIT ?",
            (now, _LATEST),
        ).fetchall()
        latest = dict(reversed(rows))
        if len(rows) == _LATEST:
            # Of the time of the last row there may be more.
            latest = {recipient: at for recipient, at in latest.items() if at > rows[-1][1]}
            if len(latest) < limit:
                return None
        first = sorted(latest.items(), key=lambda each: (-each[1], each[0]))[:limit]
        counts = dict(
            self._db.execute(
                f"SELECT recipient, count(*) FROM message WHERE recipient IN ({','.join('?' * len(first))})"
                " AND received_at <= ? GROUP BY recipient",
                (*(recipient for recipient, _ in first), now),
            ).fetchall()
        )
        return [(recipient, counts[recipient], at) for recipient, at in first]

    def phones(self, now: int) -> list[tuple[str, int, int]]:
        """The numbers that something has reached until `now`, the latest first: with how many messages, and
        when the last one came, milliseconds UTC."""
        return self._db.execute(
            "SELECT recipient, count(*), max(received_at) FROM message WHERE received_at <= ?"
            " GROUP BY recipient ORDER BY 3 DESC, 1",
            (now,),
        ).fetchall()

    def mark_read(self, arrivals: Iterable[Arrival], at: int) -> None:
        """Writes that messages were read, milliseconds UTC."""
        with self._db:
            self._db.executemany(
                "UPDATE message SET read_at = ? WHERE channel = ? AND recipient = ? AND token = ?",
                [(at, arrival.channel, arrival.recipient, arrival.token) for arrival in arrivals],
            )

    def set_blocked(self, channel: str, recipient: str, sender: str, blocks: bool) -> None:
        """Writes whether a person blocks a sender."""
        statement = (
            "INSERT OR IGNORE INTO blocked VALUES (?,?,?)"
            if blocks
            else "DELETE FROM blocked WHERE channel = ? AND recipient = ? AND sender = ?"
        )
        with self._db:
            self._db.execute(statement, (channel, recipient, sender))

    def is_blocked(self, channel: str, recipient: str, sender: str) -> bool:
        """Whether a person blocks a sender."""
        row = self._db.execute(
            "SELECT 1 FROM blocked WHERE channel = ? AND recipient = ? AND sender = ?",
            (channel, recipient, sender),
        ).fetchone()
        return row is not None

    def busy_answers(self, fingerprint: str) -> int:
        """How often a message was answered "busy" so far."""
        row = self._db.execute("SELECT answers FROM busy WHERE fingerprint = ?", (fingerprint,)).fetchone()
        return 0 if row is None else int(row[0])

    def count_busy(self, fingerprint: str) -> None:
        """Counts one more "busy" answer to a message."""
        with self._db:
            self._db.execute(
                "INSERT INTO busy VALUES (?, 1)"
                " ON CONFLICT (fingerprint) DO UPDATE SET answers = answers + 1",
                (fingerprint,),
            )

    def close(self) -> None:
        """Closes the file."""
        self._db.close()


def _arrival(row: Sequence[Any]) -> Arrival:
    return Arrival(**dict(zip(Arrival.__struct_fields__, row, strict=True)))
