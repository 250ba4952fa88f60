"""Each scenario of a magic number, through the real connectors and real sockets: outcomes and receipts."""

import asyncio
from pathlib import Path

import pytest

from tests.sandbox.sandbox_network import SERVICE, START, sandbox_network
from waypost.model.message.failures import SendFailure
from waypost.model.message.outcomes import Accepted, Inbound, Receipt, ReceiptKind, Refused, Unknown
from waypost.sandbox.scenarios import OTHERWISE, SCENARIOS, scenario_of

D, R, X = ReceiptKind.DELIVERED, ReceiptKind.READ, ReceiptKind.EXPIRED
TTL = 90

# Digits: what Viber reports, with milliseconds since the message was taken; the phone's states, asked after
# each of these moments (None: the message is not shown).
DELIVERED: dict[str, tuple[list[tuple[ReceiptKind, int]], dict[int, str | None]]] = {
    "7777": ([(D, 1000), (R, 2000)], {0: "received", 1000: "delivered", 2000: "read"}),
    "0002": ([], {0: "received", 100_000: "received"}),
    "0003": ([(D, 1000)], {0: "received", 1000: "delivered", 100_000: "delivered"}),
    # The phone comes back after 300 s, and by then the time to live has run out.
    "0004": ([(X, TTL * 1000)], {0: None, TTL * 1000: None, 300_000: None}),
    "0005": ([(X, TTL * 1000)], {0: None, TTL * 1000: None}),
    "0008": ([(R, 2000), (D, 1000), (R, 2000), (D, 1000)], {1000: "delivered", 2000: "read"}),
    "0010": ([(D, 1000)], {0: "received", 1000: "delivered", 5000: "delivered"}),
}


@pytest.mark.parametrize("digits", DELIVERED)
def test_what_viber_reports(digits: str, tmp_path: Path) -> None:
    receipt_body, states = DELIVERED[digits]
    recipient = "38050111" + digits

    async def main() -> None:
        async with sandbox_network(tmp_path) as network:
            outcome = await network.viber.send(network.viber_message(recipient, ttl=TTL))
            assert isinstance(outcome, Accepted)
            for moment, state in states.items():
                await network.move(START + moment - network.clock.now())
                assert [message.state for message in network.network.phone(recipient)] == (
                    [state] if state else []
                )
            await network.play_out()
            assert [event for event in network.hooks.events if isinstance(event, Receipt)] == [
                Receipt(
                    route="viber",
                    kind=kind,
                    at=START + after,
                    provider_id=outcome.provider_id,
                    sender=str(SERVICE),
                    recipient=recipient,
                    failure=SendFailure.EXPIRED if kind is X else None,
                )
                for kind, after in receipt_body
            ]
            inbounds = [event for event in network.hooks.events if isinstance(event, Inbound)]
            assert [inbound.text for inbound in inbounds] == (["STOP"] if digits == "0010" else [])

    asyncio.run(main())


REFUSED = {
    "0001": Refused(SendFailure.NOT_ON_CHANNEL, "SRVC_NOT_VIBER_USER", "Viber status 9"),
    "0009": Refused(SendFailure.OPTED_OUT, "SRVC_USER_BLOCKED", "Viber status 8"),
    "0011": Refused(SendFailure.NOT_ON_CHANNEL, "SRVC_NOT_VIBER_USER", "Viber status 9"),
}


@pytest.mark.parametrize("digits", REFUSED)
def test_what_viber_refuses(digits: str, tmp_path: Path) -> None:
    async def main() -> None:
        async with sandbox_network(tmp_path) as network:
            assert await network.viber.send(network.viber_message("38050111" + digits)) == REFUSED[digits]
            assert network.network.next_due() is None
            assert network.network.phone("38050111" + digits) == []

    asyncio.run(main())


