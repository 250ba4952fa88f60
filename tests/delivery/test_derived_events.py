"""The lines of a timeline that are not stored stand where they stood when they were."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from tests.storage import databases
from tests.storage.databases import NOW
from waypost.messaging.derived_events import ACCEPTED_IS_DELIVERED, attempt_line, with_derived
from waypost.model.identifiers import MessageId
from waypost.model.message.leg import Attempt, AttemptOutcome, Leg, LegState
from waypost.storage.records import Event

ID = MessageId("2027011508000000000001000")
RESULTS = {AttemptOutcome.REFUSED: "refused", AttemptOutcome.UNKNOWN: "unknown"}


class Story(NamedTuple):
    """All lines of a message, in the order in which they happened, with its legs and attempts.

    Attributes:
        derived: the lines that other rows show.
    """

    lines: list[Event]
    derived: set[int]
    legs: list[Leg]
    attempts: list[Attempt]

    @property
    def stored(self) -> list[Event]:
        return [line for number, line in enumerate(self.lines) if number not in self.derived]


class Writer:
    """Writes a story line by line, as the stages did when they stored each."""

    def __init__(self) -> None:
        self.story = Story([], set(), [], [])
        self.now = 1_000

    def line(self, leg: int, kind: str, text: str, *, derived: bool = False) -> None:
        if derived:
            self.story.derived.add(len(self.story.lines))
        self.story.lines.append(Event(ID, leg, self.now, kind, text))

    def leg(self, number: int, channel: str, state: LegState) -> None:
        self.story.legs.append(leg_on(channel, state, self.now, number))

    def attempt(self, leg: int, number: int, outcome: AttemptOutcome, started_at: int, id_: str) -> None:
        made = databases.attempt(ID, leg, number)
        made.route, made.started_at, made.outcome = "a", started_at, outcome
        made.ended_at = None if outcome is AttemptOutcome.UNDER_WAY else self.now
        made.provider_id = id_ or None
        self.story.attempts.append(made)


def leg_on(channel: str, state: LegState, at: int, number: int = 0) -> Leg:
    made = databases.leg(ID, number)
    made.channel, made.state, made.updated_at = channel, state, at
    return made


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """Stories of one to three legs, each with some attempts, of which the last may be accepted and arrive."""
    writer = Writer()
    # A provider's answer takes time; what a decision comes to has its moment.
    pause = st.integers(1, 50)
    for leg in range(draw(st.integers(1, 3))):
        channel = draw(st.sampled_from(("viber", "line")))
        state = LegState.QUEUED
        if leg:
            writer.line(leg, "fallback", f"fallback F: {channel} from s, because failed")
        for number in range(1, draw(st.integers(1, 3)) + 1):
            if draw(st.booleans()):
                writer.line(leg, "note", "goes by a, because b cannot be used now")
            started_at = writer.now
            writer.line(leg, "attempt", attempt_line(number, "a"), derived=True)
            outcome = draw(st.sampled_from(list(AttemptOutcome)))
            provider_id = draw(st.sampled_from(("", "77")))
            writer.now += draw(pause)
            if outcome in RESULTS:
                writer.line(leg, RESULTS[outcome], "because")
            elif outcome is AttemptOutcome.ACCEPTED:
                suffix = f" as {provider_id}" if provider_id else ""
                writer.line(leg, "accepted", f"the provider accepted attempt {number}{suffix}", derived=True)
            writer.attempt(leg, number, outcome, started_at, provider_id)
            if outcome in (AttemptOutcome.ACCEPTED, AttemptOutcome.UNDER_WAY):
                state = LegState.SENT
                break
            # What is sent again at once is so by another route, and this story has only one.
            writer.now += draw(pause)
        if state is LegState.SENT:
            state = _end(draw, writer, leg)
        elif draw(st.booleans()):
            state = LegState.FAILED
            writer.line(leg, "end", f"leg {leg} ended: failed")
        writer.leg(leg, channel, state)
    return writer.story


def _end(draw: st.DrawFn, writer: Writer, leg: int) -> LegState:
    """What comes after a provider has a leg."""
    kind = draw(st.sampled_from(("nothing", "receipts", "no receipts", "late")))
    if kind == "nothing":
        return LegState.SENT
    if kind == "no receipts":
        writer.line(leg, "note", ACCEPTED_IS_DELIVERED)
        writer.line(leg, "end", f"leg {leg} ended: delivered", derived=True)
        return LegState.DELIVERED
    writer.now += draw(st.integers(0, 50))
    if kind == "late":
        writer.line(leg, "timer", "its time to live passed and no receipt came")
        writer.line(leg, "end", f"leg {leg} ended: expired")
    states = draw(st.sampled_from((("delivered",), ("read",), ("delivered", "read"), ("delivered (3)",))))
    for number, word in enumerate(states):
        writer.line(leg, "receipt", f"receipt: {word}")
        if not number:
            if draw(st.booleans()):
                writer.line(leg, "note", "double delivery: the person got this after another leg had left")
            if kind != "late":
                writer.line(leg, "end", f"leg {leg} ended: {word.partition(' ')[0]}", derived=True)
        writer.now += draw(st.integers(0, 50))
    return LegState.READ if "read" in states else LegState.DELIVERED


@given(stories())
def test_a_line_that_is_not_stored_is_at_its_place(story: Story) -> None:
    assert with_derived(story.stored, story.legs, story.attempts) == story.lines


@given(stories())
def test_a_story_of_an_earlier_version_that_has_all_lines_stays_as_it_is(story: Story) -> None:
    assert with_derived(story.lines, story.legs, story.attempts) == story.lines


@given(stories())
def test_no_line_comes_twice_once_the_words_are_gone(story: Story) -> None:
    worded = ("accepted", "refused", "unknown", "note")
    lines = [_without_words(line) if line.kind in worded else line for line in story.lines]
    assert with_derived(lines, story.legs, _without_ids(story.attempts)) == lines


def _without_words(line: Event) -> Event:
    return msgspec.structs.replace(line, text="")


def _without_ids(attempts: Sequence[Attempt]) -> list[Attempt]:
    return [msgspec.structs.replace(attempt, provider_id=None) for attempt in attempts]


def test_a_leg_whose_words_are_gone_still_ends() -> None:
    arrived = leg_on("line", LegState.DELIVERED, 5_000)
    assert with_derived([Event(ID, 0, 5_000, "note", "")], [arrived], []) == [
        Event(ID, 0, 5_000, "note", ""),
        Event(ID, 0, 5_000, "end", "leg 0 ended: delivered"),
    ]


def test_an_attempt_of_an_sms_is_stored_with_its_segments() -> None:
    stored = [Event(ID, 0, NOW + 1, "attempt", "attempt 1, by r, 2 segments in GSM-7")]
    attempts = [databases.attempt(ID, 0, number) for number in (1, 12)]
    sms = leg_on("sms", LegState.SENT, 5_000)
    twelfth = Event(ID, 0, NOW + 12, "attempt", "attempt 12, by r")
    assert with_derived(stored, [sms], attempts) == [*stored, twelfth]
