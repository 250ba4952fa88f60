"""Numbers in the settings that no computer can use are refused with the key, like any other wrong value."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from waypost.config.loading import load
from waypost.config.settings import SettingsError

KEYS = (
    "server.port",
    "server.stop_timeout",
    "server.max_webhook",
    "limits.calls_per_second",
    "limits.failed_signatures_per_second",
    "calls.per_account",
    "calls.unauthenticated",
    "viber.default_ttl",
    "delivery.concurrency",
    "delivery.promotion_share",
    "delivery.breaker_threshold",
    "delivery.breaker_window",
    "delivery.breaker_least",
    "delivery.in_doubt_wait",
    "delivery.receipt_grace",
    "delivery.sms_ttl",
    "callbacks.timeout",
    "callbacks.batch",
    "callbacks.concurrency_per_url",
    "queues.retention",
    "queues.visibility_timeout",
    "queues.token_duration",
)
SCHEDULES = (
    "delivery.retry_schedule",
    "delivery.breaker_probes",
    "delivery.unmatched_receipt_schedule",
    "callbacks.retry_schedule",
)
NUMBERS = ["nan", "inf", "-inf", "-1", "true", "1e400", "9" * 400, "9" * 5000, "0x" + "f" * 40, "[1]"]


def loaded(path: Path, key: str, literal: str) -> None:
    section, name = key.split(".")
    path.write_text(f"[{section}]\n{name} = {literal}\n", encoding="utf-8")
    load(path, {})


@pytest.mark.parametrize("literal", NUMBERS, ids=lambda literal: literal[:8])
@pytest.mark.parametrize("key", KEYS)
def test_a_number_is_refused(tmp_path: Path, key: str, literal: str) -> None:
    with pytest.raises(SettingsError):
        loaded(tmp_path / "waypost.toml", key, literal)


@pytest.mark.parametrize("literal", NUMBERS[:-1], ids=lambda literal: literal[:8])
@pytest.mark.parametrize("key", SCHEDULES)
def test_a_delay_is_refused(tmp_path: Path, key: str, literal: str) -> None:
    with pytest.raises(SettingsError):
        loaded(tmp_path / "waypost.toml", key, f"[1, {literal}]")


@pytest.mark.parametrize("name", ["", "my route", "a/b", "é", "x" * 65])
@pytest.mark.parametrize("table", ["routes", "accounts"])
def test_a_name_that_is_no_part_of_a_url_is_refused(tmp_path: Path, table: str, name: str) -> None:
    members = {"routes": 'kind = "viber"\nurl = "http://127.0.0.1:1"\nsecret = "s"', "accounts": ""}
    path = tmp_path / "waypost.toml"
    path.write_text(f"[{table}.{json.dumps(name, ensure_ascii=False)}]\n{members[table]}\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="a name has"):
        load(path, {})


@given(st.binary(max_size=60) | st.just(b"a = " + b"[" * 5000) | st.just(b"a." * 3000 + b"b = 1"))
@settings(max_examples=100, deadline=None)
def test_a_file_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("settings") / "waypost.toml"
    path.write_bytes(content)
    try:
        load(path, {})
    except SettingsError as error:
        assert str(error)  # noqa: PT017 - an empty file is not refused
