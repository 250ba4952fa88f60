"""Viber senders that customers register: records, dates and the times they are paused."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from waypost.model.identifiers import AccountId, SpaceId
from waypost.model.senders.viber_records import check_record, country_ids
from waypost.model.senders.viber_senders import (
    ADDRESS,
    OPEN,
    RECOVER,
    SUSPEND,
    Pause,
    ViberRequest,
    ViberService,
    changed,
    moment_of,
    review_of,
    suspension_problem,
)

NOW = int(datetime(2027, 1, 15, 8, tzinfo=UTC).timestamp() * 1000)
DAY = 86_400_000
RECORD: dict[str, Any] = {
    "BusinessAccountName": "Acme",
    "IndustryInvolved": "Retail",
    "MessageDestinationCountry": ["DE"],
}


def at(year: int, month: int, day: int) -> int:
    return int(datetime(year, month, day, 12, tzinfo=UTC).timestamp() * 1000)


def request(kind: str, **record: Any) -> ViberRequest:
    return ViberRequest(
        id="1",
        account_id=AccountId("1"),
        space_id=SpaceId("s"),
        type=kind,
        record=record,
        created_at=NOW,
        updated_at=NOW,
    )


def service(*pauses: Pause) -> ViberService:
    return ViberService(
        id="25644", account_id=AccountId("1"), space_id=SpaceId("s"), record=RECORD, pauses=pauses
    )


def test_a_record_without_its_empty_members() -> None:
    values = RECORD | {
        "Logo": [],
        "AgeLimit": "",
        "CompanyTel": [{"CompanyTelTitle": "a", "CompanyTelNumber": "1"}],
    }
    record, faults = check_record(OPEN, values, NOW)
    assert faults == []
    assert record == RECORD | {"CompanyTel": values["CompanyTel"]}


WRONG: list[tuple[str, dict[str, Any], str]] = [
    (OPEN, {**RECORD, "BusinessAccountName": ""}, "BusinessAccountName"),
    (OPEN, {**RECORD, "BusinessAccountName": "x" * 2001}, "BusinessAccountName"),
    (OPEN, {**RECORD, "BusinessAccountName": 7}, "BusinessAccountName"),
    (OPEN, {**RECORD, "IndustryInvolved": None}, "IndustryInvolved"),
    (OPEN, {**RECORD, "MessageDestinationCountry": []}, "MessageDestinationCountry"),
    (OPEN, {**RECORD, "MessageDestinationCountry": "DE"}, "MessageDestinationCountry"),
    (OPEN, {**RECORD, "Logo": [1]}, "Logo"),
    (OPEN, {**RECORD, "CompanyTel": [{"Number": "1"}]}, "CompanyTel"),
    (OPEN, {**RECORD, "Surprise": "x"}, "Surprise"),
    (ADDRESS, {"ApplyReason": "growth"}, "MessageDestinationCountry"),
    (SUSPEND, {}, "SuspensionDate"),
    (SUSPEND, {"SuspensionDate": "tomorrow"}, "SuspensionDate"),
    (SUSPEND, {"SuspensionDate": "2027-01-14"}, "SuspensionDate"),
    (RECOVER, {"RecoveryDate": "2027-13-01"}, "RecoveryDate"),
]


@pytest.mark.parametrize(("kind", "values", "member"), WRONG)
def test_a_record_that_is_wrong(kind: str, values: dict[str, Any], member: str) -> None:
    _, faults = check_record(kind, values, NOW)
    assert [(fault.code, fault.parameter) for fault in faults] == [
        ("InvalidAuditRecord", f"AuditRecord.{member}")
    ]


def test_countries_with_their_calling_codes() -> None:
    assert country_ids(["DZ", "DE", "213|DZ", "Algeria"]) == ["213|DZ", "49|DE", "213|DZ", "Algeria"]


def test_dates_are_gmt() -> None:
    assert moment_of("2027-01-15") == NOW - 8 * 3_600_000
    assert moment_of("2027-01-15 08:00:00") == NOW
    assert moment_of("15.1.2027") is None


@pytest.mark.parametrize(
    ("text", "now", "fine"),
    [
        ("2027-01-15", NOW, True),
        ("2027-01-14", NOW, False),
        ("2027-01-31", at(2027, 1, 25), True),
        ("2027-01-31", at(2027, 1, 26), False),
        ("2027-02-01", at(2027, 1, 26), True),
        ("2027-12-31", at(2027, 12, 26), False),
        ("2028-01-01", at(2027, 12, 31), True),
        ("", NOW, False),
    ],
)
def test_from_when_a_sender_can_be_suspended(text: str, now: int, fine: bool) -> None:
    assert (suspension_problem(text, now) is None) is fine


def test_a_sender_is_paused_from_its_date_until_it_is_resumed() -> None:
    first = moment_of("2027-02-01")
    assert first is not None
    suspended = changed(service(), request(SUSPEND, SuspensionDate="2027-02-01"), NOW)
    assert [suspended.paused(now) for now in (NOW, first - 1, first, first + 999 * DAY)] == [
        False,
        False,
        True,
        True,
    ]
    assert suspended.suspended
    resumed = changed(suspended, request(RECOVER, RecoveryDate="2027-03-01"), first + DAY)
    end = moment_of("2027-03-01")
    assert end is not None
    assert resumed.pauses == (Pause(first, end),)
    assert [resumed.state(now) for now in (first, end - 1, end)] == ["stop", "stop", "normal"]
    assert not resumed.suspended


def test_a_sender_is_resumed_at_once_without_a_date_or_with_one_that_has_passed() -> None:
    for record in ({}, {"RecoveryDate": "2020-01-01"}):
        resumed = changed(service(Pause(NOW - DAY)), request(RECOVER, **record), NOW)
        assert resumed.pauses == (Pause(NOW - DAY, NOW),)


def test_a_pause_that_is_taken_back_before_it_begins_never_was() -> None:
    assert changed(service(Pause(NOW + DAY)), request(RECOVER), NOW).pauses == ()


def test_a_pause_never_begins_before_it_was_granted() -> None:
    assert changed(service(), request(SUSPEND, SuspensionDate="2027-01-01"), NOW).pauses == (Pause(NOW),)


def test_other_destinations_replace_the_old_ones() -> None:
    after = changed(service(), request(ADDRESS, MessageDestinationInternationalCountry=["FR"]), NOW)
    assert after.record == RECORD | {
        "MessageDestinationCountry": [],
        "MessageDestinationInternationalCountry": ["FR"],
    }
    assert msgspec.structs.replace(after, record=RECORD) == service()


def test_the_automatic_review() -> None:
    assert review_of(request(OPEN, **RECORD)) == ("pass", "")
    status, reason = review_of(request(OPEN, **RECORD | {"BusinessAccountName": "reject_me"}))
    assert (status, "reject_" in reason) == ("fail", True)
