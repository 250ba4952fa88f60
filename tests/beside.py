"""What tests look up or set up on the data folder of a service beside what they are about, in this process.

The commands that do the same have tests of their own; a start of one takes most of a second, and some tests
ask again and again.
"""

import asyncio
from pathlib import Path

from tests.processes import Running, until
from waypost.commands.api_call import call_api
from waypost.commands.data_folder import open_store, overridden
from waypost.commands.key_entries import Pair, create_key
from waypost.config.loading import load
from waypost.messaging.message_search import find_messages, message_fields
from waypost.storage.message_search import MessageFilter


def make_key(config: Path, account: str = "acme", *, user: str | None = None, id_: str | None = None) -> Pair:
    """A new access key, as `waypost keys create` makes it."""
    return asyncio.run(create_key(load(config, {}), account, user, id_, None, create_store=True))


def make_known_key(config: Path, running: Running) -> Pair:
    """A new access key that a running service knows: it looks for changes some times a second."""
    pair = make_key(config)

    def is_known() -> bool:
        _, answer = call_api(running.address, pair.id, pair.secret, "ListChatappTemplate", {})
        return bool(answer["Code"] != "InvalidAccessKeyId.NotFound")

    until(is_known, what="the new key")
    return pair


def states(config: Path | None = None, *, data: Path | None = None) -> dict[str, str]:
    """The state of each message by its id, as `waypost messages list` has it."""

    async def load_states() -> dict[str, str]:
        async with open_store(overridden(load(config, {}), data)) as store:
            found = [message_fields(one) async for one in find_messages(store, MessageFilter(), limit=10**6)]
        return {str(row["message_id"]): str(row["state"]) for row in found}

    return asyncio.run(load_states())
