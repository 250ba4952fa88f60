"""Checks of the senders of accounts: their channel, their id, and the route that carries them."""

from collections.abc import Iterator

from waypost.config.checks.draft import Draft
from waypost.config.checks.references import channel_mistakes, route_mistakes
from waypost.config.mistakes import Mistake, Place, listed, nearest_of
from waypost.config.settings import SenderSettings
from waypost.model.channels import CHANNELS


def check_senders(draft: Draft) -> Iterator[Mistake]:
    """Yields what is wrong with senders."""
    first_of_route: dict[str, Place] = {}
    for account_id, account in draft.settings.accounts.items():
        for number, sender in enumerate(account.senders):
            at = ("accounts", account_id, "senders", number)
            yield from channel_mistakes((*at, "channel"), sender.channel)
            yield from _check_id(at, sender)
            yield from route_mistakes(draft, (*at, "route"), sender.route)
            if sender.channel in CHANNELS:
                yield from _check_route(draft, at, sender)
            first = first_of_route.setdefault(sender.route, at)
            provider = draft.providers.get(sender.route)
            if first != at and provider is not None and not provider.names_senders:
                problem = "is {value}, which another sender has as well"
                allowed = "what people write by it is nobody's: its webhooks do not name their sender"
                place = (*at, "route")
                yield Mistake(place, problem, allowed, sender.route, is_warning=True, relies_on=(first,))


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


def _check_route(draft: Draft, at: Place, sender: SenderSettings) -> Iterator[Mistake]:
    carried = draft.carried_by(sender.route)
    if not carried:
        return
    relies_on: tuple[Place, ...] = ((*at, "channel"), ("routes", sender.route, "kind"))
    if sender.channel not in carried:
        fitting = [name for name in draft.providers if sender.channel in draft.carried_by(name)]
        problem = f"is {{value}}, a route that carries {listed(carried)} and no {sender.channel}"
        allowed = f"the routes that carry {sender.channel} are {listed(sorted(fitting))}"
        yield Mistake((*at, "route"), problem, allowed, sender.route, relies_on=relies_on)
        return
    table = draft.settings.routes[sender.route].sender_table()
    if table is not None and sender.id not in table[1]:
        key, known = table
        problem = f"is {{value}}, which routes.{sender.route}.{key} does not have"
        relies_on = (*relies_on, ("routes", sender.route, key), (*at, "route"))
        yield Mistake(
            (*at, "id"),
            problem,
            f"it has {listed(sorted(known))}",
            sender.id,
            nearest_of(sender.id, known),
            relies_on=relies_on,
        )
