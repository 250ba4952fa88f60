"""What goes wrong on demand: with calls, as the official SDK sees it, at providers, at customers' URLs."""

import time
from contextlib import suppress
from typing import Any

import pytest
from alibabacloud_cams20200606 import models
from alibabacloud_cams20200606.client import Client
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from alibabacloud_tea_openapi.models import Config
from darabonba.policy.retry import RetryOptions
from darabonba.runtime import RuntimeOptions

from tests.sdk.callers import FREE
from waypost.testing import Sandbox, sandbox

PHONE = "4915112345678"


def send(made: Sandbox, to: str = PHONE, *, tries: int = 1, read_timeout: int = 10_000, **more: Any) -> str:
    """Sends by the official SDK, which tries again what its network fails at."""
    condition = {"exception": ["RetryError"], "maxAttempts": tries}
    config = Config(
        access_key_id=made.access_key_id,
        access_key_secret=made.access_key_secret,
        endpoint=made.endpoint,
        protocol="http",
        retry_options=RetryOptions({"retryable": tries > 1, "retryCondition": [condition]}),
    )
    request = models.SendChatappMessageRequest(**FREE | more, to=to)
    runtime = RuntimeOptions(read_timeout=read_timeout)
    return str(Client(config).send_chatapp_message_with_options(request, runtime).body.message_id)


def test_the_sdk_gives_up_a_call_that_is_to_time_out_and_it_is_not_carried_out(made: Sandbox) -> None:
    made.fail_next("timeout")
    with pytest.raises(Exception, match=r"(?i)timed out"):
        send(made, read_timeout=300)
    assert made.messages == []
    send(made)
    assert len(made.messages) == 1


def test_the_sdk_tries_again_after_a_timeout(made: Sandbox) -> None:
    made.fail_next("timeout", count=2)
    send(made, tries=3, read_timeout=300)
    assert len(made.messages) == 1


def test_a_held_call_is_cut_off_in_the_end(made: Sandbox) -> None:
    made.fail_next("timeout", seconds=0.2)
    with pytest.raises(Exception, match=r"(?i)connection"):
        send(made)
    assert made.messages == []


def test_a_dropped_call_is_a_connection_error_and_was_not_carried_out(made: Sandbox) -> None:
    made.fail_next("drop")
    with pytest.raises(Exception, match=r"(?i)connection"):
        send(made)
    assert made.messages == []
    made.fail_next("drop")
    send(made, tries=2)
    assert len(made.messages) == 1


def test_of_a_call_whose_answer_is_lost_the_message_is_there(made: Sandbox) -> None:
    made.fail_next("lose_answer")
    with pytest.raises(Exception, match=r"(?i)connection"):
        send(made)
    assert [message.to for message in made.messages] == [PHONE]
    assert [call.code for call in made.calls] == ["OK"]


def test_a_throttled_call_has_the_code_of_the_limit(made: Sandbox) -> None:
    made.fail_next("throttle", operation="SendChatappMessage")
    with pytest.raises(AlibabaCloudException) as refused:
        send(made)
    assert (refused.value.code, refused.value.status_code) == ("System.LimitControl", 400)


def test_a_call_uses_up_one_disruption(made: Sandbox) -> None:
    made.fail_next("lose_answer")
    made.fail_next("throttle")
    with pytest.raises(Exception, match=r"(?i)connection"):
        send(made)
    assert [call.code for call in made.calls] == ["OK"]
    with pytest.raises(AlibabaCloudException, match="LimitControl"):
        send(made)


def test_calls_fail_in_the_order_in_which_it_was_ordered(made: Sandbox) -> None:
    made.fail_next("Product.Unsubscript")
    made.fail_next("drop")
    with pytest.raises(AlibabaCloudException, match="Unsubscript"):
        send(made)
    with pytest.raises(Exception, match=r"(?i)connection"):
        send(made)
    send(made)


def refused_numbers(made: Sandbox, seed: int | None, order: int = 1) -> tuple[int | None, set[str]]:
    """The seed, and who of forty people was not written to."""
    disruption = made.fail_some("throttle", share=0.4, seed=seed)
    for number in range(40)[::order]:
        with suppress(AlibabaCloudException):
            send(made, f"49151123{number:02}678")
    return disruption.seed, {call.parameters["To"] for call in made.refused}


