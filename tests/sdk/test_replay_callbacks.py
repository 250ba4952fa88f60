"""ReplayCallbacks pushes callbacks again: those of one message, or of a stretch of time."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cli.listener import Listener, listening
from tests.processes import start_sandbox, until
from tests.sdk.callers import FREE, Phones, Sandbox
from tests.sdk.operations import assert_alike, own, own_refused
from tests.sdk.queues import drain, queue


@pytest.fixture(scope="module")
def receiver() -> Iterator[Listener]:
    with listening({"code": 0}) as listener:
        yield listener


@pytest.fixture(scope="module")
def pushing(receiver: Listener) -> Iterator[Sandbox]:
    """A sandbox whose accounts push."""
    with start_sandbox(callback_url=receiver.url) as running:
        yield Sandbox(running)


def published(receiver: Listener, message_id: str) -> list[str]:
    return [each["Status"] for each in receiver.objects() if each.get("MessageId") == message_id]


def replayed(sandbox: Sandbox, **params: Any) -> tuple[int, int, str]:
    data = own(sandbox, "ReplayCallbacks", **params)["Data"]
    return data["ReplayedCount"], data["LeftCount"], data["NextToken"]


def test_the_callbacks_of_a_message_are_replayed_in_order(
    pushing: Sandbox, receiver: Listener, phones: Phones
) -> None:
    message_id = pushing.send(**FREE, to=phones.new())
    pushing.advance(5)
    statuses = ["Sent", "Delivered", "Read"]
    assert until(lambda: published(receiver, message_id) == statuses, what="all is pushed")
    assert replayed(pushing, MessageId=message_id) == (3, 0, "")
    assert until(lambda: published(receiver, message_id) == statuses * 2, what="all is pushed again")
    assert replayed(pushing, MessageId=message_id, State="dead") == (0, 0, "")
    assert replayed(pushing, MessageId=message_id, Kind="ChatAppInbound") == (0, 0, "")


def test_a_stretch_of_time_is_replayed_and_nothing_else(
    pushing: Sandbox, receiver: Listener, phones: Phones
) -> None:
    messages, moments = [], []
    for _ in range(3):
        pushing.advance(600)
        moments.append(pushing.process.get("/sandbox/clock")["now"])
        messages.append(pushing.send(**FREE, to=phones.new("0003")))
        pushing.advance(10)
    theirs = pushing.send(key="neighbour", **FREE | {"from_": "30001"}, to=phones.new("0003"))
    pushing.advance(10)
    everyone = [*messages, theirs]
    assert until(lambda: all(len(published(receiver, each)) == 2 for each in everyone), what="all is pushed")
    span = {"StartTime": moments[1], "EndTime": moments[1] + 60_000}
    assert replayed(pushing, **span) == (2, 0, "")
    assert until(lambda: len(published(receiver, messages[1])) == 4, what="it is pushed again")
    assert [len(published(receiver, each)) for each in everyone] == [2, 4, 2, 2]
    # They are delivered once that is written.
    pushing.advance(1)
    assert replayed(pushing, StartTime=moments[0], EndTime=moments[2] + 60_000, State="delivered") == (
        6,
        0,
        "",
    )
    assert replayed(pushing, StartTime=0, EndTime=moments[0] - 300_000 * 10) == (0, 0, "")


def test_what_goes_nowhere_is_left_and_counted(sandbox: Sandbox, phones: Phones) -> None:
    message_id = sandbox.send(**FREE, to=phones.new())
    sandbox.advance(5)
    assert replayed(sandbox, MessageId=message_id) == (0, 3, "")


def test_more_than_one_call_replays_is_replayed_by_further_calls(phones: Phones) -> None:
    with start_sandbox() as running:
        sandbox = Sandbox(running)
        started = time.time_ns() // 1_000_000
        for _ in range(3):
            recipients = [{"To": phones.new("0003"), "TemplateParams": {"name": "Z", "code": "1"}}] * 200
            mass = {"ChannelType": "viber", "From": "20001", "Label": "promotion", "Language": "en"}
            own(
                sandbox,
                "SendChatappMassMessage",
                **mass,
                TemplateCode="sandbox_welcome",
                SenderList=recipients,
            )
        sandbox.advance(30)
        counts, token = [], ""
        while True:
            more = {"NextToken": token} if token else {}
            replays, left, token = replayed(sandbox, StartTime=started - 1000, EndTime=started * 2, **more)
            counts.append(replays + left)
            if not token:
                break
        assert counts == [1000, 200]


def test_a_queue_gets_it_again(phones: Phones) -> None:
    with start_sandbox() as running:
        sandbox = Sandbox(running)
        client = sandbox.client()
        from alibabacloud_cams20200606.models import UpdateAccountWebhookRequest as Change

        client.update_account_webhook(Change(cust_space_id="cams-sandbox", queue_flag="Y", http_flag="N"))
        message_id = sandbox.send(**FREE, to=phones.new())
        sandbox.advance(5)
        statuses = ["Sent", "Delivered", "Read"]
        assert [each["Status"] for each in drain(queue(sandbox))] == statuses
        assert replayed(sandbox, MessageId=message_id) == (3, 0, "")
        assert [each["Status"] for each in drain(queue(sandbox))] == statuses


def test_anothers_message_is_like_none(sandbox: Sandbox, phones: Phones) -> None:
    message_id, absent_id = sandbox.send(**FREE, to=phones.new()), "2026112303460800000100000"
    foreign = own_refused(sandbox, "ReplayCallbacks", key="neighbour", MessageId=message_id)
    absent = own_refused(sandbox, "ReplayCallbacks", key="neighbour", MessageId=absent_id)
    assert_alike(foreign, absent, message_id, absent_id)


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({}, "MissingStartTime"),
        ({"StartTime": 1}, "MissingEndTime"),
        ({"StartTime": "", "EndTime": 2}, "MissingStartTime"),
        ({"StartTime": 1, "EndTime": 2, "State": "waiting"}, "InvalidState"),
        ({"StartTime": 1, "EndTime": 2, "Kind": "x"}, "InvalidKind"),
        ({"StartTime": 1, "EndTime": 2, "NextToken": "x"}, "InvalidNextToken"),
    ],
)
def test_a_bad_call(sandbox: Sandbox, params: dict[str, Any], code: str) -> None:
    assert own_refused(sandbox, "ReplayCallbacks", **params).code == code
