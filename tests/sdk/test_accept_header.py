"""Calls by GET with the headers of other clients: a call is answered by the API, whatever it accepts."""

import pytest

from tests.sdk.callers import Sandbox, exchange, signed_call

JAVA = "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize("accept", [JAVA, BROWSER, "*/*"])
def test_a_signed_call_is_answered_by_the_api(sandbox: Sandbox, accept: str) -> None:
    host = sandbox.process.endpoint
    target, headers = signed_call(host, "GetChatappOpenStatus", "sandbox", method="GET")
    answer = exchange(sandbox, target, headers | {"Accept": accept}, method="GET")
    assert (answer.status, answer.json["Code"]) == (200, "OK")


@pytest.mark.parametrize(
    ("target", "headers", "code"),
    [
        ("/", {"Authorization": "ACS3-HMAC-SHA256 nonsense"}, "MissingAction"),
        ("/", {"x-acs-action": "GetChatappOpenStatus"}, "MissingAction"),
        ("/?Action=GetChatappOpenStatus", {}, "NoSuchVersion"),
    ],
)
def test_a_broken_call_gets_an_error_of_the_api_and_no_page(
    sandbox: Sandbox, target: str, headers: dict[str, str], code: str
) -> None:
    answer = exchange(sandbox, target, headers | {"Accept": JAVA}, method="GET")
    assert answer.json["Code"] == code


def test_a_browser_gets_the_page(sandbox: Sandbox) -> None:
    answer = exchange(sandbox, "/", {"Accept": BROWSER}, method="GET")
    assert (answer.status, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