def test_the_same_seed_hits_the_same_calls_whatever_their_order(url: str) -> None:
    with sandbox(url) as one, sandbox(url) as two, sandbox(url) as three:
        seed, first = refused_numbers(one, None)
        assert 5 < len(first) < 30
        assert seed is not None
        assert refused_numbers(two, seed, -1) == (seed, first)
        assert refused_numbers(three, seed + 1)[1] != first


@pytest.mark.parametrize(
    ("path", "body", "sentence"),
    [
        ("calls", {"kind": "slow"}, "Invalid enum value 'slow'"),
        ("calls", {"kind": "refuse"}, "code must be there for the kind refuse"),
        ("calls", {"kind": "drop", "code": "System.LimitControl"}, "and for no other"),
        ("calls", {"kind": "refuse", "code": "no"}, "code 'no' is none of /errors"),
        ("calls", {"kind": "timeout", "seconds": 601}, "seconds must be more than 0 and at most 600"),
        ("calls", {"kind": "drop", "share": 0}, "share must be more than 0"),
        ("calls", {"kind": "drop", "count": 0}, "count must be from 1"),
        ("calls", {"kind": "drop", "seed": -1}, "seed must be a whole number from 0"),
        ("providers", {"kind": "busy"}, "channel or route must be there"),
        ("providers", {"kind": "busy", "channel": "fax"}, "channel must be one of: viber"),
        ("providers", {"kind": "down", "channel": "viber", "count": 1}, "for these there is error"),
        ("providers", {"kind": "error", "channel": "viber", "status": 404}, "status must be from 500"),
        ("callbacks", {"status": 99}, "status must be from 200"),
        ("callbacks", {"kind": "answer", "answer": 1}, "unknown field `answer`"),
    ],
)
def test_what_cannot_go_wrong_is_refused_with_a_sentence(
    made: Sandbox, path: str, body: dict[str, Any], sentence: str
) -> None:
    assert sentence in made._control.post(f"/sandbox/disruptions/{path}", body)["error"]
    listed = made._control.get("/sandbox/disruptions")
    assert listed == {"calls": [], "providers": [], "callbacks": []}


@pytest.mark.parametrize(
    ("channel", "sender", "to"),
    [("viber", "20001", PHONE), ("telegram", "20002", "5550123"), ("line", "20003", "U" + "0" * 32)],
)
def test_a_busy_provider_is_tried_again(made: Sandbox, channel: str, sender: str, to: str) -> None:
    made.provider(channel).busy(count=2)
    message_id = send(made, to, channel_type=channel, from_=sender)
    made.advance(60)
    [leg] = made._control.get(f"/sandbox/messages/{message_id}")["legs"]
    assert len(leg["attempts"]) == 3
    assert len(made.phone(to).messages) == 1


def test_an_sms_gateway_that_is_busy_is_tried_again(made: Sandbox) -> None:
    made.provider("sms").busy(count=1)
    send(made, "4915112340001", fall_back_id="S_000001")
    made.advance(60)
    assert [message.channel for message in made.phone("4915112340001").messages] == ["sms"]


def test_during_an_outage_the_fallback_leaves_and_afterwards_messages_arrive(made: Sandbox) -> None:
    viber = made.provider("viber")
    viber.down()
    message_id = send(made, fall_back_id="S_000001", fall_back_duration=600)
    made.advance(700)
    assert [message.channel for message in made.phone(PHONE).messages] == ["sms"]
    assert "Delivered" in made.statuses(message_id)
    viber.recover()
    send(made)
    made.advance(5)
    assert [message.channel for message in made.phone(PHONE).messages] == ["sms", "viber"]


def test_an_http_error_leaves_a_leg_in_doubt(made: Sandbox) -> None:
    made.provider("viber").error(500, count=1)
    send(made)
    send(made, "4915112345679")
    made.advance(60)
    made.expect_message(PHONE, state="in_doubt")
    made.expect_message("4915112345679", state="read")
    assert made.phone(PHONE).messages == []


