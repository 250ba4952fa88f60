"""Queues as a customer's consumer reads them: by the official queue SDK."""

import json
from typing import Any

from mns.account import Account
from mns.mns_exception import MNSServerException
from mns.queue import Queue

from tests.sdk.callers import Sandbox

STATUS, INBOUND, AUDIT = "ChatAppStatus", "ChatAppInbound", "ChatAppAudit"


def queue_account(address: str, key: str = "sandbox", secret: str = "", token: str = "") -> Account:
    account = Account(address, key, secret or key, token)
    # Else each leaves a connection open that nothing closes.
    account.mns_client.set_keep_alive(False)
    return account


def queue(sandbox: Sandbox, kind: str = STATUS, *, key: str = "sandbox", account: str = "1") -> Queue:
    return queue_account(sandbox.process.address, key).get_queue(f"Alicom-Queue-{account}-{kind}")


def received(of: Queue, most: int = 16, wait: int = -1) -> list[Any]:
    """What a receive gives; nothing when there is nothing."""
    try:
        messages: list[Any] = of.batch_receive_message(most, wait)
    except MNSServerException as refusal:
        if refusal.type != "MessageNotExist":
            raise
        return []
    return messages


def object_of(message: Any) -> dict[str, Any]:
    """The object in a message."""
    body: dict[str, Any] = json.loads(message.message_body)
    return body


def drain(of: Queue) -> list[dict[str, Any]]:
    """Reads and deletes all there is."""
    objects = []
    while messages := received(of):
        objects += [object_of(message) for message in messages]
        of.batch_delete_message([message.receipt_handle for message in messages])
    return objects


def error_of(call: Any, *arguments: Any) -> MNSServerException:
    """How a call is refused."""
    try:
        answer = call(*arguments)
    except MNSServerException as refusal:
        return refusal
    raise AssertionError(f"it was taken: {answer}")
