"""The callback URLs of accounts, spaces and senders, set by the official SDK's calls."""

import hashlib
import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from alibabacloud_cams20200606 import models

from tests.beside import make_key
from tests.cli.configs import write_config
from tests.cli.listener import Listener, listening
from tests.processes import Running, run_waypost, start_serve, until
from tests.sdk.callers import FREE, Phones, Sandbox
from tests.sdk.operations import assert_alike, call, refused
from tests.sdk.queues import INBOUND, STATUS

WHATSAPP = "15550100001"
SPACE = "cams-sandbox"


@pytest.fixture
def customer() -> Iterator[Listener]:
    with listening({"code": 0}) as listener:
        yield listener


@pytest.fixture
def space(sandbox: Sandbox) -> str:
    made = call(sandbox, "create_instance", channel_type="VIBER", instance_name="Settings")
    return str(made["Data"]["InstanceId"])


def numbers(sandbox: Sandbox, **filters: Any) -> dict[str, dict[str, Any]]:
    body = call(sandbox, "query_chatapp_phone_numbers", **filters)
    assert body["Success"] is True
    return {row["PhoneNumber"]: row for row in body["PhoneNumbers"]}


def places(row: dict[str, Any]) -> tuple[str, str, str, str]:
    return row["StatusCallbackUrl"], row["UpCallbackUrl"], row["StatusQueue"], row["UpQueue"]


def test_the_numbers_and_where_their_receipts_go(sandbox: Sandbox, space: str) -> None:
    [number] = numbers(sandbox)
    assert number == WHATSAPP
    assert places(numbers(sandbox)[WHATSAPP]) == ("", "", "", "")
    url = "https://shop.example.com/status"
    call(
        sandbox,
        "update_account_webhook",
        cust_space_id=space,
        http_flag="Y",
        queue_flag="Y",
        status_callback_url=url,
    )
    queues = (f"Alicom-Queue-1-{STATUS}", f"Alicom-Queue-1-{INBOUND}")
    assert places(numbers(sandbox, cust_space_id=space)[WHATSAPP]) == (url, "", *queues)
    # Only of that space.
    assert places(numbers(sandbox)[WHATSAPP]) == ("", "", "", "")
    assert numbers(sandbox, status="BANNED") == {}
    call(sandbox, "update_account_webhook", cust_space_id=space, queue_flag="N")
    assert places(numbers(sandbox, cust_space_id=space)[WHATSAPP]) == (url, "", "", "")
    call(sandbox, "update_account_webhook", cust_space_id=space, http_flag="N")
    assert places(numbers(sandbox, cust_space_id=space)[WHATSAPP]) == ("", "", "", "")


def test_the_statuses_of_a_space_are_pushed_to_the_url_of_its_call(
    sandbox: Sandbox, phones: Phones, space: str, customer: Listener
) -> None:
    call(
        sandbox,
        "update_account_webhook",
        cust_space_id=space,
        http_flag="Y",
        status_callback_url=customer.url,
    )
    elsewhere = sandbox.send(**FREE, to=phones.new())
    message_id = sandbox.send(**FREE, to=phones.new("0003"), cust_space_id=space)
    sandbox.advance(5)
    statuses = [(one["MessageId"], one["Status"]) for one in customer.objects()]
    assert statuses == [(message_id, "Sent"), (message_id, "Delivered")]
    assert len(sandbox.callbacks(elsewhere)) > 0


@contextmanager
def pushed_to(sandbox: Sandbox, number: str, url: str) -> Iterator[None]:
    """For the others' sake, pushes are switched off again."""
    whose = {"cust_space_id": SPACE, "phone_number": number}
    call(
        sandbox,
        "update_phone_webhook",
        **whose,
        http_flag="Y",
        status_callback_url=f"{url}/status",
        up_callback_url=f"{url}/inbound",
    )
    try:
        yield
    finally:
        call(sandbox, "update_phone_webhook", **whose, http_flag="N")


@pytest.mark.parametrize("number", ["20001", "+20001"])
def test_callbacks_of_a_viber_sender_are_pushed_to_the_url_of_its_call(
    sandbox: Sandbox, phones: Phones, customer: Listener, number: str
) -> None:
    phone = phones.new("0003")
    with pushed_to(sandbox, number, customer.url):
        message_id = sandbox.send(**FREE, to=phone)
        sandbox.advance(5)
        sandbox.process.post(f"/sandbox/phones/{phone}/reply", {"text": "Thank you"})
        sandbox.advance(1)
    came = [(push.path, one) for push in customer.got for one in push.objects()]
    assert [path for path, _ in came] == ["/told/status", "/told/status", "/told/inbound"]
    assert {one["MessageId"] for path, one in came if path == "/told/status"} == {message_id}
    assert came[-1][1]["Message"] == "Thank you"
    message_id = sandbox.send(**FREE, to=phone)
    sandbox.advance(5)
    assert len(sandbox.callbacks(message_id)) == 2


