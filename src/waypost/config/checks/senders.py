"""Checks of the senders of accounts: their channel, their id, and the route that carries them."""

from collections.abc import Iterator

from waypost.config.checks.draft import Draft
from waypost.config.checks.references import channel_mistakes, route_mistakes
from waypost.config.mistakes import Mistake, Place, listed, nearest_of
from waypost.config.settings import SenderSettings
from waypost.model.channels import CHANNELS
from waypost.model.message.lanes import PROMOTION, TRANSACTION

_LABELS = (PROMOTION, TRANSACTION)


def check_senders(draft: Draft) -> Iterator[Mistake]:
    """Yields what is wrong with senders."""
    first_of_route: dict[str, Place] = {}
    for account_id, account in draft.settings.accounts.items():
        for number, sender in enumerate(account.senders):
            at = ("accounts", account_id, "senders", number)
            yield from channel_mistakes((*at, "channel"), sender.channel)
            yield from _check_id(at, sender)
            yield from _check_choice(at, sender)
            for place, route in _routes(at, sender):
                yield from route_mistakes(draft, place, route)
                if sender.channel in CHANNELS:
                    yield from _check_route(draft, at, place, sender, route)
                first = first_of_route.setdefault(route, at)
                provider = draft.providers.get(route)
                if first != at and provider is not None and not provider.names_senders:
                    problem = "is {value}, which another sender has as well"
                    allowed = "what people write by it is nobody's: its webhooks do not name their sender"
                    yield Mistake(place, problem, allowed, route, is_warning=True, relies_on=(first,))


def _routes(at: Place, sender: SenderSettings) -> Iterator[tuple[Place, str]]:
    """The routes that a sender names, each with its place."""
    if sender.route:
        yield (*at, "route"), sender.route
    for number, choice in enumerate(sender.routes):
        yield (*at, "routes", number, "route"), choice.route


def _check_choice(at: Place, sender: SenderSettings) -> Iterator[Mistake]:
    """Yields that a sender has no route, both kinds, one twice, or a prefix that no number begins with."""
    if sender.route and sender.routes:
        yield Mistake((*at, "routes"), "are there beside route", "either route or routes is needed")
    if not sender.route and not sender.routes:
        yield Mistake((*at, "route"), "is missing", "text is needed")
    seen: dict[tuple[object, ...], int] = {}
    for number, choice in enumerate(sender.routes):
        place = (*at, "routes", number)
        if seen.setdefault((choice.route, choice.label, choice.prefixes), number) != number:
            yield Mistake((*place, "route"), "is {value} a second time", "once is enough", choice.route)
        if choice.label not in ("", *_LABELS):
            near = nearest_of(choice.label, _LABELS)
            allowed = f"allowed are {listed(_LABELS)}, or none for both"
            yield Mistake((*place, "label"), "is {value}", allowed, choice.label, near)
        for each, prefix in enumerate(choice.prefixes):
            if not (prefix.isascii() and prefix.isdecimal()) or prefix.startswith("0"):
                allowed = "the digits that a number begins with are needed, from the country code on, like 49"
                yield Mistake((*place, "prefixes", each), "is {value}", allowed, prefix)


def _check_id(at: Place, sender: SenderSettings) -> Iterator[Mistake]:
    place = (*at, "id")
    if not sender.id:
        yield Mistake(place, "is empty", "it is the From of calls")
        return
    channel = CHANNELS.get(sender.channel)
    if channel is None:
        return
    relies_on = ((*at, "channel"),)
    if channel.from_form is not None and not channel.from_form.fullmatch(sender.id):
        allowed = f"{channel.sender} is a number: digits alone are allowed"
        yield Mistake(place, "is {value}", allowed, sender.id, relies_on=relies_on)
    if channel.carried_from is not None and not channel.carried_from.fullmatch(sender.id):
        allowed = (
            "the networks carry up to 11 letters and digits, one a letter, or up to 15 digits, and cut others"
        )
        yield Mistake(place, "is {value}", allowed, sender.id, is_warning=True, relies_on=relies_on)


def _check_route(
    draft: Draft, at: Place, place: Place, sender: SenderSettings, route: str
) -> Iterator[Mistake]:
    carried = draft.carried_by(route)
    if not carried:
        return
    relies_on: tuple[Place, ...] = ((*at, "channel"), ("routes", route, "kind"))
    if sender.channel not in carried:
        fitting = [name for name in draft.providers if sender.channel in draft.carried_by(name)]
        problem = f"is {{value}}, a route that carries {listed(carried)} and no {sender.channel}"
        allowed = f"the routes that carry {sender.channel} are {listed(sorted(fitting))}"
        yield Mistake(place, problem, allowed, route, relies_on=relies_on)
        return
    table = draft.settings.routes[route].sender_table()
    if table is not None and sender.id not in table[1]:
        key, known = table
        problem = f"is {{value}}, which routes.{route}.{key} does not have"
        relies_on = (*relies_on, ("routes", route, key), place)
        yield Mistake(
            (*at, "id"),
            problem,
            f"it has {listed(sorted(known))}",
            sender.id,
            nearest_of(sender.id, known),
            relies_on=relies_on,
        )
