"""The four examples. Each checks its result; the first check that fails ends the demo."""

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
    """An example had another result than expected."""


class DemoRun:
    """The sandbox, the customer's program and the output that the examples share."""

    def __init__(self, sandbox: Sandbox, customer: Customer, receiver: Receiver, display: Display) -> None:
        self.sandbox = sandbox
        self.customer = customer
        self.receiver = receiver
        self.display = display

    async def send(self, **parameters: Any) -> str:
        """Prints and makes a call; returns the MessageId."""
        self.display.call(parameters)
        try:
            return await self.customer.send(**parameters)
        except RefusedError as refused:
            raise DemoError(f"the call was refused: {refused}") from None

    async def show_result(self, message_id: str, number: str) -> dict[str, Any]:
        """Prints the timeline, the phone and the callbacks of a message; returns the timeline."""
        timeline = await self.sandbox.message(message_id)
        self.display.message(timeline)
        self.display.phone(number, await self.sandbox.phone(number))
        self.display.callbacks(self.receiver.callbacks_of(message_id))
        self.display.print("")
        return timeline

    def check(self, statement: str, is_true: bool) -> None:
        """Prints a statement if it is true.

        Raises:
            DemoError: it is not true.
        """
        if not is_true:
            raise DemoError(f"not so: {statement}")
        self.display.confirm(statement)

    def statuses(self, message_id: str) -> list[tuple[int, str]]:
        """The leg and Status of each callback, in the order of arrival."""
        return [
            (callback["WaypostLeg"], callback["Status"])
            for callback in self.receiver.callbacks_of(message_id)
        ]


async def run_demo() -> None:
    """Runs the examples with a sandbox and a callback receiver.

    Raises:
        DemoError: an example had another result than expected.
    """
    began = time.monotonic()
    display = Display()
    receiver = Receiver()
    await receiver.start()
    try:
        async with running_sandbox(receiver.url) as sandbox:
            display.print(f"A sandbox runs on {sandbox.address}; callbacks go to {receiver.url}.")
            display.print("The program uses the official SDK. Its one changed line is the endpoint.")
            run = DemoRun(sandbox, Customer(sandbox.address.removeprefix("http://")), receiver, display)
            await _delivered_and_read(run)
            await _not_on_viber(run)
            await _no_receipt(run)
            await _refused(run)
    except SandboxError as error:
        raise DemoError(str(error)) from None
    finally:
        await receiver.close()
    display.print(f"\nEverything was as described, in {time.monotonic() - began:.1f} s.", "bold")
    display.print(
        "To see it live, run waypost sandbox --open: phones, calls, callbacks and the clock on one page, "
        "and a button that sends these four."
    )


async def _delivered_and_read(run: DemoRun) -> None:
    run.display.heading(1, "Delivered and read", "A template message to somebody who uses Viber.")
    message_id = await run.send(
        channel_type="viber",
        type="template",
        template_code="sandbox_welcome",
        language="en",
        template_params={"name": "Zoe", "code": "1234"},
        from_="20001",
        to=READER,
        label="transaction",
    )
    await run.sandbox.advance(5)
    timeline = await run.show_result(message_id, READER)
    run.check("it was read on Viber, and no SMS was sent", _legs(timeline) == [("viber", "read")])
    run.check(
        "the callbacks were Sent, Delivered, Read, in this order",
        run.statuses(message_id) == [(0, "Sent"), (0, "Delivered"), (0, "Read")],
    )


async def _not_on_viber(run: DemoRun) -> None:
    run.display.heading(
        2, "Not on Viber: an SMS at once", "Viber says that the number is not one of its users."
    )
    message_id = await run.send(
        channel_type="viber",
        type="message",
        message_type="text",
        content='{"text":"Your parcel is here."}',
        from_="20001",
        to=NOT_ON_VIBER,
        label="promotion",
        fall_back_id="S_000001",
    )
    await run.sandbox.advance(5)
    timeline = await run.show_result(message_id, NOT_ON_VIBER)
    run.check(
        "Viber failed and the SMS was delivered",
        _legs(timeline) == [("viber", "failed"), ("sms", "delivered")],
    )
    run.check("the SMS left in the same second", _waited(timeline) < 1.0)
    run.check(
        "both were reported by callback",
        run.statuses(message_id) == [(0, "Failed"), (1, "Sent"), (1, "Delivered")],
    )


async def _no_receipt(run: DemoRun) -> None:
    run.display.heading(
        3,
        f"No receipt: an SMS after {_DURATION} s",
        f"Viber takes the message and says nothing more. FallBackDuration is {_DURATION} s; the sandbox's "
        "clock is moved by so much, nobody waits.",
    )
    message_id = await run.send(
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
    await run.sandbox.advance(_DURATION - 10)
    before = await run.sandbox.message(message_id)
    moved = time.monotonic()
    await run.sandbox.advance(20)
    took = time.monotonic() - moved
    timeline = await run.show_result(message_id, NO_RECEIPT)
    run.check(f"{_DURATION - 10} s after the call there was no SMS yet", _legs(before) == [("viber", "sent")])
    run.check(
        f"the SMS left {_DURATION} s after the call, and was delivered",
        _legs(timeline)[1:] == [("sms", "delivered")] and _DURATION <= _waited(timeline) < _DURATION + 1,
    )
    run.check(f"the last 20 s took {took * 1000:.0f} ms", took < 10)


async def _refused(run: DemoRun) -> None:
    run.display.heading(4, "Refused: three errors in one response", "Nothing is sent and nothing is charged.")
    wrong = {
        "channel_type": "viber",
        "type": "message",
        "message_type": "text",
        "content": '{"text":"Hello"}',
        "from_": "Acme",
        "to": f"+{READER}",
        "label": "news",
    }
    run.display.call(wrong)
    try:
        await run.customer.send(**wrong)
    except RefusedError as refused:
        run.display.print(f"\nThe SDK raises {refused.code}:\n  {refused.text}\n")
        run.check(
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
