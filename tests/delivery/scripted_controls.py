"""Controls of routes that a test sets: whether a route may be used, and how many of a class it takes."""

from waypost.delivery.dispatch_lanes import DispatchLanes
from waypost.model.routes.classes import RouteBounds


class ScriptedPace:
    """`waypost.delivery.route_lanes.Pace` with so many claimed ahead of each class."""

    def __init__(self, ahead: int) -> None:
        self.ahead = ahead

    def room(self, under_way: int, *, is_promotion: bool) -> int:
        return self.ahead - under_way


class ScriptedControl:
    """`waypost.delivery.route_lanes.RouteControl` that a test sets.

    Attributes:
        usable: as many messages may be claimed.
        is_probing: one message may be claimed, until `drop_probe`.
        looks: how often it was asked whether a probe is due.
    """

    def __init__(self) -> None:
        self.usable = 1 << 30
        self.is_probing = False
        self.probe_out = False
        self.pace: ScriptedPace | None = None
        self.looks = 0
        self.due: int | None = None

    @property
    def is_free(self) -> bool:
        return self.usable > 0

    def places(self) -> int:
        return self.usable or int(self.is_probing and not self.probe_out)

    def look(self, now: int) -> None:
        self.looks += 1

    def wake_at(self) -> int | None:
        return self.due

    def start_probe(self) -> None:
        self.probe_out = True

    def drop_probe(self) -> bool:
        was_out, self.probe_out = self.probe_out, False
        return was_out


class ScriptedControls:
    """The controls by route."""

    def __init__(self) -> None:
        self._controls: dict[str, ScriptedControl] = {}

    def of(self, route: str) -> ScriptedControl:
        return self._controls.setdefault(route, ScriptedControl())


def lanes_of_width(width: int, share: float = 0.02) -> tuple[DispatchLanes, ScriptedControls]:
    """Lanes of routes of one width, and what controls them."""
    controls = ScriptedControls()
    return DispatchLanes(lambda route: RouteBounds(width, share), controls), controls