def test_0006_is_busy_twice_for_each_message(tmp_path: Path) -> None:
    recipient = "380501110006"
    busy = Refused(SendFailure.BUSY, "SRVC_INTERNAL_FAILURE", "Viber status 1")

    async def main() -> None:
        async with sandbox_network(tmp_path) as network:
            for text in ("one", "two", "one"):
                for attempt, ttl in enumerate((60, 58), 1):
                    message = network.viber_message(recipient, number=attempt, text=text, ttl=ttl)
                    assert await network.viber.send(message) == busy
                assert isinstance(
                    await network.viber.send(network.viber_message(recipient, number=3, text=text, ttl=55)),
                    Accepted,
                )
            await network.play_out()
            assert [message.text for message in network.network.phone(recipient)] == ["one", "two", "one"]
            kinds = [event.kind for event in network.hooks.events if isinstance(event, Receipt)]
            assert kinds == [D, D, D, R, R, R]

    asyncio.run(main())


def test_0007_is_taken_and_its_answer_lost(tmp_path: Path) -> None:
    recipient = "380501110007"

    async def main() -> None:
        async with sandbox_network(tmp_path) as network:
            # A connection kept alive from an earlier message is where a second try would come from.
            await network.viber.send(network.viber_message("380501117777"))
            assert isinstance(await network.viber.send(network.viber_message(recipient)), Unknown)
            await network.play_out()
            assert len(network.network.phone(recipient)) == 1
            receipt_body = [
                event
                for event in network.hooks.events
                if isinstance(event, Receipt) and event.recipient == recipient
            ]
            assert [(receipt.kind, receipt.at, receipt.sender) for receipt in receipt_body] == [
                (D, START + 1000, str(SERVICE)),
                (R, START + 2000, str(SERVICE)),
            ]

    asyncio.run(main())


def test_0010_replies_stop(tmp_path: Path) -> None:
    async def main() -> None:
        async with sandbox_network(tmp_path) as network:
            await network.viber.send(network.viber_message("380501110010"))
            await network.play_out()
            stop = network.hooks.events[-1]
            assert isinstance(stop, Inbound)
            assert stop == Inbound(
                route="viber",
                channel="viber",
                sender=str(SERVICE),
                user="380501110010",
                at=START + 2000,
                provider_id=stop.provider_id,
                type="TEXT",
                text="STOP",
                tracking_data="order:9",
            )

    asyncio.run(main())


@pytest.mark.parametrize("digits", ["7777", *(scenario.digits for scenario in SCENARIOS)])
def test_sms(digits: str, tmp_path: Path) -> None:
    recipient = "38050111" + digits
    fails = digits == "0011"

    async def main() -> None:
        async with sandbox_network(tmp_path) as network:
            assert await network.sms.send(network.sms_message(recipient)) == Accepted(None)
            assert [m.state for m in network.network.phone(recipient)] == ([] if fails else ["received"])
            assert network.network.next_due() == START + 1000
            await network.play_out()
            assert [m.state for m in network.network.phone(recipient)] == ([] if fails else ["delivered"])
            (receipt,) = network.hooks.events
            assert isinstance(receipt, Receipt)
            assert receipt == Receipt(
                route="sms",
                kind=ReceiptKind.FAILED if fails else D,
                provider_id=receipt.provider_id,
                part=receipt.provider_id,
                reference="m-1-1",
                failure=SendFailure.UNDELIVERABLE if fails else None,
                text="stat:UNDELIV err:001" if fails else "stat:DELIVRD err:000",
            )
            assert receipt.provider_id

    asyncio.run(main())


def test_the_table_is_complete_and_has_each_row_once() -> None:
    assert [scenario.digits for scenario in SCENARIOS] == [f"{row:04}" for row in range(1, 12)]
    assert all(scenario.description for scenario in (*SCENARIOS, OTHERWISE))
    assert scenario_of("380501110003") is SCENARIOS[2]
    assert scenario_of("380501119999") is OTHERWISE
