"""Requests that real callers send (live-observations, section 5) are accepted; none ends in HTTP 500."""

import json
from typing import Any

import pytest

from tests.sdk.callers import FREE, FREE_BY_NAME, TEMPLATE, Phones, Sandbox, exchange, signed_headers

ODD_BUT_TAKEN: list[dict[str, Any]] = [
    {"channel_type": "VIBER"},
    {"channel_type": "Viber", "type": "Message", "label": "Promotion"},
    {"content": '{"text":"hello","link":"","caption":"","fileName":""}'},
    {"content": '{"text":"hello","previewUrl":true,"nested":{"a":[1]},"nothing":null}'},
    {"content": '{"Text":"hello"}'},
    {"content": ' {"text": "hell\\u006f"} '},
    {"language": "en"},
    {"language": "xx"},
    {"template_code": "", "template_params": {}},
    {"isv_code": "abc", "cust_waba_id": "1", "owner_id": 7, "context_message_id": "x", "category": "y"},
    {"payload": ["a", "b"], "recipient_type": "individual"},
    {"ttl": "50", "fall_back_duration": "120"},
    {"cust_space_id": "", "tag": "", "task_id": "", "fall_back_id": "", "fall_back_rule": ""},
]


@pytest.mark.parametrize("change", ODD_BUT_TAKEN)
def test_what_callers_send_is_taken(sandbox: Sandbox, phones: Phones, change: dict[str, Any]) -> None:
    number = phones.new()
    sandbox.send(**{**FREE, **change, "to": number})
    assert [shown["text"] for shown in sandbox.phone(number)] == ["hello"]


PARAMS: list[tuple[str, str]] = [
    ('{"name":"Zoe","code":"1234"}', "Hello Zoe, your code is 1234."),
    ('{"name":"Zoe","code":1234}', "Hello Zoe, your code is 1234."),
    ('{ "name" : "\\u4f60", "code" : "1", "more": "x" }', "Hello 你, your code is 1."),
    ('{"name":"$(code)","code":"1234"}', "Hello $(code), your code is 1234."),
]


@pytest.mark.parametrize(("params", "text"), PARAMS)
def test_params_written_by_hand(sandbox: Sandbox, phones: Phones, params: str, text: str) -> None:
    number = phones.new()
    call = {
        "ChannelType": "viber",
        "Type": "template",
        "TemplateCode": "sandbox_welcome",
        "Language": "en",
        "TemplateParams": params,
        "From": "20001",
        "To": number,
        "Label": "transaction",
    }
    answer = exchange(sandbox, *signed_headers(sandbox, call))
    assert answer.json["Code"] == "OK"
    assert [shown["text"] for shown in sandbox.phone(number)] == [text]


@pytest.mark.parametrize("params", ["[object Object]", "{'name':'Zoe'}", "[]", "null", '"x"'])
def test_params_that_are_no_object(sandbox: Sandbox, phones: Phones, params: str) -> None:
    call = {**FREE_BY_NAME, "Type": "template", "TemplateCode": "sandbox_welcome", "Language": "en"}
    call |= {"TemplateParams": params, "To": phones.new()}
    answer = exchange(sandbox, *signed_headers(sandbox, call))
    assert (answer.status, answer.json["Code"]) == (400, "InvalidTemplateParams")
    assert "TemplateParams" in answer.json["Message"]
    assert '{"name":"value"}' in answer.json["Message"]


def test_a_form_in_chunks_with_the_content_in_the_query(sandbox: Sandbox, phones: Phones) -> None:
    # The Node SDK sends so: no length, Content apart from the rest.
    number = phones.new()
    rest = {name: value for name, value in {**FREE_BY_NAME, "To": number}.items() if name != "Content"}
    body = "&".join(f"{name}={value}" for name, value in rest.items()).encode()
    form = {"content-type": "application/x-www-form-urlencoded"}
    target, headers = signed_headers(sandbox, {"Content": '{"text":"a b+c"}'}, body, more=form)
    answer = exchange(sandbox, target, headers, iter([body[:10], body[10:40], body[40:]]))
    assert (answer.status, answer.json["Code"]) == (200, "OK")
    assert [shown["text"] for shown in sandbox.phone(number)] == ["a b+c"]


def test_everything_in_the_query_of_a_get(sandbox: Sandbox, phones: Phones) -> None:
    target, headers = signed_headers(sandbox, {**FREE_BY_NAME, "To": phones.new()}, method="GET")
    answer = exchange(sandbox, target, headers, method="GET")
    assert answer.json["Code"] == "OK"


def test_a_good_answer_has_its_four_members(sandbox: Sandbox, phones: Phones) -> None:
    target, headers = signed_headers(sandbox, {**FREE_BY_NAME, "To": phones.new()})
    answer = exchange(sandbox, target, headers)
    assert answer.headers["content-type"] == "application/json;charset=utf-8"
    assert answer.json.keys() == {"RequestId", "Code", "Message", "MessageId"}
    message_id = answer.json["MessageId"]
    assert len(message_id) == 25
    assert message_id.isdecimal()


def test_message_ids_differ_and_rise(sandbox: Sandbox, phones: Phones) -> None:
    ids = [sandbox.send(**FREE, to=phones.new()) for _ in range(5)]
    assert ids == sorted(set(ids))


HOSTILE: list[tuple[dict[str, str], str]] = [
    ({"Content": '{"text":"a\\u0000b"}'}, "InvalidParameter.ContentError"),
    ({"Content": '{"text":"\\ud800"}'}, "InvalidParameter.ContentError"),
    ({"Content": '{"a":' * 3000}, "InvalidParameter.ContentError"),
    ({"TrackingData": "\x00"}, ""),
    ({"TaskId": "x" * 10_000}, ""),
    ({"Ttl": "9" * 400}, "InvalidTtl"),
    ({"Ttl": "٥٠"}, "InvalidTtl"),
    ({"Ttl": "0x32"}, "InvalidTtl"),
    ({"From": "' OR 1=1 --"}, "InvalidParameter.FromOnlyNumeric"),
    ({"CustSpaceId": "<script>"}, "Unknown.ResourceOwnerId"),
]


@pytest.mark.parametrize(("change", "code"), HOSTILE)
def test_nothing_odd_is_a_fault_of_the_service(
    sandbox: Sandbox, phones: Phones, change: dict[str, str], code: str
) -> None:
    call = {**FREE_BY_NAME, "To": phones.new(), **change}
    answer = exchange(sandbox, *signed_headers(sandbox, call))
    assert answer.json["Code"] == code or (not code and answer.status in (200, 400))
    assert answer.json["RequestId"]


def test_bytes_that_are_no_text(sandbox: Sandbox) -> None:
    target, headers = signed_headers(sandbox, FREE_BY_NAME)
    answer = exchange(sandbox, target + "&To=%ff%fe", headers)
    assert answer.status == 400
    assert json.loads(answer.body)["Code"] in ("InvalidParameter", "SignatureDoesNotMatch")


def test_a_template_takes_no_harm_from_a_message_type(sandbox: Sandbox, phones: Phones) -> None:
    number = phones.new()
    sandbox.send(**{**TEMPLATE, "message_type": "audio", "content": "not JSON", "to": number})
    assert sandbox.phone(number)[0]["text"] == "Hello Zoe, your code is 1234."
