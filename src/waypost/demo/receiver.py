"""A customer's receiver of callbacks, as small as one can be."""

from typing import Any

from aiohttp import web

_HOST = "127.0.0.1"


class Receiver:
    """Takes every push and keeps its objects in the order they came.

    Attributes:
        objects: what was pushed.
        url: where to push, once started.
    """

    def __init__(self) -> None:
        self.objects: list[dict[str, Any]] = []
        self.url = ""
        application = web.Application()
        application.router.add_post("/callbacks", self._take)
        self._runner = web.AppRunner(application, access_log=None)

    async def start(self) -> None:
        """Listens on a free port."""
        await self._runner.setup()
        await web.TCPSite(self._runner, _HOST, 0).start()
        self.url = f"http://{_HOST}:{self._runner.addresses[0][1]}/callbacks"

    async def close(self) -> None:
        """Stops listening."""
        await self._runner.cleanup()

    def about(self, message_id: str) -> list[dict[str, Any]]:
        """What was pushed about one message."""
        return [callbacks for callbacks in self.objects if callbacks.get("MessageId") == message_id]

    async def _take(self, request: web.Request) -> web.Response:
        self.objects += await request.json()
        return web.json_response({"code": 0, "msg": "taken"})
