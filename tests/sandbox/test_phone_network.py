"""The simulated phones: no callback is lost or out of order, and a phone can reply."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from tests.sandbox.sandbox_network import SERVICE, START, StillClock, sandbox_network
from waypost.clock import MovableClock
from waypost.model.message.outcomes import Accepted, Inbound, Receipt, ReceiptKind
from waypost.sandbox.phone_actions import ActionRefusedError
from waypost.sandbox.phone_network import PhoneNetwork

D, R = ReceiptKind.DELIVERED, ReceiptKind.READ


def test_the_plain_movable_clock_will_do(tmp_path: Path) -> None:
    async def main() -> None:
        async with sandbox_network(tmp_path, MovableClock()) as network:
            await network.viber.send(network.viber_message("380501110004", ttl=600))
            due = network.network.next_due()
            assert due is not None
            assert 299_000 < due - network.clock.now() <= 300_000
            await network.move(300_000)
            assert [event.kind for event in network.hooks.events if isinstance(event, Receipt)] == [D]
            assert network.network.next_due() is None

    asyncio.run(main())


def test_a_callback_is_kept_until_it_is_answered(tmp_path: Path) -> None:
    async def main() -> None:
        async with sandbox_network(tmp_path) as network:
            await network.viber.send(network.viber_message("380501112233"))
            network.hooks.refusals = 5
            await network.move(2000)
            assert [event.kind for event in network.hooks.events if isinstance(event, Receipt)] == [D, R]
            assert network.hooks.requests == 7

    asyncio.run(main())


def test_settle_waits_for_an_answer(tmp_path: Path) -> None:
    async def main() -> None:
        async with sandbox_network(tmp_path) as network:
            await network.viber.send(network.viber_message("380501112233"))
            network.hooks.refusals = 1_000_000
            network.clock.move_to(START + 1000)
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(network.network.settle(START + 1000), 0.05)
            assert network.network.next_due() == START + 1000
            network.hooks.refusals = 0
            await network.settle()
            assert network.network.next_due() == START + 2000

    asyncio.run(main())


def test_pending_callbacks_are_sent_after_a_restart(tmp_path: Path) -> None:
    async def main() -> None:
        async with sandbox_network(tmp_path) as network:
            await network.viber.send(network.viber_message("380501112233"))
            await network.sms.send(network.sms_message("380501112233", number=2))
            await network.move(1000)
            assert len(network.hooks.events) == 2
        async with sandbox_network(tmp_path, StillClock(START + 1000)) as network:
            assert network.network.next_due() == START + 2000
            await network.play_out()
            assert [event.kind for event in network.hooks.events if isinstance(event, Receipt)] == [R]
            shown = network.network.phone("380501112233")
            assert [(m.channel, m.seq, m.reference, m.state, m.at) for m in shown] == [
                ("viber", 1, None, "read", START),
                ("sms", None, "m-1-2", "delivered", START),
            ]

    asyncio.run(main())


def test_a_phone_nobody_takes_callbacks_for_holds_up_no_other(tmp_path: Path) -> None:
    async def main() -> None:
        async with sandbox_network(tmp_path) as network:
            stuck = msgspec.structs.replace(
                network.sms_message("380501112233"), receipt_url="http://127.0.0.1:1/hooks/sms"
            )
            assert await network.sms.send(stuck) == Accepted(None)
            numbers = [f"3805022{suffix}" for suffix in range(25_000, 25_200)]
            await asyncio.gather(*(network.viber.send(network.viber_message(number)) for number in numbers))
            network.clock.move_to(START + 2000)
            await network.hooks.until(400)
            for number in numbers:
                kinds = [
                    s.kind for s in network.hooks.events if isinstance(s, Receipt) and s.recipient == number
                ]
                assert kinds == [D, R]
            assert network.network.next_due() == START + 1000

    asyncio.run(main())


def test_a_reply_goes_to_the_last_to_write(tmp_path: Path) -> None:
    async def main() -> None:
        async with sandbox_network(tmp_path) as network:
            with pytest.raises(ActionRefusedError):
                network.network.reply("380501110003", "hello?")
            await network.viber.send(network.viber_message("380501110003"))
            network.network.reply("+380501110003", "yes")
            await network.settle()
            (event,) = network.hooks.events
            assert isinstance(event, Inbound)
            assert (event.sender, event.user, event.text) == (str(SERVICE), "380501110003", "yes")
            assert (event.tracking_data, event.at) == ("order:9", START)
            await network.sms.send(network.sms_message("380501110003"))
            with pytest.raises(ActionRefusedError):
                network.network.reply("380501110003", "and now?")

    asyncio.run(main())


def test_a_phone_that_is_off_cannot_answer(tmp_path: Path) -> None:
    async def main() -> None:
        async with sandbox_network(tmp_path) as network:
            await network.viber.send(network.viber_message("380501110004"))
            with pytest.raises(ActionRefusedError):
                network.network.reply("380501110004", "hello?")

    asyncio.run(main())


def test_a_service_without_a_callback_address_gets_no_callback(tmp_path: Path) -> None:
    async def main() -> None:
        async with sandbox_network(tmp_path) as network:
            network.callback_urls.clear()
            await network.viber.send(network.viber_message("380501112233"))
            await network.play_out()
            assert network.hooks.requests == 0

    asyncio.run(main())


def test_a_report_follows_waypost_to_another_port(tmp_path: Path) -> None:
    async def main() -> None:
        async with sandbox_network(tmp_path) as network:
            await network.sms.send(network.sms_message("380501112233"))
        async with sandbox_network(tmp_path / "hooks-only") as other:
            moved = PhoneNetwork(
                tmp_path / "world.db", other.clock, {}, callback_origin=other.hooks.loopback.address
            )
            await moved.start()
            other.clock.move_to(START + 1000)
            await asyncio.wait_for(moved.settle(START + 1000), 20)
            await moved.close()
            (event,) = other.hooks.events
            assert isinstance(event, Receipt)
            assert (event.reference, event.kind) == ("m-1-1", D)

    asyncio.run(main())
