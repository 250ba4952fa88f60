"""A sender with several routes: where its legs go when a provider fails, and what never goes elsewhere."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.delivery.stages import BUSY, NO_ANSWER, NOT_ON_VIBER, ScriptedProvider, Stages
from tests.model.messages import fallback
from waypost.delivery import rerouting
from waypost.delivery.rerouting import Rerouter
from waypost.delivery.routes import Route
from waypost.model.configuration import Account, Configuration, Sender
from waypost.model.identifiers import AccountId
from waypost.model.message.failures import SendFailure
from waypost.model.message.leg import LegState
from waypost.model.message.outcomes import Receipt, ReceiptKind, Refused
from waypost.model.routes.choice import RouteChoice, first_usable, next_route, routes_for, waits_for_probe
from waypost.model.routes.state import Breaker, RouteState
from waypost.storage.records import Stage

BAD_KEY = Refused(SendFailure.NOT_CONFIGURED, "3", "unknown auth token")


class Pair:
    """Stages whose Viber sender has two routes, `viber` and `spare`.

    Attributes:
        first, second: their providers.
        closed: the routes that cannot be used.
        probed: those of them that wait for a message to probe with.
    """

    def __init__(self, path: Path) -> None:
        self.stages = stages = Stages(path)
        self.first, self.second = stages.viber, ScriptedProvider("spare", stages.clock)
        self.closed: set[str] = set()
        self.probed: set[str] = set()
        self.use(RouteChoice("viber"), RouteChoice("spare"))
        stages.context = stages.context._replace(
            usable=lambda route: route not in self.closed,
            takes_new=lambda route: route not in self.closed or route in self.probed,
        )
        stages.dispatcher._context = stages.context
        self.routes: dict[str, Route] = stages.dispatcher._routes  # type: ignore[assignment]
        self.routes["spare"] = Route("spare", self.second, "http://127.0.0.1:1/receipts/spare")
        stages.tracker._context = stages.context
        self.rerouter = Rerouter(stages.store, stages.context, self.routes)

    def use(self, *choices: RouteChoice) -> None:
        viber = Sender(
            channel="viber", id="20001", account_id=AccountId("1"), route=choices[0].route, routes=choices
        )
        sms = Sender(channel="sms", id="Shop", account_id=AccountId("1"), route="sms")
        self.stages.configuration = Configuration([Account(id=AccountId("1")), viber, sms])

    async def receipt(self, number: int, kind: ReceiptKind, **more: Any) -> None:
        """A receipt of the first provider, about what it was sent as the so many-th."""
        taken = self.first.taken[number]
        await self.stages.hear(
            Receipt(
                route="viber",
                kind=kind,
                at=self.stages.clock.now(),
                sender="20001",
                recipient=taken.submission.recipient,
                reference=taken.submission.reference,
                **more,
            )
        )

    async def lanes(self) -> list[str]:
        return [lane for lane, _ in await self.stages.store.lanes(Stage.DISPATCH)]


@pytest.fixture
def pair(tmp_path: Path, runner: asyncio.Runner) -> Iterator[Pair]:
    pair = Pair(tmp_path / "waypost.db")
    yield pair
    runner.run(pair.stages.close())


def test_the_routes_of_a_leg_are_those_for_its_label_and_number_in_their_order() -> None:
    choices = (
        RouteChoice("local", prefixes=("49", "43")),
        RouteChoice("fast", label="transaction"),
        RouteChoice("usual"),
        RouteChoice("local"),
    )
    assert routes_for(choices, "promotion", "4915112345678") == ("local", "usual")
    assert routes_for(choices, "transaction", "+4315112345678") == ("local", "fast", "usual")
    assert routes_for(choices, "promotion", "380501112233") == ("usual", "local")
    assert routes_for(choices[:2], "promotion", "380501112233") == ()


@pytest.mark.parametrize(
    ("closed", "tried", "refused_by", "expected"),
    [
        ("", {"a": 1}, "a", "b"),
        ("b", {"a": 1}, "a", "c"),
        ("", {"a": 1, "b": 1}, "b", "c"),
        ("", {"a": 1, "b": 1, "c": 1}, "c", ""),
        ("", {"a": 2, "b": 1, "c": 1}, "a", "b"),
        ("bc", {"a": 1}, "a", ""),
    ],
)
def test_the_next_route_is_the_one_that_was_tried_least(
    closed: str, tried: dict[str, int], refused_by: str, expected: str
) -> None:
    assert next_route("abc", lambda route: route not in closed, tried, refused_by) == expected
    assert first_usable("abc", lambda route: route != "a") == "b"
    assert first_usable("abc", lambda route: False) == "a"
    assert first_usable((), lambda route: True) == ""


@pytest.mark.parametrize("refusal", [BUSY, BAD_KEY])
async def test_a_leg_that_was_certainly_not_taken_goes_to_the_other_route_at_once(
    pair: Pair, refusal: Refused
) -> None:
    pair.first.answers.append(refusal)
    message = await pair.stages.send()
    assert await pair.stages.states(message) == [LegState.SENT]
    assert [attempt.route for attempt in await pair.stages.attempts(message)] == ["viber", "spare"]
    assert len(pair.first.taken) == len(pair.second.taken) == 1
    [leg] = await pair.stages.legs(message)
    assert leg.route == "spare"


async def test_a_message_that_is_refused_for_itself_goes_to_no_other_route(pair: Pair) -> None:
    pair.first.answers.append(NOT_ON_VIBER)
    message = await pair.stages.send()
    assert await pair.stages.states(message) == [LegState.FAILED]
    assert pair.second.taken == []


@pytest.mark.parametrize("label", ["promotion", "transaction"])
async def test_one_in_doubt_stays_where_it_is(pair: Pair, label: str) -> None:
    pair.first.answers.append(NO_ANSWER)
    message = await pair.stages.send(label=label)
    pair.closed.add("viber")
    await pair.rerouter.look()
    await pair.stages.pass_time(600)
    assert pair.second.taken == []
    assert {attempt.route for attempt in await pair.stages.attempts(message)} == {"viber"}


async def test_after_an_attempt_in_doubt_a_refusal_of_the_second_does_not_move_it(pair: Pair) -> None:
    pair.first.answers += [NO_ANSWER, BUSY]
    await pair.stages.send(label="transaction")
    await pair.stages.pass_time(600)
    assert len(pair.first.taken) > 1
    assert pair.second.taken == []


async def test_when_all_refuse_it_is_tried_again_after_a_while(pair: Pair) -> None:
    pair.first.answers.append(BUSY)
    pair.second.answers.append(BUSY)
    message = await pair.stages.send(ttl=3600)
    assert [attempt.route for attempt in await pair.stages.attempts(message)] == ["viber", "spare"]
    assert await pair.stages.states(message) == [LegState.QUEUED]
    await pair.stages.pass_time(10)
    assert await pair.stages.states(message) == [LegState.SENT]
    assert len(pair.first.taken) + len(pair.second.taken) == 3


async def test_a_call_goes_by_the_first_route_that_may_be_used(pair: Pair) -> None:
    pair.closed.add("viber")
    await pair.stages.send()
    assert (len(pair.first.taken), len(pair.second.taken)) == (0, 1)
    pair.closed.clear()
    await pair.stages.send()
    assert (len(pair.first.taken), len(pair.second.taken)) == (1, 1)


async def test_a_route_whose_provider_may_be_back_gets_a_new_message_to_probe_with(pair: Pair) -> None:
    pair.closed.add("viber")
    pair.probed.add("viber")
    pair.first.answers.append(BUSY)
    message = await pair.stages.send()
    # It costs the message nothing: what was certainly not taken goes by the other one.
    assert [attempt.route for attempt in await pair.stages.attempts(message)] == ["viber", "spare"]
    assert await pair.stages.states(message) == [LegState.SENT]
    # What comes while that one is out, and has not been claimed, does not wait for it.
    await pair.stages.accept()
    assert await pair.rerouter.look() == 1


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (RouteState(route="r"), False),
        (RouteState(route="r", breaker=Breaker.OPEN, probe_at=1000), True),
        (RouteState(route="r", breaker=Breaker.OPEN, probe_at=1001), False),
        (RouteState(route="r", breaker=Breaker.OPEN, probe_at=1000, paused_by="ops"), False),
        (RouteState(route="r", breaker=Breaker.HALF_OPEN, probe_at=1000), False),
    ],
)
def test_a_route_waits_for_a_probe_when_it_is_due(state: RouteState, expected: bool) -> None:
    assert waits_for_probe(state, 1000) is expected


async def test_what_waits_for_a_route_that_closes_moves_to_the_lane_of_the_other(pair: Pair) -> None:
    messages = [await pair.stages.accept() for _ in range(5)]
    assert [lane.split(" ")[0] for lane in await pair.lanes()] == ["viber"]
    pair.closed.add("viber")
    assert await pair.rerouter.look() == 5
    assert [lane.split(" ")[0] for lane in await pair.lanes()] == ["spare"]
    assert await pair.rerouter.look() == 0
    await pair.stages.settle()
    for message in messages:
        assert await pair.stages.states(message) == [LegState.SENT]
    assert (len(pair.first.taken), len(pair.second.taken)) == (0, 5)


async def test_what_waits_for_a_retry_goes_by_a_route_that_has_not_refused_it_at_once(pair: Pair) -> None:
    pair.closed.add("spare")
    pair.first.answers.append(BUSY)
    message = await pair.stages.send(ttl=3600)
    assert await pair.stages.states(message) == [LegState.QUEUED]
    pair.closed = {"viber"}
    assert await pair.rerouter.look() == 1
    await pair.stages.settle()
    assert await pair.stages.states(message) == [LegState.SENT]
    assert len(pair.second.taken) == 1


async def test_with_many_accounts_all_are_looked_at_in_turns(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rerouting, "_LANES", 1)
    for label in ("promotion", "transaction"):
        await pair.stages.accept(label=label)
    assert len(await pair.lanes()) == 2
    pair.closed.add("viber")
    assert [await pair.rerouter.look() for _ in range(3)] == [1, 1, 0]


async def test_what_was_claimed_before_is_not_sent_twice(pair: Pair) -> None:
    message = await pair.stages.accept()
    lanes = dict.fromkeys(await pair.lanes(), 1)
    works = await pair.stages.store.claim(Stage.DISPATCH, lanes, pair.stages.clock.now(), 60)
    pair.closed.add("viber")
    assert await pair.rerouter.look() == 1
    await pair.stages.dispatcher.process(works, lambda *works: None)
    await pair.stages.settle()
    assert len(pair.first.taken) + len(pair.second.taken) == 1
    assert await pair.stages.states(message) == [LegState.SENT]


async def test_with_no_route_a_transaction_falls_back_after_a_while(pair: Pair) -> None:
    message = await pair.stages.accept(label="transaction", fallback=fallback(duration=3600), ttl=3600)
    pair.closed |= {"viber", "spare"}
    assert await pair.rerouter.look() == 0
    pair.stages.clock.move_to(pair.stages.ms(29))
    assert await pair.rerouter.look() == 0
    assert await pair.stages.states(message) == [LegState.QUEUED]
    pair.stages.clock.move_to(pair.stages.ms(30))
    assert await pair.rerouter.look() == 1
    assert await pair.stages.states(message) == [LegState.FAILED, LegState.QUEUED]
    await pair.stages.settle()
    assert len(pair.stages.sms.taken) == 1
    assert pair.first.taken == pair.second.taken == []


async def test_the_wait_begins_when_the_last_route_closes(pair: Pair) -> None:
    await pair.stages.accept(label="transaction", fallback=fallback(duration=3600), ttl=3600)
    # It waited long before, for its turn.
    pair.stages.clock.move_to(pair.stages.ms(100))
    pair.closed |= {"viber", "spare"}
    assert await pair.rerouter.look() == 0
    pair.stages.clock.move_to(pair.stages.ms(129))
    assert await pair.rerouter.look() == 0
    pair.stages.clock.move_to(pair.stages.ms(131))
    assert await pair.rerouter.look() == 1


@pytest.mark.parametrize(("label", "chain"), [("promotion", fallback(duration=3600)), ("transaction", None)])
async def test_a_promotion_and_what_has_no_fallback_wait_for_their_time(
    pair: Pair, label: str, chain: Any
) -> None:
    message = await pair.stages.accept(label=label, fallback=chain, ttl=7200)
    pair.closed |= {"viber", "spare"}
    for seconds in (0, 31, 600):
        pair.stages.clock.move_to(pair.stages.ms(seconds))
        assert await pair.rerouter.look() == 0
    assert await pair.stages.states(message) == [LegState.QUEUED]


async def test_a_late_receipt_of_the_first_route_counts_and_marks_a_double_delivery(pair: Pair) -> None:
    pair.first.answers.append(BUSY)
    message = await pair.stages.send()
    assert await pair.stages.states(message) == [LegState.SENT]
    # What is said again of the refused attempt is not said of the one that carries the leg.
    await pair.receipt(0, ReceiptKind.FAILED)
    assert await pair.stages.states(message) == [LegState.SENT]
    await pair.receipt(0, ReceiptKind.DELIVERED)
    assert await pair.stages.states(message) == [LegState.DELIVERED]
    [leg] = await pair.stages.legs(message)
    assert leg.double_delivery
    delivered = [body for body in await pair.stages.callback_bodies(message) if body["Status"] == "Delivered"]
    assert [body["WaypostDoubleDelivery"] for body in delivered] == [True]


async def test_each_number_goes_by_the_route_that_is_for_it(pair: Pair) -> None:
    pair.use(RouteChoice("spare", prefixes=("49",)), RouteChoice("viber"))
    await pair.stages.send(recipient="380501112233")
    await pair.stages.send(recipient="4915112345678")
    assert [taken.submission.recipient for taken in pair.first.taken] == ["380501112233"]
    assert [taken.submission.recipient for taken in pair.second.taken] == ["4915112345678"]


async def test_a_number_that_no_route_is_for_is_refused_in_words(pair: Pair) -> None:
    pair.use(RouteChoice("spare", prefixes=("49",)))
    message = await pair.stages.send(recipient="380501112233")
    assert await pair.stages.states(message) == [LegState.FAILED]
    assert (await pair.stages.legs(message))[0].text == "the sender has no route"
