"""The operations of the queue service: listing queues; receiving, hiding and deleting messages.

Parameters: the official client `aliyun-mns-sdk`, `mns_client.py`.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from waypost.api.queues import wire
from waypost.api.queues.call import QueueCall, QueueTarget
from waypost.api.queues.errors import QueueError
from waypost.api.queues.receiver import QueueReceiver
from waypost.clock import Clock
from waypost.model.identifiers import AccountId
from waypost.model.queues import queue_names
from waypost.storage.contract import Store

MOST_MESSAGES = 16
"""The largest number of messages that one call can receive, peek at or delete."""
LONGEST_POLL_S = 30
"""The longest time that a receive can wait for a message, in seconds."""
LONGEST_VISIBILITY_TIMEOUT_S = 43_200
"""The longest time for which a message can be hidden, in seconds."""

_LARGEST_LIST = 1000
_LARGEST_MESSAGE = 65_536


class QueueAnswer(NamedTuple):
    """The answer of an operation: an HTTP status, and XML or an empty body."""

    status: int
    xml: str = ""


class QueueOperations:
    """Carries out the operations on an account's queues."""

    def __init__(self, store: Store, clock: Clock, receiver: QueueReceiver) -> None:
        self._store = store
        self._clock = clock
        self._receiver = receiver

    async def carry_out(
        self, call: QueueCall, target: QueueTarget, account_id: AccountId, base_url: str
    ) -> QueueAnswer:
        """Carries out an authorised call.

        Args:
            account_id: the account of the caller, which owns the queue.
            base_url: the prefix of the URLs of queues.

        Raises:
            QueueError: a parameter is invalid, or there is no such message.
        """
        query, queue = call.query, target.queue
        match target.operation:
            case "ListQueue":
                return await self._list_queues(call.headers, account_id, base_url)
            case "GetQueueAttributes":
                return QueueAnswer(200, wire.attributes_xml(await self._queue_attributes(queue)))
            case "PeekMessage" | "BatchPeekMessage":
                return await self._peek_messages(queue, query)
            case "ReceiveMessage" | "BatchReceiveMessage":
                return await self._receive_messages(queue, query)
            case "ChangeMessageVisibility":
                return await self._change_visibility(queue, query)
            case "DeleteMessage":
                return await self._delete_message(queue, query)
            case _:
                return await self._delete_messages(queue, wire.handles_of_body(call.body, MOST_MESSAGES))

    async def _list_queues(
        self, headers: Mapping[str, str], account_id: AccountId, base_url: str
    ) -> QueueAnswer:
        params = {name.removeprefix("x-mns-"): value for name, value in headers.items()}
        size = _number_parameter(params, "ret-number", 1, _LARGEST_LIST, _LARGEST_LIST)
        prefix, marker = params.get("prefix", ""), params.get("marker", "")
        names = [name for name in queue_names(account_id) if name.startswith(prefix) and name >= marker]
        rows: list[dict[str, Any]] = []
        for name in names[:size]:
            row: dict[str, Any] = {"QueueURL": f"{base_url}/queues/{name}"}
            if params.get("with-meta", "").lower() == "true":
                row |= await self._queue_attributes(name)
            rows.append(row)
        return QueueAnswer(200, wire.queues_xml(rows, names[size] if len(names) > size else ""))

    async def _queue_attributes(self, queue: str) -> dict[str, object]:
        now, expired = self._clock.now(), self._receiver.expired
        active, inactive = await self._store.queues.counts(queue, now=now, expired=expired)
        return {
            "QueueName": queue,
            "CreateTime": 0,
            "LastModifyTime": 0,
            "VisibilityTimeout": self._receiver.visibility_timeout // 1000,
            "MaximumMessageSize": _LARGEST_MESSAGE,
            "MessageRetentionPeriod": self._receiver.retention // 1000,
            "DelaySeconds": 0,
            "PollingWaitSeconds": 0,
            "ActiveMessages": active,
            "InactiveMessages": inactive,
            "DelayMessages": 0,
            "LoggingEnabled": False,
        }

    async def _peek_messages(self, queue: str, query: Mapping[str, str]) -> QueueAnswer:
        limit = _number_parameter(query, "numofmessages", 1, MOST_MESSAGES, 1)
        now, expired = self._clock.now(), self._receiver.expired
        messages = await self._store.queues.peek(queue, limit, now=now, expired=expired)
        if not messages:
            raise QueueError("MessageNotExist")
        return QueueAnswer(200, wire.messages_xml(messages, batch="numofmessages" in query, peeked=True))

    async def _receive_messages(self, queue: str, query: Mapping[str, str]) -> QueueAnswer:
        limit = _number_parameter(query, "numofmessages", 1, MOST_MESSAGES, 1)
        wait_s = _number_parameter(query, "waitseconds", 0, LONGEST_POLL_S, 0)
        messages = await self._receiver.receive(queue, limit, wait_s)
        if not messages:
            raise QueueError("MessageNotExist")
        return QueueAnswer(200, wire.messages_xml(messages, batch="numofmessages" in query, peeked=False))

    async def _change_visibility(self, queue: str, query: Mapping[str, str]) -> QueueAnswer:
        handle = _handle_parameter(query)
        if not query.get("visibilitytimeout"):
            raise QueueError("MissingVisibilityTimeout")
        timeout_s = _number_parameter(query, "visibilitytimeout", 0, LONGEST_VISIBILITY_TIMEOUT_S, 0)
        now = self._clock.now()
        until = now + 1000 * timeout_s
        turn = await self._store.transact(
            lambda tx: tx.queues.hide(queue, handle.id, handle.turn, now=now, until=until), bounded=True
        )
        if turn is None:
            raise QueueError("MessageNotExist")
        return QueueAnswer(200, wire.visibility_xml(wire.ReceiptHandle(handle.id, turn), until))

    async def _delete_message(self, queue: str, query: Mapping[str, str]) -> QueueAnswer:
        handle, now = _handle_parameter(query), self._clock.now()
        deleted = await self._store.transact(
            lambda tx: tx.queues.delete(queue, handle.id, handle.turn, now=now), bounded=True
        )
        if not deleted:
            raise QueueError("MessageNotExist")
        return QueueAnswer(204)

    async def _delete_messages(self, queue: str, texts: list[str]) -> QueueAnswer:
        errors: dict[str, QueueError] = {}
        handles: dict[str, wire.ReceiptHandle] = {}
        for text in texts:
            try:
                handles[text] = wire.parse_handle(text)
            except QueueError as error:
                errors[text] = QueueError(error.code)
        now = self._clock.now()
        deleted = await self._store.transact(
            lambda tx: {
                text: tx.queues.delete(queue, handle.id, handle.turn, now=now)
                for text, handle in handles.items()
            },
            bounded=True,
        )
        errors |= {text: QueueError("MessageNotExist") for text, is_done in deleted.items() if not is_done}
        if errors:
            return QueueAnswer(404, wire.delete_errors_xml(errors))
        return QueueAnswer(204)


def _handle_parameter(query: Mapping[str, str]) -> wire.ReceiptHandle:
    """Parses the receipt handle of a call.

    Raises:
        QueueError: MissingReceiptHandle or ReceiptHandleError.
    """
    text = query.get("receipthandle")
    if not text:
        raise QueueError("MissingReceiptHandle")
    return wire.parse_handle(text)


def _number_parameter(params: Mapping[str, str], name: str, low: int, high: int, default: int) -> int:
    """Parses an integer parameter from `low` to `high`; returns the default when it is absent.

    Raises:
        QueueError: InvalidArgument.
    """
    text = params.get(name)
    if text is None:
        return default
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else -1
    if not low <= number <= high:
        raise QueueError("InvalidArgument", f"The value of {name} should between {low} and {high}.")
    return number
