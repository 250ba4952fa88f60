"""A provider's error page may repeat the whole request; nobody reads the credentials or the content in it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from html import escape
from typing import Any
from urllib.parse import quote, quote_plus

import msgspec
import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from tests.connectors.test_foreign_bytes import SECRETS, SUBMISSION
from tests.connectors.test_registry import NEEDED, table
from waypost.connectors.redaction import MAX_TEXT_LENGTH, REDACTED, Redaction
from waypost.connectors.registry import connect, parse_route
from waypost.model.message.outcomes import Accepted
from waypost.outbound.client import HttpClient

TEXT = "Your code is 481516, do not share it"
FORMS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "html": lambda text: f"<html><pre>{escape(text)}</pre></html>",
    "json": lambda text: json.dumps({"error": {"message": text, "code": 190}, "description": text}),
    "url": lambda text: quote(text, safe=""),
}


def spellings(secret: str) -> set[str]:
    return {secret, quote(secret), quote(secret, safe=""), quote_plus(secret), escape(secret)}


@asynccontextmanager
async def echo(status: int, form: Callable[[str], str]) -> AsyncIterator[str]:
    async def answer(request: web.Request) -> web.Response:
        body = (await request.read()).decode()
        headers = "\n".join(f"{name}: {value}" for name, value in request.headers.items())
        return web.Response(status=status, text=form(f"{request.raw_path}\n{headers}\n{body}"))

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield "http://{}:{}".format(*runner.addresses[0][:2])
    finally:
        await runner.cleanup()


def settings_of(kind: str, url: str) -> dict[str, Any]:
    named = {name: value for name, value in SECRETS.items() if name in NEEDED[kind]}
    if "tokens" in NEEDED[kind]:
        named |= {"tokens": {SUBMISSION.sender: SECRETS["token"]}}  # type: ignore[dict-item]
    if kind == "viber":
        named |= {"headers": {"X-Relay-Key": SECRETS["token"]}}  # type: ignore[dict-item]
    with_user = url.replace("http://", f"http://gateway:{quote(SECRETS['password'], safe='')}@")
    return table(kind, **named, url=with_user)


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("status", [200, 400, 401, 403, 429, 500])
@pytest.mark.parametrize("kind", NEEDED)
def test_nothing_of_the_request_is_kept(kind: str, status: int, form: Callable[[str], str]) -> None:
    submission = msgspec.structs.replace(
        SUBMISSION,
        content={"text": TEXT},
        receipt_url=f"https://waypost.example/receipts/r/{SECRETS['app_secret']}",
    )

    async def main() -> Any:
        async with echo(status, form) as url, HttpClient() as client:
            settings = parse_route(settings_of(kind, url))
            return await connect("r", settings, client).send(submission)

    with capture_logs() as logs:
        outcome = asyncio.run(main())
    seen = f"{outcome} {logs}"
    for secret in SECRETS.values():
        assert not [one for one in spellings(secret) if one in seen], seen
    assert "481516" not in seen
    assert isinstance(outcome, Accepted) or len(outcome.text) <= MAX_TEXT_LENGTH


@pytest.mark.parametrize(
    "text",
    [
        "password=hunter2&x=1",
        '{"password": "hunter2"}',
        "Authorization: Bearer hunter2",
        "Authorization: Basic hunter2==",
        "https://u:hunter2@host/",
        "http://host/path?anything=hunter2",
        "the access_token: hunter2",
        "x-api-key=hunter2",
        "bot 123456789:hunter2hunter2hunter2hunter2",
        "pwd%3Dhunter2",
    ],
)
def test_what_is_named_like_a_secret_is_removed(text: str) -> None:
    redacted = Redaction().apply(text)
    assert "hunter2" not in redacted
    assert REDACTED in redacted


@given(st.text(min_size=1, max_size=12), st.text(max_size=300), st.text(max_size=300))
def test_a_secret_is_never_left(secret: str, before: str, after: str) -> None:
    redacted = Redaction([secret]).apply(f"{before} {secret} {after}")
    assert len(redacted) <= MAX_TEXT_LENGTH
    assert f" {secret} " not in redacted or secret in "*** "


def test_long_words_cost_no_time() -> None:
    # Quadratic, it would take minutes.
    for text in ("a-" * 2048, "a" * 4096, "http://" * 600, "password" * 512, "token=" * 700):
        Redaction(["secret"]).apply(text)
