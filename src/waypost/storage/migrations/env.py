"""Alembic's entry: runs the migrations on the database that `bring_up_to_date` names."""

from typing import Any

import sqlalchemy as sa
from alembic import context

from waypost.storage.schema import metadata

engine = sa.create_engine(context.config.attributes["url"])


# By default the driver commits each CREATE TABLE; an interrupted start would leave half a schema.
@sa.event.listens_for(engine, "connect")
def _disable_driver_transactions(connection: Any, _: object) -> None:
    connection.isolation_level = None


@sa.event.listens_for(engine, "begin")
def _begin_immediate(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True)
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
