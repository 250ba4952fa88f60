"""When a route counts as failing: by what its last requests came to."""

import pytest

from tests.delivery.stages import ScriptedProvider
from tests.sandbox.sandbox_network import StillClock
from waypost.delivery.routes import Route
from waypost.model.message.failures import SendFailure
from waypost.model.message.outcomes import Accepted, Outcome, Refused, Unknown

UNREACHABLE = Refused(SendFailure.UNREACHABLE, "", "no connection")
NO_ANSWER = Unknown("no answer")
BAD_NUMBER = Refused(SendFailure.BAD_NUMBER, "12", "no such number")


@pytest.mark.parametrize(
    ("outcomes", "failing"),
    [
        ([], ""),
        ([UNREACHABLE] * 4, ""),
        ([UNREACHABLE] * 5, "unreachable"),
        ([UNREACHABLE] * 4 + [NO_ANSWER], "no_answer"),
        ([UNREACHABLE] * 9 + [Accepted("1")], ""),
        # The provider answers: what it refuses is the message.
        ([UNREACHABLE] * 9 + [BAD_NUMBER], ""),
        ([BAD_NUMBER] * 9, ""),
        ([UNREACHABLE, Accepted("1")] * 9, ""),
    ],
)
def test_so_many_in_a_row_by_the_route(outcomes: list[Outcome], failing: str) -> None:
    route = Route("viber", ScriptedProvider("viber", StillClock(0)), "")
    for outcome in outcomes:
        route.note(outcome)
    assert route.failing == failing
