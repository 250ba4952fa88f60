"""Finds a person in all tables: each is read once, from its beginning to its end."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from waypost.model.identifiers import AccountId, MessageId
from waypost.model.message.statuses import INBOUND_KIND
from waypost.model.queues import queue_names
from waypost.storage.erasure import PersonTraces, QueuedTrace
from waypost.storage.rows import Row, encode

Query = Callable[[str, Sequence[Any]], list[Row]]

# ?1 is the addresses as a JSON list; ?2 is the account, or null.
_ANY = "(SELECT value FROM json_each(?1))"
_MESSAGES = f"""SELECT m.message_id FROM message AS m WHERE (?2 IS NULL OR m.account_id = ?2) AND (
    EXISTS (SELECT 1 FROM json_each(?1) AS a WHERE instr(m.body, '"recipient":"' || a.value || '"'))
    OR EXISTS (SELECT 1 FROM leg AS l WHERE l.shard = m.shard AND l.message_id = m.message_id
        AND l.recipient IN {_ANY})
    OR EXISTS (SELECT 1 FROM attempt AS t WHERE t.shard = m.shard AND t.message_id = m.message_id
        AND t.recipient IN {_ANY}))"""
_CALLBACKS = f"""SELECT id, state FROM callback WHERE message_id = '' AND kind = '{INBOUND_KIND}'
    AND (?2 IS NULL OR account_id = ?2)
    AND EXISTS (SELECT 1 FROM json_each(?1) AS a WHERE instr(body, '"' || a.value || '"'))"""
_INBOUND = f"""SELECT id, provider_id FROM inbound_message
    WHERE "user" IN {_ANY} AND (?2 IS NULL OR account_id = ?2)"""
_CLAIMS = "SELECT route, provider_id FROM inbound WHERE provider_id IN (SELECT value FROM json_each(?1))"
_CONVERSATIONS = f'SELECT channel, sender, "user" FROM conversation WHERE "user" IN {_ANY}'
_ADDRESSES = f"SELECT channel, person, spelling FROM address WHERE person IN {_ANY} OR spelling IN {_ANY}"
_QUEUED = """SELECT id, body FROM queue_message
    WHERE (?2 IS NULL OR queue IN (SELECT value FROM json_each(?2)))
    AND EXISTS (SELECT 1 FROM json_each(?1) AS a WHERE instr(body, '"' || a.value || '"'))"""
_WEBHOOKS = """SELECT id FROM rejected_webhook WHERE EXISTS (SELECT 1 FROM json_each(?1) AS a
    WHERE instr(body, CAST(a.value AS BLOB)) OR instr(query, a.value))"""


class _MessageIdOf(msgspec.Struct):
    message_id: MessageId = msgspec.field(name="MessageId", default=MessageId(""))


_decode_id = msgspec.json.Decoder(_MessageIdOf).decode


class PersonTraceReader:
    """`waypost.storage.contract.PersonTraceReader` on SQLite.

    Args:
        query: executes a statement on a connection for long reads.
    """

    def __init__(self, query: Query) -> None:
        self._query = query

    async def other_addresses(self, addresses: Sequence[str]) -> list[str]:
        """How providers spell a person, and the person whom such a spelling is of."""
        rows = await asyncio.to_thread(self._query, _ADDRESSES, (_json(addresses),))
        return [address for _, person, spelling in rows for address in (person, spelling)]

    async def traces_of(self, addresses: Sequence[str], account_id: AccountId | None) -> PersonTraces:
        """Where a person is found; of one account, or everywhere."""
        return await asyncio.to_thread(self._find, addresses, account_id)

    def _find(self, addresses: Sequence[str], account_id: AccountId | None) -> PersonTraces:
        """Where a person is found.

        Args:
            addresses: all spellings of their address.
            account_id: the account whose rows are meant; None for all, and for what belongs to no account.
        """
        of_account = (_json(addresses), account_id)
        of_all = (_json(addresses if account_id is None else ()),)
        inbound = self._query(_INBOUND, of_account)
        claimed = {provider_id for _, provider_id in inbound}
        queues = None if account_id is None else _json(queue_names(account_id))
        return PersonTraces(
            message_ids=[row[0] for row in self._query(_MESSAGES, of_account)],
            callbacks=[row[0] for row in self._query(_CALLBACKS, of_account)],
            inbound_messages=[row[0] for row in inbound],
            claims=[(row[0], row[1]) for row in self._query(_CLAIMS, (_json(sorted(claimed)),))],
            conversations=[(row[0], row[1], row[2]) for row in self._query(_CONVERSATIONS, of_all)],
            addresses=[(row[0], row[1]) for row in self._query(_ADDRESSES, of_all)],
            queued=[
                QueuedTrace(row[0], _decode_id(row[1]).message_id)
                for row in self._query(_QUEUED, (_json(addresses), queues))
            ],
            webhooks=[row[0] for row in self._query(_WEBHOOKS, of_all)],
        )


def _json(values: Sequence[str]) -> str:
    return encode(values).decode()
