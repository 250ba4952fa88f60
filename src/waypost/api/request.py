"""An HTTP request to the RPC API, and its parameters."""

from binascii import a2b_qp
from collections.abc import Mapping
from operator import methodcaller

import msgspec

from waypost.api.description import CALL_PARAMETERS
from waypost.api.errors.catalogue import ApiError
from waypost.api.http_messages import HttpRequest
from waypost.api.limits import MOST_PARAMETERS
from waypost.model import codes
from waypost.model.quoting import shown

_FORM = "application/x-www-form-urlencoded"

# Bounds the memory that callers with invented names can take.
_CACHED_NAMES = 256
_LONGEST_CACHED_NAME = 64

# Longer parameters of a V1 call, or more of them, are decoded only when it is known who calls.
_LONGEST_DECODED = 8192
_MOST_DECODED = 500


class Call(msgspec.Struct, frozen=True, gc=False):
    """An HTTP request with its whole body, in the form that signatures are checked against.

    Attributes:
        method: the HTTP method in upper case.
        path: the decoded path, `/` for every API call.
        raw_query: the query string without `?`, still encoded. Bytes that are not UTF-8 become lone
            surrogates, which `parameters` refuses.
        headers: lower-case name to value, without surrounding blanks; the values of a repeated header are
            sorted and joined by `,`, as V3 signs them.
        body: the raw bytes, without chunked encoding.
        peer: the network address of the client; empty if unknown.
    """

    method: str
    path: str
    raw_query: str
    headers: Mapping[str, str]
    body: bytes
    peer: str

    @classmethod
    def from_request(cls, request: HttpRequest) -> "Call":
        """Builds a call from a request; no input of a caller makes it fail."""
        return cls(
            request.method,
            request.path,
            request.query.decode("utf-8", "surrogateescape"),
            _headers(request.headers),
            request.body,
            request.peer,
        )


class _HeaderNames(dict[bytes, str]):
    """Header names as sent to their text in lower case. Callers send few different ones, so that looking them
    up spares decoding them."""

    def __missing__(self, name: bytes) -> str:
        text = name.decode().lower()
        if len(self) < _CACHED_NAMES and len(name) <= _LONGEST_CACHED_NAME:
            self[name] = text
        return text


_NAMES = _HeaderNames()


