"""The lanes of a stage: which are claimed next, in turns and within the widths."""

from collections.abc import Sequence

from tests.storage.databases import FIRST
from waypost.delivery.lanes import Lanes, Width
from waypost.model.identifiers import MessageId
from waypost.storage.records import Stage, Work

NOW = 1_000


def widths(lane: str) -> Sequence[Width]:
    """A lane `<route> <account>`: four of a route, three of an account."""
    route, account = lane.split(" ")
    return (f"route {route}", 4), (f"account {account}", 3)


def works(lane: str, count: int) -> list[Work]:
    return [Work(seq, Stage.DISPATCH, lane, MessageId(FIRST), NOW, "{}", 0) for seq in range(count)]


def lanes(*names: str, due: int = NOW) -> Lanes:
    made = Lanes(widths)
    for name in names:
        made.note(name, due)
    return made


def occupy(made: Lanes, *names: str) -> None:
    """Rows of these lanes are under way."""
    for name in names:
        for key, _ in widths(name):
            made._under_way[key] += 1


def test_a_lane_is_chosen_when_it_is_due_and_not_before() -> None:
    made = lanes("a 1", due=NOW + 5)
    assert made.take(9, NOW) == {}
    assert made.next_due() == NOW + 5
    assert made.take(9, NOW + 5) == {"a 1": 3}
    assert made.next_due() is None


def test_a_lane_gets_what_its_narrowest_bound_leaves() -> None:
    made = lanes("a 1", "a 2")
    assert made.take(9, NOW) == {"a 1": 3, "a 2": 1}


def test_lanes_share_a_claim_and_take_turns() -> None:
    made = lanes("a 1", "b 2", "c 3")
    chosen = made.take(6, NOW)
    assert chosen == {"a 1": 2, "b 2": 2, "c 3": 2}
    found = [work for lane in chosen for work in works(lane, 2)]
    assert made.claimed(chosen, found) == []
    assert made.take(2, NOW) == {"a 1": 1, "b 2": 1}
    assert next(iter(made.take(2, NOW))) == "c 3"


def test_places_that_a_claim_does_not_need_are_free_again() -> None:
    made = lanes("a 1")
    assert made.claimed(made.take(9, NOW), works("a 1", 1)) == ["a 1"]
    made.note("a 1", NOW)
    assert made.take(9, NOW) == {"a 1": 2}


def test_a_full_lane_waits_until_a_place_is_free() -> None:
    made = lanes("a 1")
    held = works("a 1", 3)
    made.claimed(made.take(9, NOW), held)
    assert made.take(9, NOW) == {}
    # It is not forgotten, and does not count twice for being noted again.
    made.note("a 1", NOW)
    made.release(held[0].lane, [0])
    assert made.take(9, NOW) == {"a 1": 1}


def test_a_full_route_leaves_the_lanes_of_others_alone() -> None:
    made = lanes("a 1", "a 2")
    chosen = made.take(9, NOW)
    made.claimed(chosen, [*works("a 1", 3), *works("a 2", 1)])
    made.note("b 3", NOW)
    assert made.take(9, NOW) == {"b 3": 3}


def test_of_ten_thousand_full_lanes_none_is_looked_at_for_a_place_of_another() -> None:
    made = lanes(*(f"a {number}" for number in range(10_000)))
    chosen = made.take(4, NOW)
    made.claimed(chosen, [work for lane in chosen for work in works(lane, 1)])
    assert made.take(100, NOW) == {}
    made.note("b x", NOW)
    assert made.take(100, NOW) == {"b x": 3}
    made.release("a 0", [0])
    assert len(made.take(100, NOW)) == 1


def test_a_row_noted_while_its_lane_is_being_claimed_is_not_missed() -> None:
    made = lanes("a 1")
    chosen = made.take(9, NOW)
    made.note("a 1", NOW)
    assert made.claimed(chosen, []) == []
    assert made.take(9, NOW) == {"a 1": 3}


def test_a_lane_that_rests_is_not_chosen() -> None:
    made = lanes("a 1", "b 2")
    made.pause("a 1", NOW + 50)
    assert made.take(9, NOW) == {"b 2": 3}
    made.note("a 1", NOW)
    assert made.take(9, NOW) == {}
    assert made.take(9, NOW + 50) == {"a 1": 3}


def test_a_place_that_the_first_lane_in_line_cannot_take_goes_to_the_next() -> None:
    made = Lanes(widths)
    occupy(made, "a 0", "a 0", "a 9", "a 8")
    for lane in ("a 1", "a 2"):
        made.note(lane, NOW)
    assert made.take(9, NOW) == {}, "the route is full"
    # Meanwhile the first one's account is kept busy by another route.
    occupy(made, *["b 1"] * 3)
    made.release("a 9", [0])
    assert made.take(9, NOW) == {"a 2": 1}


def test_nor_is_a_place_lost_that_a_lane_which_rests_was_woken_for() -> None:
    made = lanes("a 1", "a 2", "a 3")
    held = made.take(9, NOW)
    made.claimed(held, [*works("a 1", 3), *works("a 2", 1)])
    assert made.take(9, NOW) == {}
    made.release("a 1", [0])
    [woken] = list(made._ready)
    made.pause(woken, NOW + 50)
    assert len(made.take(9, NOW)) == 1


def test_who_claims_hears_of_places_that_anybody_frees() -> None:
    made = Lanes(widths)
    heard: list[str] = []
    made.when_woken(lambda: heard.append("freed"))
    occupy(made, *["a 1"] * 3)
    made.release("a 1", [0])
    assert heard == [], "nobody waits"
    occupy(made, "a 1")
    made.note("a 1", NOW)
    assert made.take(9, NOW) == {}
    heard.clear()
    made.release("a 1", [0])
    assert heard == ["freed"]


def test_lanes_that_wait_for_a_place_go_on_when_their_bound_is_wider() -> None:
    width = 1
    lanes = Lanes(lambda lane: (("route", width),))
    for name in ("a", "b"):
        lanes.note(name, NOW)
    chosen = lanes.take(10, NOW)
    assert sum(chosen.values()) == 1
    lanes.claimed(chosen, works(next(iter(chosen)), 1))
    assert lanes.take(10, NOW) == {}
    woken: list[bool] = []
    lanes.when_woken(lambda: woken.append(True))
    width = 3
    lanes.forget_widths()
    assert woken
    assert sum(lanes.take(10, NOW).values()) == 2
    # Narrower than what is under way: nothing is taken until enough has ended.
    width = 1
    lanes.forget_widths()
    lanes.note("c", NOW)
    assert lanes.take(10, NOW) == {}
