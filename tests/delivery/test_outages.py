"""An outage is reported when it begins and when it ends, however much fails between."""

from structlog.testing import capture_logs

from tests.delivery.pushes import pushing
from tests.delivery.test_notifier import DOWN, path
from tests.storage.databases import FIRST, SECOND
from waypost.delivery.outages import Outage, Recovery

__all__ = ["path"]


class Seconds:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_it_begins_once_and_ends_once() -> None:
    seconds = Seconds()
    outage = Outage(5.0, seconds)
    assert outage.note_answer() is None
    assert [outage.note_failure() for _ in range(4000)] == [True] + [False] * 3999
    assert outage.note_answer() is None, "others fail at the same time"
    seconds.now += 5
    assert outage.note_answer() == Recovery(4000, 5.0)
    assert outage.note_answer() is None
    assert outage.note_failure()
    assert outage.failed == 1


def test_a_long_one_is_reported_again_each_ten_minutes() -> None:
    seconds = Seconds()
    outage = Outage(5.0, seconds)
    reported = []
    for _ in range(21):
        reported.append(outage.note_failure())
        seconds.now += 60
    assert [place for place, one in enumerate(reported) if one] == [0, 10, 20]


async def test_a_url_is_logged_when_it_begins_to_fail_and_when_it_is_well_again(path: object) -> None:
    async with pushing(path) as pushes:  # type: ignore[arg-type]
        pushes.receiver.usual = DOWN
        await pushes.publish(FIRST, SECOND)
        with capture_logs() as logs:
            await pushes.settle()
        [line] = [line for line in logs if line["event"].startswith("callback.")]
        assert (line["event"], line["account"], line["error"]) == (
            "callback.failing",
            "1",
            "answered HTTP 500, not 200",
        )
        assert line["host"].startswith("127.0.0.1:")
        with capture_logs() as logs:
            pushes.clock.move_to(pushes.clock.now() + 60_000)
            await pushes.settle()
        assert logs == [], "it fails as before"
        pushes.receiver.usual = (200, b'{"code":0}')
        with capture_logs() as logs:
            pushes.clock.move_to(pushes.clock.now() + 300_000)
            await pushes.settle()
        assert [line["event"] for line in logs] == ["callback.recovered"]
        assert logs[0]["failed"] >= 2
        assert logs[0]["seconds"] >= 360
