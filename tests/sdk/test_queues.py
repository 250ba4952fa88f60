"""Queue mode: the official queue SDK receives the callbacks of messages that the official SDK sent."""

import signal
import threading
import time
import warnings
from contextlib import closing
from email.utils import formatdate
from http.client import HTTPConnection
from typing import Any

import pytest
from alibabacloud_cams20200606 import models
from mns.account import Account
from mns.queue import Message, Queue, QueueMeta

from tests.processes import start_sandbox
from tests.sdk.access import assumed, policy, role_with, user_with
from tests.sdk.callers import FREE, Phones, Sandbox
from tests.sdk.operations import call
from tests.sdk.queues import (
    AUDIT,
    INBOUND,
    STATUS,
    drain,
    error_of,
    object_of,
    queue,
    queue_account,
    received,
)
from waypost.api.signatures import mns

HIDDEN = 30
RETENTION = 4 * 86_400


@pytest.fixture
def space(sandbox: Sandbox) -> str:
    """A space whose receipts are put in queues."""
    made = call(sandbox, "create_instance", channel_type="VIBER", instance_name="Queued")
    space = str(made["Data"]["InstanceId"])
    call(sandbox, "update_account_webhook", cust_space_id=space, queue_flag="Y")
    return space


@pytest.fixture
def statuses(sandbox: Sandbox, space: str) -> Queue:
    """The status queue, empty."""
    of = queue(sandbox)
    sandbox.advance(HIDDEN + 1)
    drain(of)
    return of


def sent(sandbox: Sandbox, phones: Phones, space: str, count: int = 1) -> list[str]:
    """Messages that come to Sent and Delivered."""
    ids = [sandbox.send(**FREE, to=phones.new("0003"), cust_space_id=space) for _ in range(count)]
    sandbox.advance(5)
    return ids


def test_statuses_come_one_object_to_a_message(
    sandbox: Sandbox, phones: Phones, space: str, statuses: Queue
) -> None:
    [message_id] = sent(sandbox, phones, space)
    objects = drain(statuses)
    assert [(one["MessageId"], one["Status"]) for one in objects] == [
        (message_id, "Sent"),
        (message_id, "Delivered"),
    ]
    assert objects == sandbox.callbacks(message_id)
    assert received(statuses) == []


def test_a_received_message_is_hidden_until_its_time_has_passed(
    sandbox: Sandbox, phones: Phones, space: str, statuses: Queue
) -> None:
    sent(sandbox, phones, space)
    first = received(statuses)
    assert [message.dequeue_count for message in first] == [1, 1]
    assert received(statuses) == []
    # The clock runs by itself, too: on a busy machine a second is not long.
    sandbox.advance(HIDDEN - 10)
    assert received(statuses) == []
    sandbox.advance(11)
    again = received(statuses)
    assert [message.message_id for message in again] == [message.message_id for message in first]
    assert [message.dequeue_count for message in again] == [2, 2]
    assert again[0].first_dequeue_time == first[0].first_dequeue_time
    assert again[0].enqueue_time == first[0].enqueue_time
    for stale in first:
        assert error_of(statuses.delete_message, stale.receipt_handle).type == "MessageNotExist"
    for message in again:
        statuses.delete_message(message.receipt_handle)
    sandbox.advance(HIDDEN + 1)
    assert received(statuses) == []


def test_visibility_is_changed_and_gives_a_new_handle(
    sandbox: Sandbox, phones: Phones, space: str, statuses: Queue
) -> None:
    sent(sandbox, phones, space)
    message = statuses.receive_message()
    changed = statuses.change_message_visibility(message.receipt_handle, 600)
    assert changed.receipt_handle != message.receipt_handle
    assert int(changed.next_visible_time) > message.next_visible_time
    stale = error_of(statuses.change_message_visibility, message.receipt_handle, 600)
    assert (stale.type, stale.request_id != "") == ("MessageNotExist", True)
    sandbox.advance(HIDDEN + 1)
    assert message.message_id not in {one.message_id for one in received(statuses)}
    statuses.delete_message(changed.receipt_handle)
    assert error_of(statuses.delete_message, changed.receipt_handle).type == "MessageNotExist"


def test_a_handle_is_over_when_its_message_is_visible_again(
    sandbox: Sandbox, phones: Phones, space: str, statuses: Queue
) -> None:
    sent(sandbox, phones, space)
    message = statuses.receive_message()
    sandbox.advance(HIDDEN + 1)
    assert error_of(statuses.delete_message, message.receipt_handle).type == "MessageNotExist"
    assert message.message_id in {one.message_id for one in received(statuses)}


def test_a_poll_waits_until_something_comes(
    sandbox: Sandbox, phones: Phones, space: str, statuses: Queue
) -> None:
    got: list[Any] = []
    poll = threading.Thread(target=lambda: got.extend(received(queue(sandbox), 16, 20)))
    poll.start()
    [message_id] = sent(sandbox, phones, space)
    poll.join(10)
    assert not poll.is_alive(), "the poll was not woken"
    assert object_of(got[0])["MessageId"] == message_id


