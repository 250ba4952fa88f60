"""The simulated chat providers for a test, spoken to by plain HTTP, and a recorder in place of Waypost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import msgspec

from tests.sandbox.sandbox_network import START, StillClock
from tests.sandbox.webhook_recorder import WebhookRecorder
from waypost.model.templates.template import Template
from waypost.sandbox import fixture
from waypost.sandbox.chat_providers import ChatProviders
from waypost.sandbox.phone_network import PhoneNetwork

Event = tuple[str, int]
"""`delivered`, `read` or what a person wrote, and the milliseconds from the start at which it was so."""


class Reply(NamedTuple):
    """An answer of a provider; `json` is None for an empty body."""

    status: int
    json: Any
    headers: dict[str, str]


class ChatChannel(NamedTuple):
    """How a provider is called, and how its webhooks are read.

    Attributes:
        route: the route of account 1; its webhooks go to `/receipts/<route>/sandbox`.
        sender: of account 1.
        token: what that sender shows.
        person: an id of the channel's, but for the four digits that the magic table looks at.
    """

    name: str
    route: str
    sender: str
    token: str
    person: str

    @property
    def path(self) -> str:
        return {
            "whatsapp": "/100001/messages",
            "messenger": "/me/messages",
            "instagram": "/me/messages",
            "telegram": f"/bot{self.token}/sendMessage",
            "line": "/v2/bot/message/push",
        }[self.name]

    @property
    def headers(self) -> dict[str, str]:
        return {} if self.name == "telegram" else {"Authorization": f"Bearer {self.token}"}

    def text(self, recipient: str, text: str = "hello", reference: str = "m-0-1") -> dict[str, Any]:
        """The body that sends a text."""
        match self.name:
            case "whatsapp":
                return {
                    "messaging_product": "whatsapp",
                    "to": recipient,
                    "type": "text",
                    "text": {"body": text},
                    "biz_opaque_callback_data": reference,
                }
            case "telegram":
                return {"chat_id": recipient, "text": text}
            case "line":
                return {"to": recipient, "messages": [{"type": "text", "text": text}]}
            case _:
                return {
                    "messaging_type": "RESPONSE",
                    "recipient": {"id": recipient},
                    "message": {"text": text, "metadata": reference},
                }

    def message_id(self, answer: Any) -> str:
        """The id in the answer that takes a message."""
        match self.name:
            case "whatsapp":
                [message] = answer["messages"]
                return str(message["id"])
            case "telegram":
                return str(answer["result"]["message_id"])
            case "line":
                [sent] = answer["sentMessages"]
                return str(sent["id"])
            case _:
                return str(answer["message_id"])

    def events(self, body: Any) -> list[Event]:
        """What a webhook is about."""
        match self.name:
            case "whatsapp":
                value = body["entry"][0]["changes"][0]["value"]
                return [
                    *(
                        (one["status"], int(one["timestamp"]) * 1000 - START)
                        for one in value.get("statuses", ())
                    ),
                    *(
                        (one["text"]["body"], int(one["timestamp"]) * 1000 - START)
                        for one in value.get("messages", ())
                    ),
                ]
            case "telegram":
                return [(body["message"]["text"], body["message"]["date"] * 1000 - START)]
            case "line":
                return [(one["message"]["text"], one["timestamp"] - START) for one in body["events"]]
            case _:
                return [
                    (_kind_of_page_event(one), one["timestamp"] - START)
                    for one in body["entry"][0]["messaging"]
                    if not one.get("message", {}).get("is_echo")
                ]


def _kind_of_page_event(event: Any) -> str:
    if "message" in event:
        return str(event["message"]["text"])
    return "delivered" if "delivery" in event else "read"


CHANNELS = {
    channel.name: channel
    for channel in (
        ChatChannel("whatsapp", "sandbox-whatsapp", "15550100001", "sandbox-token", "38050111"),
        ChatChannel("messenger", "sandbox-messenger", "20004", "sandbox-token-1", "7001-"),
        ChatChannel("instagram", "sandbox-instagram", "20005", "sandbox-token-1", "7002-"),
        ChatChannel("telegram", "sandbox-telegram-1", "20002", "sandbox-token-1", "7003"),
        ChatChannel("line", "sandbox-line-1", "20003", "sandbox-token-1", "U7004-"),
    )
}


class ChatNetwork:
    """The providers, the phones and what Waypost would have received.

    Attributes:
        templates: those that the simulated Meta holds, by account, name and language.
    """

    def __init__(self, folder: Path, session: aiohttp.ClientSession) -> None:
        self.clock = StillClock()
        self.recorder = WebhookRecorder()
        self.phones = PhoneNetwork(folder / "world.db", self.clock, {}, retry_s=0.005)
        self.templates: dict[tuple[str, str, str], Template] = {}
        self._session = session

    async def start(self) -> None:
        await self.recorder.start()
        self.providers = ChatProviders(
            self.phones,
            self.recorder.address,
            lambda account, name, language: self.templates.get((account, name, language)),
            fixture.SEED.senders,
        )
        await self.providers.start()
        await self.phones.start()

    async def close(self) -> None:
        await self.providers.close()
        await self.phones.close()
        await self.recorder.close()

    async def post(
        self,
        channel: ChatChannel,
        body: object,
        *,
        path: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Reply:
        """Posts bytes as they are and anything else as JSON, by default as account 1 sends."""
        url = self.providers.url_of(channel.name) + (path or channel.path)
        data = body if isinstance(body, bytes) else msgspec.json.encode(body)
        async with self._session.post(
            url, data=data, headers=channel.headers if headers is None else headers
        ) as response:
            content = await response.read()
            return Reply(
                response.status, msgspec.json.decode(content) if content else None, dict(response.headers)
            )

    async def move(self, milliseconds: int) -> None:
        """Moves the clock and waits until everything that fell due was sent."""
        self.clock.move_to(self.clock.now() + milliseconds)
        await asyncio.wait_for(self.phones.settle(self.clock.now()), 20)

    async def play_out(self) -> None:
        """Moves the clock until nothing is left to send."""
        while (due := self.phones.next_due()) is not None:
            self.clock.move_to(due)
            await asyncio.wait_for(self.phones.settle(due), 20)

    def states(self, recipient: str) -> list[str]:
        """The states of the messages that a phone shows."""
        return [message.state for message in self.phones.phone(recipient)]

    def shown(self, recipient: str) -> list[tuple[str, str]]:
        """The texts and media of the messages that a phone shows."""
        return [(message.text, message.media) for message in self.phones.phone(recipient)]


@asynccontextmanager
async def chat_network(folder: Path) -> AsyncIterator[ChatNetwork]:
    # A connection of its own for each request: one that a provider cut off is of no use to the next.
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as session:
        network = ChatNetwork(folder, session)
        await network.start()
        try:
            yield network
        finally:
            await network.close()
