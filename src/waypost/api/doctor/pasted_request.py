"""Reads a request that somebody pasted: as it went over the wire, as a curl command, or as a signed URL."""

import re
import shlex
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from urllib.parse import quote, unquote, urlsplit

from waypost.api.doctor.examination import LONGEST_EXAMINED
from waypost.api.request import Call
from waypost.model.quoting import quoted

_METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE")
_FORM = "application/x-www-form-urlencoded"
_REQUEST_LINE = re.compile(r"([A-Za-z]+) +(\S+)(?: +HTTP/[0-9.]+)?")
_HEADER_LINE = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):(.*)")
_USUAL_PORTS = {"http": 80, "https": 443}
_SHAPES = "a raw HTTP request (POST / HTTP/1.1 and its headers), a curl command, or a signed URL"

# Options of curl by their short and long names.
_DATA = frozenset({"-d", "--data", "--data-ascii", "--data-raw", "--data-binary"})
_WITHOUT_EFFECT = re.compile(
    r"-[sSvikLfgN#46]+|--(?:silent|show-error|verbose|include|insecure|location|fail|globoff|no-buffer"
    r"|compressed|http1\.[01]|http2|path-as-is|progress-bar)"
)
_WITH_VALUE = re.compile(
    r"-[XHdAomwx]|--(?:request|header|data|data-ascii|data-raw|data-binary|data-urlencode|url|user-agent"
    r"|output|max-time|connect-timeout|write-out|cacert|proxy|retry|resolve)"
)
_SWITCHES = ("-G", "--get", "-I", "--head")


class PastedRequestError(ValueError):
    """A text is no request that can be read; the message says why, and what can be."""


class _Curl(NamedTuple):
    """What the words of a curl command come to."""

    url: str
    method: str
    headers: list[tuple[str, str]]
    data: list[str]
    in_query: bool
    is_head: bool


def parse_pasted_request(text: str) -> Call:
    """The call that a pasted text describes.

    Line ends may be of any kind: a browser makes those of a form its own.

    Raises:
        PastedRequestError: it is too long, or none of the shapes.
    """
    if len(text.encode("utf-8", "surrogatepass")) > LONGEST_EXAMINED:
        raise PastedRequestError(f"The request is longer than {LONGEST_EXAMINED // 1024} KiB.")
    text = text.replace("\r\n", "\n").replace("\r", "\n").lstrip()
    first = text.removeprefix("$").lstrip()
    if re.match(r"curl(?:\.exe)?\s", first):
        return _of_curl(first)
    if re.match(r"https?://", text, re.IGNORECASE):
        return _of_url(text)
    return _of_wire(text)


def _of_url(text: str) -> Call:
    words = text.split()
    if len(words) != 1:
        raise PastedRequestError("After the URL there is more; a signed URL stands alone, without blanks.")
    return _call("GET", words[0], [], b"")


def _of_wire(text: str) -> Call:
    head, _, body = text.partition("\n\n")
    first, *lines = head.rstrip("\n").split("\n")
    line = _REQUEST_LINE.fullmatch(first.strip())
    if line is None or line[1].upper() not in _METHODS:
        raise PastedRequestError(f"The first line is no request line; paste {_SHAPES}.")
    headers: list[tuple[str, str]] = []
    for each in lines:
        header = _HEADER_LINE.fullmatch(each)
        if header is None:
            raise PastedRequestError(f"This line is no header, Name: value: {quoted(each)}.")
        headers.append((header[1], header[2]))
    lengths = [value.strip() for name, value in headers if name.lower() == "content-length"]
    return _call(line[1], line[2], headers, _body_of_length(body, lengths))


def _body_of_length(body: str, lengths: Sequence[str]) -> bytes:
    """The body of a raw request: with the line ends that have its length, and nothing behind it."""
    sent = body.encode("utf-8", "surrogatepass")
    if not lengths or not lengths[0].isascii() or not lengths[0].isdecimal():
        return sent.rstrip(b"\n")
    length = int(lengths[0][:9])
    crlf = sent.replace(b"\n", b"\r\n")
    if len(crlf) == length:
        return crlf
    # A line end at the end of what was pasted is no part of it.
    return sent[:length] if not sent[length:].strip() else sent


