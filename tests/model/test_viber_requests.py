"""Requests about Viber senders: who finds them, what an AuditRecord may hold, and what customers are sent."""

from typing import Any

import pytest

from waypost.model.entry_index import by_type
from waypost.model.identifiers import AccountId, SpaceId
from waypost.model.senders.viber_records import LISTS, TABLES, TEXTS, check_record
from waypost.model.senders.viber_senders import (
    ADDRESS,
    OPEN,
    RECOVER,
    REQUEST_TYPES,
    SUSPEND,
    Pause,
    ViberRequest,
    ViberSenders,
    ViberService,
    audit_object,
    changed,
    destinations,
    review_of,
)

NOW = 1_800_000_000_000  # 2027-01-15T08:00:00Z
RECORD: dict[str, Any] = {
    "BusinessAccountName": "Acme",
    "IndustryInvolved": "Retail",
    "MessageDestinationCountry": ["DE"],
}
# The members that the official SDK has (other-operations.md, Viber sender registration and audit).
OFFICIAL_TEXTS = [
    "BusinessAccountName",
    "BusinessLicenseRegistrationNumber",
    "CompanyEnglishName",
    "CompanyLegalName",
    "CompanyLegalPerson",
    "CompanyProfile",
    "CompanyRegisteredCountry",
    "CompleteAddressOfHeadquarters",
    "ContactName",
    "ContactPosition",
    "ContactPhone",
    "ContactEmail",
    "ContactMail",
    "IndustryInvolved",
    "IndustryDescription",
    "AgeLimit",
    "LetterGuarantee",
    "OtherLetterGuarantee",
    "MessageDialogueIntroduction",
    "MessageEnableDate",
    "MessageSessionName",
    "WebAddress",
    "EnableAutoReply",
    "ReplyContent",
    "ApplyReason",
    "SuspensionDate",
    "RecoveryDate",
]


def request(id_: str = "1", account: str = "1", **parts: Any) -> ViberRequest:
    usual: dict[str, Any] = {
        "space_id": "cams-1",
        "type": OPEN,
        "record": RECORD,
        "created_at": NOW,
        "updated_at": NOW,
    } | parts
    return ViberRequest(id=id_, account_id=AccountId(account), **usual)


def service(id_: str = "25644", account: str = "1", space: str = "cams-1") -> ViberService:
    return ViberService(id=id_, account_id=AccountId(account), space_id=SpaceId(space), record=RECORD)


def test_an_account_finds_its_own_requests_and_senders_and_nobody_elses() -> None:
    senders = ViberSenders(
        [
            request(),
            request("2", "2"),
            service(),
            service("25645", "2", "cams-2"),
            service("25646", "2"),
        ]
    )
    assert senders.request(AccountId("1"), "1") == request()
    assert (senders.request(AccountId("2"), "1"), senders.request(AccountId("1"), "9")) == (None, None)
    assert senders.service(AccountId("1"), "25644") == service()
    assert (senders.service(AccountId("2"), "25644"), senders.service(AccountId("1"), "9")) == (None, None)
    assert senders.service_of_space(AccountId("1"), SpaceId("cams-1")) == service()
    assert senders.service_of_space(AccountId("2"), SpaceId("cams-2")) == service("25645", "2", "cams-2")
    assert senders.service_of_space(AccountId("1"), SpaceId("cams-2")) is None
    assert senders.service_of_space(AccountId("2"), SpaceId("cams-1")) == service("25646", "2")


def test_an_entry_takes_the_place_of_the_one_before_it() -> None:
    before = ViberSenders([request()])
    senders = before.changed(by_type([request()]), by_type([request(status="pass")]))
    found = senders.request(AccountId("1"), "1")
    assert found is not None
    assert found.status == "pass"
    assert (before.unreviewed(), senders.unreviewed()) == ([request()], [])


@pytest.mark.parametrize(
    ("parts", "sent"),
    [
        ({}, {"Type": "viberRequest", "PhoneNumber": "", "AuditStatus": "unaudit"}),
        (
            {"status": "pass", "service_id": "25644"},
            {"Type": "viberRequest", "PhoneNumber": "25644", "AuditStatus": "pass"},
        ),
        (
            {"status": "fail", "reason": "No guarantee."},
            {"Type": "viberRequest", "PhoneNumber": "", "AuditStatus": "fail", "Reason": "No guarantee."},
        ),
    ],
    ids=["under review", "passed", "failed"],
)
def test_what_a_customer_is_sent_about_a_request(parts: dict[str, Any], sent: dict[str, Any]) -> None:
    assert audit_object(request("7", **parts)) == sent | {
        "CustSpaceId": "cams-1",
        "WaypostRequestNo": "7",
        "WaypostRequestType": "open",
    }


