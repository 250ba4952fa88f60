"""Alembic's entry: runs the migrations on the database that `bring_up_to_date` names."""

import sqlalchemy as sa
from alembic import context

from waypost.storage.schema import metadata

engine = sa.create_engine(context.config.attributes["url"])
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=metadata)
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