def _of_curl(text: str) -> Call:
    try:
        words = shlex.split(text.replace("\\\n", " "))
    except ValueError as error:
        raise PastedRequestError(f"The curl command cannot be read: {str(error).lower()}.") from None
    curl = _curl(words[1:])
    data = "&".join(curl.data)
    method = curl.method or ("HEAD" if curl.is_head else "POST" if curl.data and not curl.in_query else "GET")
    url, _, _ = curl.url.partition("#")
    if curl.in_query and data:
        url += ("&" if "?" in url else "?") + data
        data = ""
    headers = list(curl.headers)
    if curl.data and not curl.in_query and all(name.lower() != "content-type" for name, _ in headers):
        headers.append(("Content-Type", _FORM))
    return _call(method, url, headers, data.encode("utf-8", "surrogatepass"))


def _curl(words: Sequence[str]) -> _Curl:
    url, method, headers, data = "", "", list[tuple[str, str]](), list[str]()
    in_query = is_head = False
    for option, value in _options(iter(words)):
        if option in ("-X", "--request"):
            method = value
        elif option in ("-H", "--header"):
            name, colon, content = value.partition(":")
            # "Name:" takes a header away, and "Name;" sends an empty one.
            if colon and content.strip():
                headers.append((name.strip(), content))
            elif not colon and value.endswith(";"):
                headers.append((value[:-1], ""))
        elif option in ("-A", "--user-agent"):
            headers.append(("User-Agent", value))
        elif option in _DATA:
            if value.startswith("@") and option != "--data-raw":
                raise PastedRequestError(f"The body is in the file {quoted(value[1:])}; paste what is in it.")
            data.append(value)
        elif option == "--data-urlencode":
            data.append(_urlencoded(value))
        elif option in ("-G", "--get"):
            in_query = True
        elif option in ("-I", "--head"):
            is_head = True
        elif option == "--url":
            url = url or value
    if not url:
        raise PastedRequestError("The curl command has no URL.")
    return _Curl(url, method, headers, data, in_query, is_head)


def _options(words: Iterator[str]) -> Iterator[tuple[str, str]]:
    """The options of a curl command with their values; a word that is no option is `--url`."""
    for word in words:
        if not word.startswith("-") or word == "-":
            yield "--url", word
            continue
        option, value = (word, "") if word.startswith("--") else (word[:2], word[2:])
        if _WITH_VALUE.fullmatch(option):
            following = value or next(words, None)
            if following is None:
                raise PastedRequestError(f"The option {option} of the curl command has no value.")
            yield option, following
        elif word in _SWITCHES:
            yield word, ""
        elif not _WITHOUT_EFFECT.fullmatch(word):
            known = "-X, -H, -d, --data-urlencode, -G and --url"
            raise PastedRequestError(
                f"The option {quoted(word)} of curl is not known here; known are {known}."
            )


def _urlencoded(value: str) -> str:
    """A value of --data-urlencode as curl sends it."""
    name, separator, content = value.partition("=")
    if not separator:
        if "@" in value:
            raise PastedRequestError("--data-urlencode names a file; paste what is in it.")
        return quote(value, safe="")
    escaped = quote(content, safe="")
    return f"{name}={escaped}" if name else escaped


def _call(method: str, target: str, headers: Sequence[tuple[str, str]], body: bytes) -> Call:
    """A call of its parts; the target is a URL, or a path."""
    if "://" not in target.partition("?")[0] and not target.startswith("/"):
        target = f"http://{target}"
    try:
        parts = urlsplit(target)
        port = parts.port
    except ValueError as error:
        raise PastedRequestError(f"The URL cannot be read: {error}.") from None
    values: dict[str, list[str]] = {}
    for name, value in headers:
        values.setdefault(name.lower(), []).append(value.strip())
    if parts.netloc and "host" not in values:
        is_usual = port is None or port == _USUAL_PORTS.get(parts.scheme)
        host = parts.netloc.rpartition("@")[2]
        values["host"] = [host.rpartition(":")[0] if is_usual and port is not None else host]
    _, _, query = target.partition("#")[0].partition("?")
    return Call(
        method=method.upper(),
        path=unquote(parts.path) or "/",
        raw_query=query,
        headers={name: ",".join(sorted(several)) for name, several in values.items()},
        body=body,
        peer="",
    )
