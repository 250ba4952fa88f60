"""What a test lets go wrong: at providers, with calls and with callbacks."""

from typing import Any, Literal

import msgspec

from waypost.testing.control import Control

CallFailure = Literal["timeout", "drop", "lose_answer", "throttle"]
NoAnswer = Literal["timeout", "refuse_connection"]


class Disruption(msgspec.Struct, frozen=True, kw_only=True):
    """Something that goes wrong from now on, until it has hit as often as it is to, or is removed.

    Attributes:
        id: by which it is removed.
        seed: chooses what a share hits; None if it hits all. The same seed and the same calls hit the same.
    """

    id: int
    seed: int | None


def disrupt(control: Control, about: str, **members: Any) -> Disruption:
    """Puts a disruption in force; members of None are left out.

    Raises:
        ValueError: it cannot be; the text says which member is wrong and what is allowed.
    """
    sent = {name: value for name, value in members.items() if value is not None}
    answer = control.post(f"/sandbox/disruptions/{about}", sent)
    if "error" in answer:
        raise ValueError(answer["error"])
    return Disruption(id=answer["id"], seed=answer["seed"])


class Provider:
    """The simulated provider of a channel.

    What it does wrong it does until `recover`; with `count` to that many messages, and with `share` to such a
    share of them, chosen by `seed`.

    Attributes:
        channel: `viber`, `whatsapp`, `sms` and so on.
    """

    def __init__(self, control: Control, channel: str) -> None:
        self.channel = channel
        self._control = control

    def slow(
        self, seconds: float, *, count: int | None = None, share: float = 1, seed: int | None = None
    ) -> Disruption:
        """It answers after so many seconds of real time."""
        return self._disrupt("slow", count, share, seed, seconds=seconds)

    def busy(self, *, count: int | None = None, share: float = 1, seed: int | None = None) -> Disruption:
        """It answers, in its own form, that it is busy."""
        return self._disrupt("busy", count, share, seed)

    def error(
        self, status: int = 503, *, count: int | None = None, share: float = 1, seed: int | None = None
    ) -> Disruption:
        """It answers with an HTTP status from 500 to 599."""
        return self._disrupt("error", count, share, seed, status=status)

    def drop(self, *, count: int | None = None, share: float = 1, seed: int | None = None) -> Disruption:
        """It takes no message, and closes the connection without an answer."""
        return self._disrupt("drop", count, share, seed)

    def lose_answer(
        self, *, count: int | None = None, share: float = 1, seed: int | None = None
    ) -> Disruption:
        """It takes a message, and its answer is lost."""
        return self._disrupt("lose_answer", count, share, seed)

    def lose_receipts(
        self, *, count: int | None = None, share: float = 1, seed: int | None = None
    ) -> Disruption:
        """It takes messages, and never reports what became of them."""
        return self._disrupt("receipts_lost", count, share, seed)

    def double_receipts(
        self, *, count: int | None = None, share: float = 1, seed: int | None = None
    ) -> Disruption:
        """It sends each receipt twice."""
        return self._disrupt("receipts_doubled", count, share, seed)

    def delay_receipts(
        self, seconds: float, *, count: int | None = None, share: float = 1, seed: int | None = None
    ) -> Disruption:
        """It sends receipts so many seconds later, by the sandbox's clock."""
        return self._disrupt("receipts_late", count, share, seed, seconds=seconds)

    def reverse_receipts(
        self, *, count: int | None = None, share: float = 1, seed: int | None = None
    ) -> Disruption:
        """It sends the receipts of a message in the wrong order."""
        return self._disrupt("receipts_out_of_order", count, share, seed)

    def down(self) -> Disruption:
        """It refuses connections until `recover`."""
        return self._disrupt("down", None, 1, None)

    def recover(self) -> None:
        """All goes right with it again."""
        for one in self._control.get("/sandbox/disruptions")["providers"]:
            if one["channel"] == self.channel:
                self._control.delete(f"/sandbox/disruptions/{one['id']}")

    def _disrupt(
        self, kind: str, count: int | None, share: float, seed: int | None, **members: Any
    ) -> Disruption:
        members |= {"kind": kind, "count": count, "share": share, "seed": seed, "channel": self.channel}
        return disrupt(self._control, "providers", **members)
