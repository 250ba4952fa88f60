"""Answers as the official clients read them: one error body over every way to fail."""

import json
from collections.abc import Callable
from xml.etree import ElementTree

import msgspec
import pytest

from tests.api.signed_calls import Authenticator, v1_call, v1_params, v3_call
from waypost.api.answers import Format, answer_format, failure, success
from waypost.api.errors.catalogue import ERRORS, ApiError, from_faults, limited
from waypost.api.http_messages import HttpAnswer
from waypost.api.request import Call, parameters
from waypost.api.signatures.scheme import Scheme
from waypost.model.faults import Fault

JSON = ("content-type", "application/json;charset=utf-8")
XML = ("content-type", "text/xml;charset=utf-8")
PAGE = "https://waypost.example/troubleshoot"
REQUEST_ID = "8F6DE0C2-4C0B-5F0E-9B0B-0242AC120002"


def answer(error: ApiError, form: Format = Format.JSON) -> HttpAnswer:
    return failure(error, REQUEST_ID, "localhost:8080", PAGE, form)


def entering(call: Call) -> Callable[[], object]:
    return lambda: Authenticator().authenticate(call)


def raising(error: ApiError) -> Callable[[], object]:
    def fail() -> object:
        raise error

    return fail


FAILURES: dict[str, Callable[[], object]] = {
    "not signed": entering(Call("GET", "/", "", {}, b"", "")),
    "wrong signature": entering(v3_call(secret="another")),
    "wrong V1 signature": entering(Call("GET", "/", v1_call(v1_params()).raw_query + "&More=1", {}, b"", "")),
    "unknown key": entering(v3_call(access_key_id="nobody")),
    "undecodable": lambda: parameters(Call("GET", "/", "A=%FF", {}, b"", "")),
    "format": lambda: answer_format(Scheme.V1, {"Format": "YAML"}),
    "throttled": raising(limited(250)),
    "faults": raising(
        from_faults([Fault("MissingTo", "To", "is missing."), Fault("InvalidTtl", "Ttl", "is 1.")])
    ),
} | {code: raising(ApiError(code, parameter="To")) for code in ERRORS}


@pytest.mark.parametrize("fail", FAILURES.values(), ids=FAILURES.keys())
def test_one_error_body_for_every_way_to_fail(fail: Callable[[], object]) -> None:
    with pytest.raises(ApiError) as raised:
        fail()
    error = raised.value
    made = answer(error)
    assert made.status == error.status
    assert made.headers[0] == JSON
    assert json.loads(made.body) == {
        "RequestId": REQUEST_ID,
        "HostId": "localhost:8080",
        "Code": error.code,
        "Message": error.message,
        "Recommend": f"{PAGE}?q={error.code}&product=cams&requestId={REQUEST_ID}",
    }
    written = answer(error, Format.XML)
    assert (written.status, written.headers[0]) == (error.status, XML)
    root = ElementTree.fromstring(written.body)
    assert root.tag == "Error"
    assert {child.tag: child.text for child in root} == json.loads(made.body)


def test_throttling_carries_its_header_in_both_forms() -> None:
    for form, content_type in ((Format.JSON, JSON), (Format.XML, XML)):
        assert answer(limited(250), form).headers == (content_type, ("x-acs-retry-after", "250"))


def test_a_denied_permission_is_described_by_an_object() -> None:
    detail = {"AuthAction": "cams:SendChatappMessage", "NoPermissionType": "ImplicitDeny"}
    error = ApiError("Ram.PermissionDeny", access_denied_detail=detail)
    assert json.loads(answer(error).body)["AccessDeniedDetail"] == detail
    found = ElementTree.fromstring(answer(error, Format.XML).body).find("AccessDeniedDetail")
    assert found is not None
    assert {child.tag: child.text for child in found} == detail


@pytest.mark.parametrize(
    ("scheme", "params", "form"),
    [
        (Scheme.V1, {}, Format.JSON),
        (Scheme.V1, {"Format": ""}, Format.JSON),
        (Scheme.V1, {"Format": "json"}, Format.JSON),
        (Scheme.V1, {"Format": "JSON"}, Format.JSON),
        (Scheme.V1, {"Format": "XML"}, Format.XML),
        (Scheme.V1, {"Format": "xMl"}, Format.XML),
        (Scheme.V3, {"Format": "XML"}, Format.JSON),
        (Scheme.V3, {"Format": "YAML"}, Format.JSON),
    ],
)
def test_only_v1_chooses_the_form(scheme: Scheme, params: dict[str, str], form: Format) -> None:
    assert answer_format(scheme, params) is form


class Sent(msgspec.Struct, rename="pascal"):
    code: str
    message_id: str


def test_success_of_a_struct() -> None:
    fields = Sent("OK", "2026112300000000000000001")
    made = success(fields)
    assert (made.status, made.headers) == (200, (JSON,))
    assert made.body == b'{"Code":"OK","MessageId":"2026112300000000000000001"}'
    written = success(fields, Format.XML, "SendChatappMessage")
    assert (written.status, written.headers) == (200, (XML,))
    assert written.body == (
        b"<?xml version='1.0' encoding='UTF-8'?><SendChatappMessageResponse><Code>OK</Code>"
        b"<MessageId>2026112300000000000000001</MessageId></SendChatappMessageResponse>"
    )


def test_success_of_a_mapping_with_all_kinds_of_values() -> None:
    fields = {
        "Data": {"Text": "<é&>\x00\n", "Yes": True, "No": None, "N": 5, "1": "x", "Row": [{"A": 1}, {"A": 2}]}
    }
    assert json.loads(success(fields).body) == fields
    root = ElementTree.fromstring(success(fields, Format.XML, "List").body)
    assert root.tag == "ListResponse"
    data = root[0]
    assert [(child.tag, child.text) for child in data][:4] == [
        ("Text", "<é&>\ufffd\n"),
        ("Yes", "true"),
        ("N", "5"),
        ("_1", "x"),
    ]
    assert [row.findtext("A") for row in data.findall("Row")] == ["1", "2"]


def test_names_of_elements_are_made_fit() -> None:
    root = ElementTree.fromstring(success({"a b<": 1, "": 2, "_x": 3}, Format.XML, "Get").body)
    assert [child.tag for child in root] == ["a_b_", "_", "_x"]
