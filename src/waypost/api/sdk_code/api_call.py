"""The call that code is written for."""

import re

import msgspec

from waypost.model.quoting import quoted

SECRET_VARIABLE = "ALIBABA_CLOUD_ACCESS_KEY_SECRET"
"""The environment variable that all code reads the secret from, as the official clients name it."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]{0,63}")
_VERSION = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ENDPOINT = re.compile(r"(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
_KEY = re.compile(r"[A-Za-z0-9._@-]{1,128}")


class CallNotWritableError(Exception):
    """No code can be written for a call; the message is a sentence that says why."""


class ApiCall(msgspec.Struct, frozen=True):
    """A call of the API, without what only its signature needs.

    Attributes:
        operation: the Action.
        version: the Version of its product, `2020-06-06`.
        parameters: the parameters of the operation as texts, in the order in which code has them; values may
            be wrong, since code is also written for a call that is refused.
        endpoint: `host` or `host:port`.
        protocol: `http` or `https`.
        access_key_id: who calls. The secret is never a part of code.

    Raises:
        CallNotWritableError: a field other than the parameters has not the form above.
    """

    operation: str
    version: str
    parameters: dict[str, str]
    endpoint: str
    protocol: str
    access_key_id: str

    def __post_init__(self) -> None:
        for field, value, form, allowed in (
            ("operation", self.operation, _NAME, "letters and digits, at most 64"),
            ("version", self.version, _VERSION, "a date such as 2020-06-06"),
            ("endpoint", self.endpoint, _ENDPOINT, "a host or host:port, without a path"),
            ("access key id", self.access_key_id, _KEY, "letters, digits and ._@-, at most 128"),
        ):
            if form.fullmatch(value) is None:
                raise CallNotWritableError(
                    f"The {field} {quoted(value)} is not allowed; it must be {allowed}."
                )
        if self.protocol not in ("http", "https"):
            raise CallNotWritableError(f"The protocol {quoted(self.protocol)} is neither http nor https.")

    @property
    def address(self) -> str:
        """The URL of the service, `http://host:port`."""
        return f"{self.protocol}://{self.endpoint}"
