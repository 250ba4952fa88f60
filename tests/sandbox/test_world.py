"""Nothing told is lost, nothing is told out of turn, and the phones answer."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from tests.sandbox.outside import SERVICE, START, StillClock, outside
from waypost.clock import MovableClock
from waypost.model.message.outcomes import Accepted, Inbound, Receipt, ReceiptKind
from waypost.sandbox.phone_network import ReplyRefusedError, World

D, R = ReceiptKind.DELIVERED, ReceiptKind.READ


def test_the_plain_movable_clock_will_do(tmp_path: Path) -> None:
    async def main() -> None:
        async with outside(tmp_path, MovableClock()) as world:
            await world.viber.send(world.viber_message("380501110004"))
            due = world.world.next_due()
            assert due is not None
            assert 299_000 < due - world.clock.now() <= 300_000
            await world.move(300_000)
            assert [said.kind for said in world.hooks.said if isinstance(said, Receipt)] == [D]
            assert world.world.next_due() is None

    asyncio.run(main())


def test_a_callback_is_kept_until_it_is_answered(tmp_path: Path) -> None:
    async def main() -> None:
        async with outside(tmp_path) as world:
            await world.viber.send(world.viber_message("380501112233"))
            world.hooks.refusals = 5
            await world.move(2000)
            assert [said.kind for said in world.hooks.said if isinstance(said, Receipt)] == [D, R]
            assert world.hooks.asked == 7

    asyncio.run(main())


def test_settle_waits_for_an_answer(tmp_path: Path) -> None:
    async def main() -> None:
        async with outside(tmp_path) as world:
            await world.viber.send(world.viber_message("380501112233"))
            world.hooks.refusals = 1_000_000
            world.clock.move_to(START + 1000)
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(world.world.settle(START + 1000), 0.05)
            assert world.world.next_due() == START + 1000
            world.hooks.refusals = 0
            await world.settle()
            assert world.world.next_due() == START + 2000

    asyncio.run(main())


def test_what_is_untold_is_told_after_a_restart(tmp_path: Path) -> None:
    async def main() -> None:
        async with outside(tmp_path) as world:
            await world.viber.send(world.viber_message("380501112233"))
            await world.sms.send(world.sms_message("380501112233", number=2))
            await world.move(1000)
            assert len(world.hooks.said) == 2
        async with outside(tmp_path, StillClock(START + 1000)) as world:
            assert world.world.next_due() == START + 2000
            await world.play_out()
            assert [said.kind for said in world.hooks.said if isinstance(said, Receipt)] == [R]
            shown = world.world.handset("380501112233")
            assert [(m.channel, m.seq, m.reference, m.state, m.at) for m in shown] == [
                ("viber", 1, None, "read", START),
                ("sms", None, "m-1-2", "delivered", START),
            ]

    asyncio.run(main())


def test_a_phone_nobody_takes_callbacks_for_holds_up_no_other(tmp_path: Path) -> None:
    async def main() -> None:
        async with outside(tmp_path) as world:
            stuck = msgspec.structs.replace(
                world.sms_message("380501112233"), receipt_url="http://127.0.0.1:1/hooks/sms"
            )
            assert await world.sms.send(stuck) == Accepted(None)
            numbers = [f"3805022{suffix}" for suffix in range(25_000, 25_200)]
            await asyncio.gather(*(world.viber.send(world.viber_message(number)) for number in numbers))
            world.clock.move_to(START + 2000)
            await world.hooks.until(400)
            for number in numbers:
                kinds = [s.kind for s in world.hooks.said if isinstance(s, Receipt) and s.recipient == number]
                assert kinds == [D, R]
            assert world.world.next_due() == START + 1000

    asyncio.run(main())


def test_reset(tmp_path: Path) -> None:
    async def main() -> None:
        async with outside(tmp_path) as world:
            await world.viber.send(world.viber_message("380501112233"))
            await world.viber.send(world.viber_message("380501110006"))
            world.hooks.refusals = 1_000_000
            world.clock.move_to(START + 1000)
            waiting = asyncio.create_task(world.world.settle(START + 1000))
            await asyncio.sleep(0)
            await world.world.reset()
            await asyncio.wait_for(waiting, 5)
            world.hooks.refusals = 0
            assert world.world.next_due() is None
            assert world.world.handset("380501112233") == []
            await world.viber.send(world.viber_message("380501112233"))
            await world.play_out()
            assert [said.kind for said in world.hooks.said if isinstance(said, Receipt)] == [D, R]

    asyncio.run(main())


def test_a_reply_goes_to_the_last_to_write(tmp_path: Path) -> None:
    async def main() -> None:
        async with outside(tmp_path) as world:
            with pytest.raises(ReplyRefusedError):
                await world.world.reply("380501110003", "hello?")
            await world.viber.send(world.viber_message("380501110003"))
            await world.world.reply("+380501110003", "yes")
            await world.settle()
            (said,) = world.hooks.said
            assert isinstance(said, Inbound)
            assert (said.sender, said.user, said.text) == (str(SERVICE), "380501110003", "yes")
            assert (said.tracking_data, said.at) == ("order:9", START)
            await world.sms.send(world.sms_message("380501110003"))
            with pytest.raises(ReplyRefusedError):
                await world.world.reply("380501110003", "and now?")

    asyncio.run(main())


def test_a_phone_that_is_off_cannot_answer(tmp_path: Path) -> None:
    async def main() -> None:
        async with outside(tmp_path) as world:
            await world.viber.send(world.viber_message("380501110004"))
            with pytest.raises(ReplyRefusedError):
                await world.world.reply("380501110004", "hello?")

    asyncio.run(main())


def test_a_service_without_a_callback_address_is_told_nothing(tmp_path: Path) -> None:
    async def main() -> None:
        async with outside(tmp_path) as world:
            world.callback_urls.clear()
            await world.viber.send(world.viber_message("380501112233"))
            await world.play_out()
            assert world.hooks.asked == 0

    asyncio.run(main())


def test_a_report_follows_waypost_to_another_port(tmp_path: Path) -> None:
    async def main() -> None:
        async with outside(tmp_path) as world:
            await world.sms.send(world.sms_message("380501112233"))
        async with outside(tmp_path / "hooks-only") as other:
            moved = World(
                tmp_path / "world.db", other.clock, {}, callback_origin=other.hooks.loopback.address
            )
            await moved.start()
            other.clock.move_to(START + 1000)
            await asyncio.wait_for(moved.settle(START + 1000), 20)
            await moved.close()
            (said,) = other.hooks.said
            assert isinstance(said, Receipt)
            assert (said.reference, said.kind) == ("m-1-1", D)

    asyncio.run(main())
