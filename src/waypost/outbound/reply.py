"""The response of a provider."""

from email.utils import parsedate_to_datetime
from operator import itemgetter

import msgspec

from waypost.model.foreign_documents import charset_of, decoded_text
from waypost.model.foreign_numbers import MAX_DELAY_MS, delay_ms

_MAX_TEXT_BYTES = 4096

_name_of = itemgetter(0)

RawHeaders = list[tuple[bytes, bytes]]
"""The fields of a response's head, in its order and spelling."""


class Reply(msgspec.Struct, frozen=True):
    """The response of a provider.

    Attributes:
        status: the HTTP status.
        headers: the HTTP headers as received.
        body: the first 64 KiB of the body, without its content coding.
    """

    status: int
    headers: RawHeaders
    body: bytes

    @property
    def text(self) -> str:
        """The beginning of the body as one line, which may have anything of the request in it."""
        return " ".join(decoded_text(self.body[:_MAX_TEXT_BYTES], self.charset).split())

    @property
    def charset(self) -> str:
        """The encoding that the response declares; empty if it declares none."""
        return charset_of(self.header("Content-Type"))

    def header(self, name: str) -> str:
        """The value of a header, whatever the case of its name; empty if the response does not have it."""
        return find_header(self.headers, name.lower().encode()).decode("latin-1")


def find_header(headers: RawHeaders, name: bytes) -> bytes:
    """The value of the first header of a name in lower case; empty if there is none."""
    # Most responses do not have it, and then no field need be looked at by itself.
    if name in b"\n".join(map(_name_of, headers)).lower():
        for field, value in headers:
            if field.lower() == name:
                return value
    return b""


def retry_after(reply: Reply) -> int | None:
    """The delay that a provider requests by `Retry-After`, in milliseconds, at most a week; None without one.

    Source: RFC 9110, section 10.2.3 (seconds, or a date; a date is read against the reply's own `Date`).
    """
    delay = reply.header("Retry-After").strip()
    if (requested := delay_ms(delay)) is not None:
        return requested
    try:
        delay_until_date = parsedate_to_datetime(delay) - parsedate_to_datetime(reply.header("Date"))
    except (ValueError, TypeError, OverflowError):
        return None
    return max(0, min(int(delay_until_date.total_seconds() * 1000), MAX_DELAY_MS))