def test_a_flag_left_out_stays_as_it_was(sandbox: Sandbox, space: str) -> None:
    whose = {"cust_space_id": space}
    call(sandbox, "update_account_webhook", **whose, queue_flag="Y")
    url = "https://shop.example.com/status"
    call(sandbox, "update_account_webhook", **whose, http_flag="Y", status_callback_url=url)
    assert places(numbers(sandbox, **whose)[WHATSAPP])[0] == url
    assert places(numbers(sandbox, **whose)[WHATSAPP])[2] == f"Alicom-Queue-1-{STATUS}"


PHONE = {"cust_space_id": SPACE, "phone_number": "20001"}
FAULTS: list[tuple[str, dict[str, Any], str]] = [
    ("update_phone_webhook", {"phone_number": "20001"}, "MissingCustSpaceId"),
    ("update_phone_webhook", {"cust_space_id": SPACE}, "MissingPhoneNumber"),
    ("update_phone_webhook", PHONE | {"http_flag": "y e s"}, "InvalidHttpFlag"),
    ("update_phone_webhook", PHONE | {"queue_flag": "1"}, "InvalidQueueFlag"),
    ("update_phone_webhook", PHONE | {"http_flag": "Y"}, "MissingStatusCallbackUrl"),
    ("update_phone_webhook", PHONE | {"status_callback_url": "ftp://a/"}, "InvalidStatusCallbackUrl"),
    ("update_phone_webhook", PHONE | {"up_callback_url": "shop"}, "InvalidUpCallbackUrl"),
    ("update_phone_webhook", PHONE | {"up_callback_url": "https://a/" + "x" * 1024}, "InvalidUpCallbackUrl"),
    ("update_phone_webhook", PHONE | {"phone_number": "Waypost"}, "Unknown.ResourceOwnerId"),
    ("update_account_webhook", {}, "MissingCustSpaceId"),
    ("update_account_webhook", {"cust_space_id": SPACE, "http_flag": "Y"}, "MissingStatusCallbackUrl"),
]


@pytest.mark.parametrize(("operation", "params", "code"), FAULTS)
def test_a_bad_call(sandbox: Sandbox, operation: str, params: dict[str, Any], code: str) -> None:
    refusal = refused(sandbox, operation, **params)
    assert (refusal.status, refusal.code) == (400, code)


def test_anothers_space_and_number_are_like_none(sandbox: Sandbox) -> None:
    def by_space(operation: str, space_id: str, **more: Any) -> Any:
        return refused(sandbox, operation, key="neighbour", cust_space_id=space_id, **more)

    for operation, more in (
        ("update_account_webhook", {}),
        ("update_phone_webhook", {"phone_number": "30001"}),
        ("query_chatapp_phone_numbers", {}),
    ):
        foreign, absent = (by_space(operation, name, **more) for name in (SPACE, "cams-nobodys"))
        assert_alike(foreign, absent, SPACE, "cams-nobodys")
        assert foreign.code == "Unknown.ResourceOwnerId"
    foreign, absent = (
        by_space("update_phone_webhook", "cams-neighbour", phone_number=number)
        for number in ("20001", "29999")
    )
    assert_alike(foreign, absent, "20001", "29999")
    assert WHATSAPP not in numbers(sandbox, key="neighbour")


@pytest.mark.long
def test_settings_by_call_outlive_a_restart_and_go_before_the_file(tmp_path: Path, phones: Phones) -> None:
    allowed = {"WAYPOST_CALLBACKS__ALLOW_PRIVATE": "true"}
    viber = {"status": 0, "message_token": 5_000_000_000_000_000_001, "seq": 1}
    with listening({"code": 0}) as chosen, listening({"code": 0}) as declared, listening(viber) as provider:
        config = write_config(tmp_path, status_url=declared.url, viber=provider.url)
        secret = make_key(config, id_="acme-key").secret

        def send(running: Running) -> None:
            Sandbox(running).send(key="acme-key", secret=secret, **FREE, to=phones.new())

        with start_serve(config, environment=allowed) as running:
            client = Sandbox(running).client("acme-key", secret)
            client.update_account_webhook(
                models.UpdateAccountWebhookRequest(
                    cust_space_id="cams-acme0000main", http_flag="Y", status_callback_url=chosen.url
                )
            )
        with start_serve(config, environment=allowed) as running:
            send(running)
            until(chosen.objects, what="a push to the URL that was chosen")
        with start_serve(config) as running:
            # Not allowed any more: the address is one of this machine.
            send(running)
            until(lambda: "not one of the public internet" in listed(config), what="the refusal")
        assert declared.got == []
        [push] = chosen.got
        time, _, signature = push.headers["X-Waypost-Signature"].partition(",v1=")
        signed = f"{time.removeprefix('t=')}.".encode() + push.body
        assert signature == hmac.new(b"signs-the-pushes", signed, hashlib.sha256).hexdigest()


def listed(config: Path) -> str:
    """The output of `waypost callbacks list`."""
    return run_waypost("callbacks", "list", "--config", str(config)).stdout
