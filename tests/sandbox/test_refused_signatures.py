"""A call that was refused for its signature says why: in the list, by itself, and in the text of a trace."""

import re
from collections.abc import Iterator
from html import unescape

import pytest

from tests.processes import Running, start_sandbox
from tests.sdk.callers import FREE, Sandbox, exchange
from waypost import testing
from waypost.api.doctor.examination import LONGEST_EXAMINED
from waypost.api.http_messages import HttpRequest
from waypost.model import codes
from waypost.sandbox.refused_signatures import MOST_KEPT, RefusedSignatures

KEY = "sandbox"
PHONE = "4915112345678"
BROWSER = {"accept": "text/html"}


@pytest.fixture(scope="module")
def process() -> Iterator[Running]:
    with start_sandbox() as running:
        yield running


def refused_id(process: Running, **fields: str) -> str:
    return str(Sandbox(process).refused(**FREE, **fields).body["RequestId"])


def test_a_wrong_secret_is_named_by_the_listed_call_and_by_its_signature(process: Running) -> None:
    request_id = refused_id(process, to=PHONE, secret="sandbox\n")
    found = process.get(f"/sandbox/calls/{request_id}/signature")
    assert found["request_id"] == request_id
    assert found["causes"] == ["The secret has a line break at its end; read it without."]
    assert [step["name"] for step in found["steps"]] == ["canonical request", "string to sign"]
    assert found["steps"][0]["ours"].startswith("POST\n/\n")
    assert found["steps"][0]["difference"] is None
    [call] = process.get(f"/sandbox/calls?request={request_id}")["calls"]
    assert call["cause"] == found["causes"][0]
    assert process.get("/sandbox/calls?code=OK")["calls"] == []


def test_a_call_that_was_refused_for_something_else_has_no_cause(process: Running) -> None:
    request_id = refused_id(process, to="12")
    [call] = process.get(f"/sandbox/calls?request={request_id}")["calls"]
    assert call["cause"] == ""
    assert "no call" in process.get(f"/sandbox/calls/{request_id}/signature")["error"]


def test_a_key_of_nobody_is_the_cause(process: Running) -> None:
    request_id = refused_id(process, to=PHONE, key="nobody", secret="x")
    found = process.get(f"/sandbox/calls/{request_id}/signature")
    assert found["causes"] == ["There is no access key 'nobody' here whose secret is known."]


def test_the_page_of_the_error_has_the_whole_call_in_a_sandbox(process: Running) -> None:
    refusal = Sandbox(process).refused(**FREE, to=PHONE, ttl=1)
    path = refusal.body["Recommend"].removeprefix(process.address)
    html = unescape(exchange(Sandbox(process), path, BROWSER, method="GET").body.decode())
    assert refusal.message in html
    assert re.search(r'<dt class="wrong"><a href="[^"]*#Ttl">', html)
    assert f"<code>{PHONE}</code>" in html


def test_in_a_sandbox_with_a_name_the_error_leads_to_its_own_page(process: Running) -> None:
    client = Sandbox(process)
    refusal = client.refused(**FREE, key="own@sandbox", secret="own@sandbox", to="12")
    assert refusal.body["Recommend"].startswith(f"{process.address}/@own/errors?q=")
    path = refusal.body["Recommend"].removeprefix(process.address)
    html = exchange(client, path, BROWSER, method="GET").body.decode()
    assert refusal.body["RequestId"] in html
    assert "The call of" in html


def test_the_failure_text_of_a_test_names_the_cause(process: Running) -> None:
    sandbox = testing.Sandbox(process.address, "traced")
    Sandbox(process).refused(**FREE, key="traced@sandbox", secret="traced@sandbox ", to=PHONE)
    assert sandbox.refused[0].cause == "The secret has a blank at its end."
    assert "its signature: The secret has a blank at its end." in sandbox.trace()


def request_of(length: int = 0) -> HttpRequest:
    return HttpRequest("POST", "/", b"", [(b"authorization", b"ACS3-HMAC-SHA256 x")], body=b"x" * length)


async def test_the_kept_requests_are_bounded_in_number_and_in_length() -> None:
    kept = RefusedSignatures(lambda _: "secret")
    for number in range(MOST_KEPT + 1):
        kept.note(f"R-{number}", request_of(), codes.SIGNATURE_DOES_NOT_MATCH)
    assert not kept.has("R-0")
    assert kept.has("R-1")
    kept.note("long", request_of(LONGEST_EXAMINED), codes.SIGNATURE_DOES_NOT_MATCH)
    assert not kept.has("long")
    kept.note("other", request_of(), codes.LIMIT_CONTROL)
    assert not kept.has("other")
    for number in range(40):
        kept.note(f"L-{number}", request_of(LONGEST_EXAMINED - 1000), codes.SIGNATURE_DOES_NOT_MATCH)
    assert not kept.has("L-0")
    assert kept.has("L-39")
    diagnosis = await kept.diagnosis("L-39")
    assert diagnosis is not None
    assert "must read ACS3-HMAC-SHA256" in diagnosis.causes[0]
    assert await kept.diagnosis("gone") is None
