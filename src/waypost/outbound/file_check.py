"""Checks that the file in the header of a new template can be downloaded."""

import aiohttp
from yarl import URL

from waypost.outbound.bounded_responses import BoundedConnector
from waypost.outbound.name_resolution import NameResolver
from waypost.outbound.public_sockets import NotPublicError, public_socket

# Shorter than the 5 seconds after which an SDK gives its call up.
_TIMEOUT_S = 3.0
_MAX_REDIRECTS = 3


class FileCheck:
    """Downloads the beginning of files.

    Args:
        names: resolves the names in the URLs.
        allow_private: whether URLs may lead to private addresses.
    """

    def __init__(self, names: NameResolver, *, allow_private: bool) -> None:
        self._names = names
        self._make_socket = None if allow_private else public_socket

    async def download_error(self, url: str) -> str:
        """Why a file cannot be downloaded; empty if it can. Only its beginning is read."""
        connector = BoundedConnector(socket_factory=self._make_socket, resolver=self._names)
        timeout = aiohttp.ClientTimeout(total=_TIMEOUT_S)
        try:
            async with aiohttp.ClientSession(
                connector=connector, timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()
            ) as session:
                return await _check_download(session, URL(url))
        except TimeoutError:
            return f"it did not come within {_TIMEOUT_S:g} s"
        except aiohttp.ClientConnectorError as error:
            refused = isinstance(error.os_error, NotPublicError)
            return str(error.os_error.strerror) if refused else f"no answer ({type(error).__name__})"
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return f"no answer ({type(error).__name__})"


async def _check_download(session: aiohttp.ClientSession, url: URL) -> str:
    for _ in range(1 + _MAX_REDIRECTS):
        async with session.get(url, allow_redirects=False) as response:
            if response.status in (301, 302, 303, 307, 308) and "Location" in response.headers:
                url = url.join(URL(response.headers["Location"]))
                continue
            if response.status != 200:
                return f"the answer was HTTP {response.status}"
            return "" if await response.content.read(1) else "it is empty"
    return f"it was redirected more than {_MAX_REDIRECTS} times"
