"""A minimal receiver of callbacks, as a customer would have it."""

from typing import Any

from aiohttp import web

_HOST = "127.0.0.1"


class Receiver:
    """Accepts all pushes and keeps their objects in the order of arrival.

    Attributes:
        objects: the callback objects.
        url: the callback URL; valid after `start`.
    """

    def __init__(self) -> None:
        self.objects: list[dict[str, Any]] = []
        self.url = ""
        application = web.Application()
        application.router.add_post("/callbacks", self._handle_push)
        self._runner = web.AppRunner(application, access_log=None)

    async def start(self) -> None:
        """Starts listening on a free port."""
        await self._runner.setup()
        await web.TCPSite(self._runner, _HOST, 0).start()
        self.url = f"http://{_HOST}:{self._runner.addresses[0][1]}/callbacks"

    async def close(self) -> None:
        """Stops listening."""
        await self._runner.cleanup()

    def callbacks_of(self, message_id: str) -> list[dict[str, Any]]:
        """The callback objects of a message."""
        return [callback for callback in self.objects if callback.get("MessageId") == message_id]

    async def _handle_push(self, request: web.Request) -> web.Response:
        self.objects += await request.json()
        return web.json_response({"code": 0, "msg": "taken"})
