"""Credentials are checked by exact requests that reach no person; each answer has its verdict, in words."""

import asyncio
from typing import Any

import pytest

from tests.connectors.providers import Canned, RecordedRequest, canned
from waypost.connectors.credentials import Check, Verdict, check_credentials
from waypost.connectors.registry import PROVIDERS, parse_route
from waypost.outbound.client import HttpClient

TOKEN = "123456:AAsecretsecretsecretsecretsecret"
ROUTES: dict[str, dict[str, Any]] = {
    "whatsapp": {"token": TOKEN, "numbers": {"4930111": "1001"}, "app_secret": "", "verify_token": "v"},
    "messenger": {"tokens": {"2002": TOKEN}, "app_secret": "", "verify_token": "v"},
    "instagram": {"tokens": {"2002": TOKEN}, "app_secret": "", "verify_token": "v"},
    "telegram": {"token": TOKEN, "secret_token": ""},
    "line": {"token": TOKEN, "channel_secret": ""},
    "viber": {},
    "kannel": {"username": "waypost", "password": "kannel"},
}
BEARER = f"Bearer {TOKEN}"
REQUESTS = {
    "whatsapp": ("/1001", {"fields": "id"}, BEARER),
    "messenger": ("/me", {"fields": "id"}, BEARER),
    "instagram": ("/me", {"fields": "id"}, BEARER),
    "telegram": (f"/bot{TOKEN}/getMe", {}, None),
    "line": ("/v2/bot/info", {}, BEARER),
}
RIGHT = {
    "whatsapp": '{"id":"1001"}',
    "messenger": '{"id":"2002"}',
    "instagram": '{"id":"2002"}',
    "telegram": '{"ok":true,"result":{"id":123456,"is_bot":true}}',
    "line": '{"userId":"U1","basicId":"@1","displayName":"Shop"}',
}
SUBJECTS = {"whatsapp": "4930111", "messenger": "2002", "instagram": "2002"}
META_WORDS = '{"error":{"message":"Invalid OAuth access token - Cannot parse access token","code":190}}'
WRONG = [
    ("whatsapp", 401, META_WORDS, "HTTP 401: Invalid OAuth access token - Cannot parse access token"),
    ("messenger", 400, META_WORDS, "HTTP 400: Invalid OAuth access token - Cannot parse access token"),
    ("messenger", 200, '{"id":"2999"}', "they are of 2999, not of it"),
    ("telegram", 401, '{"ok":false,"error_code":401,"description":"Unauthorized"}', "HTTP 401: Unauthorized"),
    ("line", 401, '{"message":"Authentication failed."}', "HTTP 401: Authentication failed."),
    ("line", 403, f"<html>{TOKEN}</html>", "HTTP 403: <html>***</html>"),
]


def check(kind: str, reply: Canned) -> tuple[Check, list[RecordedRequest]]:
    """What comes of a check by a provider that replies so, and what that was asked."""

    async def run() -> tuple[Check, list[RecordedRequest]]:
        async with canned(reply) as provider:
            return await _check(kind, provider.url), provider.requests

    return asyncio.run(run())


async def _check(kind: str, url: str) -> Check:
    settings = parse_route(
        {"kind": kind, "url": url, "secret": "receipts-of-the-test", "timeout": 2.0, **ROUTES[kind]}
    )
    async with HttpClient() as client:
        [found] = await check_credentials(settings, client)
        return found


def test_of_every_provider_it_is_known_how_credentials_are_checked() -> None:
    assert set(ROUTES) == set(PROVIDERS)
    for provider in PROVIDERS.values():
        assert (provider.credentials is None) is bool(provider.unchecked)
        assert (provider.kind in REQUESTS) is (provider.credentials is not None)


@pytest.mark.parametrize("kind", REQUESTS)
def test_credentials_that_are_right(kind: str) -> None:
    found, [request] = check(kind, Canned(body=RIGHT[kind]))
    assert found == Check(SUBJECTS.get(kind, ""), Verdict.RIGHT, "")
    path, query, authorization = REQUESTS[kind]
    assert (request.method, request.path, request.query) == ("GET", path, query)
    assert request.headers.get("Authorization") == authorization
    assert request.body == b""


@pytest.mark.parametrize(("kind", "status", "body", "words"), WRONG)
def test_credentials_that_are_wrong_are_named_in_the_providers_words(
    kind: str, status: int, body: str, words: str
) -> None:
    found, _ = check(kind, Canned(status, body))
    assert (found.subject, found.verdict) == (SUBJECTS.get(kind, ""), Verdict.WRONG)
    assert words in found.text
    assert TOKEN not in found.text


@pytest.mark.parametrize(("status", "body"), [(429, "later"), (500, "later"), (503, "later"), (200, "later")])
def test_any_other_answer_leaves_it_open(status: int, body: str) -> None:
    found, _ = check("line", Canned(status, body))
    assert (found.verdict, found.text) == (
        Verdict.UNKNOWN,
        f"the provider answers HTTP {status}: {body}",
    )


def test_a_provider_that_is_not_there_leaves_it_open() -> None:
    async def run() -> Check:
        async with canned(Canned()) as provider:
            url = provider.url
        return await _check("telegram", url)

    found = asyncio.run(run())
    assert found.verdict is Verdict.UNKNOWN
    assert found.text.startswith("no answer: ")
    assert TOKEN not in found.text


@pytest.mark.parametrize("kind", ["viber", "kannel"])
def test_where_only_a_message_shows_it_none_is_sent(kind: str) -> None:
    found, requests = check(kind, Canned())
    assert requests == []
    assert found.verdict is Verdict.UNKNOWN
    assert "--to" in found.text
