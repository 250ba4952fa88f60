"""Checks of accounts: their spaces, the policies of their users, and what is declared twice."""

from collections.abc import Iterator

from waypost.config.checks.draft import Draft
from waypost.config.declared_config import entries_with_places
from waypost.config.mistakes import Mistake, Place, key_in_words
from waypost.model.access.policy import PolicyError, parse_policy
from waypost.model.entries import EntryKey, entry_key, kind_of


def check_accounts(draft: Draft) -> Iterator[Mistake]:
    """Yields what is wrong with spaces and policies, and what is declared twice."""
    for account_id, account in draft.settings.accounts.items():
        at = ("accounts", account_id)
        for number, space in enumerate(account.spaces):
            if not space or not space.isprintable() or set("/* ") & set(space):
                allowed = "a CustSpaceId is needed, without spaces, / and *"
                yield Mistake((*at, "spaces", number), "is {value}", allowed, space)
        for user_id, user in account.users.items():
            for name, document in user.policies.items():
                try:
                    parse_policy(name, document)
                except PolicyError as error:
                    place = (*at, "users", user_id, "policies", name)
                    yield Mistake(place, f"is no policy: {error}")
    yield from _check_declared_twice(draft)


def _check_declared_twice(draft: Draft) -> Iterator[Mistake]:
    places: dict[EntryKey, Place] = {}
    for place, entry in entries_with_places(draft.settings.accounts):
        key = entry_key(entry)
        first = places.setdefault(key, place)
        if first != place:
            words = f"{kind_of(type(entry))} {key[1]}".replace("_", " ")
            problem = f"is declared twice: {key_in_words(first, {})} is the {words}, too"
            yield Mistake(place, problem, "it must be unique", relies_on=(first,))
