"""Who may see what is the operator's: routes, hosts, figures."""

import hmac
from ipaddress import ip_address

from starlette.requests import Request

_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")


class OperatorAccess:
    """Lets in whoever asks from this machine itself, not through a proxy, or has a token.

    Args:
        token: `server.status_token`; empty for nobody.
    """

    def __init__(self, token: str) -> None:
        self._token = token

    def allows(self, request: Request) -> bool:
        """Whether a request is the operator's."""
        sent = request.headers.get("authorization", "").encode()
        if self._token and hmac.compare_digest(sent, f"Bearer {self._token}".encode()):
            return True
        # A proxy on this machine connects from it for everybody.
        return _is_loopback(request) and not any(name in request.headers for name in _FORWARDED)


def _is_loopback(request: Request) -> bool:
    try:
        return request.client is not None and ip_address(request.client.host).is_loopback
    except ValueError:
        return False
