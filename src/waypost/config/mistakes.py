"""Mistakes in the settings: what a check finds, and the sentence that names it to the operator."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, NamedTuple

from waypost.model.faults import NO_VALUE
from waypost.model.quoting import quoted, shown

Place = tuple[str | int, ...]
"""Where a value is in the settings: the keys that lead to it, and the numbers of items in lists from 0."""

_SECRETS = frozenset(
    {
        "secret",
        "callback_secret",
        "app_secret",
        "channel_secret",
        "secret_token",
        "verify_token",
        "status_token",
        "token",
        "tokens",
        "password",
        "headers",
        "proxy",
    }
)
"""Keys whose values, and what is in them, are never shown. A proxy's URL has its password."""

# A URL's user and password, and the query, which may have a token.
_CREDENTIALS = re.compile(r"//[^/?#]*@")
_QUERY = re.compile(r"(//[^?#]*)\?.*")
# What names an item of a list.
_NAMING_KEYS: Mapping[str, tuple[str, ...]] = {
    "senders": ("channel", "id"),
    "templates": ("code", "language"),
    "fallbacks": ("id",),
    "rules": ("name",),
    "keys": ("id",),
}
_MOST_NAMED = 12


class Mistake(NamedTuple):
    """What is wrong with one place of the settings.

    Attributes:
        place: where.
        problem: what is wrong, as it follows the place in a sentence; `{value}` stands for the value.
        allowed: what is allowed instead, or what to do; may be empty.
        value: the value, if the problem quotes it.
        nearest: the right word that was probably meant; empty if none is near.
        is_warning: whether the service can run with it all the same.
        relies_on: other places that it is only a mistake by; where one of them is wrong itself, it is none.
    """

    place: Place
    problem: str
    allowed: str = ""
    value: object = NO_VALUE
    nearest: str = ""
    is_warning: bool = False
    relies_on: tuple[Place, ...] = ()


class ReportedMistake(NamedTuple):
    """A mistake as the operator reads it.

    Attributes:
        source: the file or the environment variable that it is in; empty for the defaults.
        line: the line of the file, where it cannot be read as TOML; 0 elsewhere.
        key: the key in words; empty for the file as a whole.
        sentence: what is wrong, and what is allowed, with the source and the key.
        is_warning: whether the service can run with it all the same.
    """

    source: str
    line: int
    key: str
    sentence: str
    is_warning: bool = False


def nearest_of(word: object, words: Iterable[str]) -> str:
    """The one of some words that a misspelled one probably means; empty if none is near."""
    by_small_letters = {one.lower(): one for one in words}
    near = get_close_matches(str(word).lower(), by_small_letters, 1)
    return by_small_letters[near[0]] if near else ""


def listed(words: Iterable[str]) -> str:
    """Words as a list in a sentence, cut off where it would be longer than a line or two."""
    all_words = [shown(word) for word in words]
    more = len(all_words) - _MOST_NAMED
    return ", ".join(all_words[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "") or "none"


def key_in_words(place: Place, tables: Mapping[str, Any]) -> str:
    """A place as it is shown: `accounts.acme.senders[viber 20001].route`.

    Args:
        tables: the settings, by which the items of lists are named.
    """
    words = ""
    value: Any = tables
    list_key = ""
    for part in place:
        value = _member(value, part)
        if isinstance(part, int):
            words += f"[{_item_name(list_key, value) or part + 1}]"
        else:
            list_key = part
            words += f".{shown(part)}" if words else shown(part)
    return words


def sentence_of(mistake: Mistake, source: str, key: str, variable: str) -> str:
    """The sentence of a mistake.

    Args:
        variable: the environment variable that the value was taken from by `${NAME}`; empty for none.
    """
    problem = mistake.problem
    if mistake.value is not NO_VALUE:
        problem = problem.replace("{value}", _shown(mistake, variable), 1)
    elif variable and variable not in problem:
        problem = f"(from ${{{variable}}}) {problem}"
    sentence = f"{key} {problem}" if key else problem
    sentence += f"; {mistake.allowed}" if mistake.allowed else ""
    sentence += f"; did you mean {quoted(mistake.nearest)}?" if mistake.nearest and not variable else ""
    return f"{source}: {sentence}" if source else sentence


def is_within(place: Place, other: Place) -> bool:
    """Whether one of two places is in the other, or they are the same."""
    shorter = min(len(place), len(other))
    return place[:shorter] == other[:shorter]


def without_consequences(mistakes: Iterable[Mistake], wrong: Sequence[Place]) -> Iterator[Mistake]:
    """The mistakes but those that only follow from others.

    Args:
        wrong: the places whose values are stand-ins, because the values of the settings are wrong.
    """
    for mistake in mistakes:
        places = (mistake.place, *mistake.relies_on)
        if not any(is_within(place, other) for place in places for other in wrong):
            yield mistake


def _member(value: Any, part: str | int) -> Any:
    if isinstance(value, dict) and isinstance(part, str):
        return value.get(part)
    if isinstance(value, list | tuple) and isinstance(part, int) and part < len(value):
        return value[part]
    return None


def _item_name(list_key: str, item: Any) -> str:
    if not isinstance(item, dict):
        return ""
    keys = _NAMING_KEYS.get(list_key, ())
    return shown(" ".join(item[key] for key in keys if isinstance(item.get(key), str)))


def _shown(mistake: Mistake, variable: str) -> str:
    value = mistake.value
    if variable:
        return f"the value of ${{{variable}}}"
    if _SECRETS.intersection(mistake.place) and isinstance(value, str | int | float):
        return f"a {'text' if isinstance(value, str) else 'number'} that is not shown"
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, str):
        value = _QUERY.sub(r"\1?***", _CREDENTIALS.sub("//***@", value))
    return quoted(value)
