"""A rate is kept exactly in any second, by any number of nodes, and nine tenths of it are used."""

import math
import random
from collections import deque

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from waypost.model.routes.slices import AHEAD, SLICES, WINDOW, Grant, SliceTokens, grant, quota

RATES = st.integers(1, 700)


@given(rate=st.integers(0, 100_000), first=st.integers(0, 10**9))
def test_quotas_of_a_second_come_to_the_rate(rate: int, first: int) -> None:
    numbers = [quota(first + each, rate) for each in range(WINDOW)]
    assert sum(numbers) == rate
    assert max(numbers) - min(numbers) <= 1


class Nodes:
    """Nodes that start requests of one route, slice by slice, with what each gets granted.

    Attributes:
        starts: the moments of all starts, in seconds.
        of_node: how many each has started.
    """

    def __init__(self, rate: int, count: int, seed: int, *, first: int = 5_000_000) -> None:
        self.rate = rate
        self.first = self.present = first
        self.starts: list[float] = []
        self.of_node = [0] * count
        self.waiting = [0] * count
        self._granted: list[Grant] = []
        self._tokens = [SliceTokens() for _ in range(count)]
        self._random = random.Random(seed)

    def pass_slice(self, requesting: range | None = None, *, held_up: bool = False) -> None:
        """One slice passes; in a random order all, or some, nodes ask and start what they may.

        Args:
            held_up: nobody starts anything in it.
        """
        nodes = list(requesting if requesting is not None else range(len(self.waiting)))
        self._random.shuffle(nodes)
        for node in nodes:
            tokens = self._tokens[node]
            tokens.pass_to(self.present)
            self._granted += tokens.unused(node, self.present)
            if missing := tokens.missing(self.present, self.waiting[node]):
                known = [one for one in self._granted if one.slice >= self.present - WINDOW - AHEAD]
                made = grant(known, missing, self.rate, node, self.present)
                self._granted += made or [Grant(self.present, node, 0)]
                tokens.add(made)
        for node in () if held_up else nodes:
            while self.waiting[node] and self._tokens[node].take(self.present):
                self.waiting[node] -= 1
                self.of_node[node] += 1
                self.starts.append((self.present + self._random.random()) / SLICES)
        self.present += 1

    def most_in_a_second(self) -> int:
        """The most starts of any second, wherever it begins."""
        most, latest = 0, deque[float]()
        for moment in sorted(self.starts):
            latest.append(moment)
            while latest[0] <= moment - 1:
                latest.popleft()
            most = max(most, len(latest))
        return most

    @property
    def seconds(self) -> float:
        return (self.present - self.first) / SLICES


@given(
    rate=RATES,
    count=st.integers(1, 4),
    seed=st.integers(0, 10**6),
    arrivals=st.lists(st.integers(0, 300), min_size=60, max_size=120),
)
@settings(max_examples=50, deadline=None)
def test_whatever_arrives_where_no_second_has_more_than_the_rate(
    rate: int, count: int, seed: int, arrivals: list[int]
) -> None:
    nodes = Nodes(rate, count, seed)
    chance = random.Random(seed)
    for number in arrivals:
        nodes.waiting[chance.randrange(count)] += number
        some = range(chance.randrange(count + 1)) if chance.random() < 0.3 else None
        nodes.pass_slice(some, held_up=chance.random() < 0.1)
    assert nodes.most_in_a_second() <= rate


@given(rate=RATES, count=st.integers(1, 4), seed=st.integers(0, 10**6))
@settings(max_examples=20, deadline=None)
def test_nine_tenths_of_it_are_used_while_work_waits(rate: int, count: int, seed: int) -> None:
    nodes = Nodes(rate, count, seed)
    nodes.waiting = [1_000_000] * count
    for _ in range(20 * SLICES):
        nodes.pass_slice()
    assert len(nodes.starts) >= math.floor(0.9 * rate * nodes.seconds)
    assert nodes.most_in_a_second() <= rate


@given(rate=st.integers(20, 700), seed=st.integers(0, 10**6))
@settings(max_examples=15, deadline=None)
def test_also_where_one_node_has_little_to_send(rate: int, seed: int) -> None:
    nodes = Nodes(rate, 2, seed)
    nodes.waiting = [1_000_000, 0]
    for each in range(20 * SLICES):
        if each % SLICES == 0:
            nodes.waiting[1] += 1
        nodes.pass_slice()
    assert len(nodes.starts) >= math.floor(0.9 * rate * nodes.seconds)
    assert nodes.waiting[1] <= 1, "and it is not starved"


@pytest.mark.parametrize("rate", [1, 3, 50, 500])
def test_nodes_that_all_have_work_share_it(rate: int) -> None:
    nodes = Nodes(rate, 3, 1)
    nodes.waiting = [1_000_000] * 3
    for _ in range(60 * SLICES):
        nodes.pass_slice()
    assert min(nodes.of_node) >= 0.2 * sum(nodes.of_node), nodes.of_node


def test_what_is_not_used_is_returned_and_made_up_for() -> None:
    nodes = Nodes(1050, 1, 0)
    nodes.waiting = [1_000_000]
    for each in range(10 * SLICES):
        nodes.pass_slice(held_up=each % 10 == 0)
    assert len(nodes.starts) >= 0.9 * 1050 * nodes.seconds * 0.98
    assert nodes.most_in_a_second() <= 1050


def test_an_idle_route_lets_some_start_at_once_and_never_many() -> None:
    nodes = Nodes(210, 1, 0)
    nodes.waiting = [210]
    nodes.pass_slice()
    assert len(nodes.starts) == 3 * quota(nodes.first, 210)
