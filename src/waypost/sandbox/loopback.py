"""The HTTP server of a simulated provider, reachable from this machine only."""

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler

HOST = "127.0.0.1"


class Loopback:
    """Serves an aiohttp application on the loopback address.

    Args:
        app: the application.
    """

    def __init__(self, app: web.Application) -> None:
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        self._port = 0
        self._site: web.TCPSite | None = None

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
        await self._listen(port)
        self._port = self._runner.addresses[0][1]

    async def _listen(self, port: int) -> None:
        self._site = web.TCPSite(self._runner, HOST, port)
        await self._site.start()

    async def refuse_connections(self, refuses: bool) -> None:
        """Refuses connections from now on, and closes those that are open; or accepts them again."""
        site = self._site
        if refuses and site is not None:
            self._site = None
            await site.stop()
            for connection in self._runner.server.connections if self._runner.server is not None else ():
                connection.force_close()
        elif not refuses and site is None:
            await self._listen(self._port)

    async def close(self) -> None:
        """Stops listening; requests in progress have a second to complete."""
        await self._runner.cleanup()


# No middleware: aiohttp keeps each handler behind one, and so all of its sandbox, for ever.
def refusing_browsers(handler: Handler) -> Handler:
    """A handler that refuses what a page made a browser send; a client of a provider has no `Origin`."""

    async def answer(request: web.Request) -> web.StreamResponse:
        if "Origin" in request.headers:
            return web.Response(status=403)
        return await handler(request)

    return answer


def json_response(members: object, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """An HTTP response with a JSON body."""
    return web.Response(
        status=status, body=msgspec.json.encode(members), content_type="application/json", headers=headers
    )
