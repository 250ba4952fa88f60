"""What the outside world remembers, in an SQLite file of its own: messages on phones, and what is untold.

A commit is not flushed to the disk (`synchronous=NORMAL`), yet it survives the death of the process, which
is what the sandbox promises: what a simulated provider answered, it still knows after a `kill -9`.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

_SCHEMA = """
CREATE TABLE IF NOT EXISTS message (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    channel TEXT NOT NULL, sender TEXT NOT NULL, recipient TEXT NOT NULL,
    text TEXT NOT NULL, media TEXT NOT NULL, seq INTEGER, reference TEXT,
    token TEXT NOT NULL, tracking_data TEXT NOT NULL,
    received_at INTEGER, delivered_at INTEGER, read_at INTEGER
);
CREATE INDEX IF NOT EXISTS message_of ON message (recipient, id);
CREATE TABLE IF NOT EXISTS event (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    due INTEGER NOT NULL, recipient TEXT NOT NULL, service_id INTEGER, url TEXT NOT NULL, body TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS busy (fingerprint TEXT PRIMARY KEY, answers INTEGER NOT NULL) WITHOUT ROWID;
"""


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """A message a simulated provider took.

    Attributes:
        channel: which app, or `sms`.
        sender, recipient: as the provider was given them.
        text: what the person reads.
        media: the link of the picture, film or file; empty for none.
        seq, reference: what names the attempt on Waypost's side, whichever the channel has.
        token: the provider's id of the message.
        tracking_data: what comes back with the person's reply.
        received_at, delivered_at, read_at: when the phone's state changes, in milliseconds UTC of business
            time; None for never.
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


class ScheduledCallback(msgspec.Struct, frozen=True, kw_only=True):
    """A callback to make at its time.

    Attributes:
        due: when, in milliseconds UTC of business time.
        recipient: whose message it is about; callbacks about one phone go out one after another.
        service_id: the Viber service whose callback address it goes to; None when `url` is the address.
        url: the address; empty for Viber.
        body: the JSON to POST; empty for a GET.
    """

    due: int
    recipient: str
    service_id: int | None = None
    url: str = ""
    body: str = ""


class Event(msgspec.Struct, frozen=True):
    """A telling that has its place in the order.

    Attributes:
        id: ascending in the order of becoming known.
        callback: what is to be told.
    """

    id: int
    callback: ScheduledCallback


class SandboxStore:
    """The file. Every method that changes it has committed when it returns.

    Args:
        path: the SQLite file, made when it is not there.

    Raises:
        sqlite3.Error: from any method, when the file cannot be read or written.
    """

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(_SCHEMA)

    def keep(
        self, arrival: Arrival | None, callbacks: Sequence[ScheduledCallback], taken_after_busy: str = ""
    ) -> list[Event]:
        """Keeps a message and what is to be told of it, together.

        Args:
            arrival: the message; None when only something is to be told.
            callbacks: in the order in which they are to be told when due at the same time.
            taken_after_busy: the fingerprint whose busy answers are over.

        Returns:
            The tellings with their places.
        """
        events = []
        with self._db:
            if arrival is not None:
                values = msgspec.structs.astuple(arrival)
                self._db.execute(
                    "INSERT INTO message (channel, sender, recipient, text, media, seq, reference, token,"
                    " tracking_data, received_at, delivered_at, read_at) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
                    values,
                )
            for callback in callbacks:
                row = self._db.execute(
                    "INSERT INTO event (due, recipient, service_id, url, body) VALUES (?,?,?,?,?)",
                    msgspec.structs.astuple(callback),
                )
                events.append(Event(row.lastrowid or 0, callback))
            if taken_after_busy:
                self._db.execute("DELETE FROM busy WHERE fingerprint = ?", (taken_after_busy,))
        return events

    def undelivered(self) -> list[Event]:
        """Every event not yet forgotten, by due time and place."""
        rows = self._db.execute(
            "SELECT id, due, recipient, service_id, url, body FROM event ORDER BY due, id"
        )
        return [
            Event(
                place,
                ScheduledCallback(due=due, recipient=recipient, service_id=service_id, url=url, body=body),
            )
            for place, due, recipient, service_id, url, body in rows
        ]

    def forget(self, places: Iterable[int]) -> None:
        """Takes events off: they were told and answered."""
        with self._db:
            self._db.executemany("DELETE FROM event WHERE id = ?", [(place,) for place in places])

    def arrivals(self, recipient: str) -> list[Arrival]:
        """The messages taken for one number, oldest first, whether the phone shows them or not."""
        rows = self._db.execute(
            "SELECT channel, sender, recipient, text, media, seq, reference, token, tracking_data,"
            " received_at, delivered_at, read_at FROM message WHERE recipient = ? ORDER BY id",
            (recipient,),
        )
        fields = Arrival.__struct_fields__
        return [Arrival(**dict(zip(fields, row, strict=True))) for row in rows]

    def busy_answers(self, fingerprint: str) -> int:
        """How often "busy" was answered to this message so far."""
        row = self._db.execute("SELECT answers FROM busy WHERE fingerprint = ?", (fingerprint,)).fetchone()
        return 0 if row is None else int(row[0])

    def count_busy(self, fingerprint: str) -> None:
        """Notes one more "busy" answer to this message."""
        with self._db:
            self._db.execute(
                "INSERT INTO busy VALUES (?, 1)"
                " ON CONFLICT (fingerprint) DO UPDATE SET answers = answers + 1",
                (fingerprint,),
            )

    def clear(self) -> None:
        """Forgets everything. Places go on ascending, so that none is used twice."""
        with self._db:
            for table in ("message", "event", "busy"):
                self._db.execute(f"DELETE FROM {table}")

    def close(self) -> None:
        """Closes the file."""
        self._db.close()
