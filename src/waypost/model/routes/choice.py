"""By which of its sender's routes a leg goes: rules on values, which know nothing of providers.

A leg that a provider certainly did not take may go by another route; one that it may have taken never does.
"""

from collections.abc import Callable, Mapping, Sequence

import msgspec

from waypost.model.routes.state import Breaker, RouteState

Usable = Callable[[str], bool]
"""Whether messages may be sent by a route now."""


class RouteChoice(msgspec.Struct, frozen=True, omit_defaults=True):
    """A route of a sender, and what it is for.

    Attributes:
        label: `transaction` or `promotion`, for what it is only; empty for both.
        prefixes: what the numbers that it is for begin with, digits from the country code on; none for all.
    """

    route: str
    label: str = ""
    prefixes: tuple[str, ...] = ()

    def is_for(self, label: str, recipient: str) -> bool:
        """Whether a leg of that label to that recipient may go by it."""
        number = recipient.removeprefix("+")
        return self.label in ("", label) and (not self.prefixes or number.startswith(self.prefixes))


def always_usable(_: str) -> bool:
    """Says of every route that it may be used."""
    return True


def waits_for_probe(state: RouteState, now: int) -> bool:
    """Whether a route whose provider was down waits for one message that finds out whether it is back."""
    return state.breaker is Breaker.OPEN and not state.is_paused and state.probe_at <= now


def routes_for(choices: Sequence[RouteChoice], label: str, recipient: str) -> tuple[str, ...]:
    """The routes that a leg may go by, the preferred one first."""
    return tuple(dict.fromkeys(one.route for one in choices if one.is_for(label, recipient)))


def first_usable(routes: Sequence[str], usable: Usable) -> str:
    """The preferred one of the routes that may be used; if none may, the preferred one, to wait for; empty if
    there is none at all."""
    return next(filter(usable, routes), routes[0] if routes else "")


def next_route(routes: Sequence[str], usable: Usable, tried: Mapping[str, int], refused_by: str) -> str:
    """The route of the next attempt after a refusal that was the route's: another one that was tried less
    often, if one may be used; else empty, for the same one after a while.

    Args:
        tried: how many attempts the leg had by each route, with the refused one.
    """
    most = tried.get(refused_by, 0)
    others = [route for route in routes if route != refused_by and usable(route)]
    return min(
        (route for route in others if tried.get(route, 0) < most),
        key=lambda route: tried.get(route, 0),
        default="",
    )
