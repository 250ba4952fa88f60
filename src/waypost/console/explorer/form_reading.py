"""The fields of a form that was sent, within bounds."""

from urllib.parse import parse_qsl

from starlette.requests import Request

LONGEST_VALUES = 64 * 1024
"""The most bytes of a form, as it is sent: percent-encoded."""
MOST_FIELDS = 500


class FormTooLongError(Exception):
    """A form is longer, or has more fields, than any call that is filled in by hand; the message says so."""


async def read_form(request: Request, longest: int = LONGEST_VALUES) -> dict[str, str]:
    """The fields of a form by name, of a repeated one the last; line ends are as programs write them.

    Raises:
        FormTooLongError: it is too long.
    """
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > longest:
            raise FormTooLongError(f"The form has more than {longest // 1024} KiB.")
    return read_fields(body.decode("utf-8", "replace"))


def read_fields(encoded: str) -> dict[str, str]:
    """The fields of an encoded form by name, of a repeated one the last.

    Raises:
        FormTooLongError: it has too many.
    """
    if encoded.count("&") >= MOST_FIELDS:
        raise FormTooLongError(f"The form has more than {MOST_FIELDS} fields.")
    pairs = parse_qsl(encoded, keep_blank_values=True)
    return {name: text.replace("\r\n", "\n") for name, text in pairs}
