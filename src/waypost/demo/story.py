"""The four stories. Each is checked as it is told; the first thing that is not so ends the demo."""

import time
from collections.abc import Sequence
from typing import Any

from waypost.demo.customer import Customer, RefusedError
from waypost.demo.display import Display
from waypost.demo.receiver import Receiver
from waypost.demo.sandbox import Sandbox, SandboxError, running_sandbox

READER = "4915112345678"
NOT_ON_VIBER = "4915112340001"
NO_RECEIPT = "4915112340002"
_DURATION = 120


class DemoError(Exception):
    """Something else happened than the demo tells."""


class Stage:
    """Where the stories play."""

    def __init__(self, sandbox: Sandbox, customer: Customer, receiver: Receiver, display: Display) -> None:
        self.sandbox = sandbox
        self.customer = customer
        self.receiver = receiver
        self.display = display

    async def send(self, **parameters: Any) -> str:
        """Tells and makes a call."""
        self.display.call(parameters)
        try:
            return await self.customer.send(**parameters)
        except RefusedError as refused:
            raise DemoError(f"the call was refused: {refused}") from None

    async def callbacks(self, message_id: str, number: str) -> dict[str, Any]:
        """Tells what became of a message; its timeline."""
        timeline = await self.sandbox.message(message_id)
        self.display.message(timeline)
        self.display.phone(number, await self.sandbox.phone(number))
        self.display.callbacks(self.receiver.about(message_id))
        self.display.print("")
        return timeline

    def check(self, statement: str, is_so: bool) -> None:
        """Tells a statement, once it is known to be true.

        Raises:
            DemoError: it is not.
        """
        if not is_so:
            raise DemoError(f"not so: {statement}")
        self.display.confirm(statement)

    def statuses(self, message_id: str) -> list[tuple[int, str]]:
        """Leg and Status of each callback, in the order they came."""
        return [
            (callbacks["WaypostLeg"], callbacks["Status"]) for callbacks in self.receiver.about(message_id)
        ]


async def run_demo() -> None:
    """Runs a sandbox and a receiver, tells the stories, and ends both.

    Raises:
        DemoError: something else happened.
    """
    began = time.monotonic()
    display = Display()
    receiver = Receiver()
    await receiver.start()
    try:
        async with running_sandbox(receiver.url) as sandbox:
            display.print(f"A sandbox runs on {sandbox.address}; callbacks go to {receiver.url}.")
            display.print("The program uses the official SDK. Its one changed line is the endpoint.")
            stage = Stage(sandbox, Customer(sandbox.address.removeprefix("http://")), receiver, display)
            await _delivered_and_read(stage)
            await _not_on_viber(stage)
            await _no_receipt(stage)
            await _refused(stage)
    except SandboxError as error:
        raise DemoError(str(error)) from None
    finally:
        await receiver.close()
    display.print(f"\nEverything was as described, in {time.monotonic() - began:.1f} s.", "bold")


async def _delivered_and_read(stage: Stage) -> None:
    stage.display.chapter(1, "Delivered and read", "A template message to somebody who uses Viber.")
    message_id = await stage.send(
        channel_type="viber",
        type="template",
        template_code="sandbox_welcome",
        language="en",
        template_params={"name": "Zoe", "code": "1234"},
        from_="20001",
        to=READER,
        label="transaction",
    )
    await stage.sandbox.advance(5)
    timeline = await stage.callbacks(message_id, READER)
    stage.check("it was read on Viber, and no SMS was sent", _legs(timeline) == [("viber", "read")])
    stage.check(
        "the program was told Sent, Delivered, Read, in this order",
        stage.statuses(message_id) == [(0, "Sent"), (0, "Delivered"), (0, "Read")],
    )


async def _not_on_viber(stage: Stage) -> None:
    stage.display.chapter(
        2, "Not on Viber: an SMS at once", "Viber says that the number is not one of its users."
    )
    message_id = await stage.send(
        channel_type="viber",
        type="message",
        message_type="text",
        content='{"text":"Your parcel is here."}',
        from_="20001",
        to=NOT_ON_VIBER,
        label="promotion",
        fall_back_id="S_000001",
    )
    await stage.sandbox.advance(5)
    timeline = await stage.callbacks(message_id, NOT_ON_VIBER)
    stage.check(
        "Viber failed and the SMS was delivered",
        _legs(timeline) == [("viber", "failed"), ("sms", "delivered")],
    )
    stage.check("the SMS left in the same second", _waited(timeline) < 1.0)
    stage.check(
        "the program was told both",
        stage.statuses(message_id) == [(0, "Failed"), (1, "Sent"), (1, "Delivered")],
    )


async def _no_receipt(stage: Stage) -> None:
    stage.display.chapter(
        3,
        f"No receipt: an SMS after {_DURATION} s",
        f"Viber takes the message and says nothing more. FallBackDuration is {_DURATION} s; the sandbox's "
        "clock is moved by so much, nobody waits.",
    )
    message_id = await stage.send(
        channel_type="viber",
        type="message",
        message_type="text",
        content='{"text":"Your table is free at eight."}',
        from_="20001",
        to=NO_RECEIPT,
        label="promotion",
        ttl=3600,
        fall_back_id="S_000001",
        fall_back_content="Your table is free at 8 pm.",
        fall_back_duration=_DURATION,
    )
    await stage.sandbox.advance(_DURATION - 10)
    before = await stage.sandbox.message(message_id)
    moved = time.monotonic()
    await stage.sandbox.advance(20)
    took = time.monotonic() - moved
    timeline = await stage.callbacks(message_id, NO_RECEIPT)
    stage.check(
        f"{_DURATION - 10} s after the call there was no SMS yet", _legs(before) == [("viber", "sent")]
    )
    stage.check(
        f"the SMS left {_DURATION} s after the call, and was delivered",
        _legs(timeline)[1:] == [("sms", "delivered")] and _DURATION <= _waited(timeline) < _DURATION + 1,
    )
    stage.check(f"the last 20 s took {took * 1000:.0f} ms", took < 10)


async def _refused(stage: Stage) -> None:
    stage.display.chapter(4, "Refused: three faults, told at once", "Nothing is sent and nothing is charged.")
    wrong = {
        "channel_type": "viber",
        "type": "message",
        "message_type": "text",
        "content": '{"text":"Hello"}',
        "from_": "Acme",
        "to": f"+{READER}",
        "label": "news",
    }
    stage.display.call(wrong)
    try:
        await stage.customer.send(**wrong)
    except RefusedError as refused:
        stage.display.print(f"\nThe SDK raises {refused.code}:\n  {refused.text}\n")
        stage.check(
            "the error names all three, Label, From and To, and what each may be",
            all(f"'{wrong[name]}'" in refused.text for name in ("label", "from_", "to")),
        )
    else:
        raise DemoError("the call with three faults was accepted")


def _legs(timeline: dict[str, Any]) -> list[tuple[str, str]]:
    return [(leg["channel"], leg["state"]) for leg in timeline["legs"]]


def _waited(timeline: dict[str, Any]) -> float:
    """Seconds from the accepted call to the first attempt of the SMS."""
    attempts: Sequence[dict[str, Any]] = timeline["legs"][1]["attempts"]
    return float(attempts[0]["started_at"] - timeline["accepted_at"]) / 1000
