"""What erases a person, as SQL."""

from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql import ClauseElement

from waypost.storage.columns import OPT_OUT, PERSONAL_KEYS
from waypost.storage.schema import callback, metadata, sms_count, suppression

P = sa.bindparam


class ErasureStatements:
    """The SQL statements that remove a person.

    Args:
        to_sql: compiles a statement for the dialect of the database.
    """

    def __init__(self, to_sql: Callable[[ClauseElement], str]) -> None:
        # SQLite then overwrites what it frees, so that nothing of it stays in the file.
        self.overwrite = "PRAGMA secure_delete = ON"
        self.callback = to_sql(
            sa.select(callback.c.id, callback.c.body, callback.c.state).where(callback.c.id == P("of_id"))
        )
        self.remove = {
            name: to_sql(sa.delete(table).where(*(table.c[key] == P(f"of_{key}") for key in keys)))
            for name, keys in PERSONAL_KEYS.items()
            for table in (metadata.tables[name],)
        }
        self.remove_sms_counts = to_sql(sa.delete(sms_count).where(sms_count.c.key == P("person")))
        is_of_person = (
            suppression.c.recipient == P("person"),
            sa.or_(P("account_id").is_(None), suppression.c.account_id == P("account_id")),
        )
        self.opt_outs = to_sql(sa.select(*(suppression.c[name] for name in OPT_OUT)).where(*is_of_person))
        self.add_opt_out = to_sql(
            sqlite.insert(suppression).values({name: P(name) for name in OPT_OUT}).on_conflict_do_nothing()
        )
        self.remove_opt_outs = to_sql(sa.delete(suppression).where(*is_of_person))
