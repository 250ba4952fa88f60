"""The HTTP server of a simulated provider, reachable from this machine only."""

import msgspec
from aiohttp import web

HOST = "127.0.0.1"


class Loopback:
    """Serves an aiohttp application on the loopback address.

    Args:
        app: the application.
    """

    def __init__(self, app: web.Application) -> None:
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        self._port = 0

    @property
    def address(self) -> str:
        """`http://127.0.0.1:<port>`; valid after `start`."""
        return f"http://{HOST}:{self._port}"

    async def start(self, port: int = 0) -> None:
        """Starts listening.

        Args:
            port: 0 for any free port.

        Raises:
            OSError: the port is in use.
        """
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, port).start()
        self._port = self._runner.addresses[0][1]

    async def close(self) -> None:
        """Stops listening; requests in progress have a second to complete."""
        await self._runner.cleanup()


def json_response(members: object, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """An HTTP response with a JSON body."""
    return web.Response(
        status=status, body=msgspec.json.encode(members), content_type="application/json", headers=headers
    )
