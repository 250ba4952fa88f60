"""The AuditRecord of a request about a Viber sender: its allowed and required members.

Which members are mandatory is not published. Required here is what a sender cannot do without: its name,
its branch and a country to write to.
"""

from collections.abc import Mapping
from typing import Any

from phonenumbers import country_code_for_region

from waypost.model import codes
from waypost.model.faults import Fault
from waypost.model.senders.viber_senders import (
    ADDRESS,
    DATE_NEEDED,
    OPEN,
    RECOVER,
    SUSPEND,
    moment_of,
    suspension_problem,
)

RECORD = "AuditRecord"
"""The parameter that holds a record."""
LONGEST = 2000
_MOST = 250

TEXTS = (
    "AgeLimit",
    "ApplyReason",
    "BusinessAccountName",
    "BusinessLicenseRegistrationNumber",
    "CompanyEnglishName",
    "CompanyLegalName",
    "CompanyLegalPerson",
    "CompanyProfile",
    "CompanyRegisteredCountry",
    "CompleteAddressOfHeadquarters",
    "ContactEmail",
    "ContactMail",
    "ContactName",
    "ContactPhone",
    "ContactPosition",
    "EnableAutoReply",
    "IndustryDescription",
    "IndustryInvolved",
    "LetterGuarantee",
    "MessageDialogueIntroduction",
    "MessageEnableDate",
    "MessageSessionName",
    "OtherLetterGuarantee",
    "RecoveryDate",
    "ReplyContent",
    "SuspensionDate",
    "WebAddress",
)
LOCAL, INTERNATIONAL = "MessageDestinationCountry", "MessageDestinationInternationalCountry"
LISTS = ("Logo", LOCAL, INTERNATIONAL)
TABLES = {
    "CompanyAddress": ("CompanyAddressTitle", "CompanyAddress"),
    "CompanyTel": ("CompanyTelTitle", "CompanyTelNumber"),
}
_REQUIRED = {OPEN: ("BusinessAccountName", "IndustryInvolved"), SUSPEND: ("SuspensionDate",)}


def check_record(
    request_type: str, members: Mapping[str, Any], now: int
) -> tuple[dict[str, Any], list[Fault]]:
    """The record without its empty members, and its faults for a request of that type.

    Args:
        now: milliseconds UTC; dates are judged by it.
    """
    # The official SDK sends [] for each list that its caller left out.
    record = {name: value for name, value in members.items() if value not in (None, "", [], {})}
    faults = [
        _fault(name, problem)
        for name, value in record.items()
        if (problem := _member_problem(name, value)) is not None
    ]
    faults += [
        _fault(name, "it is missing") for name in _REQUIRED.get(request_type, ()) if name not in record
    ]
    if request_type in (OPEN, ADDRESS) and LOCAL not in record and INTERNATIONAL not in record:
        faults.append(_fault(LOCAL, "it is missing", f"it or {INTERNATIONAL} is needed"))
    if request_type == SUSPEND and "SuspensionDate" in record:
        problem = suspension_problem(str(record["SuspensionDate"]), now)
        faults += [_fault("SuspensionDate", problem)] if problem is not None else []
    if (
        request_type == RECOVER
        and "RecoveryDate" in record
        and moment_of(str(record["RecoveryDate"])) is None
    ):
        faults.append(_fault("RecoveryDate", DATE_NEEDED))
    return record, faults


def country_ids(countries: list[str]) -> list[str]:
    """Countries with their calling codes, `213|DZ`; anything but a two-letter code stays as it is."""
    return [f"{code}|{name}" if (code := country_code_for_region(name)) else name for name in countries]


def _fault(name: str, problem: str, allowed: str = "") -> Fault:
    return Fault(codes.invalid(RECORD), f"{RECORD}.{name}", problem, allowed)


def _member_problem(name: str, value: object) -> str | None:
    if name in TEXTS:
        return None if _is_text(value) else f"a text of at most {LONGEST} characters is needed"
    if name in LISTS:
        fine = isinstance(value, list) and len(value) <= _MOST and all(map(_is_text, value))
        return None if fine else f"a list of at most {_MOST} texts is needed"
    if name in TABLES:
        fine = isinstance(value, list) and len(value) <= _MOST and all(_is_row(name, row) for row in value)
        return None if fine else f"a list of objects with {' and '.join(TABLES[name])} is needed"
    return "it is not a member of an AuditRecord"


def _is_text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST and "\x00" not in value


def _is_row(name: str, row: object) -> bool:
    return isinstance(row, dict) and all(key in TABLES[name] and _is_text(row[key]) for key in row)
