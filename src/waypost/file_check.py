"""Whether the file that a template names is there: looked at while the template is made.

A customer's URL must not lead into the operator's own network, so addresses that are not public are refused
where they are resolved, at every step of a redirect.
"""

import ipaddress
import socket

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from yarl import URL

_TIMEOUT_S = 10.0
_MOST_REDIRECTS = 3


class _NotPublicError(OSError):
    """The address is in a network that is not everybody's."""


class FileCheck:
    """Looks at files.

    Args:
        allow_private: whether addresses that are not public are looked at, too.
    """

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private

    async def problem(self, url: str) -> str:
        """Why a file cannot be downloaded, in words; empty when it can. Its beginning is enough."""
        resolver: AbstractResolver = ThreadedResolver() if self._allow_private else _PublicResolver()
        connector = aiohttp.TCPConnector(resolver=resolver)
        timeout = aiohttp.ClientTimeout(total=_TIMEOUT_S)
        try:
            async with aiohttp.ClientSession(
                connector=connector, timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()
            ) as session:
                return await self._look(session, URL(url))
        except _NotPublicError as error:
            return str(error)
        except TimeoutError:
            return f"it did not come within {_TIMEOUT_S:g} s"
        except (aiohttp.ClientError, OSError, ValueError) as error:
            cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
            return str(cause) if isinstance(cause, _NotPublicError) else f"no answer ({type(error).__name__})"

    async def _look(self, session: aiohttp.ClientSession, url: URL) -> str:
        for _ in range(1 + _MOST_REDIRECTS):
            if not self._allow_private:
                _refuse_literal(url.host or "")
            async with session.get(url, allow_redirects=False) as response:
                if response.status in (301, 302, 303, 307, 308) and "Location" in response.headers:
                    url = url.join(URL(response.headers["Location"]))
                    continue
                if response.status != 200:
                    return f"the answer was HTTP {response.status}"
                return "" if await response.content.read(1) else "it is empty"
        return f"it was redirected more than {_MOST_REDIRECTS} times"


class _PublicResolver(ThreadedResolver):
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of a host, if all of them are public.

        Raises:
            OSError: one is not, or there are none.
        """
        found = await super().resolve(host, port, family)
        for one in found:
            _refuse_literal(one["host"])
        return found


def _refuse_literal(host: str) -> None:
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return
    if not address.is_global or address.is_multicast:
        raise _NotPublicError("its address is not a public one")
