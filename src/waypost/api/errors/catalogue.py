"""The catalogue of API errors, and the exception that is answered with one of them.

    error_code("MissingTo")  ->  the entry: HTTP status, literal message, when, remedy
    raise ApiError("InvalidTimeStamp.Expired", "x-acs-date is 20 minutes ahead of this service.")

Error bodies are built in one place: an operation collects faults or raises `ApiError`, and `answers.failure`
serialises it.
"""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from waypost.api.description import AnyOperation
from waypost.api.errors.access import ACCESS_ERRORS
from waypost.api.errors.business import BUSINESS_ERRORS
from waypost.api.errors.error_code import ErrorCode
from waypost.api.errors.gateway import GATEWAY_ERRORS
from waypost.model import codes
from waypost.model.faults import Fault
from waypost.model.quoting import SHOWN_LENGTH, shown

__all__ = ["ERRORS", "ApiError", "ErrorCode", "error_code", "from_faults", "limited"]

ERRORS: Mapping[str, ErrorCode] = {
    entry.code: entry for entry in GATEWAY_ERRORS + BUSINESS_ERRORS + ACCESS_ERRORS
}
"""Every fixed code that this service answers; `error_code` also knows families of codes."""

# Names have no dot, so that a mistyped `InvalidParameter.Something` does not match the family.
_FAMILY = re.compile(r"(Missing|Invalid)([A-Za-z][A-Za-z0-9_]*)")
# The texts of users, policies and roles have a code per parameter and violation.
_TEXT_FAMILY = re.compile(r"InvalidParameter\.([A-Z][A-Za-z]*)\.(InvalidChars|Length|Format)")
TEXT_FAULTS = {
    "InvalidChars": ('The parameter - "{}" contains invalid chars.', "contains what is not allowed in it"),
    "Length": ('The parameter - "{}" beyond the length limit.', "is too long or too short"),
    "Format": ('The format of the parameter - "{}" is incorrect.', "is not written as it has to be"),
}
"""Violation to message and cause, of the codes `InvalidParameter.<Parameter>.<violation>`."""


def error_code(code: str) -> ErrorCode:
    """Looks up a fixed code, or one of the families `Missing<Parameter>`, `Invalid<Parameter>` and
    `InvalidParameter.<Parameter>.<violation>` (HTTP 400).

    Raises:
        KeyError: there is no such code.
    """
    entry = ERRORS.get(code)
    if entry is not None:
        return entry
    if len(code) > SHOWN_LENGTH:
        raise KeyError(shown(code))
    of_text = _TEXT_FAMILY.fullmatch(code)
    if of_text is not None:
        parameter, kind = of_text.groups()
        message, when = TEXT_FAULTS[kind]
        remedy = f"Correct {parameter} as the message says."
        return ErrorCode(code, 400, message.format(parameter), f"{parameter} {when}.", remedy)
    family = _FAMILY.fullmatch(code)
    if family is None:
        raise KeyError(code)
    kind, parameter = family.groups()
    if kind == "Missing":
        return ErrorCode(
            code,
            400,
            f"{parameter} is mandatory for this action.",
            f"The parameter {parameter} is missing or empty.",
            f"Send {parameter}.",
        )
    return ErrorCode(
        code,
        400,
        f"Specified parameter {parameter} is not valid.",
        f"The value of {parameter} is not allowed.",
        f"Correct {parameter} as the message says.",
    )


class SignatureMismatch(NamedTuple):
    """A wrong signature.

    Attributes:
        string_to_sign: what the service expected to be signed.
        signature: the one that was sent.
    """

    string_to_sign: str
    signature: str


class ApiError(Exception):
    """A call is refused with a code of the catalogue.

    Attributes:
        code: the code.
        status: its HTTP status.
        message: the literal message of the catalogue, a space, and the details.
        details: sentences on this occurrence.
        headers: headers to add to the answer, names in lower case.
        access_denied_detail: the member `AccessDeniedDetail` of a denied permission, or None.
        mismatch: of a wrong signature, for the record of the call; None for any other error.
    """

    def __init__(
        self,
        code: str,
        details: str = "",
        *,
        parameter: str = "",
        headers: Mapping[str, str] | None = None,
        access_denied_detail: Mapping[str, object] | None = None,
        mismatch: SignatureMismatch | None = None,
    ) -> None:
        """Creates an error with a code of the catalogue.

        Args:
            code: a fixed code or one of a family.
            details: sentences on this occurrence: the parameter, the problem, the allowed values.
            parameter: replaces `{parameter}` in the message.
            headers: headers to add to the answer.
            access_denied_detail: the member `AccessDeniedDetail`.
            mismatch: of a wrong signature.

        Raises:
            KeyError: the code is not in the catalogue.
        """
        entry = error_code(code)
        self.code = code
        self.details = details
        self.status = entry.status
        self.message = entry.message.replace("{parameter}", parameter)
        if details:
            self.message += " " + details
        self.headers = headers or {}
        self.access_denied_detail = access_denied_detail
        self.mismatch = mismatch
        super().__init__(f"{code}: {self.message}")


def limited(retry_after_ms: int, details: str = "") -> ApiError:
    """Creates `System.LimitControl` with the time after which to retry, in milliseconds (at least 1).

    The official SDKs read the header `x-acs-retry-after`, a positive integer, and raise their
    ThrottlingException only if it is there.
    """
    return ApiError(codes.LIMIT_CONTROL, details, headers={"x-acs-retry-after": str(max(1, retry_after_ms))})


def from_faults(faults: Sequence[Fault]) -> ApiError:
    """Creates the error for a call with one or more faults: the code of the first, and the messages of all.

    Raises:
        ValueError: there is no fault.
        KeyError: the first fault's code is not in the catalogue.
    """
    if not faults:
        raise ValueError("an error needs at least one fault")
    details = " ".join(
        fault.message
        if fault.message.startswith(fault.parameter)
        else f"{shown(fault.parameter)}: {fault.message}"
        for fault in faults
    )
    return ApiError(faults[0].code, details, parameter=shown(faults[0].parameter))


def refuse(operation: AnyOperation, faults: Sequence[Fault]) -> None:
    """Refuses a call that has faults; lists them in the order of the parameters.

    Raises:
        ApiError: there is at least one fault.
    """
    if faults:
        raise from_faults(operation.in_order(faults))
