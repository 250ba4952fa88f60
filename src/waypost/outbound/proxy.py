"""An egress proxy: tunnels for `https` origins, and requests in absolute form for `http` ones.

Source: RFC 9110, sections 9.3.6 (CONNECT) and 11.7.2 (Proxy-Authorization); RFC 9112, section 3.2.2.
"""

import asyncio
import re
import socket
from base64 import b64encode
from ipaddress import ip_address
from urllib.request import getproxies_environment, proxy_bypass

from yarl import URL

_MAX_ANSWER_BYTES = 64 * 1024
_STATUS_LINE = re.compile(rb"HTTP/1\.[01] (\d{3})[ \r\n]")


FROM_ENVIRONMENT = "environment"
"""The setting with which the environment's variables name the proxy."""


def chosen_proxy(setting: str, url: str) -> str:
    """The URL of the proxy for a request; empty for none, as for any address of this machine.

    Args:
        setting: the URL of a proxy, empty for none, or `FROM_ENVIRONMENT` for `HTTP_PROXY`, `HTTPS_PROXY`,
            `ALL_PROXY` and `NO_PROXY`, in either case of letters.
        url: the URL of the request.
    """
    if not setting:
        return ""
    try:
        parsed = URL(url)
        host, port = parsed.raw_host, parsed.port
    except ValueError:
        return ""
    if not host or _is_loopback(host):
        return ""
    if setting != FROM_ENVIRONMENT:
        return setting
    proxies = getproxies_environment()
    if proxy_bypass(f"{host}:{port}"):
        return ""
    return proxies.get(parsed.scheme) or proxies.get("all") or ""


def proxy_error(setting: str, url: str) -> str:
    """Why the proxy of a setting cannot be used for a URL, without its credentials; empty if it can."""
    try:
        for proxy in {chosen_proxy(setting, url), "" if setting == FROM_ENVIRONMENT else setting} - {""}:
            HttpProxy(proxy)
    except ValueError:
        return 'it must be "environment", or a URL that begins with http:// and has a host'
    return ""


def _is_loopback(host: str) -> bool:
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


class ProxyRefusedError(Exception):
    """The proxy did not open a tunnel. The message is for timelines."""


class HttpProxy:
    """A proxy that is spoken to without TLS.

    Args:
        url: its `http://` URL; a user and a password in it are its credentials.

    Raises:
        ValueError: the URL is not an `http://` URL with a host; the message does not contain it.
    """

    def __init__(self, url: str) -> None:
        parsed = URL(url)
        if parsed.scheme != "http" or not parsed.raw_host or parsed.port is None:
            raise ValueError("the URL of a proxy begins with http:// and has a host")
        self.host = parsed.raw_host
        self.port = parsed.port
        self.authorization = basic_authorization(parsed)

    async def open_tunnel(self, sock: socket.socket, host: str, port: int) -> None:
        """Has the proxy connect a socket to an origin.

        Raises:
            ProxyRefusedError: the proxy refused, or did not answer in HTTP.
            OSError: the connection was lost.
        """
        loop = asyncio.get_running_loop()
        authority = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        request = f"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n"
        if self.authorization:
            request += f"Proxy-Authorization: {self.authorization}\r\n"
        await loop.sock_sendall(sock, f"{request}\r\n".encode())
        answer = b""
        while b"\r\n\r\n" not in answer:
            received = await loop.sock_recv(sock, _MAX_ANSWER_BYTES)
            answer += received
            if not received or len(answer) > _MAX_ANSWER_BYTES:
                raise ProxyRefusedError("the proxy gave no whole answer")
        status = _STATUS_LINE.match(answer)
        if status is None:
            raise ProxyRefusedError("the proxy does not speak HTTP")
        if not status[1].startswith(b"2"):
            raise ProxyRefusedError(f"the proxy answered {status[1].decode()}")
        # The origin speaks after the client in TLS, so that nothing can follow yet.
        if not answer.endswith(b"\r\n\r\n") or answer.count(b"\r\n\r\n") > 1:
            raise ProxyRefusedError("the proxy sent more than its answer")


def basic_authorization(url: URL) -> str:
    """The value of an authorization header for the user and password of a URL; empty without them.

    Source: RFC 7617.
    """
    if url.user is None and url.password is None:
        return ""
    credentials = f"{url.user or ''}:{url.password or ''}"
    return f"Basic {b64encode(credentials.encode()).decode()}"
