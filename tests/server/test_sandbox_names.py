"""The name of a sandbox is found where each kind of client has its AccessKeyId, and in paths."""

import pytest

from waypost.api.http_messages import HttpRequest
from waypost.server.sandbox_names import (
    name_in_key,
    name_in_path,
    name_of_call,
    name_of_queue_call,
    prefix_of,
    root_of,
)

V3 = b"ACS3-HMAC-SHA256 Credential=ci-42@sandbox,SignedHeaders=host;x-acs-date,Signature=00"


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("ci-42@sandbox", "ci-42"),
        ("a@neighbour", "a"),
        ("sandbox", ""),
        ("@sandbox", ""),
        ("a@b@sandbox", ""),
        ("../a@sandbox", ""),
        ("-a@sandbox", ""),
        (f"{'a' * 64}@sandbox", "a" * 64),
        (f"{'a' * 65}@sandbox", ""),
        ("ä@sandbox", ""),
    ],
)
def test_a_key(key: str, name: str) -> None:
    assert name_in_key(key) == name


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/@ci-42/sandbox/clock", "ci-42"),
        ("/@ci-42/", "ci-42"),
        ("/@ci-42", "ci-42"),
        ("/", ""),
        ("/sandbox/@ci-42/clock", ""),
        ("/@../sandbox", ""),
        ("/@a b/sandbox", ""),
    ],
)
def test_a_path(path: str, name: str) -> None:
    assert name_in_path(path) == name


@pytest.mark.parametrize(
    "request_",
    [
        HttpRequest("POST", "/", b"", [(b"Authorization", V3)]),
        HttpRequest("GET", "/", b"Action=A&AccessKeyId=ci-42%40sandbox&Format=JSON", []),
        HttpRequest("POST", "/", b"Action=A", [], body=b"AccessKeyId=ci-42%40sandbox&Signature=x"),
        HttpRequest("POST", "/", b"", [], body=b"Signature=x&AccessKeyId=ci-42@sandbox"),
    ],
    ids=["V3", "V1 in the query", "V1 in the body", "unquoted"],
)
def test_a_call(request_: HttpRequest) -> None:
    assert name_of_call(request_) == "ci-42"


@pytest.mark.parametrize(
    "request_",
    [
        HttpRequest("POST", "/", b"", []),
        HttpRequest("POST", "/", b"NotAccessKeyId=a%40sandbox", []),
        HttpRequest("POST", "/", b"AccessKeyId=%ff%00@sandbox", [(b"authorization", b"Basic x")]),
        HttpRequest("POST", "/", b"", [(b"authorization", b"ACS3-HMAC-SHA256 Credential=")]),
    ],
)
def test_a_call_without_a_name_is_for_the_common_one(request_: HttpRequest) -> None:
    assert name_of_call(request_) == ""


def test_a_request_to_the_queues() -> None:
    headers = [(b"authorization", b"MNS ci-42@sandbox:c2ln")]
    assert name_of_queue_call({"path": "/queues/q/messages", "headers": headers}) == "ci-42"
    assert name_of_queue_call({"path": "/errors", "headers": headers}) == ""
    assert name_of_queue_call({"path": "/queues/q/messages", "headers": []}) == ""


@pytest.mark.parametrize("name", ["ci-42", ""])
def test_what_begins_with_a_name_has_it(name: str) -> None:
    assert name_in_key(f"{prefix_of(name)}sandbox") == name
    assert name_in_path(f"{root_of(name)}/sandbox/clock") == name
