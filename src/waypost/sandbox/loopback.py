"""A simulated provider's socket: real HTTP, on this machine only."""

from aiohttp import web

HOST = "127.0.0.1"


class Loopback:
    """Serves one aiohttp application on the loopback address.

    Args:
        app: the application.
    """

    def __init__(self, app: web.Application) -> None:
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        self._port = 0

    @property
    def address(self) -> str:
        """`http://127.0.0.1:<port>`, once started."""
        return f"http://{HOST}:{self._port}"

    async def start(self, port: int = 0) -> None:
        """Begins to listen.

        Args:
            port: 0 for any free one.

        Raises:
            OSError: the port is taken.
        """
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, port).start()
        self._port = self._runner.addresses[0][1]

    async def close(self) -> None:
        """Stops listening; requests being answered have a second to end."""
        await self._runner.cleanup()
