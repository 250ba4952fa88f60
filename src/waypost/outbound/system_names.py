"""Resolution of the names of providers, which are the operator's choice, and which the system alone may know.

Each lookup has a thread of its own, so that none waits for another.
"""

import asyncio
import socket
import threading
from contextlib import suppress
from typing import Any

AddressInfo = tuple[int, int, int, str, Any]
"""Family, type, protocol, name and address, as from `getaddrinfo`."""


async def system_addresses(host: str, port: int) -> list[AddressInfo]:
    """Looks up a name by the system's resolver.

    Raises:
        OSError: it has no address.
        UnicodeError: it is not a name.
    """
    with suppress(socket.gaierror):
        return _getaddrinfo(host, port, socket.AI_NUMERICHOST)
    loop = asyncio.get_running_loop()
    found: asyncio.Future[list[AddressInfo]] = loop.create_future()

    def look_up() -> None:
        try:
            addresses, error = _getaddrinfo(host, port, socket.AI_ADDRCONFIG), None
        except (OSError, UnicodeError) as failure:
            addresses, error = [], failure
        # The loop may be closed by now.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(_settle, found, addresses, error)

    # Nobody waits for a daemon thread when the process ends.
    threading.Thread(target=look_up, name=f"lookup-{host}", daemon=True).start()
    return await found


def _settle(
    found: asyncio.Future[list[AddressInfo]], addresses: list[AddressInfo], error: Exception | None
) -> None:
    if found.done():
        return
    if error is None:
        found.set_result(addresses)
    else:
        found.set_exception(error)


def _getaddrinfo(host: str, port: int, flags: int) -> list[AddressInfo]:
    return [(*info,) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)]