def test_a_poll_is_woken_by_time_that_passes(
    sandbox: Sandbox, phones: Phones, space: str, statuses: Queue
) -> None:
    sent(sandbox, phones, space)
    hidden = {message.message_id for message in received(statuses)}
    got: list[Any] = []
    poll = threading.Thread(target=lambda: got.extend(received(queue(sandbox), 16, 20)))
    poll.start()
    sandbox.advance(HIDDEN + 1)
    poll.join(10)
    assert not poll.is_alive(), "the poll was not woken"
    assert {message.message_id for message in got} == hidden


def test_what_is_in_the_queue_can_be_looked_at(
    sandbox: Sandbox, phones: Phones, space: str, statuses: Queue
) -> None:
    assert error_of(statuses.peek_message).type == "MessageNotExist"
    sent(sandbox, phones, space)
    assert object_of(statuses.peek_message())["Status"] == "Sent"
    assert [object_of(one)["Status"] for one in statuses.batch_peek_message(16)] == ["Sent", "Delivered"]
    assert [message.dequeue_count for message in received(statuses, 1)] == [1]
    assert [object_of(one)["Status"] for one in statuses.batch_peek_message(16)] == ["Delivered"]


def test_the_attributes_count(sandbox: Sandbox, phones: Phones, space: str, statuses: Queue) -> None:
    sent(sandbox, phones, space)
    received(statuses, 1)
    with warnings.catch_warnings():
        # The SDK warns of members that it fills in itself.
        warnings.simplefilter("ignore")
        attributes = statuses.get_attributes()
    assert (attributes._active_messages, attributes._inactive_messages) == (1, 1)
    assert (attributes.visibility_timeout, attributes.message_retention_period) == (HIDDEN, RETENTION)
    assert attributes.queue_name == statuses.queue_name


def test_what_nobody_reads_is_gone_when_its_retention_ends(
    sandbox: Sandbox, phones: Phones, space: str, statuses: Queue
) -> None:
    sent(sandbox, phones, space)
    sandbox.advance(RETENTION - 60)
    assert len(received(statuses)) == 2
    sandbox.advance(120)
    assert received(statuses) == []


def test_a_batch_is_deleted_as_far_as_its_handles_hold(
    sandbox: Sandbox, phones: Phones, space: str, statuses: Queue
) -> None:
    sent(sandbox, phones, space, 2)
    handles = [message.receipt_handle for message in received(statuses)]
    statuses.delete_message(handles[0])
    refusal = error_of(statuses.batch_delete_message, [*handles, "nonsense"])
    assert {(one["ReceiptHandle"], one["ErrorCode"]) for one in refusal.sub_errors} == {
        (handles[0], "MessageNotExist"),
        ("nonsense", "ReceiptHandleError"),
    }
    sandbox.advance(HIDDEN + 1)
    assert received(statuses) == []


def test_replies_and_reviews_have_queues_of_their_own(sandbox: Sandbox, phones: Phones) -> None:
    inbound, audits = queue(sandbox, INBOUND), queue(sandbox, AUDIT)
    drain(inbound)
    drain(audits)
    call(sandbox, "update_account_webhook", cust_space_id="cams-sandbox", queue_flag="Y")
    try:
        phone = phones.new()
        sandbox.send(**FREE, to=phone)
        sandbox.advance(5)
        sandbox.process.post(f"/sandbox/phones/{phone}/reply", {"text": "Thank you"})
        call(
            sandbox,
            "create_chatapp_template",
            template_type="VIBER",
            category="text",
            name=f"queued_{phone}",
            language="en",
            components=[models.CreateChatappTemplateRequestComponents(type="BODY", text="Hello")],
        )
        sandbox.advance(5)
        [review] = [object_of(message) for message in received(audits, wait=5)]
    finally:
        call(sandbox, "update_account_webhook", cust_space_id="cams-sandbox", queue_flag="N")
    assert review["WaypostTemplateName"] == f"queued_{phone}"
    assert [(one["From"], one["Message"]) for one in drain(inbound)] == [(phone, "Thank you")]


def test_both_ways_may_be_on_at_once(sandbox: Sandbox, phones: Phones, space: str, statuses: Queue) -> None:
    nowhere = "http://127.0.0.1:9/status"
    call(sandbox, "update_account_webhook", cust_space_id=space, http_flag="Y", status_callback_url=nowhere)
    [message_id] = sent(sandbox, phones, space)
    assert {one["MessageId"] for one in drain(statuses)} == {message_id}
    pushed = sandbox.process.get(f"/sandbox/callbacks?message_id={message_id}")["callbacks"]
    assert {(one["url"], one["state"]) for one in pushed} == {(nowhere, "waiting")}


def test_the_queues_are_listed_by_name(sandbox: Sandbox) -> None:
    account = queue_account(sandbox.process.address)
    names = [f"Alicom-Queue-1-{kind}" for kind in sorted((STATUS, INBOUND, AUDIT))]
    urls, marker = account.list_queue(ret_number=2)
    assert [url.rpartition("/")[2] for url in urls] == names[:2]
    assert all(url.startswith(sandbox.process.address) for url in urls)
    more, end = account.list_queue(marker=marker)
    assert ([url.rpartition("/")[2] for url in more], end) == (names[2:], "")
    prefixed, _ = account.list_queue(prefix="Alicom-Queue-1-ChatAppS")
    assert [url.rpartition("/")[2] for url in prefixed] == [f"Alicom-Queue-1-{STATUS}"]


