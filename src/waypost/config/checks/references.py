"""Checks of words that name something else, such as channels and routes, and of names."""

import re
from collections.abc import Iterator

from waypost.config.checks.draft import Draft
from waypost.config.mistakes import Mistake, Place, listed, nearest_of
from waypost.model.channels import CHANNELS

# Names are parts of URLs and of lanes.
_NAME = re.compile(r"[A-Za-z0-9._~@-]{1,64}")


def check_references(draft: Draft) -> Iterator[Mistake]:
    """Yields what names no channel, no country or no route of the right kind, and what cannot be a name."""
    settings = draft.settings
    for section, names in (("routes", draft.providers), ("accounts", settings.accounts)):
        for name in names:
            if not _NAME.fullmatch(name):
                allowed = "a name has 1 to 64 letters, digits and any of . _ ~ @ -"
                yield Mistake((section, name), "has no name that can be used", allowed)
    if settings.sms.countries:
        yield from _check_countries(settings.sms.countries)
    for number, channel in enumerate(settings.delivery.resend_in_doubt):
        yield from channel_mistakes(("delivery", "resend_in_doubt", number), channel)
    yield from _check_automatic_route(draft)
    starting = {word.casefold() for word in settings.delivery.start_words}
    for number, word in enumerate(settings.delivery.stop_words):
        if word.casefold() in starting:
            allowed = "a word either stops promotions or starts them"
            yield Mistake(("delivery", "stop_words", number), "is {value}, also a start word", allowed, word)
    if not settings.store.data:
        yield Mistake(("store", "data"), "is empty", "the name of a folder is needed")


def _check_countries(countries: tuple[str, ...]) -> Iterator[Mistake]:
    # The numbering plans of all countries take longer to load than the settings to check, and few name any.
    from waypost.model.message.sms_counts import unknown_countries

    for number, country in enumerate(countries):
        if unknown_countries((country,)):
            allowed = "a code of ISO 3166 in capitals is needed, like DE"
            yield Mistake(("sms", "countries", number), "is {value}", allowed, country)


def channel_mistakes(place: Place, channel: str) -> Iterator[Mistake]:
    """Yields that a word is no channel."""
    if channel not in CHANNELS:
        allowed = f"the channels are {listed(CHANNELS)}"
        yield Mistake(place, "is {value}", allowed, channel, nearest_of(channel, CHANNELS))


def route_mistakes(draft: Draft, place: Place, route: str) -> Iterator[Mistake]:
    """Yields that a word is no route."""
    if route not in draft.providers:
        allowed = f"the routes are {listed(sorted(draft.providers))}"
        near = nearest_of(route, draft.providers)
        yield Mistake(place, "names the route {value}, which there is not", allowed, route, near)


def _check_automatic_route(draft: Draft) -> Iterator[Mistake]:
    route = draft.settings.viber.automatic_route
    place = ("viber", "automatic_route")
    if not route:
        return
    yield from route_mistakes(draft, place, route)
    carried = draft.carried_by(route)
    if carried and not any(CHANNELS[channel].registers_senders for channel in carried):
        problem = f"names the route {{value}}, which carries {listed(carried)}"
        yield Mistake(place, problem, "a route of the kind viber is needed", route)
