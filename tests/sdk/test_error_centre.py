"""The error centre: a search in all texts, and the refused call itself, without values to a stranger."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from tests.beside import make_key
from tests.processes import Running, start_serve, until
from tests.sdk.callers import FREE, Refusal, Sandbox, exchange
from tests.sdk.test_pages import SETTINGS, text

KEY = "stranger-key"
SECRETS: list[str] = []
NUMBER = "4915199887766"
CONTENT = '{"text": "nobody must read this"}'


def codes_in(html: str) -> set[str]:
    return set(re.findall(r'<tr id="([^"]+)"', html))


def test_the_search_finds_words_of_every_text(sandbox: Sandbox) -> None:
    html = text(sandbox, "/errors?q=NONCE+retries")
    assert codes_in(html) == {"SignatureNonceUsed"}
    assert "<mark>nonce</mark>" in html
    assert "1 code has" in html


def test_a_search_without_a_match_offers_what_is_similar(sandbox: Sandbox) -> None:
    html = text(sandbox, "/errors?q=SignatureDoesntMatch")
    assert codes_in(html) == set()
    assert "There is no error code <code>SignatureDoesntMatch</code>" in html
    assert 'href="/errors?q=SignatureDoesNotMatch"' in html
    assert "Similar codes" not in text(sandbox, "/errors?q=qqqqqqqqqqqq")


def test_the_pages_have_the_style_of_the_reference(sandbox: Sandbox) -> None:
    style = exchange(sandbox, "/reference.css", {}, method="GET")
    assert style.headers["content-type"].startswith("text/css")
    for path in ("/errors", "/errors/MissingTo", "/reference", "/reference/SendChatappMessage", "/coverage"):
        assert '<link rel="stylesheet" href="/reference.css">' in text(sandbox, path)


def test_the_contents_of_a_page_lead_to_places_in_it(sandbox: Sandbox) -> None:
    for path in (
        "/errors",
        "/reference",
        "/reference/SendChatappMessage",
        "/reference/CreateChatappTemplate",
    ):
        html = text(sandbox, path)
        contents = html[html.index('<nav class="contents"') : html.index("</nav>", html.index("contents"))]
        anchors = re.findall(r'href="#([^"]+)"', contents)
        assert anchors
        for anchor in anchors:
            assert f'id="{anchor}"' in html


def test_the_content_of_a_message_is_grouped_by_channel_in_the_order_of_the_docs(sandbox: Sandbox) -> None:
    html = text(sandbox, "/reference/SendChatappMessage")
    channels = re.findall(r'<details class="content-of" id="content-(\w+)">', html)
    assert channels[:2] == ["viber", "whatsapp"]
    assert len(channels) == len(set(channels)) > 4


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder: Path = tmp_path_factory.mktemp("serve")
    config = folder / "waypost.toml"
    config.write_text(SETTINGS.format(data=folder / "data"), encoding="utf-8")
    SECRETS.append(make_key(config, "secretive", id_=KEY).secret)
    with start_serve(config) as running:
        yield running


def refused(service: Sandbox, **fields: object) -> Refusal:
    return service.refused(
        **FREE | {"from_": "70717", "content": CONTENT, "to": NUMBER} | fields, key=KEY, secret=SECRETS[-1]
    )


def test_a_stranger_sees_which_parameter_was_wrong_and_no_value(serving: Running) -> None:
    service = Sandbox(serving)
    refusal = refused(service, ttl=1, tag="only-for-me")
    path = refusal.body["Recommend"].removeprefix(serving.address)
    request_id = refusal.body["RequestId"]
    # The record is written a moment after the answer.
    html = until(lambda: found if "– wrong." in (found := unescape(text(service, path))) else None)
    assert f"<code>{request_id}</code>" in html
    assert re.search(r'<dt class="wrong"><a href="[^"]*#Ttl">', html)
    assert "Allowed: 30 to 1209600." in html
    for name in ("To", "From", "Content", "Tag"):
        assert f"#{name}" in html
    for value in (
        NUMBER,
        "887766",
        "nobody must read",
        "only-for-me",
        KEY,
        "70717",
        "secretive",
        "127.0.0.1:",
    ):
        assert value not in html.replace(serving.address, "")
