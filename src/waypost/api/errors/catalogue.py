"""The one catalogue of API errors, and the exception that carries one of them to the answer.

    error_code("MissingTo")  ->  the entry: HTTP status, literal message, when, remedy
    raise ApiError("InvalidTimeStamp.Expired", "x-acs-date is 20 minutes ahead of this service.")

Nobody builds an error body by hand: an operation returns faults or raises `ApiError`, and `answers.failure`
writes it down.
"""

import re
from collections.abc import Mapping, Sequence

from waypost.api.description import AnyOperation
from waypost.api.errors.access import ACCESS_ERRORS
from waypost.api.errors.business import BUSINESS_ERRORS
from waypost.api.errors.error_code import ErrorCode
from waypost.api.errors.gateway import GATEWAY_ERRORS
from waypost.model import codes
from waypost.model.faults import Fault

__all__ = ["ERRORS", "ApiError", "ErrorCode", "error_code", "from_faults", "limited"]

ERRORS: Mapping[str, ErrorCode] = {
    entry.code: entry for entry in GATEWAY_ERRORS + BUSINESS_ERRORS + ACCESS_ERRORS
}
"""Every fixed code that this service returns; the families of `error_code` come on top."""

# Names have no dot, so that a mistyped `InvalidParameter.Something` does not pass as a member.
_FAMILY = re.compile(r"(Missing|Invalid)([A-Za-z][A-Za-z0-9_]*)")
# The texts of users, policies and roles, each with its own code for each way to be wrong.
_TEXT_FAMILY = re.compile(r"InvalidParameter\.([A-Z][A-Za-z]*)\.(InvalidChars|Length|Format)")
TEXT_FAULTS = {
    "InvalidChars": ('The parameter - "{}" contains invalid chars.', "contains what is not allowed in it"),
    "Length": ('The parameter - "{}" beyond the length limit.', "is too long or too short"),
    "Format": ('The format of the parameter - "{}" is incorrect.', "is not written as it has to be"),
}
"""Message and meaning of the codes `InvalidParameter.<Parameter>.<what>`."""


def error_code(code: str) -> ErrorCode:
    """Looks up a code, fixed or of the families `Missing<Parameter>`, `Invalid<Parameter>` and
    `InvalidParameter.<Parameter>.<what>` (HTTP 400).

    Raises:
        KeyError: no documented code is written so.
    """
    entry = ERRORS.get(code)
    if entry is not None:
        return entry
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


class ApiError(Exception):
    """A call is refused with a code of the catalogue.

    Attributes:
        code: the code.
        status: its HTTP status.
        message: the literal message of the catalogue, a space, and the details of this case.
        details: sentences on this case.
        headers: headers to add to the answer, names in lower case.
        access_denied_detail: the member `AccessDeniedDetail` of a denied permission, or None.
    """

    def __init__(
        self,
        code: str,
        details: str = "",
        *,
        parameter: str = "",
        headers: Mapping[str, str] | None = None,
        access_denied_detail: Mapping[str, object] | None = None,
    ) -> None:
        """Makes the error of a code.

        Args:
            code: a fixed code or a member of a family.
            details: sentences on this case: which parameter, what was wrong, what is allowed.
            parameter: fills the place of the parameter's name in the messages that have one.
            headers: headers to add to the answer.
            access_denied_detail: the object for `AccessDeniedDetail`.

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
        super().__init__(f"{code}: {self.message}")


def limited(retry_after_ms: int, details: str = "") -> ApiError:
    """Makes `System.LimitControl` with the time after which to call again, in milliseconds (at least 1).

    The official SDKs read the header `x-acs-retry-after`, a positive integer, and raise their
    ThrottlingException only if it is there.
    """
    return ApiError(codes.LIMIT_CONTROL, details, headers={"x-acs-retry-after": str(max(1, retry_after_ms))})


def from_faults(faults: Sequence[Fault]) -> ApiError:
    """Makes the error for a call with one fault or more: the first fault's code, and the message of all.

    Raises:
        ValueError: there is no fault.
        KeyError: the first fault's code is not in the catalogue.
    """
    if not faults:
        raise ValueError("an error needs at least one fault")
    details = " ".join(
        fault.message if fault.message.startswith(fault.parameter) else f"{fault.parameter}: {fault.message}"
        for fault in faults
    )
    return ApiError(faults[0].code, details, parameter=faults[0].parameter)


def refuse(operation: AnyOperation, faults: Sequence[Fault]) -> None:
    """Refuses a call that has faults, named in the order of the operation's parameters.

    Raises:
        ApiError: there is at least one.
    """
    if faults:
        raise from_faults(operation.in_order(faults))
