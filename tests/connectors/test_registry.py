"""The registry of providers: the keys, defaults and checks of a route's settings, and its connector."""

import asyncio
import re
from typing import Any

import msgspec
import pytest

from waypost.connectors.contract import MAX_TIMEOUT_S, Connector, WebhookChallenge
from waypost.connectors.registry import PROVIDERS, RouteSettingsError, connect, parse_route
from waypost.outbound.client import HttpClient

NEEDED: dict[str, dict[str, Any]] = {
    "viber": {"url": "https://viber.example", "secret": "s"},
    "kannel": {"url": "http://kannel.example", "secret": "s", "username": "u", "password": "p"},
    "whatsapp": {
        "secret": "s",
        "app_secret": "a",
        "verify_token": "v",
        "token": "t",
        "numbers": {"15550001": "106540352242922"},
    },
    "messenger": {"secret": "s", "app_secret": "a", "verify_token": "v", "tokens": {"1001": "t"}},
    "instagram": {"secret": "s", "app_secret": "a", "verify_token": "v", "tokens": {"1001": "t"}},
    "telegram": {"secret": "s", "token": "1:t", "secret_token": "x"},
    "line": {"secret": "s", "token": "t", "channel_secret": "c"},
}
"""The keys that a route of each kind cannot do without."""

DEFAULTS: dict[str, dict[str, Any]] = {
    "viber": {"headers": {}},
    "kannel": {"reports_parts": True},
    "whatsapp": {"url": "https://graph.facebook.com/v23.0"},
    "messenger": {"url": "https://graph.facebook.com/v23.0", "template_tag": ""},
    "instagram": {
        "url": "https://graph.facebook.com/v23.0",
        "template_tag": "",
        "accepted_is_delivered": True,
    },
    "telegram": {"url": "https://api.telegram.org", "accepted_is_delivered": True},
    "line": {"url": "https://api.line.me", "accepted_is_delivered": True},
}
"""The value of each other key without one in the settings; the timeout is 10 s, without proxy and rate."""

# Messenger, Instagram and WhatsApp verify the URL of a webhook before they use it.
CHALLENGED = {"whatsapp", "messenger", "instagram"}
REQUIRED_KEYS = [(kind, key) for kind, keys in NEEDED.items() for key in keys]


def table(kind: str, **changed: Any) -> dict[str, Any]:
    """The table of a route in the settings, with the keys it needs and those that are changed."""
    return {"kind": kind, **NEEDED[kind], **changed}


def error_of(settings: dict[str, Any]) -> str:
    with pytest.raises(RouteSettingsError) as raised:
        parse_route(settings)
    return str(raised.value)


def test_every_provider_is_in_these_tables() -> None:
    assert set(PROVIDERS) == set(NEEDED) == set(DEFAULTS)


@pytest.mark.parametrize("kind", PROVIDERS)
def test_a_route_has_its_keys_and_the_defaults_of_the_others(kind: str) -> None:
    settings = msgspec.structs.asdict(parse_route(table(kind)))
    assert settings == NEEDED[kind] | DEFAULTS[kind] | {"rate": 0, "timeout": 10.0, "proxy": ""}


@pytest.mark.parametrize(("kind", "key"), REQUIRED_KEYS)
def test_a_missing_key_is_named(kind: str, key: str) -> None:
    settings = table(kind)
    del settings[key]
    assert f"`{key}`" in error_of(settings)


@pytest.mark.parametrize(("kind", "key"), REQUIRED_KEYS)
def test_a_value_of_the_wrong_type_is_named_by_its_key(kind: str, key: str) -> None:
    assert re.search(rf"\$\.{key}`", error_of(table(kind, **{key: ["list"]})))


@pytest.mark.parametrize("kind", PROVIDERS)
def test_an_unknown_key_is_named(kind: str) -> None:
    assert "`tokken`" in error_of(table(kind, tokken="t"))


@pytest.mark.parametrize("kind", PROVIDERS)
@pytest.mark.parametrize("url", ["", "ftp://provider.example", "provider.example", "//provider.example"])
def test_a_url_begins_with_http(kind: str, url: str) -> None:
    assert error_of(table(kind, url=url)) == f"url is {url!r}; it must begin with http:// or https://"


@pytest.mark.parametrize(
    "url", ["http://", "https:///send", "http://h:99999/", "http://h:0/", "http://[::1/"]
)
def test_a_url_has_a_host(url: str) -> None:
    expected = f"url is {url!r}; it must have a host, and no port above 65535"
    assert error_of(table("viber", url=url)) == expected


@pytest.mark.parametrize("kind", PROVIDERS)
@pytest.mark.parametrize("timeout", [0, -1, MAX_TIMEOUT_S + 1, float("inf"), float("nan")])
def test_a_timeout_is_above_0_and_at_most_ten_minutes(kind: str, timeout: float) -> None:
    assert error_of(table(kind, timeout=timeout)).startswith(f"timeout is {timeout:g}; allowed are seconds")


@pytest.mark.parametrize(("rate", "is_allowed"), [(-1, False), (0, True), (100_000, True), (100_001, False)])
def test_a_rate_is_a_number_of_messages_a_second(rate: int, is_allowed: bool) -> None:
    settings = table("viber", rate=rate)
    if is_allowed:
        assert parse_route(settings).rate == rate
    else:
        assert error_of(settings) == f"rate is {rate}; allowed is 0 to 100000"


@pytest.mark.parametrize("timeout", [0.001, 1, MAX_TIMEOUT_S])
def test_a_timeout_in_its_range_is_taken_over(timeout: float) -> None:
    assert parse_route(table("viber", timeout=timeout)).timeout == timeout


def test_all_values_out_of_range_are_named_at_once() -> None:
    error = error_of(table("line", url="line", timeout=0))
    assert "url is 'line'" in error
    assert "timeout is 0" in error


@pytest.mark.parametrize("kind", ["", "Viber", "sms", None, 7, ["viber"]])
def test_an_unknown_kind_is_answered_with_those_that_there_are(kind: Any) -> None:
    allowed = "viber, kannel, whatsapp, messenger, instagram, telegram, line"
    assert (
        error_of({"kind": kind, "url": "http://x", "secret": "s"})
        == f"kind is {kind!r}; allowed are {allowed}"
    )


@pytest.mark.parametrize("kind", PROVIDERS)
def test_a_route_is_connected_by_the_provider_of_its_kind(kind: str) -> None:
    async def connected() -> Connector:
        async with HttpClient() as client:
            return connect("main", parse_route(table(kind)), client)

    connector = asyncio.run(connected())
    room = type(connector).__module__.split(".")
    assert room[-1] == "connector"
    assert PROVIDERS[kind].connect.__module__.split(".")[:-1] == room[:-1]
    assert isinstance(connector, WebhookChallenge) is (kind in CHALLENGED)
