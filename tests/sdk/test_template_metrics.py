"""How often a template was sent, delivered and read, by the official SDK."""

from typing import Any

import pytest

from tests.sdk.callers import Phones, Sandbox
from tests.sdk.channels import WHATSAPP
from tests.sdk.operations import call, refused
from tests.sdk.test_template_switches import made

HALF_HOUR, DAY = 1_800_000, 86_400_000


def send(sandbox: Sandbox, phones: Phones, code: str, *scenarios: str, language: str = "en") -> None:
    for digits in scenarios:
        sandbox.send(
            **WHATSAPP.parameters(
                to=phones.new(digits),
                template_code=code,
                language=language,
                template_params={"name": "Zoe"},
            )
        )
    sandbox.advance(10)


def at_noon_of_the_next_day(sandbox: Sandbox) -> int:
    """Moves the clock away from the ends of days and half-hours; when that day begins."""
    now = sandbox.process.get("/sandbox/clock")["now"]
    start = int(now) // DAY * DAY + DAY
    sandbox.advance((start + DAY // 2 - now) / 1000)
    return start


def metric(sandbox: Sandbox, code: str | None, start: int, end: int, **more: Any) -> list[dict[str, Any]]:
    body = call(sandbox, "get_chatapp_template_metric", template_code=code, start=start, end=end, **more)
    rows: list[dict[str, Any]] = body["Data"]
    return rows


def counts(rows: list[dict[str, Any]]) -> list[tuple[int, int, int]]:
    return [(row["SentCount"], row["DeliveredCount"], row["ReadCount"]) for row in rows]


def test_what_came_to_each_status_is_counted_in_its_time(sandbox: Sandbox, phones: Phones) -> None:
    code = made(sandbox)
    start = at_noon_of_the_next_day(sandbox)
    # Read; delivered; sent; refused; receipts doubled and out of order.
    send(sandbox, phones, code, "7777", "0003", "0002", "0001", "0008")
    sandbox.advance(3 * 86_400)
    send(sandbox, phones, code, "7777")
    end = start + 5 * DAY
    days = metric(sandbox, code, start, end)
    assert counts(days) == [(4, 3, 2), (1, 1, 1)]
    assert [row["End"] - row["Start"] for row in days] == [DAY, DAY]
    assert {(row["TemplateCode"], row["Language"]) for row in days} == {(code, "en")}
    assert all(row["Start"] % DAY == 0 and row["Cliented"] == [] for row in days)
    halves = metric(sandbox, code, start, end, granularity="half_hour")
    assert [sum(column) for column in zip(*counts(halves), strict=True)] == [5, 4, 3]
    assert all(row["End"] - row["Start"] == HALF_HOUR for row in halves)
    assert metric(sandbox, code, halves[0]["Start"], halves[0]["Start"] + 1) == days[:1]
    assert metric(sandbox, code, halves[0]["Start"] + 1, end) == days[1:]
    assert metric(sandbox, code, end, end + DAY) == []
    assert metric(sandbox, code, start, end, language="zh_CN") == []
    assert metric(sandbox, code, start, end, template_type="VIBER") == []
    assert metric(sandbox, None, start, end, template_type="WHATSAPP") != []


def test_a_fallback_is_no_message_of_the_template(sandbox: Sandbox, phones: Phones) -> None:
    code = made(sandbox)
    start = at_noon_of_the_next_day(sandbox)
    sandbox.send(
        **WHATSAPP.parameters(
            to=phones.new("0001"),
            template_code=code,
            template_params={"name": "Zoe"},
            fall_back_id="S_000001",
        )
    )
    sandbox.advance(10)
    assert metric(sandbox, code, start, start + 5 * DAY) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"start": None}, "MissingStart"),
        ({"end": None}, "MissingEnd"),
        ({"end": 0}, "InvalidEnd"),
        ({"granularity": "YEARLY"}, "InvalidGranularity"),
        ({"template_code": "9" * 19}, "DetailError.TemplateNotExist"),
        ({"language": "xx"}, "InvalidParameter.LanguageNotSupport"),
        ({"cust_space_id": "cams-neighbour"}, "Unknown.ResourceOwnerId"),
    ],
)
def test_refusals(sandbox: Sandbox, change: dict[str, Any], code: str) -> None:
    params = {"template_code": "sandbox_welcome", "start": 0, "end": 1, **change}
    assert refused(sandbox, "get_chatapp_template_metric", **params).code == code
