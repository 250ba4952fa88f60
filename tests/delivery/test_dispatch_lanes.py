"""The lanes of dispatch: transactions first, promotions never stopped, accounts in turns, none overtaken."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.delivery.scripted_controls import ScriptedPace, lanes_of_width
from tests.storage.databases import FIRST
from waypost.delivery.dispatch_lanes import DispatchLanes, in_turns
from waypost.model.identifiers import MessageId
from waypost.model.message.lanes import parse_dispatch_lane
from waypost.model.routes.classes import RouteBounds
from waypost.storage.records import Stage, Work

NOW = 1_000
CODES, OTHER_CODES = "r 1 transaction", "r 2 transaction"
OFFERS, OTHER_OFFERS = "r 1 promotion", "r 2 promotion"


def works(lane: str, count: int, first: int = 1) -> list[Work]:
    return [
        Work(seq, Stage.DISPATCH, lane, MessageId(FIRST), NOW, "{}", 0) for seq in range(first, first + count)
    ]


class Flood:
    """Lanes with more rows than can ever be claimed; requests end in the order in which they began."""

    def __init__(self, lanes: DispatchLanes, *flooded: str) -> None:
        self.lanes = lanes
        self.under_way: list[str] = []
        self.started = Counter[str]()
        for lane in flooded:
            lanes.note(lane, NOW)

    def claim(self, limit: int = 200) -> dict[str, int]:
        """One claim, in which each lane has as many rows as are chosen."""
        chosen = self.lanes.take(limit, NOW)
        self.lanes.claimed(chosen, [work for lane, number in chosen.items() for work in works(lane, number)])
        for lane, number in chosen.items():
            self.under_way += [lane] * number
            self.started[lane] += number
        return chosen

    def end(self, number: int = 1) -> None:
        """The oldest requests end."""
        for _ in range(number):
            self.lanes.release(self.under_way.pop(0), [0])

    def of_class(self, name: str) -> int:
        return sum(
            number for lane, number in self.started.items() if parse_dispatch_lane(lane).message_class == name
        )


def test_a_lane_is_chosen_when_it_is_due_and_not_before() -> None:
    lanes, _ = lanes_of_width(4)
    lanes.note(CODES, NOW + 5)
    assert lanes.take(9, NOW) == {}
    assert lanes.next_due() == NOW + 5
    assert lanes.take(9, NOW + 5) == {CODES: 3}, "the last quarter is for other accounts"
    assert lanes.next_due() is None


def test_promotions_leave_the_places_that_are_kept() -> None:
    lanes, _ = lanes_of_width(20)
    flood = Flood(lanes, OFFERS, OTHER_OFFERS)
    assert sum(flood.claim().values()) == 18
    assert not lanes.reserve("r 3 promotion", NOW)
    assert [lanes.reserve(CODES, NOW) for _ in range(3)] == [True, True, False]


def test_transactions_go_first() -> None:
    lanes, _ = lanes_of_width(20)
    flood = Flood(lanes, OFFERS, CODES, OTHER_CODES)
    assert flood.claim() == {CODES: 10, OTHER_CODES: 10}


@pytest.mark.parametrize("share", [0.02, 0.1])
def test_promotions_have_their_share_while_transactions_fill_the_route(share: float) -> None:
    lanes, _ = lanes_of_width(20, share)
    flood = Flood(lanes, OFFERS, CODES, OTHER_CODES)
    for _ in range(5000):
        flood.claim()
        flood.end()
    assert flood.of_class("promotion") == pytest.approx(5020 * share, rel=0.02)


def test_without_a_share_promotions_wait_for_a_place_that_no_transaction_takes() -> None:
    lanes, _ = lanes_of_width(20, 0.0)
    flood = Flood(lanes, OFFERS, CODES, OTHER_CODES)
    for _ in range(500):
        flood.claim()
        flood.end()
    assert flood.of_class("promotion") == 0


def test_of_a_width_of_one_both_classes_have_their_part() -> None:
    lanes, _ = lanes_of_width(1)
    flood = Flood(lanes, OFFERS, CODES)
    for _ in range(510):
        flood.claim()
        flood.end()
    assert flood.of_class("promotion") == 10


def test_an_account_that_comes_later_has_its_turn_at_once() -> None:
    lanes, _ = lanes_of_width(20)
    flood = Flood(lanes, OFFERS)
    flood.claim()
    lanes.note(OTHER_OFFERS, NOW)
    flood.end(6)
    chosen = flood.claim()
    # Of the 18 places the first account has 15 at most, of which 9 are left.
    assert abs(chosen[OFFERS] - chosen[OTHER_OFFERS]) <= 3, chosen
    assert sum(chosen.values()) == 9


@given(
    ends=st.lists(st.integers(1, 7), min_size=200, max_size=400),
    accounts=st.integers(2, 5),
    width=st.integers(4, 60),
    limit=st.integers(1, 200),
)
@settings(max_examples=30, deadline=None)
def test_accounts_share_a_route_whatever_ends_when(
    ends: list[int], accounts: int, width: int, limit: int
) -> None:
    """Of what starts from any moment on, no account has more than a width and a turn more than another."""
    lanes, _ = lanes_of_width(width)
    names = [f"r {number} promotion" for number in range(accounts)]
    flood = Flood(lanes, *names)
    while flood.claim(limit):
        pass
    before = flood.started.copy()
    for number in ends:
        flood.end(min(number, len(flood.under_way)))
        while flood.claim(limit):
            pass
        since = [flood.started[name] - before[name] for name in names]
        assert max(since) - min(since) <= 1 + max(ends)


def test_routes_do_not_wait_for_each_other() -> None:
    lanes, _ = lanes_of_width(4)
    flood = Flood(lanes, "a 1 promotion", "a 2 promotion", "a 2 transaction")
    flood.claim()
    assert flood.claim() == {}
    lanes.note("b 1 promotion", NOW)
    assert flood.claim() == {"b 1 promotion": 3}


def test_of_ten_thousand_lanes_of_a_full_route_none_is_looked_at_for_another_route() -> None:
    lanes, _ = lanes_of_width(4)
    flood = Flood(lanes, *(f"a {number} transaction" for number in range(10_000)))
    flood.claim()
    assert flood.claim() == {}
    lanes.note("b x transaction", NOW)
    assert flood.claim() == {"b x transaction": 3}
    flood.end()
    assert sum(flood.claim().values()) == 1


def test_a_handed_on_message_overtakes_none_of_its_class() -> None:
    lanes, _ = lanes_of_width(20)
    lanes.note(OFFERS, NOW)
    assert lanes.reserve(CODES, NOW), "promotions that wait hold up no transaction"
    assert not lanes.reserve(OTHER_OFFERS, NOW)
    lanes.note(OTHER_CODES, NOW)
    assert not lanes.reserve(CODES, NOW), "a transaction that is due waits for the route"
    assert lanes.reserve("b 1 transaction", NOW), "and for no other route"
    lanes.note("c 1 transaction", NOW)
    assert not lanes.reserve("c 1 promotion", NOW), "nor may a promotion overtake a transaction"


def test_handed_on_transactions_leave_promotions_their_share() -> None:
    lanes, _ = lanes_of_width(1)
    flood = Flood(lanes, OFFERS)
    flood.claim()
    flood.end()
    handed_on = 0
    for _ in range(500):
        if lanes.reserve(CODES, NOW):
            handed_on += 1
            lanes.release(CODES, [0])
        elif flood.claim():
            flood.end()
    assert flood.of_class("promotion") >= 9
    assert handed_on >= 480


def test_a_row_noted_while_its_lane_is_being_claimed_is_not_missed() -> None:
    lanes, _ = lanes_of_width(4)
    lanes.note(CODES, NOW)
    chosen = lanes.take(9, NOW)
    lanes.note(CODES, NOW)
    assert lanes.claimed(chosen, []) == []
    assert lanes.take(9, NOW) == {CODES: 3}
    lanes.claimed({CODES: 3}, [])
    assert lanes.take(9, NOW) == {}


def test_places_that_a_claim_does_not_need_are_free_again() -> None:
    lanes, _ = lanes_of_width(4)
    lanes.note(CODES, NOW)
    assert lanes.claimed(lanes.take(9, NOW), works(CODES, 1)) == [CODES]
    lanes.note(CODES, NOW)
    assert lanes.take(9, NOW) == {CODES: 2}


def test_who_claims_hears_of_a_place_that_rows_wait_for() -> None:
    lanes, _ = lanes_of_width(1)
    heard: list[str] = []
    lanes.when_woken(lambda: heard.append("freed"))
    assert lanes.reserve(CODES, NOW)
    lanes.release(CODES, [0])
    assert heard == [], "nobody waits"
    assert lanes.reserve(CODES, NOW)
    lanes.note(CODES, NOW)
    assert lanes.take(9, NOW) == {}
    heard.clear()
    lanes.release(CODES, [0])
    assert heard == ["freed"]


def test_rows_of_one_claim_start_in_turns_and_transactions_first() -> None:
    claimed = [
        *works(OFFERS, 3),
        *works(OTHER_OFFERS, 1, 11),
        *works(CODES, 2, 21),
        *works(OTHER_CODES, 2, 31),
    ]
    assert [work.seq for work in in_turns(claimed)] == [21, 31, 22, 32, 1, 11, 2, 3]
    assert [work.seq for work in in_turns(claimed[:3])] == [1, 2, 3]


def test_other_bounds_hold_from_now_on() -> None:
    width = 1
    lanes = DispatchLanes(lambda route: RouteBounds(width, 0.02), lanes_of_width(1)[1])
    flood = Flood(lanes, CODES, OTHER_CODES)
    assert sum(flood.claim().values()) == 1
    width = 3
    lanes.forget_bounds()
    assert sum(flood.claim().values()) == 2
    # Narrower than what is under way: nothing is taken until enough has ended.
    width = 1
    lanes.forget_bounds()
    flood.end(2)
    assert flood.claim() == {}
    flood.end()
    assert sum(flood.claim().values()) == 1


def test_nothing_is_claimed_for_a_route_that_may_not_be_used() -> None:
    lanes, controls = lanes_of_width(20)
    flood = Flood(lanes, CODES, "b 1 transaction")
    controls.of("r").usable = 0
    controls.of("r").due = NOW + 7
    assert flood.claim() == {"b 1 transaction": 15}
    assert controls.of("r").looks == 1, "a probe may be due"
    assert lanes.next_due() == NOW + 7
    assert not lanes.reserve("r 9 transaction", NOW)


def test_a_probe_is_one_row_until_it_ends_unsent() -> None:
    lanes, controls = lanes_of_width(20)
    control = controls.of("r")
    control.usable, control.is_probing = 0, True
    lanes.note(OFFERS, NOW)
    lanes.note(CODES, NOW)
    assert not lanes.reserve(OTHER_CODES, NOW), "what waits is first"
    assert lanes.take(9, NOW) == {CODES: 1}
    lanes.claimed({CODES: 1}, works(CODES, 1, first=7))
    assert lanes.take(9, NOW) == {}
    lanes.release(CODES, [99])
    assert lanes.take(9, NOW) == {}, "another row has ended"
    lanes.release(CODES, [7])
    assert lanes.take(9, NOW) == {CODES: 2}, "it was not sent: the next ones are looked at two at a time"
    lanes.claimed({CODES: 2}, [])
    assert lanes.take(9, NOW) == {OFFERS: 2}, "the first lane has no more rows"
    lanes.claimed({OFFERS: 2}, works(OFFERS, 2, first=11))
    control.probe_out = False
    for seq in (11, 12):
        lanes.release(OFFERS, [seq])
    assert sum(lanes.take(9, NOW).values()) == 1, "one of them was sent"


def test_no_more_is_claimed_than_starts_soon_and_promotions_take_nothing_of_transactions() -> None:
    lanes, controls = lanes_of_width(200)
    controls.of("r").pace = ScriptedPace(5)
    flood = Flood(lanes, OFFERS)
    assert flood.claim() == {OFFERS: 5}
    assert [lanes.reserve(CODES, NOW) for _ in range(6)] == [True] * 5 + [False]
