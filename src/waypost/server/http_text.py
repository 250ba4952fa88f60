"""The text of HTTP: the path of a target, and the head of an answer."""

from functools import lru_cache
from http import HTTPStatus
from urllib.parse import unquote

import httptools

from waypost.api.http_messages import HttpAnswer

_PLAIN_TEXT = (("content-type", "text/plain; charset=utf-8"),)


def plain_answer(status: int, text: str) -> HttpAnswer:
    """An answer in plain text."""
    return HttpAnswer(status, _PLAIN_TEXT, text.encode())


def decoded_path(raw_path: bytes) -> str:
    """The decoded path of a target without its query.

    Raises:
        httptools.HttpParserInvalidURLError: it is no URL.
    """
    path = httptools.parse_url(raw_path).path.decode("ascii")
    return unquote(path) if "%" in path else path


@lru_cache(maxsize=256)
def answer_head(status: int, headers: tuple[tuple[str, str], ...]) -> bytes:
    """The first lines of an answer, without content-length."""
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
    lines += [f"{name}: {value}" for name, value in headers]
    return "".join([f"{line}\r\n" for line in lines]).encode("latin-1", "replace")
