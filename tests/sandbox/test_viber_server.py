"""How the simulated Viber answers, and that every MessageType of the real connector passes its limits."""

import asyncio
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.connectors.test_viber_requests import ROWS
from tests.sandbox.sandbox_network import sandbox_network
from waypost.model.message.outcomes import Accepted


@pytest.mark.parametrize("message_type", ROWS)
def test_every_message_type_is_taken_and_shown(message_type: str, tmp_path: Path) -> None:
    content = ROWS[message_type][0]

    async def main() -> None:
        async with sandbox_network(tmp_path) as network:
            message = msgspec.structs.replace(
                network.viber_message("380501112233"),
                message_type=message_type,
                content=content,
                label="promotion",
            )
            assert isinstance(await network.viber.send(message), Accepted)
            (shown,) = network.network.phone("+380501112233")
            assert (shown.channel, shown.from_, shown.seq) == ("viber", "1234", 1)
            assert (shown.text, shown.media) == (content.get("text", ""), content.get("link", ""))

    asyncio.run(main())


def test_answers(tmp_path: Path) -> None:
    good: dict[str, Any] = {
        "service_id": 1234,
        "dest": "380501112233",
        "seq": 5,
        "type": 206,
        "label": "transaction",
        "message": {"#txt": "hi", "#tracking_data": ""},
    }

    async def main() -> None:
        async with sandbox_network(tmp_path) as network:

            async def post(body: bytes) -> dict[str, Any]:
                async with network.session.post(network.viber_server.url, data=body) as response:
                    assert response.status == 200
                    answer: dict[str, Any] = json.loads(await response.read())
                    return answer

            assert await post(b"{") == {"status": 3}
            assert await post(b"\xff") == {"status": 3}
            assert await post(b"[]") == {"status": 3}
            assert await post(json.dumps({**good, "ttl": 1}).encode()) == {"status": 20, "seq": 5}
            answers = [await post(json.dumps(good).encode()) for _ in range(4)]
            assert [(answer["status"], answer["seq"]) for answer in answers] == [(0, 5)] * 4
            tokens = [answer["message_token"] for answer in answers]
            assert [type(token) for token in tokens] == [str, int, str, int]
            assert len({str(token) for token in tokens}) == 4
            assert all(len(str(token)) == 19 for token in tokens)
            await network.play_out()
            receipt_body = [json.loads(body)["message_token"] for body in network.hooks.bodies]
            assert receipt_body == tokens * 2

    asyncio.run(main())
