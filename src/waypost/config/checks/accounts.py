"""Checks of accounts: their spaces, the policies of their users, and what is declared twice."""

from collections.abc import Iterator

from waypost.config.checks.draft import Draft
from waypost.config.declared_config import entries_with_places
from waypost.config.mistakes import Mistake, Place, key_in_words, listed, nearest_of
from waypost.model.access.key_form import KEY_ID, KEY_SECRET, is_key_id, is_key_secret
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
    yield from _check_keys(draft)
    yield from _check_declared_twice(draft)
    yield from _check_groups(draft)


def _check_keys(draft: Draft) -> Iterator[Mistake]:
    """Yields access keys of a wrong form, of users that there are not, and of one id."""
    places: dict[str, Place] = {}
    for account_id, account in draft.settings.accounts.items():
        for number, key in enumerate(account.keys):
            place = ("accounts", account_id, "keys", number)
            if not is_key_id(key.id):
                yield Mistake((*place, "id"), "is {value}", f"it has {KEY_ID}", key.id)
            if not is_key_secret(key.secret):
                problem = f"has {len(key.secret)} characters, or some that a secret cannot have"
                yield Mistake((*place, "secret"), problem, f"it has {KEY_SECRET}")
            if key.user and key.user not in account.users:
                allowed = f"the account's users are {listed(sorted(account.users))}"
                near = nearest_of(key.user, account.users)
                yield Mistake(
                    (*place, "user"), "names the user {value}, which there is not", allowed, key.user, near
                )
            first = places.setdefault(key.id, place)
            if first != place:
                problem = f"is {{value}}, which {key_in_words(first, {})} is, too"
                yield Mistake((*place, "id"), problem, "it must be unique", key.id, relies_on=(first,))


def _check_groups(draft: Draft) -> Iterator[Mistake]:
    """Yields accounts that are in two groups of the metrics, or that there are not."""
    accounts, places = draft.settings.accounts, dict[str, Place]()
    for name, members in draft.settings.metrics.groups.items():
        for number, account_id in enumerate(members):
            place = ("metrics", "groups", name, number)
            first = places.setdefault(account_id, place)
            if first != place:
                problem = f"is {{value}}, which is in {key_in_words(first[:-1], {})}, too"
                yield Mistake(place, problem, "an account is in one group", account_id, relies_on=(first,))
            elif account_id not in accounts:
                allowed = f"the accounts are {listed(sorted(accounts))}"
                near = nearest_of(account_id, accounts)
                yield Mistake(
                    place, "names the account {value}, which there is not", allowed, account_id, near
                )


def _check_declared_twice(draft: Draft) -> Iterator[Mistake]:
    places: dict[EntryKey, Place] = {}
    for place, entry in entries_with_places(draft.settings.accounts):
        key = entry_key(entry)
        first = places.setdefault(key, place)
        if first != place:
            words = f"{kind_of(type(entry))} {key[1]}".replace("_", " ")
            problem = f"is declared twice: {key_in_words(first, {})} is the {words}, too"
            yield Mistake(place, problem, "it must be unique", relies_on=(first,))