def _headers(fields: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """The headers of a request by their names in lower case; values of a repeated one are joined."""
    try:
        names, values = zip(*fields, strict=True)
        # All at once: no value has the end of a line, or there would be more values than names.
        texts = b"\n".join(values).decode().split("\n")
        headers = dict(zip(map(_NAMES.__getitem__, names), map(str.strip, texts), strict=True))
    except ValueError:
        return _joined_headers(fields)
    return headers if len(headers) == len(fields) else _joined_headers(fields)


def _joined_headers(fields: list[tuple[bytes, bytes]]) -> dict[str, str]:
    values: dict[str, list[str]] = {}
    for name, value in fields:
        values.setdefault(_header_text(name).lower(), []).append(_header_text(value).strip())
    return {name: ",".join(sorted(several)) for name, several in values.items()}


def _header_text(field: bytes) -> str:
    # Clients sign the decoded text of a header: Go sends it as UTF-8, Python's http.client as Latin-1.
    try:
        return field.decode()
    except UnicodeDecodeError:
        return field.decode("latin-1")


class SigningParameters(dict[str, str]):
    """The parameters that are looked at before the signature.

    Attributes:
        is_complete: whether they are all parameters of the call.
    """

    is_complete = False


def signing_parameters(call: Call) -> SigningParameters:
    """Decodes what is needed to check who calls: nothing of a V3 call, whose signature needs none, all
    parameters of a V1 call with few, and only those of the signature of another one.

    Raises:
        ApiError: InvalidParameter, if a name or value is not percent-encoded UTF-8, or there are too many.
    """
    _require_few(call.raw_query)
    if call.headers.get("authorization", "").startswith("ACS3-"):
        return SigningParameters()
    raw = raw_parameters(call)
    if not is_short(raw):
        parts = [part for part in raw.split("&") if part.partition("=")[0] in CALL_PARAMETERS]
        return SigningParameters(decoded_pairs("&".join(parts)))
    params = SigningParameters(_decoded_parameters(raw))
    params.is_complete = True
    return params


def parameters(call: Call) -> dict[str, str]:
    """Decodes and merges the parameters of the query and of the form body.

    Official SDKs send any parameter in either place. Of a repeated name the last value counts, the body after
    the query; signatures cover all values. Empty values are kept.

    Raises:
        ApiError: InvalidParameter, if a name or value is not percent-encoded UTF-8, or there are too many.
    """
    return _decoded_parameters(raw_parameters(call))


def is_short(raw: str) -> bool:
    """Whether parameters, still encoded, are so short and few that they are decoded for anybody."""
    return len(raw) <= _LONGEST_DECODED and raw.count("&") <= _MOST_DECODED


def raw_parameters(call: Call) -> str:
    """The parameters of the query and of the form body, as sent.

    Raises:
        ApiError: InvalidParameter, if there are too many.
    """
    raw = call.raw_query
    if call.body:
        body = form_body(call)
        raw = f"{raw}&{body}" if raw and body else raw or body
    _require_few(raw)
    return raw


def _require_few(raw: str) -> None:
    if raw.count("&") >= MOST_PARAMETERS:
        details = f"It has more than {MOST_PARAMETERS} parameters."
        raise ApiError(codes.INVALID_PARAMETER, details, parameter="query")


def _decoded_parameters(raw: str) -> dict[str, str]:
    if not raw:
        return {}
    merged = _decoded_at_once(raw)
    return dict(decoded_pairs(raw)) if merged is None else merged


# `&` and `=` become characters that no decoded text has, and escapes those of quoted-printable.
_PART_END, _NAME_END = "\x00", "\x01"
_split_name = methodcaller("split", _NAME_END)
# No text in UTF-8 has the byte that takes the place of `=`.
_PERCENT = bytes.maketrans(b"=%", b"\xff=")
_TO_QUOTED_PRINTABLE = bytes.maketrans(b"&=+%", b"\x00\x01 =")


def _decoded_at_once(raw: str) -> dict[str, str] | None:
    """The parameters of a call as official clients write it, decoded in one pass over all of them, which
    takes half the time of one for each. None for any other call, whether `decoded_pairs` decodes or refuses
    it.

    Quoted-printable has the escapes of a URL, with `=` for `%`, and otherwise only treats line ends
    specially; its decoder is ten times as fast as `unquote_to_bytes`.
    """
    if "%00" in raw or "%01" in raw or "\x00" in raw or "\x01" in raw or "\n" in raw or "\r" in raw:
        return None
    try:
        encoded = raw.encode().translate(_TO_QUOTED_PRINTABLE)
        decoded = a2b_qp(encoded)
        # A broken escape is left as it is or loses a byte; each valid one makes the text two bytes shorter.
        if len(encoded) - len(decoded) != 2 * raw.count("%"):
            return None
        # This fails unless each part has exactly one `=`.
        return dict(map(_split_name, decoded.decode().split(_PART_END)))
    except ValueError:
        return None


def decoded_pairs(raw: str) -> list[tuple[str, str]]:
    """Splits a query string or a form body into decoded names and values, in the order and number sent.

    `+` is a space, a part without `=` has an empty value, empty parts are skipped.

    Raises:
        ApiError: InvalidParameter, if a name or value is not percent-encoded UTF-8.
    """
    decoded = []
    for part in raw.split("&"):
        if part:
            raw_name, _, raw_value = part.partition("=")
            name = _decoded(raw_name, "name of a parameter")
            decoded.append((name, _decoded(raw_value, name)))
    return decoded


def form_body(call: Call) -> str:
    """The form in the body, still encoded; empty if the body is not a form.

    A body is a form if its content type says so, or if there is no content type and each of its parts has
    the shape `name=value`. Bytes that are not UTF-8 become lone surrogates, which `decoded_pairs` refuses.
    """
    content_type = call.headers.get("content-type")
    if content_type is None:
        try:
            text = call.body.decode()
        except UnicodeDecodeError:
            return ""
        _require_few(text)
        return text if all("=" in part for part in text.split("&")) and text[0] not in "{[" else ""
    if content_type.partition(";")[0].strip().lower() != _FORM:
        return ""
    return call.body.decode("utf-8", "surrogateescape")


def _decoded(component: str, name: str) -> str:
    text = component.replace("+", " ")
    try:
        encoded = text.encode()
        if "%" not in text:
            return text
        # Line ends that are not escaped would end an escape of quoted-printable.
        quoted_printable = text.replace("\n", "%0A").replace("\r", "%0D").encode().translate(_PERCENT)
        decoded = a2b_qp(quoted_printable.replace(b"\xff", b"=3D"))
        # A broken escape is left as it is or loses a byte; each valid one makes the text two bytes shorter.
        if len(encoded) - len(decoded) == 2 * text.count("%"):
            return decoded.decode()
        problem = "it has a % that is not followed by two hexadecimal digits."
    except UnicodeError:
        problem = "its bytes are not UTF-8."
    readable = shown(name.encode("ascii", "replace").decode())
    details = f"Decoding failed, {problem} Values are percent-encoded UTF-8, in the query and in form bodies."
    raise ApiError(codes.INVALID_PARAMETER, details, parameter=readable)
