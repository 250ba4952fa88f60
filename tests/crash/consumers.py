"""Consumers that read a queue by the official SDK whatever happens, and remember what they got."""

import threading
from typing import Any

import msgspec
from mns.account import Account
from mns.mns_exception import MNSClientNetworkException, MNSServerException

_NETWORK = "NetWorkException"


class Consumed(msgspec.Struct):
    """What came out of a queue.

    Attributes:
        bodies: by the queue's MessageId.
        deleted: of each message whose delete was acknowledged, how often it had been received then.
        came_back: messages that were received after their delete was acknowledged.
    """

    bodies: dict[str, bytes] = {}
    deleted: dict[str, int] = {}
    came_back: list[str] = []

    def receive(self, message: Any) -> None:
        """Records a receive; it may be recorded late, but its count shows whether it came after a delete."""
        self.bodies[message.message_id] = message.message_body
        if message.dequeue_count > self.deleted.get(message.message_id, message.dequeue_count):
            self.came_back.append(message.message_id)


class Consumers:
    """Some consumers at once, each receiving and deleting batches until the connection is lost."""

    def __init__(self, port: int, queue: str, at_once: int, consumed: Consumed) -> None:
        self._address = f"http://127.0.0.1:{port}"
        self._queue = queue
        self._consumed = consumed
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._read_on) for _ in range(at_once)]

    def start(self) -> None:
        """Begins to read."""
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        """Returns when every consumer has lost its connection."""
        for thread in self._threads:
            thread.join(60)
            assert not thread.is_alive()

    def drain(self) -> None:
        """Reads until the queue is empty."""
        while self._idempotent(wait=-1):
            pass

    def _read_on(self) -> None:
        try:
            while True:
                self._idempotent(wait=1)
        except MNSClientNetworkException as lost:
            if lost.type != _NETWORK:
                raise

    def _idempotent(self, wait: int) -> bool:
        """Receives and deletes once; whether there was anything."""
        account = Account(self._address, "sandbox", "sandbox")
        account.mns_client.set_keep_alive(False)
        queue = account.get_queue(self._queue)
        try:
            messages = queue.batch_receive_message(16, wait)
        except MNSServerException as refusal:
            if refusal.type != "MessageNotExist":
                raise
            return False
        with self._lock:
            for message in messages:
                self._consumed.receive(message)
        undeleted: set[str] = set()
        try:
            queue.batch_delete_message([message.receipt_handle for message in messages])
        except MNSServerException as refusal:
            # Its time was over: somebody else gets it.
            undeleted = {error["ReceiptHandle"] for error in refusal.sub_errors}
        with self._lock:
            for message in messages:
                if message.receipt_handle not in undeleted:
                    self._consumed.deleted[message.message_id] = message.dequeue_count
        return True