@pytest.mark.parametrize("name", ["Alicom-Queue-1-ChatAppStatus", "Alicom-Queue-9-ChatAppStatus", "shop"])
def test_anothers_queue_is_like_none(sandbox: Sandbox, name: str) -> None:
    theirs = queue_account(sandbox.process.address, "neighbour").get_queue(name)
    handle = "1-1-1"
    refusals = [
        error_of(theirs.receive_message),
        error_of(theirs.peek_message),
        error_of(theirs.get_attributes),
        error_of(theirs.delete_message, handle),
        error_of(theirs.batch_delete_message, [handle]),
        error_of(theirs.change_message_visibility, handle, 5),
        error_of(theirs.send_message, Message("x")),
        error_of(theirs.delete),
        error_of(theirs.set_attributes, QueueMeta()),
    ]
    assert {(refusal.type, refusal.message) for refusal in refusals} == {
        ("QueueNotExist", "The queue name you provided is not exist.")
    }


def test_only_waypost_makes_fills_and_removes_queues(sandbox: Sandbox, statuses: Queue) -> None:
    account = queue_account(sandbox.process.address)
    refusals = [
        error_of(account.get_queue("mine").create, QueueMeta()),
        error_of(statuses.create, QueueMeta()),
        error_of(statuses.delete),
        error_of(statuses.set_attributes, QueueMeta()),
        error_of(statuses.send_message, Message("x")),
        error_of(statuses.batch_send_message, [Message("x")]),
    ]
    assert {refusal.type for refusal in refusals} == {"AccessDenied"}


@pytest.mark.parametrize(
    ("key", "secret", "code"),
    [
        ("nobody", "", "InvalidAccessKeyId"),
        ("STS.nobody", "", "InvalidAccessKeyId"),
        ("sandbox", "wrong", "SignatureDoesNotMatch"),
        ("denied", "", "AccessDenied"),
    ],
)
def test_who_may_not(sandbox: Sandbox, key: str, secret: str, code: str) -> None:
    account: Account = queue_account(sandbox.process.address, key, secret)
    assert error_of(account.get_queue("Alicom-Queue-1-ChatAppStatus").receive_message).type == code


def test_a_user_and_a_session_may_do_what_their_policies_allow(sandbox: Sandbox) -> None:
    statuses, replies = f"Alicom-Queue-1-{STATUS}", f"Alicom-Queue-1-{INBOUND}"
    reading = policy("mns:PeekMessage", Resource=f"acs:mns:*:1:/queues/{statuses}/messages")
    _, user = user_with(sandbox, reading, policy("sts:AssumeRole"))
    session = assumed(sandbox, user, role_with(sandbox, reading))
    for who in (user, session):
        account = queue_account(sandbox.process.address, *who)
        drain(queue(sandbox))
        assert error_of(account.get_queue(statuses).peek_message).type == "MessageNotExist"
        assert error_of(account.get_queue(statuses).receive_message).type == "AccessDenied"
        assert error_of(account.get_queue(replies).peek_message).type == "AccessDenied"
    without_token = queue_account(sandbox.process.address, session.key, session.secret)
    assert error_of(without_token.get_queue(statuses).peek_message).type == "InvalidAccessKeyId"
    of_another = queue_account(sandbox.process.address, user.key, user.secret, session.token)
    assert error_of(of_another.get_queue(statuses).peek_message).type == "InvalidAccessKeyId"


def test_what_is_out_of_range(sandbox: Sandbox, statuses: Queue) -> None:
    assert error_of(statuses.batch_receive_message, 17).type == "InvalidArgument"
    assert error_of(statuses.receive_message, 31).type == "InvalidArgument"
    assert error_of(statuses.delete_message, "nonsense").type == "ReceiptHandleError"
    assert error_of(statuses.batch_delete_message, ["1-1-1"] * 17).type == "InvalidArgument"


def test_a_stop_ends_the_polls_and_answers_them() -> None:
    target = "/queues/Alicom-Queue-1-ChatAppStatus/messages?waitseconds=30"
    headers = {"date": formatdate(usegmt=True)}
    signature = mns.sign(mns.prepare("sandbox"), mns.string_to_sign("GET", headers, target))
    with start_sandbox() as running, closing(HTTPConnection(running.endpoint, timeout=30)) as poll:
        poll.request("GET", target, headers=headers | {"authorization": f"MNS sandbox:{signature}"})
        # An answer that comes after the poll was sent proves that the server has the poll, too.
        assert running.get("/healthz")["status"] == "ok"
        began = time.monotonic()
        running.process.send_signal(signal.SIGTERM)
        answer = poll.getresponse()
        assert (answer.status, b"MessageNotExist" in answer.read()) == (404, True)
        assert running.stop() == 0
        assert time.monotonic() - began < 10
