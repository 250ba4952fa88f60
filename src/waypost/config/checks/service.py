"""The checks of settings that a service is to run with, beside those for whoever reads them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from waypost.api.operations.catalogue import PRODUCTS
from waypost.api.reference.official_operations import OFFICIAL_OPERATIONS
from waypost.config.checks.draft import Draft
from waypost.config.checks.routes import is_on_this_machine
from waypost.config.mistakes import Mistake, Place, nearest_of

SHORTEST_SECRET = 16
"""Characters: by guessing 16 letters and digits nobody finds the address that receipts come to."""

_ACTIONS = frozenset(
    {f"{product.name}:{operation}" for product, operations in PRODUCTS.items() for operation in operations}
    | {f"cams:{operation}" for operation in OFFICIAL_OPERATIONS}
)
_ACTIONS_IN_SMALL_LETTERS = frozenset(action.lower() for action in _ACTIONS)
_OPERATIONS_IN_SMALL_LETTERS = {action.partition(":")[2].lower(): action for action in sorted(_ACTIONS)}
_PRODUCTS = frozenset(product.name for product in PRODUCTS)


def check_service(draft: Draft) -> Iterator[Mistake]:
    """Yields what keeps a service from being of use, or safe."""
    yield from _check_anything_declared(draft)
    yield from _check_secrets(draft)
    yield from _check_public_url(draft)
    for account_id, account in draft.settings.accounts.items():
        if account.keys:
            allowed = "a service keeps its keys in its database, where `waypost keys import` stores them"
            problem = "is for sandboxes that begin with this file"
            yield Mistake(("accounts", account_id, "keys"), problem, allowed, is_warning=True)
        for user_id, user in account.users.items():
            for name, document in user.policies.items():
                place = ("accounts", account_id, "users", user_id, "policies", name)
                yield from _check_actions(place, document)


def _check_anything_declared(draft: Draft) -> Iterator[Mistake]:
    remedy = "in the file of --config; `waypost sandbox` needs none"
    accounts = draft.settings.accounts
    if not accounts:
        problem = "is empty: no accounts are declared, so nobody could call"
        yield Mistake(("accounts",), problem, f"declare one under [accounts.<id>] {remedy}")
    if not draft.providers:
        problem = "is empty: no routes are declared, so nothing could be delivered"
        yield Mistake(("routes",), problem, f"declare one under [routes.<name>] {remedy}")
    if accounts and not any(account.senders for account in accounts.values()):
        problem = "has no senders: no account has a sender, so nothing could be sent"
        yield Mistake(("accounts",), problem, "declare one under [[accounts.<id>.senders]]")


def _check_secrets(draft: Draft) -> Iterator[Mistake]:
    for name, route in draft.settings.routes.items():
        if 0 < len(route.secret) < SHORTEST_SECRET:
            problem = f"has {len(route.secret)} characters"
            allowed = f"at least {SHORTEST_SECRET} are needed, so that nobody guesses where receipts come to"
            place = ("routes", name, "secret")
            is_trial = is_on_this_machine(route.url)
            url = ("routes", name, "url")
            yield Mistake(place, problem, allowed, is_warning=is_trial, relies_on=(url,))


def _check_public_url(draft: Draft) -> Iterator[Mistake]:
    outside = [name for name, route in draft.settings.routes.items() if not is_on_this_machine(route.url)]
    public_url = draft.settings.server.public_url
    if outside and (not public_url or is_on_this_machine(public_url)):
        state = "is of this machine" if public_url else "is empty"
        problem = f"{state}, and the provider of {', '.join(sorted(outside))} is not on this machine"
        allowed = "without the address by which it reaches this service no receipts come"
        relies_on = tuple(("routes", name, "url") for name in outside)
        yield Mistake(("server", "public_url"), problem, allowed, is_warning=True, relies_on=relies_on)


def _check_actions(place: Place, document: Mapping[str, Any]) -> Iterator[Mistake]:
    for number, statement in enumerate(_items(document.get("Statement"))):
        if not isinstance(statement, dict):
            continue
        for member in ("Action", "NotAction"):
            for action in _items(statement.get(member)):
                if isinstance(action, str) and (near := _misspelled(action)) is not None:
                    problem = f"has in Statement[{number}].{member} {{value}}, which is no operation"
                    yield Mistake(place, problem, "", action, near)


def _misspelled(action: str) -> str | None:
    """The action that was probably meant by one that there is not, empty if none is near.

    None for a right one, one with wildcards, and one of a service that has nothing to do with this one.
    """
    product, _, operation = action.partition(":")
    if set("*?") & set(action) or action.lower() in _ACTIONS_IN_SMALL_LETTERS:
        return None
    if product.lower() in _PRODUCTS:
        return nearest_of(action, _ACTIONS)
    return _OPERATIONS_IN_SMALL_LETTERS.get(operation.lower())


def _items(value: object) -> Iterable[Any]:
    return value if isinstance(value, list) else [value]