@pytest.mark.parametrize(
    ("name", "status"), [("Acme", "pass"), ("reject_Acme", "fail"), ("Acme reject_", "pass"), (None, "pass")]
)
def test_only_a_name_that_asks_for_it_fails_its_review(name: str | None, status: str) -> None:
    record = {"BusinessAccountName": name} if name is not None else {}
    assert review_of(request(record=record))[0] == status


def test_the_members_of_a_record_are_the_official_ones() -> None:
    assert sorted(TEXTS) == sorted(OFFICIAL_TEXTS)
    assert LISTS == ("Logo", "MessageDestinationCountry", "MessageDestinationInternationalCountry")
    assert TABLES == {
        "CompanyAddress": ("CompanyAddressTitle", "CompanyAddress"),
        "CompanyTel": ("CompanyTelTitle", "CompanyTelNumber"),
    }


# (member, what it may be, what it may not be)
MEMBERS: list[tuple[str, Any, Any]] = [
    *((name, "x" * 2000, "x" * 2001) for name in TEXTS if "Date" not in name),
    ("WebAddress", "https://a.example", ["https://a.example"]),
    ("ContactName", "Zoe", "Zo\x00e"),
    ("Logo", ["a"] * 250, ["a"] * 251),
    ("Logo", ["x" * 2000], ["x" * 2001]),
    ("MessageDestinationCountry", ["DE", "FR"], ["DE", 49]),
    ("CompanyTel", [{"CompanyTelTitle": "Office", "CompanyTelNumber": "1"}], [{"CompanyAddress": "x"}]),
    ("CompanyAddress", [{"CompanyAddress": "x"}] * 250, [{"CompanyAddress": "x"}] * 251),
    ("CompanyAddress", [{}], ["Main Street 1"]),
    ("CompanyTel", [{"CompanyTelNumber": "1" * 2000}], [{"CompanyTelNumber": 1}]),
]


@pytest.mark.parametrize(("name", "fine", "wrong"), MEMBERS, ids=[row[0] for row in MEMBERS])
def test_each_member_at_its_limit_and_past_it(name: str, fine: Any, wrong: Any) -> None:
    assert check_record(OPEN, RECORD | {name: fine}, NOW) == (RECORD | {name: fine}, [])
    _, faults = check_record(OPEN, RECORD | {name: wrong}, NOW)
    assert [(fault.code, fault.parameter) for fault in faults] == [
        ("InvalidAuditRecord", f"AuditRecord.{name}")
    ]


@pytest.mark.parametrize(
    ("kind", "record", "missing"),
    [
        (OPEN, {}, ["BusinessAccountName", "IndustryInvolved", "MessageDestinationCountry"]),
        (OPEN, {**RECORD, "MessageDestinationCountry": None}, ["MessageDestinationCountry"]),
        (ADDRESS, {}, ["MessageDestinationCountry"]),
        (ADDRESS, {"MessageDestinationInternationalCountry": ["FR"]}, []),
        (ADDRESS, {"MessageDestinationCountry": ["DE"]}, []),
        (SUSPEND, {}, ["SuspensionDate"]),
        (SUSPEND, {"SuspensionDate": "2027-01-15"}, []),
        (SUSPEND, {"SuspensionDate": "2027-01-15 07:59:59"}, []),
        (RECOVER, {}, []),
        (RECOVER, {"RecoveryDate": "2020-01-01"}, []),
        (RECOVER, {"RecoveryDate": "soon"}, ["RecoveryDate"]),
    ],
)
def test_what_a_request_must_hold(kind: str, record: dict[str, Any], missing: list[str]) -> None:
    _, faults = check_record(kind, record, NOW)
    assert [fault.parameter for fault in faults] == [f"AuditRecord.{name}" for name in missing]


def test_the_kinds_of_requests() -> None:
    assert REQUEST_TYPES == ("open", "address", "suspend", "recover")


def test_destinations_are_both_lists_whichever_was_sent() -> None:
    assert destinations(RECORD) == {
        "MessageDestinationCountry": ["DE"],
        "MessageDestinationInternationalCountry": [],
    }


def test_a_request_changes_no_value_in_place() -> None:
    before = service()
    after = changed(before, request(type=SUSPEND, record={"SuspensionDate": "2027-02-01"}), NOW)
    assert before == service()
    assert (after.suspended, before.suspended, before.state(NOW)) == (True, False, "normal")


@pytest.mark.parametrize(
    ("starts", "kept"),
    [(NOW - 1, (Pause(NOW - 1, NOW),)), (NOW, ()), (NOW + 1, ())],
    ids=["before", "now", "later"],
)
def test_a_pause_that_ends_before_it_lasted_is_not_kept(starts: int, kept: tuple[Pause, ...]) -> None:
    paused = ViberService(
        id="1", account_id=AccountId("1"), space_id=SpaceId("s"), record={}, pauses=(Pause(starts),)
    )
    assert changed(paused, request(type=RECOVER, record={}), NOW).pauses == kept
