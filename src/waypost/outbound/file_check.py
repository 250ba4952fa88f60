"""Whether the file that a template names is there: looked at while the template is made."""

import aiohttp
from yarl import URL

from waypost.outbound.public_sockets import NotPublicError, public_socket

_TIMEOUT_S = 10.0
_MOST_REDIRECTS = 3


class FileCheck:
    """Looks at files.

    Args:
        allow_private: whether addresses that are not public are looked at, too.
    """

    def __init__(self, *, allow_private: bool) -> None:
        self._make_socket = None if allow_private else public_socket

    async def problem(self, url: str) -> str:
        """Why a file cannot be downloaded, in words; empty when it can. Its beginning is enough."""
        connector = aiohttp.TCPConnector(socket_factory=self._make_socket)
        timeout = aiohttp.ClientTimeout(total=_TIMEOUT_S)
        try:
            async with aiohttp.ClientSession(
                connector=connector, timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()
            ) as session:
                return await _look(session, URL(url))
        except TimeoutError:
            return f"it did not come within {_TIMEOUT_S:g} s"
        except aiohttp.ClientConnectorError as error:
            refused = isinstance(error.os_error, NotPublicError)
            return str(error.os_error.strerror) if refused else f"no answer ({type(error).__name__})"
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return f"no answer ({type(error).__name__})"


async def _look(session: aiohttp.ClientSession, url: URL) -> str:
    for _ in range(1 + _MOST_REDIRECTS):
        async with session.get(url, allow_redirects=False) as response:
            if response.status in (301, 302, 303, 307, 308) and "Location" in response.headers:
                url = url.join(URL(response.headers["Location"]))
                continue
            if response.status != 200:
                return f"the answer was HTTP {response.status}"
            return "" if await response.content.read(1) else "it is empty"
    return f"it was redirected more than {_MOST_REDIRECTS} times"
