"""The signature doctor as a page: in a sandbox it knows the secrets, in production they are typed in."""

import re
import shlex
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.api.flawed_clients import PARAMETERS, SECRET, pairs_of, v1_request, v3_request
from tests.processes import Running, start_serve
from tests.sdk.callers import FREE, Raw, Sandbox, exchange
from tests.sdk.test_pages import SCRIPTS, SETTINGS
from waypost.api.doctor.examination import LONGEST_EXAMINED
from waypost.api.request import Call
from waypost.console.doctor_page import age_in_words, split_at

BROWSER = {"accept": "text/html"}
FORM = {**BROWSER, "content-type": "application/x-www-form-urlencoded"}
STAMP = "2026-01-31T08:00:00Z"
PLUS = pairs_of(PARAMETERS).replace("%20", "+")


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder: Path = tmp_path_factory.mktemp("serve")
    config = folder / "waypost.toml"
    config.write_text(SETTINGS.format(data=folder / "data"), encoding="utf-8")
    with start_serve(config) as running:
        yield running


def as_wire(call: Call) -> str:
    target = f"/?{call.raw_query}" if call.raw_query else "/"
    head = [f"{call.method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in call.headers.items())]
    return "\n".join([*head, "", call.body.decode()])


def as_curl(call: Call) -> str:
    words = ["curl", "-X", call.method, f"http://{call.headers['host']}/?{call.raw_query}"]
    for name, value in call.headers.items():
        words += ["-H", f"{name}: {value}"]
    return " ".join(shlex.quote(word) for word in words)


def examined(service: Sandbox, pasted: str, secret: str = SECRET, path: str = "/doctor") -> Raw:
    return exchange(service, path, FORM, urlencode({"request": pasted, "secret": secret}).encode())


def words(answer: Raw) -> str:
    return unescape(answer.body.decode())


@pytest.mark.parametrize("form", [as_wire, as_curl])
def test_in_production_a_pasted_request_is_explained(serving: Running, form: object) -> None:
    assert callable(form)
    answer = examined(Sandbox(serving), form(v3_request(query=PLUS, stamp=STAMP)))
    html = words(answer)
    assert answer.status == 200
    assert "A blank was written as +; it must be %20." in html
    assert "The first difference, at character" in html
    assert re.search(r"As it must be.*<mark>%</mark>20.*As it was signed.*<mark>\+</mark>", html, re.DOTALL)


def test_the_secret_is_neither_in_the_page_nor_in_the_log(serving: Running) -> None:
    secret = "very-Secret/that+nobody=sees"
    for pasted in (as_wire(v3_request(query=PLUS, stamp=STAMP)), "no request", ""):
        answer = examined(Sandbox(serving), pasted, secret)
        assert secret not in words(answer)
        assert answer.headers["cache-control"] == "no-store"
    assert secret not in serving.log
    assert "very-Secret" not in serving.output


def test_a_signed_url_is_explained(serving: Running) -> None:
    call = v1_request(stamp=STAMP)
    assert call.method == "GET"
    answer = examined(Sandbox(serving), f"http://{call.headers['host']}/?{call.raw_query}")
    assert "The signature is right." in words(answer)


@pytest.mark.parametrize(
    ("pasted", "secret", "status", "reason"),
    [
        ("hello", "s", 400, "must begin with a request line"),
        (as_wire(v3_request(stamp=STAMP)), "", 400, "The secret of the access key is missing"),
        ("GET / HTTP/1.1\nHost: a", "s", 200, "The request is not signed"),
        ("x" * (LONGEST_EXAMINED + 1), "s", 400, "longer than 64 KiB"),
        ("é" * (2 * LONGEST_EXAMINED), "s", 413, "longer than 64 KiB"),
        ("POST /?<script>alert(1)</script> HTTP/1.1\n<script>: x", "s", 400, "is no header"),
    ],
)
def test_what_cannot_be_examined_has_a_reason(
    serving: Running, pasted: str, secret: str, status: int, reason: str
) -> None:
    answer = examined(Sandbox(serving), pasted, secret)
    assert answer.status == status
    assert reason in words(answer)
    assert answer.body.count(b"<script") == len(SCRIPTS)


def test_a_request_of_before_is_not_blamed_for_its_age(serving: Running) -> None:
    html = words(examined(Sandbox(serving), as_wire(v3_request(stamp=STAMP))))
    assert "The signature is right." in html
    assert "days ago by its own clock" in html
    of_the_future = words(examined(Sandbox(serving), as_wire(v3_request(stamp="2099-01-31T08:00:00Z"))))
    assert "ahead of the service's" in of_the_future


def test_in_a_sandbox_the_secret_is_known(sandbox: Sandbox) -> None:
    own = v3_request(query=PLUS, stamp=STAMP, key="sandbox", secret="sandbox")
    answer = examined(sandbox, as_wire(own), "")
    assert "A blank was written as +; it must be %20." in words(answer)
    unknown = examined(sandbox, as_wire(v3_request(stamp=STAMP)), "")
    assert (unknown.status, "type its secret in" in words(unknown)) == (400, True)


def test_a_refused_call_leads_to_its_signature(sandbox: Sandbox) -> None:
    refusal = sandbox.refused(**FREE, to="4915112345678", secret="SANDBOX")
    path = refusal.body["Recommend"].removeprefix(sandbox.process.address)
    page = words(exchange(sandbox, path, BROWSER, method="GET"))
    link = re.search(r'href="(doctor\?requestId=[^"]+)"', page)
    assert link
    html = words(exchange(sandbox, f"/{link[1]}", BROWSER, method="GET"))
    assert refusal.body["RequestId"] in html
    assert "No mistake that clients make explains the signature" in html
    assert "Canonical request" in html
    gone = exchange(sandbox, "/doctor?requestId=%3Cscript%3E", BROWSER, method="GET")
    assert gone.status == 404
    assert gone.body.count(b"<script") == len(SCRIPTS)


def test_in_production_no_call_is_looked_up(serving: Running) -> None:
    refusal = Sandbox(serving).refused(**FREE, to="4915112345678", key="nobody")
    path = f"/doctor?requestId={refusal.body['RequestId']}"
    answer = exchange(Sandbox(serving), path, BROWSER, method="GET")
    assert answer.status == 200
    # The switch of the language, above it, keeps the query of the page.
    assert refusal.body["RequestId"] not in words(answer).partition("<main")[2]


def test_the_pages_of_errors_lead_to_it(serving: Running) -> None:
    service = Sandbox(serving)
    for path, is_linked in (
        ("/", True),
        ("/errors", True),
        ("/errors/SignatureDoesNotMatch", True),
        ("/errors/MissingTo", False),
    ):
        page = exchange(service, path, BROWSER, method="GET").body.partition(b"<main")[2]
        assert (b'doctor">' in page) is is_linked, path
    assert exchange(service, "/doctor", BROWSER, method="GET").status == 200


def test_a_form_of_another_page_is_an_empty_one(serving: Running) -> None:
    answer = exchange(Sandbox(serving), "/doctor", FORM, b"a&" * 10)
    assert answer.status == 400
    assert "Paste a curl command" in words(answer)


@pytest.mark.parametrize(
    ("seconds", "text"), [(901, "15 minutes"), (7199, "119 minutes"), (7200, "2 hours"), (1e8, "1,157 days")]
)
def test_an_age_in_words(seconds: float, text: str) -> None:
    assert age_in_words(seconds) == text


def test_what_cannot_be_seen_has_a_sign_where_it_differs() -> None:
    assert split_at("a\nb", 1) == ("a", "⏎\n", "b")
    assert split_at("a b", 1) == ("a", "␠", "b")
    assert split_at("ab", 2) == ("ab", "␄", "")
    assert split_at("ab", None) == ("ab", "", "")
