"""Requests to the control endpoints of a sandbox."""

import json
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

_TIMEOUT_S = 60.0
# A proxy that the environment names does not reach this machine's loopback address.
_open = build_opener(ProxyHandler({})).open


class Control:
    """The control endpoints of one sandbox.

    Args:
        address: its URL.
    """

    def __init__(self, address: str) -> None:
        self._address = address

    def get(self, path: str) -> Any:
        """The JSON at a path, whatever its status."""
        return self._fetch(Request(self._address + path))

    def look(self, path: str) -> Any:
        """The JSON at a path, once everything that is due has happened."""
        self.post("/sandbox/clock/advance", {"seconds": 0})
        return self.get(path)

    def read(self, path: str) -> bytes:
        """The bytes at a path.

        Raises:
            urllib.error.HTTPError: it is refused.
        """
        with _open(Request(self._address + path), timeout=_TIMEOUT_S) as answer:
            content: bytes = answer.read()
        return content

    def post(self, path: str, body: object) -> Any:
        """Posts JSON, or bytes that are JSON; the JSON of the answer, whatever its status."""
        headers = {"Content-Type": "application/json"}
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self._fetch(Request(self._address + path, content, headers))

    def delete(self, path: str) -> Any:
        """Deletes what is at a path; the JSON of the answer."""
        return self._fetch(Request(self._address + path, method="DELETE"))

    def _fetch(self, request: Request) -> Any:
        try:
            with _open(request, timeout=_TIMEOUT_S) as answer:
                return json.load(answer)
        except HTTPError as refused:
            with refused:
                return json.load(refused)
