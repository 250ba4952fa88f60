"""What an explorer has of its service: a sandbox knows keys and calls, production does not."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from waypost.api.http_messages import Handler

MOST_RUNS = 8
"""How many calls of explorers may be under way where anybody may open the page."""


class KeyChoice(NamedTuple):
    """An access key that calls can be signed with by choosing it.

    Attributes:
        description: whose it is.
    """

    id: str
    description: str


class LatestCall(NamedTuple):
    """A call that was made lately.

    Attributes:
        at: when it was answered, milliseconds UTC.
        parameters: those of its operation.
    """

    request_id: str
    operation: str
    code: str
    at: int
    parameters: Mapping[str, str]


def _no_keys() -> Sequence[KeyChoice]:
    return ()


def _no_calls() -> Sequence[LatestCall]:
    return ()


def _no_examples(_: Mapping[str, str]) -> Mapping[str, str]:
    return {}


def _no_secret(_: str) -> str | None:
    return None


class ExplorerAccess(NamedTuple):
    """The service of an explorer.

    Attributes:
        handle: answers any call of the API; it checks those of the explorer as it does all others.
        keys: the keys to choose from; none where key and secret are typed in.
        find_secret: the secret of a key that need not be typed in; None if there is none that is known.
        latest_calls: the calls of before that everybody may see.
        examples: values of parameters that this service takes, before the documented ones, for a call with
            some already.
        has_message_pages: whether a message has a page of its own.
        layout: the template that the pages extend.
        most_runs: how many calls may be under way.
    """

    handle: Handler
    keys: Callable[[], Sequence[KeyChoice]] = _no_keys
    find_secret: Callable[[str], str | None] = _no_secret
    latest_calls: Callable[[], Sequence[LatestCall]] = _no_calls
    examples: Callable[[Mapping[str, str]], Mapping[str, str]] = _no_examples
    has_message_pages: bool = False
    layout: str = "layout.html"
    most_runs: int = MOST_RUNS
