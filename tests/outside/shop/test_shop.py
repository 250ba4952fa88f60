import pytest
import shop
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException

PHONE, NOT_ON_VIBER, SILENT, BUSY = "4915112345678", "4915112340001", "4915112340002", "4915112340006"


def test_nothing_is_sent_by_itself(waypost):
    assert waypost.messages == []
    assert waypost.calls == []


def test_the_code_arrives(waypost):
    shop.send_code(waypost.client, PHONE, "4711")
    assert waypost.phone(PHONE).code == "4711"


def test_the_text(waypost):
    shop.send_code(waypost.client, PHONE, "0815")
    assert waypost.phone(PHONE).texts == ["Your code is 0815."]


def test_it_is_read(waypost):
    message_id = shop.send_code(waypost.client, PHONE, "4711")
    waypost.advance(5)
    assert waypost.statuses(message_id) == ["Sent", "Delivered", "Read"]
    waypost.expect_message(PHONE, state="read", channel="viber")


def test_an_sms_follows_at_once_if_they_are_not_on_viber(waypost):
    shop.send_code(waypost.client, NOT_ON_VIBER, "4711")
    assert [message.channel for message in waypost.phone(NOT_ON_VIBER).messages] == ["sms"]


def test_an_sms_follows_after_twelve_hours(waypost):
    shop.send_code(waypost.client, SILENT, "4711")
    waypost.advance(hours=11)
    assert [message.channel for message in waypost.phone(SILENT).messages] == ["viber"]
    waypost.advance(hours=1)
    assert [message.channel for message in waypost.phone(SILENT).messages] == ["viber", "sms"]


def test_a_busy_provider(waypost):
    shop.send_code(waypost.client, BUSY, "4711")
    waypost.advance(minutes=1)
    assert waypost.phone(BUSY).texts == ["Your code is 4711."]


def test_a_throttle_is_tried_again(waypost):
    waypost.fail_next("System.LimitControl", count=2)
    shop.send_code(waypost.client, PHONE, "4711")
    assert [call.code for call in waypost.calls] == ["System.LimitControl", "System.LimitControl", "OK"]


def test_a_throttle_that_lasts_is_raised(waypost):
    waypost.fail_next("System.LimitControl", count=3)
    with pytest.raises(AlibabaCloudException, match="LimitControl"):
        shop.send_code(waypost.client, PHONE, "4711")
    assert waypost.messages == []


def test_who_may_not_send(waypost):
    with pytest.raises(AlibabaCloudException, match="PermissionDeny"):
        shop.send_code(waypost.client_of("denied"), PHONE, "4711")
    assert [call.access_key_id for call in waypost.refused] == [f"{waypost.name}@denied"]


def test_an_offer_to_many(waypost):
    shop.offer(waypost.client, {PHONE: "Zoë", "4915112345679": "李"})
    assert waypost.phone(PHONE).texts == ["Hello Zoë, your code is 10."]
    assert waypost.phone("4915112345679").texts == ["Hello 李, your code is 10."]


def test_a_reply(waypost):
    shop.send_code(waypost.client, PHONE, "4711")
    waypost.phone(PHONE).reply("Thank you")
    # On a slow machine a receipt may come behind it.
    assert [each.body["Message"] for each in waypost.callbacks if "Message" in each.body] == ["Thank you"]


def test_a_reset(waypost):
    shop.send_code(waypost.client, PHONE, "4711")
    waypost.reset()
    assert waypost.messages == []
