"""The ranges of numbers, and the lengths of lists of delays."""

from collections.abc import Iterator, Sequence
from typing import Any

from waypost.api.limits import LONGEST_BODY, LONGEST_HEAD
from waypost.config.checks.draft import Draft
from waypost.config.mistakes import Mistake
from waypost.model.retention import RetentionAges

_BOUNDS: tuple[tuple[str, str, float, float], ...] = (
    ("server", "port", 0, 65535),
    ("server", "stop_timeout", 0, 3600),
    ("server", "max_webhook", 1024, 16_777_216),
    ("server", "max_head", 4096, LONGEST_HEAD),
    ("server", "max_headers", 20, 10_000),
    ("server", "max_body", 4096, LONGEST_BODY),
    ("server", "max_large_body", 4096, 64 * 1024 * 1024),
    ("server", "head_timeout", 0.1, 3600),
    ("server", "body_timeout", 0.1, 3600),
    ("server", "min_rate", 0, 1_000_000_000),
    ("server", "idle_timeout", 0.1, 86_400),
    ("server", "max_connections", 1, 1_000_000),
    ("server", "max_connections_per_address", 1, 1_000_000),
    ("server", "max_unfinished_bytes", 1_000_000, 1 << 40),
    ("store", "min_free", 0, 1_000_000_000),
    ("limits", "calls_per_second", 0, 1_000_000),
    ("limits", "failed_signatures_per_second", 1, 1_000_000),
    ("calls", "per_account", 100, 100_000_000),
    ("calls", "unauthenticated", 100, 100_000_000),
    ("viber", "default_ttl", 30, 1_209_600),
    ("delivery", "concurrency", 1, 10_000),
    ("delivery", "promotion_share", 0, 0.5),
    ("delivery", "breaker_threshold", 0, 1),
    ("delivery", "breaker_window", 1, 3600),
    ("delivery", "breaker_least", 1, 1000),
    ("delivery", "in_doubt_wait", 0, 86_400),
    ("delivery", "no_route_wait", 0, 86_400),
    ("delivery", "receipt_grace", 0, 1_209_600),
    ("delivery", "sms_ttl", 60, 1_209_600),
    ("sms", "per_recipient", 0, 1_000_000_000),
    ("sms", "per_prefix", 0, 1_000_000_000),
    ("sms", "per_account", 0, 1_000_000_000),
    ("sms", "max_segments", 1, 255),
    ("callbacks", "timeout", 0.05, 60),
    ("callbacks", "batch", 1, 1000),
    ("callbacks", "concurrency_per_url", 1, 1000),
    ("queues", "retention", 60, 31_536_000),
    ("queues", "visibility_timeout", 1, 43_200),
    ("queues", "token_duration", 900, 43_200),
    *(("retention", name, 0, 36_500) for name in RetentionAges.__struct_fields__),
)
"""Section, key, the lowest and the highest value."""

_SCHEDULES = (
    ("delivery", "retry_schedule", 0.0),
    ("delivery", "breaker_probes", 0.1),
    ("delivery", "unmatched_receipt_schedule", 0.0),
    ("callbacks", "retry_schedule", 0.0),
)
"""Section, key, the shortest delay in seconds."""

_LONGEST_DELAY_S = 2_592_000
_MOST_DELAYS = 1000
_HIGHEST_LIMIT = 1_000_000


def check_ranges(draft: Draft) -> Iterator[Mistake]:
    """Yields each number that is out of its range, and each list of delays that is too long or empty."""
    settings = draft.settings
    for section, key, low, high in _BOUNDS:
        value = getattr(getattr(settings, section), key)
        if not low <= value <= high:
            yield Mistake((section, key), "is {value}", f"allowed is {low} to {high}", value)
    for section, key, shortest in _SCHEDULES:
        yield from _check_schedule(section, key, getattr(getattr(settings, section), key), shortest)
    for key in ("retry_schedule", "breaker_probes"):
        if not getattr(settings.delivery, key):
            yield Mistake(("delivery", key), "is empty", "at least one number of seconds is needed")
    for account_id, account in settings.accounts.items():
        if account.limit is not None and not 0 <= account.limit <= _HIGHEST_LIMIT:
            place = ("accounts", account_id, "limit")
            yield Mistake(place, "is {value}", f"allowed is 0 to {_HIGHEST_LIMIT}", account.limit)


def _check_schedule(section: str, key: str, schedule: Sequence[Any], shortest: float) -> Iterator[Mistake]:
    for number, delay in enumerate(schedule):
        if not shortest <= delay <= _LONGEST_DELAY_S:
            allowed = f"allowed is {shortest:g} to {_LONGEST_DELAY_S}"
            yield Mistake((section, key, number), "is {value}", allowed, delay)
    if len(schedule) > _MOST_DELAYS:
        yield Mistake((section, key), f"has {len(schedule)} delays", f"allowed are {_MOST_DELAYS}")
