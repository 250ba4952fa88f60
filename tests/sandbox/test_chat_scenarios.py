"""The magic table on every chat channel beside Viber, by plain HTTP: answers, phones and webhooks."""

from pathlib import Path
from typing import NamedTuple

import aiohttp
import pytest

from tests.sandbox.chat_network import CHANNELS, ChatChannel, ChatNetwork, Event, chat_network
from waypost.sandbox.scenarios import SCENARIOS

BY_NAME = pytest.mark.parametrize("name", CHANNELS)


class MessageProgress(NamedTuple):
    """What follows a message that was taken.

    Attributes:
        events: what happens, by the time that it carries, in the order of the webhooks.
        states: milliseconds from the start to what the phone then shows; empty for nothing.
    """

    events: list[Event]
    states: dict[int, str]


D, R = ("delivered", 1000), ("read", 2000)
TAKEN = {
    "7777": MessageProgress(
        [D, R], {0: "received", 999: "received", 1000: "delivered", 1999: "delivered", 2000: "read"}
    ),
    "0002": MessageProgress([], {0: "received", 10_000: "received"}),
    "0003": MessageProgress([D], {0: "received", 1000: "delivered", 10_000: "delivered"}),
    "0004": MessageProgress([("delivered", 300_000)], {0: "", 299_999: "", 300_000: "delivered"}),
    "0005": MessageProgress([], {0: "", 40 * 86_400_000: ""}),
    "0008": MessageProgress([R, D, R, D], {0: "received", 1000: "delivered", 2000: "read"}),
    "0010": MessageProgress([D, ("STOP", 2000)], {0: "received", 1000: "delivered", 2000: "delivered"}),
}

# What a channel reports at all: LINE and Telegram nothing, Instagram only that a message was read.
REPORTED = {
    "whatsapp": {"delivered", "read", "STOP"},
    "messenger": {"delivered", "read", "STOP"},
    "instagram": {"read", "STOP"},
    "telegram": {"STOP"},
    "line": {"STOP"},
}

# Channel to digits to the HTTP status and the provider's code; LINE has no codes, and hides a block.
UNKNOWN: dict[str, tuple[int, int | None]] = {
    "whatsapp": (400, 131026),
    "messenger": (400, 100),
    "instagram": (400, 100),
    "telegram": (400, 400),
}
BLOCKED: dict[str, tuple[int, int | None]] = {
    "whatsapp": (400, 131050),
    "messenger": (400, 551),
    "instagram": (400, 551),
    "telegram": (403, 403),
}
BUSY: dict[str, tuple[int, int | None]] = {
    "whatsapp": (503, 131016),
    "messenger": (500, 1200),
    "instagram": (500, 1200),
    "telegram": (429, 429),
}
REFUSED: dict[str, dict[str, tuple[int, int | None]]] = {
    "0001": UNKNOWN | {"line": (400, None)},
    "0009": BLOCKED,
    "0011": UNKNOWN | {"line": (400, None)},
}


def code_in(answer: object) -> object:
    assert isinstance(answer, dict)
    error = answer.get("error")
    return error["code"] if isinstance(error, dict) else answer.get("error_code")


def events_received(network: ChatNetwork, channel: ChatChannel) -> list[Event]:
    return [event for webhook in network.recorder.accepted for event in channel.events(webhook.json)]


def seen_by(name: str, state: str) -> str:
    """What a phone shows: a message is `delivered` or `read` there once its provider reports it."""
    known = {"delivered": "delivered" in REPORTED[name], "read": "read" in REPORTED[name]}
    if state == "delivered" and not known["delivered"]:
        return "received"
    return "received" if state == "read" and not known["read"] else state


def test_every_row_of_the_table_is_here() -> None:
    one_by_one = {"0006", "0007"}
    assert {row.digits for row in SCENARIOS} == (TAKEN.keys() | REFUSED.keys() | one_by_one) - {"7777"}


@BY_NAME
@pytest.mark.parametrize("digits", TAKEN)
async def test_a_message_that_is_taken(name: str, digits: str, tmp_path: Path) -> None:
    channel, progress = CHANNELS[name], TAKEN[digits]
    person = channel.person + digits
    async with chat_network(tmp_path) as network:
        accepted = await network.post(channel, channel.text(person))
        assert accepted.status == 200
        moment = 0
        for until, state in progress.states.items():
            await network.move(until - moment)
            moment = until
            # Where nothing is reported of a phone that was off, it is simply on at that time.
            assert network.states(person) == ([seen_by(name, state)] if state else []), until
        await network.play_out()
        assert events_received(network, channel) == [
            event for event in progress.events if event[0] in REPORTED[name]
        ]


