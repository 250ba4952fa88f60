"""Signatures are examined one at a time, for a part of the time, and not for more than may wait."""

import asyncio

import pytest

from tests.api.flawed_clients import NOW, SECRET, queue_request, v1_request, v3_request
from waypost.api.doctor import examination
from waypost.api.doctor.diagnosis import Diagnosis
from waypost.api.doctor.examination import BusyError, Examiner, diagnose, named_key, signed_at
from waypost.api.request import Call

KEY = "LTAI5tKey"


class Steady:
    """A monotonic clock that a wait moves."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        self.waits: list[float] = []
        monkeypatch.setattr(examination, "steady_seconds", lambda: self.now)
        monkeypatch.setattr(examination, "diagnose", self.diagnose)
        monkeypatch.setattr(asyncio, "sleep", self.sleep)

    def diagnose(self, call: Call, secret: str, now_s: float) -> Diagnosis:
        self.now += 0.5
        return Diagnosis([secret], [])

    async def sleep(self, seconds: float) -> None:
        self.waits.append(max(0.0, seconds))
        self.now += max(0.0, seconds)


async def test_it_rests_for_the_other_part_of_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    steady, examiner = Steady(monkeypatch), Examiner(most_waiting=4, share=0.05)
    for secret in ("one", "two", "three"):
        assert (await examiner.examine(v3_request(), secret, 0.0)).causes == [secret]
    assert steady.waits == pytest.approx([0.0, 9.5, 9.5])


async def test_without_a_share_it_does_not_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    steady, examiner = Steady(monkeypatch), Examiner(most_waiting=4)
    for _ in range(3):
        await examiner.examine(v3_request(), "x", 0.0)
    assert steady.waits == [0.0, 0.0, 0.0]


async def test_more_than_may_wait_are_refused() -> None:
    examiner = Examiner(most_waiting=2)
    results = await asyncio.gather(
        *(examiner.examine(v3_request(), SECRET, NOW.timestamp()) for _ in range(3)), return_exceptions=True
    )
    assert [type(result) for result in results] == [Diagnosis, Diagnosis, BusyError]
    # What waited is examined, and then there is a place again.
    assert (await examiner.examine(v3_request(), SECRET, NOW.timestamp())).causes == []


@pytest.mark.parametrize("call", [v3_request(), v1_request(), v1_request(in_body=True), queue_request()])
def test_each_scheme_is_known_by_its_request(call: Call) -> None:
    assert diagnose(call, SECRET, NOW.timestamp()).causes == []
    assert diagnose(call, SECRET + "\n", NOW.timestamp()).causes != []
    assert named_key(call) == KEY


def test_when_a_call_was_signed() -> None:
    assert signed_at(v3_request()) == signed_at(v1_request()) == NOW.timestamp()
    assert signed_at(queue_request()) is None
    assert signed_at(v3_request(stamp="today")) is None


def test_what_is_not_signed_has_that_as_its_cause() -> None:
    bare = Call("GET", "/", "a=%zz", {}, b"", "")
    assert "percent-encoded" in diagnose(bare, "x", 0).causes[0]
    assert "is not signed" in diagnose(Call("GET", "/", "", {}, b"", ""), "x", 0).causes[0]
    assert diagnose(Call("GET", "/", "", {"authorization": "MNS x"}, b"", ""), "x", 0).causes
    assert named_key(bare) == ""
