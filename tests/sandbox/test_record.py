"""The lists that a test looks at: calls, phones, codes, callbacks, and what is refused on demand."""

from collections.abc import Iterator

import pytest

from tests.processes import Running, fetch, start_sandbox
from tests.sdk.callers import FREE, Sandbox

PHONE = "4915112345678"


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with start_sandbox() as running:
        yield running


@pytest.fixture
def process(running: Running) -> Running:
    running.post("/sandbox/reset")
    return running


def test_every_call_is_listed_with_its_reason(process: Running) -> None:
    sandbox = Sandbox(process)
    message_id = sandbox.send(**FREE, to=PHONE)
    refused = sandbox.refused(**FREE, to="12")
    sandbox.refused(**FREE, key="sandbox", secret="wrong", to=PHONE)
    accepted, bad_number, unsigned = process.get("/sandbox/calls")["calls"]
    assert (accepted["code"], accepted["message_id"], accepted["parameters"]["To"]) == (
        "OK",
        message_id,
        PHONE,
    )
    assert (bad_number["code"], bad_number["message"]) == (refused.code, refused.message)
    assert (unsigned["code"], unsigned["account_id"]) == ("SignatureDoesNotMatch", "")
    assert process.get("/sandbox/calls?code=OK")["calls"] == [accepted]
    assert process.get("/sandbox/calls?operation=ListChatappMessage")["calls"] == []


def test_the_phones_that_something_has_reached(process: Running) -> None:
    sandbox = Sandbox(process)
    assert process.get("/sandbox/phones") == {"phones": [], "more": False}
    sandbox.send(**FREE, to="4915112340001")
    for number in (PHONE, "4915112340003", PHONE):
        sandbox.send(**FREE, to=number)
        sandbox.advance(5)
    shown = [(phone["number"], phone["messages"]) for phone in process.get("/sandbox/phones")["phones"]]
    assert shown == [(PHONE, 2), ("4915112340003", 1)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Your code is 4711.", "4711"),
        ("Code 12345678 for account 4915112345678", "12345678"),
        ("验证码:482913,5分钟内有效", "482913"),
        ("1234 is wrong, 5678 is right", "5678"),
    ],
)
def test_the_code_of_a_phone(process: Running, text: str, code: str) -> None:
    sandbox = Sandbox(process)
    none = process.get(f"/sandbox/phones/{PHONE}/code")
    assert none == {"error": f"no message on {PHONE} has a code of four to eight digits"}
    sandbox.send(**FREE | {"content": f'{{"text":"{text}"}}'}, to=PHONE)
    sandbox.send(**FREE | {"content": '{"text":"no code"}'}, to=PHONE)
    sandbox.advance(0)
    assert process.get(f"/sandbox/phones/{PHONE}/code")["code"] == code


def test_calls_are_refused_on_demand_and_are_on_record(process: Running) -> None:
    sandbox = Sandbox(process)
    refusal = {"code": "Product.Unsubscript", "count": 2, "operation": "SendChatappMessage"}
    assert process.post("/sandbox/refusals", refusal) == {"refusals": [refusal]}
    for _ in range(2):
        assert sandbox.refused(**FREE, to=PHONE).code == "Product.Unsubscript"
    sandbox.send(**FREE, to=PHONE)
    assert process.get("/sandbox/refusals") == {"refusals": []}
    process.post("/sandbox/refusals", {"code": "System.LimitControl", "count": 100})
    assert fetch(f"{process.address}/sandbox/refusals", method="DELETE") == {"refusals": []}
    sandbox.send(**FREE, to=PHONE)
    codes = [call["code"] for call in process.get("/sandbox/calls")["calls"]]
    assert codes == ["Product.Unsubscript", "Product.Unsubscript", "OK", "OK"]


@pytest.mark.parametrize(
    ("refusal", "sentence"),
    [
        ({"code": "no code"}, "code 'no code' is none of /errors"),
        ({"code": "System.LimitControl", "count": 0}, "count must be from 1 to 100000"),
        ({"code": "System.LimitControl", "times": 1}, "unknown field `times`"),
        ({}, "missing required field `code`"),
    ],
)
def test_what_cannot_be_refused_is_an_error(
    process: Running, refusal: dict[str, object], sentence: str
) -> None:
    assert sentence in process.post("/sandbox/refusals", refusal)["error"]


def test_a_callback_that_is_pushed_is_listed_with_what_came_of_it(process: Running) -> None:
    from alibabacloud_cams20200606 import models

    sandbox = Sandbox(process)
    sandbox.client().update_account_webhook(
        models.UpdateAccountWebhookRequest(
            cust_space_id="cams-sandbox", status_callback_url="http://127.0.0.1:1/"
        )
    )
    message_id = sandbox.send(**FREE, to=PHONE)
    sandbox.advance(3 * 86_400)
    [*_, last] = process.get(f"/sandbox/callbacks?message_id={message_id}")["callbacks"]
    assert (last["url"], last["state"]) == ("http://127.0.0.1:1/", "dead")
    assert last["tries"] > 1
    assert last["error"]
