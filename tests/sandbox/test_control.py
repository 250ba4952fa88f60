"""The control endpoints: what they answer, to bad requests too."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.model.messages import fallback, message
from tests.sandbox.asgi_client import AsgiClient
from tests.sandbox.sandbox_network import START, StillClock
from tests.sandbox.test_sandbox_store import arrival
from tests.storage.databases import FIRST, SECOND, Sqlite, attempt, callback, leg, write
from waypost.config.declared_config import entries_of
from waypost.model.configuration import Configuration
from waypost.model.identifiers import MessageId, attempt_reference
from waypost.sandbox import fixture
from waypost.sandbox.calls import Calls
from waypost.sandbox.control import Control
from waypost.sandbox.phone_network import PhoneNetwork
from waypost.sandbox.record import Record
from waypost.sandbox.refused_signatures import RefusedSignatures
from waypost.sandbox.sandbox_store import ScheduledCallback
from waypost.sandbox.time_travel import TimeTravel
from waypost.sandbox.viber_server import ViberActions
from waypost.storage.changes import AddEvent, AddMessage, Publish, PutAttempt, PutLeg
from waypost.storage.records import CallbackState, Event

PHONE = "380501112233"


def _of_the_fixture() -> Configuration:
    return Configuration(entries_of(fixture.ACCOUNTS))


class Controlled:
    """The endpoints over an empty store and a network of phones, on a clock that stands still."""

    def __init__(self, folder: Path) -> None:
        self.clock = StillClock()
        self.resets = 0
        self.store = Sqlite(folder).open(durable=False)
        self.phones = PhoneNetwork(folder / "world.db", self.clock, {})
        self.phones.add_channel("viber", ViberActions(), {})
        travel = TimeTravel(self.clock, self.store, self.phones)
        control = Control(self.clock, self.store, self.phones, travel, _of_the_fixture, self._reset, None)
        record = Record(Calls(self.clock.now), self.phones, self.store, RefusedSignatures(lambda _: None))
        self.client = AsgiClient([*record.routes(), *control.routes()])

    async def _reset(self) -> None:
        self.resets += 1

    async def phone(self, number: str = PHONE) -> list[dict[str, Any]]:
        answer = await self.client.get(f"/sandbox/phones/{number}")
        assert (answer.status, answer.json["number"]) == (200, number)
        messages: list[dict[str, Any]] = answer.json["messages"]
        return messages


@asynccontextmanager
async def controlled(folder: Path) -> AsyncIterator[Controlled]:
    made = Controlled(folder)
    await made.phones.start()
    try:
        yield made
    finally:
        await made.phones.close()
        await made.store.close()


async def test_a_phone_that_nobody_wrote_to_is_empty(tmp_path: Path) -> None:
    async with controlled(tmp_path) as made:
        assert await made.phone() == []


async def test_a_phone_shows_what_has_reached_it_in_its_order(tmp_path: Path) -> None:
    async with controlled(tmp_path) as made:
        times = [("late", START + 5, None), ("never", None, None), ("now", START, START)]
        for text, received_at, delivered_at in times:
            made.phones.accept(arrival(text=text, received_at=received_at, delivered_at=delivered_at), [])
        assert [(shown["text"], shown["state"]) for shown in await made.phone()] == [("now", "delivered")]
        made.clock.move_to(START + 5)
        assert [(shown["text"], shown["state"]) for shown in await made.phone(f"+{PHONE}")] == [
            ("now", "delivered"),
            ("late", "received"),
        ]


async def test_a_message_on_a_phone_in_full(tmp_path: Path) -> None:
    async with controlled(tmp_path) as made:
        made.phones.accept(
            arrival(sender="20001", text="hi", media="https://a.example/i", received_at=START), []
        )
        assert await made.phone() == [
            {
                "channel": "viber",
                "from": "20001",
                "text": "hi",
                "media": "https://a.example/i",
                "message_id": None,
                "leg": None,
                "state": "received",
                "at": START,
                "buttons": [],
            }
        ]


@pytest.mark.parametrize(
    "changes",
    [
        {"reference": attempt_reference(MessageId(FIRST), 1, 1), "seq": None},
        {"seq": 7},
        {"seq": None, "token": "provider-id"},
    ],
    ids=["by our reference", "by the number it echoes", "by its own id"],
)
async def test_a_message_on_a_phone_names_its_message_and_leg(
    changes: dict[str, Any], tmp_path: Path
) -> None:
    async with controlled(tmp_path) as made:
        known = attempt(FIRST, leg=1)
        known.number, known.route, known.provider_id = 7, "sandbox-viber", "provider-id"
        await made.store.transact(lambda tx: tx.write(PutAttempt(known)))
        made.phones.accept(arrival(received_at=START, **changes), [])
        assert [(shown["message_id"], shown["leg"]) for shown in await made.phone()] == [(FIRST, 1)]


@pytest.mark.parametrize(
    "changes",
    [
        {"reference": "order 9", "seq": None},
        {"seq": 8},
        {"seq": None, "token": "another"},
        {"seq": None, "token": "provider-id", "sender": "nobody"},
    ],
)
async def test_what_waypost_did_not_send_is_shown_without_a_message(
    changes: dict[str, Any], tmp_path: Path
) -> None:
    async with controlled(tmp_path) as made:
        known = attempt(FIRST)
        known.number, known.route, known.provider_id = 7, "sandbox-viber", "provider-id"
        await made.store.transact(lambda tx: tx.write(PutAttempt(known)))
        made.phones.accept(arrival(received_at=START, **changes), [])
        assert [(shown["message_id"], shown["leg"]) for shown in await made.phone()] == [(None, None)]


async def test_a_person_answers(tmp_path: Path) -> None:
    async with controlled(tmp_path) as made:
        made.phones.accept(arrival(received_at=START), [])
        answer = await made.client.post(f"/sandbox/phones/{PHONE}/reply", {"text": "thanks"})
        assert (answer.status, answer.json) == (200, {"ok": True})


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "Input data was truncated"),
        (b"{", "Input data was truncated"),
        (b'{"text":"\xff"}', "utf-8"),
        ([], "Expected `object`, got `array`"),
        ({}, "Object missing required field `text`"),
        ({"text": 5}, "Expected `str`, got `int` - at `$.text`"),
        ({"text": "hi", "to": "1"}, "Object contains unknown field `to`"),
        ({"text": "hi"}, "nobody has written to this phone"),
    ],
)
async def test_an_answer_that_cannot_be(body: object, words: str, tmp_path: Path) -> None:
    async with controlled(tmp_path) as made:
        answer = await made.client.post(f"/sandbox/phones/{PHONE}/reply", body)
        assert answer.status == 400
        assert words in answer.json["error"]


async def test_nobody_answers_an_sms(tmp_path: Path) -> None:
    async with controlled(tmp_path) as made:
        made.phones.accept(arrival(channel="sms", received_at=START), [])
        answer = await made.client.post(f"/sandbox/phones/{PHONE}/reply", {"text": "thanks"})
        assert answer.status == 400
        assert "an SMS carries no replies" in answer.json["error"]


async def test_the_clock_and_moving_it(tmp_path: Path) -> None:
    async with controlled(tmp_path) as made:
        clock = {"now": START, "ahead_seconds": 0}
        assert (await made.client.get("/sandbox/clock")).json == clock
        made.phones.accept(arrival(), [ScheduledCallback(due=START + 1000, recipient=PHONE, service_id=1)])
        moved = await made.client.post("/sandbox/clock/advance", {"seconds": 1.5})
        assert (moved.status, moved.json) == (200, {"now": START + 1500, "ahead_seconds": 1.5})
        assert made.phones.next_due() is None
        assert (await made.client.post("/sandbox/clock/advance", {"seconds": 0})).json == moved.json
        assert (await made.client.get("/sandbox/clock")).json == moved.json


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "Input data was truncated"),
        (b"\xff", "malformed"),
        (b'{"seconds":1,"\xff":1}', "utf-8"),
        ({}, "Object missing required field `seconds`"),
        ({"seconds": "60"}, "Expected `float`, got `str`"),
        ({"seconds": 1, "minutes": 2}, "Object contains unknown field `minutes`"),
        ({"seconds": -0.001}, "seconds must be from 0 to 34560000"),
        ({"seconds": 34_560_000.5}, "seconds must be from 0 to 34560000"),
        (b'{"seconds":NaN}', "malformed"),
        (b'{"seconds":1e999}', "out of range"),
    ],
)
async def test_a_clock_that_cannot_be_moved_so(body: object, words: str, tmp_path: Path) -> None:
    async with controlled(tmp_path) as made:
        answer = await made.client.post("/sandbox/clock/advance", body)
        assert answer.status == 400
        assert words in answer.json["error"]
        assert made.clock.now() == START


async def test_all_callbacks_are_listed_with_what_came_of_them(tmp_path: Path) -> None:
    async with controlled(tmp_path) as made:
        for message_id, state in (
            (FIRST, CallbackState.STORED),
            (SECOND, CallbackState.STORED),
            (FIRST, CallbackState.DEAD),
            ("", CallbackState.STORED),
        ):
            one = callback(message_id, body='{"Status":"Sent"}')
            one.state = state
            await made.store.transact(lambda tx, one=one: tx.write(Publish(one)))  # type: ignore[misc]
        listed = (await made.client.get("/sandbox/callbacks")).json["callbacks"]
        assert [(one["message_id"], one["state"]) for one in listed] == [
            (FIRST, "stored"),
            (SECOND, "stored"),
            (FIRST, "dead"),
            (None, "stored"),
        ]
        assert listed[0] == {
            "id": listed[0]["id"],
            "kind": "ChatAppStatus",
            "account_id": "1",
            "message_id": FIRST,
            "at": START,
            "url": "http://127.0.0.1:1/",
            "state": "stored",
            "tries": 0,
            "error": None,
            "body": {"Status": "Sent"},
        }
        one_message = await made.client.get(f"/sandbox/callbacks?message_id={SECOND}")
        assert one_message.json["callbacks"] == [listed[1]]
        assert (await made.client.get("/sandbox/callbacks?message_id=none")).json == {
            "callbacks": [],
            "more": False,
        }


async def test_the_timeline_of_a_message(tmp_path: Path) -> None:
    async with controlled(tmp_path) as made:
        reply_body = message(message_id=FIRST, fallback=fallback(60))
        await made.store.transact(lambda tx: tx.write(AddMessage(reply_body)))
        await made.store.transact(lambda tx: tx.write(PutLeg(leg(FIRST))))
        await made.store.transact(
            lambda tx: tx.write(AddEvent(Event(MessageId(FIRST), 0, START, "note", "well")))
        )
        answer = await made.client.get(f"/sandbox/messages/{FIRST}")
        assert (answer.status, answer.json["message_id"], answer.json["to"]) == (
            200,
            FIRST,
            reply_body.recipient,
        )
        assert [line["text"] for line in answer.json["timeline"]] == ["the call was accepted", "well"]


@pytest.mark.parametrize("message_id", [SECOND, "none", "1", "2" * 40])
async def test_a_message_that_is_not_there(message_id: str, tmp_path: Path) -> None:
    async with controlled(tmp_path) as made:
        answer = await made.client.get(f"/sandbox/messages/{message_id}")
        assert (answer.status, answer.json) == (404, {"error": "there is no such message"})


async def test_a_reset_is_made_before_it_is_answered(tmp_path: Path) -> None:
    async with controlled(tmp_path) as made:
        answer = await asyncio.wait_for(made.client.post("/sandbox/reset"), 20)
        assert (answer.status, answer.json, made.resets) == (200, {"ok": True}, 1)


async def test_the_common_sandbox_cannot_be_closed(tmp_path: Path) -> None:
    async with controlled(tmp_path) as made:
        answer = await made.client.call("DELETE", "/sandbox")
        assert (answer.status, answer.json) == (409, {"error": "only a sandbox with a name can be closed"})


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/sandbox/clock"),
        ("GET", "/sandbox/clock/advance"),
        ("GET", "/sandbox/reset"),
        ("GET", f"/sandbox/phones/{PHONE}/reply"),
        ("DELETE", f"/sandbox/phones/{PHONE}"),
    ],
)
async def test_another_method_changes_nothing(method: str, path: str, tmp_path: Path) -> None:
    async with controlled(tmp_path) as made:
        assert (await made.client.call(method, path)).status == 405


async def test_messages_are_listed_by_what_they_are_found_by(tmp_path: Path) -> None:
    async with controlled(tmp_path) as made:
        for message_id, tag in ((FIRST, "vip"), (SECOND, "")):
            sent = message(message_id=message_id, tag=tag)
            await write(made.store, AddMessage(sent), PutLeg(leg(message_id)))

        async def listed(query: str) -> list[str]:
            answer = await made.client.get(f"/sandbox/messages{query}")
            assert answer.status == 200, answer.json
            return [row["message_id"] for row in answer.json["messages"]]

        assert await listed("") == [SECOND, FIRST]
        assert await listed("?tag=vip") == [FIRST]
        assert await listed(f"?to={PHONE}&from=20001&channel=viber&state=queued&limit=1") == [SECOND]
        assert await listed(f"?before={SECOND}&account=1&space=cams-1") == [FIRST]
        assert await listed(f"?since={START + 10**12}") == []
        answer = await made.client.get("/sandbox/messages?limit=1")
        assert answer.json["messages"][0] | {"accepted_at": 0} == {
            "message_id": SECOND,
            "account_id": "1",
            "accepted_at": 0,
            "channel": "viber",
            "message_type": "text",
            "from": "20001",
            "to": PHONE,
            "redacted": False,
            "state": "queued",
        }


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("state=gone", "state must be one of: queued, submitting"),
        ("limit=0", "limit must be a whole number from 1 to 1000"),
        ("since=9999999999999999", "since must be a whole number from 0 to"),
        ("before=7", "before must be a MessageId: 25 digits"),
        ("number=380", "there is no parameter number; there are: account, space"),
    ],
)
async def test_a_list_that_is_not_understood_names_why(tmp_path: Path, query: str, reason: str) -> None:
    async with controlled(tmp_path) as made:
        answer = await made.client.get(f"/sandbox/messages?{query}")
        assert answer.status == 400
        assert reason in answer.json["error"]