def test_a_slow_provider_takes_real_time(made: Sandbox) -> None:
    made.provider("viber").slow(seconds=0.5, count=1)
    began = time.monotonic()
    send(made)
    made.settle()
    assert time.monotonic() - began >= 0.5
    assert made.phone(PHONE).texts == ["hello"]


def test_a_lost_answer_leaves_a_leg_in_doubt_that_the_receipt_settles(made: Sandbox) -> None:
    made.provider("viber").lose_answer(count=1)
    message_id = send(made)
    made.advance(60)
    assert len(made.phone(PHONE).messages) == 1
    assert made.statuses(message_id)[-2:] == ["Delivered", "Read"]


def test_a_dropped_submission_is_in_doubt_and_never_arrives(made: Sandbox) -> None:
    made.provider("viber").drop(count=1)
    message_id = send(made)
    made.advance(60)
    assert made.phone(PHONE).messages == []
    assert "Delivered" not in made.statuses(message_id)


def test_lost_receipts_leave_a_message_sent(made: Sandbox) -> None:
    made.provider("viber").lose_receipts(count=1)
    lost, reported = send(made), send(made)
    made.advance(60)
    assert made.statuses(lost) == ["Sent"]
    assert made.statuses(reported) == ["Sent", "Delivered", "Read"]
    assert len(made.phone(PHONE).messages) == 2


@pytest.mark.parametrize("how", ["double_receipts", "reverse_receipts"])
def test_callbacks_come_once_and_in_order_whatever_the_receipts(made: Sandbox, how: str) -> None:
    getattr(made.provider("viber"), how)()
    message_id = send(made)
    made.advance(60)
    assert made.statuses(message_id) == ["Sent", "Delivered", "Read"]


def test_late_receipts_wait_for_the_sandboxs_clock(made: Sandbox) -> None:
    made.provider("viber").delay_receipts(600)
    message_id = send(made, ttl=86_400)
    made.advance(60)
    assert made.statuses(message_id) == ["Sent"]
    made.advance(600)
    assert made.statuses(message_id) == ["Sent", "Delivered", "Read"]


def test_a_route_can_be_chosen(made: Sandbox) -> None:
    answer = made._control.post(
        "/sandbox/disruptions/providers", {"kind": "receipts_lost", "route": "sandbox-viber"}
    )
    assert answer["route"] == "sandbox-viber"
    message_id = send(made)
    made.advance(60)
    assert made.statuses(message_id) == ["Sent"]


def set_url(made: Sandbox, url: str = "https://customer.example/push") -> None:
    request = models.UpdateAccountWebhookRequest(cust_space_id="cams-sandbox", status_callback_url=url)
    made.client.update_account_webhook(request)


def test_a_customers_url_is_answered_for_without_a_receiver(made: Sandbox) -> None:
    set_url(made)
    made.answer_callbacks()
    send(made)
    made.advance(60)
    assert [(each.state, each.url, each.tries) for each in made.callbacks] == [
        ("delivered", "https://customer.example/push", 1)
    ] * 3


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (500, "answered HTTP 500, not 200"),
        ("timeout", "no answer within"),
        ("refuse_connection", "ConnectionRefusedError"),
    ],
)
def test_a_push_that_fails_on_demand_is_tried_again(made: Sandbox, answer: Any, error: str) -> None:
    set_url(made)
    made.answer_callbacks(answer, count=1, url="https://customer.example/")
    made.answer_callbacks(200)
    message_id = send(made, "4915112340002", ttl=86_400)
    made.settle()
    [waiting] = made.callbacks
    assert waiting.state == "waiting"
    assert error in str(waiting.error)
    made.advance(600)
    [delivered] = [each for each in made.callbacks if each.message_id == message_id]
    assert (delivered.state, delivered.tries) == ("delivered", 2)


def test_a_reset_and_a_recovery_leave_nothing_wrong(made: Sandbox) -> None:
    made.provider("viber").down()
    made.fail_next("drop", count=5)
    made.recover()
    send(made)
    made.provider("viber").down()
    made.reset()
    send(made)
    assert made.phone(PHONE).texts == ["hello"]
