"""Resolution of the names in URLs that customers chose.

Whoever chooses a name also chooses the name server that answers for it, or does not. The system's resolver
holds a thread for each lookup until it gives up, so these names are looked up by c-ares, apart from all
others, which are in `system_names.py`.
"""

import asyncio
import socket
from collections.abc import Sequence
from ipaddress import ip_address

import aiodns
from aiohttp.abc import AbstractResolver, ResolveResult

# Seconds for one lookup, whatever its name servers do.
_LOOKUP_TIMEOUT_S = 3.0
# Seconds that a name server has to answer before the next one, or the same again, is asked.
_SERVER_TIMEOUT_S = 1.0
_SERVER_TRIES = 2
# Seconds that a lookup's result is used again. A failure is kept too: a dead name costs one lookup, not one a
# push.
_ADDRESSES_TTL_S = 10.0
_FAILURE_TTL_S = 5.0
# Seconds that addresses are used for want of newer ones while the name servers do not answer (RFC 8767).
_STALE_TTL_S = 3600.0
_MOST_LOOKUPS = 256
_MOST_CACHED = 10_000
_NO_SUCH_NAME = (aiodns.error.ARES_ENODATA, aiodns.error.ARES_ENOTFOUND, aiodns.error.ARES_EBADNAME)


class _NoAnswerError(OSError):
    """Name servers did not answer, or not properly: there may be such a name."""

    def __init__(self, reason: str) -> None:
        super().__init__(socket.EAI_AGAIN, f"its name was not resolved by its name servers: {reason}")


class NameResolver(AbstractResolver):
    """Looks up names by c-ares, each at most once at a time; a resolver of `aiohttp.TCPConnector`.

    Lookups are bounded in number and in time, and their results are cached; while name servers do not answer,
    the last ones are used. It reads the hosts file and the system's configuration of name servers.

    Args:
        nameservers: addresses of name servers, `192.0.2.53` or `192.0.2.53:5353`; empty for the system's.
    """

    def __init__(self, nameservers: Sequence[str] = ()) -> None:
        self._nameservers = list(nameservers)
        self._resolver: aiodns.DNSResolver | None = None
        self._lookups: dict[str, asyncio.Task[list[tuple[str, int]]]] = {}
        self._expires: dict[str, float] = {}
        self._known: dict[str, tuple[list[tuple[str, int]], float]] = {}
        self._under_way = 0

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The addresses of a name.

        Raises:
            OSError: it has none, or they were not found in time; the message is for timelines.
        """
        addresses = await asyncio.shield(self._lookup(host))
        found = [
            ResolveResult(
                hostname=host, host=address, port=port, family=kind, proto=0, flags=socket.AI_NUMERICHOST
            )
            for address, kind in addresses
            if family in (socket.AF_UNSPEC, kind)
        ]
        if not found:
            raise _not_resolved("the name has no such address")
        return found

    async def close(self) -> None:
        """Gives up all lookups."""
        for lookup in self._lookups.values():
            lookup.cancel()
        if self._resolver is not None:
            await self._resolver.close()

    def _lookup(self, host: str) -> asyncio.Task[list[tuple[str, int]]]:
        """The lookup of a name that is under way or fresh, or a new one."""
        loop = asyncio.get_running_loop()
        lookup = self._lookups.get(host)
        if lookup is not None and (not lookup.done() or loop.time() < self._expires[host]):
            return lookup
        self._forget_old(loop.time())
        if self._under_way >= _MOST_LOOKUPS:
            raise _not_resolved("too many names are being looked up")
        if self._resolver is None:
            self._resolver = aiodns.DNSResolver(
                self._nameservers or None, timeout=_SERVER_TIMEOUT_S, tries=_SERVER_TRIES
            )
        self._under_way += 1
        lookup = self._lookups[host] = loop.create_task(self._look_up(self._resolver, host))
        lookup.add_done_callback(lambda done: self._looked_up(host, done))
        return lookup

    async def _look_up(self, resolver: aiodns.DNSResolver, host: str) -> list[tuple[str, int]]:
        now = asyncio.get_running_loop().time()
        try:
            addresses = await _addresses(resolver, host)
        except _NoAnswerError:
            addresses, until = self._known.get(host, ([], 0.0))
            if now < until:
                return addresses
            raise
        self._known[host] = addresses, now + _STALE_TTL_S
        return addresses

    def _looked_up(self, host: str, lookup: asyncio.Task[list[tuple[str, int]]]) -> None:
        self._under_way -= 1
        failed = lookup.cancelled() or lookup.exception() is not None
        self._expires[host] = lookup.get_loop().time() + (_FAILURE_TTL_S if failed else _ADDRESSES_TTL_S)

    def _forget_old(self, now: float) -> None:
        """Drops old results when there are many, and all finished ones if that is not enough."""
        if len(self._lookups) < _MOST_CACHED:
            return
        old = [host for host, expires in self._expires.items() if expires <= now] or list(self._expires)
        for host in old:
            if self._lookups[host].done():
                del self._lookups[host], self._expires[host]
                self._known.pop(host, None)


async def _addresses(resolver: aiodns.DNSResolver, host: str) -> list[tuple[str, int]]:
    """The addresses of a name, each with its family.

    Raises:
        OSError: there are none.
    """
    try:
        async with asyncio.timeout(_LOOKUP_TIMEOUT_S):
            found = await resolver.getaddrinfo(host, family=socket.AF_UNSPEC, type=socket.SOCK_STREAM)
    except TimeoutError:
        raise _NoAnswerError("they did not answer in time") from None
    except aiodns.error.DNSError as error:
        code, reason = error.args
        if code in _NO_SUCH_NAME:
            raise _not_resolved(str(reason)) from None
        raise _NoAnswerError(str(reason)) from None
    except UnicodeError:
        raise _not_resolved("it is not a name") from None
    return [(_text(node.addr[0]), node.family) for node in found.nodes]


def _text(address: bytes | str) -> str:
    """An address without its zone."""
    text = address.decode() if isinstance(address, bytes) else address
    return str(ip_address(text.partition("%")[0]))


def _not_resolved(reason: str) -> OSError:
    return OSError(socket.EAI_NONAME, f"its name was not resolved: {reason}")
