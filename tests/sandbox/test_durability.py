"""What a simulated provider answered, it still knows after a kill -9."""

import asyncio
import sys
import time
from pathlib import Path

from tests.sandbox.sandbox_network import SandboxNetwork, StillClock, sandbox_network
from waypost.connectors.viber.connector import ViberConnector
from waypost.model.message.outcomes import Accepted, Receipt, ReceiptKind
from waypost.outbound.client import HttpClient

D, R = ReceiptKind.DELIVERED, ReceiptKind.READ


def test_callbacks_come_after_a_kill(tmp_path: Path) -> None:
    async def main() -> None:
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            str(Path(__file__).parent / "viber_process.py"),
            str(tmp_path),
            stdout=asyncio.subprocess.PIPE,
        )
        assert child.stdout is not None
        url = (await asyncio.wait_for(child.stdout.readline(), 30)).decode().strip()
        tokens = []
        async with HttpClient() as client:
            connector = ViberConnector("viber", client, url=url)
            for number in range(20):
                outcome = await connector.send(SandboxNetwork.viber_message(f"3805011120{number + 12:02}"))
                assert isinstance(outcome, Accepted)
                tokens.append(outcome.provider_id)
            child.kill()
            await child.wait()

        # An hour later by its clock, all of it is long due.
        clock = StillClock(time.time_ns() // 1_000_000 + 3_600_000)
        async with sandbox_network(tmp_path, clock) as network:
            await network.settle()
            receipt_body = [event for event in network.hooks.events if isinstance(event, Receipt)]
            for token in tokens:
                assert [receipt.kind for receipt in receipt_body if receipt.provider_id == token] == [D, R]
            assert len(receipt_body) == 2 * len(tokens)

    asyncio.run(main())
