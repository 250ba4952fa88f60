"""The customer's URLs: what is pushed there, and whether it was acknowledged."""

import json
import threading
from typing import Any, NamedTuple

from tests.upgrade.listening import Got, Listening, Reply

UP, DOWN, HANGING = "up", "down", "hanging"


class Pushed(NamedTuple):
    """One object of a push."""

    path: str
    acknowledged: bool
    object: dict[str, Any]


class Customer:
    """All URLs of all customers.

    Attributes:
        mode: whether pushes are acknowledged, answered 500 or not answered.
        hanging: a path that is not answered whatever the mode is.
        pushed: what came, oldest first.
    """

    def __init__(self) -> None:
        self.mode = UP
        self.hanging = ""
        self.pushed: list[Pushed] = []
        self._release = threading.Event()
        self._server = Listening(self._answer)

    @property
    def url(self) -> str:
        return self._server.url

    def close(self) -> None:
        self._release.set()
        self._server.close()

    def _answer(self, got: Got) -> Reply | None:
        mode = HANGING if got.path == self.hanging else self.mode
        self.pushed += [Pushed(got.path, mode == UP, callback) for callback in json.loads(got.body)]
        if mode == HANGING:
            self._release.wait()
            return None
        return Reply(200, b'{"code":0}') if mode == UP else Reply(500)

    def statuses(self, message_id: str) -> list[list[Any]]:
        """The statuses of a message that were acknowledged, each with its leg, in the order they came."""
        return [
            [push.object["WaypostLeg"], push.object["Status"]]
            for push in self.pushed
            if push.acknowledged and push.object.get("MessageId") == message_id and "Status" in push.object
        ]
