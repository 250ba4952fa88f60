"""Tokens of forms: a form that changes something is taken only from a page that this browser was shown."""

import hmac
import re
import secrets
from hashlib import sha256

from starlette.requests import Request
from starlette.responses import Response

_COOKIE = "waypost_form"
_BROWSER = re.compile(r"[0-9a-f]{32}")


class FormTokens:
    """The tokens of the forms of one service, which end with its process.

    A token belongs to a cookie of the browser, so that a page of another site, which reads neither, has none.
    """

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    def browser_of(self, request: Request) -> str:
        """What the cookie of a browser has, or will have."""
        sent = request.cookies.get(_COOKIE, "")
        return sent if _BROWSER.fullmatch(sent) else secrets.token_hex(16)

    def token(self, browser: str) -> str:
        """The token of the forms of a browser."""
        return hmac.digest(self._key, browser.encode(), sha256).hex()

    def allows(self, request: Request, token: str) -> bool:
        """Whether a form has the token of the browser that sends it."""
        sent = request.cookies.get(_COOKIE, "")
        is_known = _BROWSER.fullmatch(sent) is not None
        return is_known and hmac.compare_digest(self.token(sent), token.encode("ascii", "replace").decode())

    def remember(self, response: Response, request: Request, browser: str) -> None:
        """Sets the cookie of a browser that has none."""
        if request.cookies.get(_COOKIE) != browser:
            secure = request.url.scheme == "https"
            response.set_cookie(_COOKIE, browser, httponly=True, samesite="strict", secure=secure)
