"""Restores a database from a backup, so that nothing is sent a second time without a word.

Whatever waited to be sent when the backup was made, a service that ran on afterwards has sent: after the loss
of a disk that is so, after a move to another machine it is not. Only the operator knows, and has to say it.
"""

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from waypost.model.message.waiting import Waiting
from waypost.model.message.work import TimerKind
from waypost.storage.database_copy import CopyError, copy_database, sync
from waypost.storage.migrations import UnusableDatabaseError, bring_up_to_date
from waypost.storage.private_files import make_private_folder

_COMPANIONS = ("", "-wal", "-shm")
_OPEN = "('queued', 'submitting', 'in_doubt')"
_OPEN_OR_SENT = "('queued', 'submitting', 'in_doubt', 'sent')"
_FALLBACK_TIMER = f"stage = 'timer' AND body ->> '$.kind' = '{TimerKind.FALLBACK.value}'"
_OF_MESSAGE = "leg.shard = message.shard AND leg.message_id = message.message_id"
_NOTE = "restored from a backup: it may have been sent since then, and is not sent again"

_DROP = (
    "INSERT INTO event (shard, message_id, leg, at, kind, text)"
    f" SELECT shard, message_id, leg, :now, 'note', :note FROM leg WHERE state IN {_OPEN}",
    "UPDATE attempt SET outcome = 'unknown', ended_at = :now WHERE outcome = 'under_way'",
    # Of a fallback only the steps stay that have a leg: no other one starts, whatever becomes of those.
    "UPDATE message SET body = json_set(body, '$.fallback.steps', json((SELECT json_group_array(json(value))"
    " FROM json_each(message.body, '$.fallback.steps') WHERE key <"
    f" (SELECT max(leg.leg) FROM leg WHERE {_OF_MESSAGE}))))"
    " WHERE body ->> '$.fallback' IS NOT NULL AND"
    f" (EXISTS (SELECT 1 FROM leg WHERE {_OF_MESSAGE} AND leg.state IN {_OPEN_OR_SENT}) OR EXISTS"
    " (SELECT 1 FROM journal WHERE stage = 'timer' AND journal.message_id = message.message_id))",
    f"UPDATE leg SET state = 'in_doubt', updated_at = :now WHERE state IN {_OPEN}",
    f"DELETE FROM journal WHERE stage = 'dispatch' OR ({_FALLBACK_TIMER})",
)


class WaitingWork(NamedTuple):
    """What a backup holds that would send something.

    Attributes:
        to_send: messages that wait to be sent, or whose request was under way.
        to_fall_back: messages that would fall back to another channel.
        to_push: messages with callbacks that wait to be pushed.
    """

    to_send: int
    to_fall_back: int
    to_push: int


class RestoreError(Exception):
    """The backup is not restored, and nothing was changed; the message has the reason and the remedy."""


class UndecidedError(RestoreError):
    """Messages wait to be sent, and it is not known whether they were.

    Attributes:
        work: how many.
    """

    def __init__(self, work: WaitingWork) -> None:
        super().__init__(
            f"messages that were still to be sent when the backup was made: {work.to_send}; that could still "
            f"fall back to another channel: {work.to_fall_back}. A service that ran on after the backup has "
            "sent them: then give --waiting drop, and they are not sent again. If none ran since, give "
            "--waiting send"
        )
        self.work = work


def restore_database(backup: Path, database: Path, waiting: Waiting | None, now: int) -> WaitingWork:
    """Restores a backup, of this or an older Waypost, as the database of a folder that has none.

    Args:
        waiting: what becomes of messages that were still to be sent; None if nobody has decided.
        now: milliseconds UTC.

    Returns:
        What the backup holds that waits.

    Raises:
        UndecidedError: messages wait to be sent, and nobody has decided what becomes of them.
        RestoreError: there is a database already, or the file is no backup of Waypost.
    """
    for companion in _COMPANIONS:
        if (found := database.with_name(database.name + companion)).exists():
            raise RestoreError(f"{found} exists. Restore into another folder, or move it away first")
    if not backup.is_file():
        raise RestoreError(f"{backup}: there is no such file")
    make_private_folder(database.parent)
    unfinished = database.with_name(f"{database.name}.restoring")
    try:
        _copy_of(backup, unfinished)
        work = _prepare(unfinished, waiting, now)
        os.replace(unfinished, database)
        sync(database.parent)
    except OSError as error:
        raise RestoreError(f"{database}: {error.strerror}") from None
    finally:
        for left in unfinished.parent.glob(f"{unfinished.name}*"):
            left.unlink()
    return work


def _copy_of(backup: Path, target: Path) -> None:
    try:
        copy_database(backup, target)
        with closing(sqlite3.connect(target)) as connection:
            [state] = connection.execute("PRAGMA quick_check(1)").fetchone()
            names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
        if state != "ok":
            raise RestoreError(f"{backup}: is damaged: {state}. Take an older backup")
        if "alembic_version" not in names:
            raise RestoreError(f"{backup}: is no database of Waypost")
        bring_up_to_date(target)
    except UnusableDatabaseError as error:
        raise RestoreError(str(error).replace(str(target), str(backup))) from None
    except (CopyError, sqlite3.Error) as error:
        raise RestoreError(f"{backup}: cannot be restored: {error}") from None


def _prepare(path: Path, waiting: Waiting | None, now: int) -> WaitingWork:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        work = _waiting_work(connection)
        if waiting is None and (work.to_send or work.to_fall_back):
            raise UndecidedError(work)
        connection.execute("BEGIN")
        if waiting is Waiting.DROP:
            _drop(connection, now)
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode = DELETE")
    sync(path)
    return work


def _waiting_work(connection: sqlite3.Connection) -> WaitingWork:
    counts = [
        connection.execute(f"SELECT count(DISTINCT message_id) FROM journal WHERE {of}").fetchone()[0]
        for of in ("stage = 'dispatch'", _FALLBACK_TIMER, "stage = 'callback'")
    ]
    return WaitingWork(*counts)


def _drop(connection: sqlite3.Connection, now: int) -> None:
    """Lets nothing of the backup be sent: what waits is in doubt, and ends by its time to live."""
    for statement in _DROP:
        connection.execute(statement, {"now": now, "note": _NOTE})