@pytest.mark.parametrize(
    ("digits", "name", "status", "code"),
    [(digits, name, *answer) for digits, row in REFUSED.items() for name, answer in row.items()],
)
async def test_a_message_that_is_refused(
    digits: str, name: str, status: int, code: int | None, tmp_path: Path
) -> None:
    channel = CHANNELS[name]
    async with chat_network(tmp_path) as network:
        for _ in range(2):
            refusal_answer = await network.post(channel, channel.text(channel.person + digits))
            assert (refusal_answer.status, code_in(refusal_answer.json)) == (status, code)
        assert network.states(channel.person + digits) == []
        assert network.phones.next_due() is None


async def test_line_takes_a_message_to_a_person_who_has_blocked_the_sender(tmp_path: Path) -> None:
    channel = CHANNELS["line"]
    async with chat_network(tmp_path) as network:
        accepted = await network.post(channel, channel.text(channel.person + "0009"))
        assert accepted.status == 200
        assert channel.message_id(accepted.json).isdecimal()
        await network.play_out()
        assert network.states(channel.person + "0009") == []
        assert network.recorder.received == []


@BY_NAME
async def test_0006_is_busy_twice_for_each_text(name: str, tmp_path: Path) -> None:
    channel, person = CHANNELS[name], CHANNELS[name].person + "0006"
    async with chat_network(tmp_path) as network:
        for text in ("one", "two", "one"):
            answers = [await network.post(channel, channel.text(person, text)) for _ in range(3)]
            status, code = (BUSY | {"line": (429, None)})[name]
            assert [answer.status for answer in answers] == [status, status, 200]
            assert [code_in(answer.json) for answer in answers[:2]] == [code, code]
        assert network.shown(person) == [("one", ""), ("two", ""), ("one", "")]


@BY_NAME
async def test_0006_counts_each_recipient_for_itself(name: str, tmp_path: Path) -> None:
    channel = CHANNELS[name]
    one, two = channel.person + "10006", channel.person + "20006"
    async with chat_network(tmp_path) as network:
        for _ in range(2):
            assert (await network.post(channel, channel.text(one))).status != 200
        assert (await network.post(channel, channel.text(two))).status != 200
        assert (await network.post(channel, channel.text(one))).status == 200
        assert network.states(two) == []


@BY_NAME
async def test_0007_is_taken_and_its_answer_lost(name: str, tmp_path: Path) -> None:
    channel, person = CHANNELS[name], CHANNELS[name].person + "0007"
    async with chat_network(tmp_path) as network:
        with pytest.raises(aiohttp.ClientConnectionError):
            await network.post(channel, channel.text(person))
        assert network.states(person) == ["received"]
        await network.play_out()
        assert events_received(network, channel) == [event for event in (D, R) if event[0] in REPORTED[name]]


@BY_NAME
async def test_the_same_message_twice_is_two_messages(name: str, tmp_path: Path) -> None:
    channel, person = CHANNELS[name], CHANNELS[name].person + "7777"
    async with chat_network(tmp_path) as network:
        answers = [await network.post(channel, channel.text(person)) for _ in range(2)]
        assert len({channel.message_id(answer.json) for answer in answers}) == 2
        assert len(network.states(person)) == 2


@BY_NAME
async def test_a_webhook_is_sent_again_until_it_is_answered_2xx(name: str, tmp_path: Path) -> None:
    channel, person = CHANNELS[name], CHANNELS[name].person + "0010"
    async with chat_network(tmp_path) as network:
        await network.post(channel, channel.text(person))
        network.recorder.statuses.extend([500, 404, 302, 204])
        await network.play_out()
        expected = [event for event in TAKEN["0010"].events if event[0] in REPORTED[name]]
        assert events_received(network, channel) == expected
        first = network.recorder.received[:4]
        # The very same bytes under the same signature, so that a receiver can know a repeat.
        assert len({(webhook.path, webhook.body) for webhook in first}) == 1
        assert len(network.recorder.received) == len(expected) + 3
        assert all("elsewhere" not in webhook.path for webhook in network.recorder.received)


@BY_NAME
async def test_a_person_writes_to_whoever_wrote_last(name: str, tmp_path: Path) -> None:
    channel, person = CHANNELS[name], CHANNELS[name].person + "0002"
    async with chat_network(tmp_path) as network:
        await network.post(channel, channel.text(person))
        await network.move(5000)
        network.phones.reply(person, "thanks 🙂")
        await network.play_out()
        assert events_received(network, channel) == [("thanks 🙂", 5000)]
        [webhook] = network.recorder.accepted
        assert webhook.path == f"/receipts/{channel.route}/sandbox"
        assert (webhook.method, webhook.headers["content-type"]) == ("POST", "application/json")
