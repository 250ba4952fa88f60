"""Ids that are chosen for what calls make; a sandbox does so, for tests that know them beforehand."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal, get_args

IdKind = Literal["template", "fallback_policy", "fallback_rule", "space"]
"""What can have a chosen id."""
ID_KINDS: tuple[IdKind, ...] = get_args(IdKind)

_choice: ContextVar[Callable[[IdKind], str] | None] = ContextVar("choice", default=None)


def chosen_id(kind: IdKind) -> str:
    """The id that is chosen for the next thing of a kind; empty if none is."""
    choose = _choice.get()
    return choose(kind) if choose is not None else ""


@contextmanager
def choosing_ids(choose: Callable[[IdKind], str]) -> Iterator[None]:
    """Lets `choose` return the ids in calls that are begun in the block, and in tasks that they start."""
    token = _choice.set(choose)
    try:
        yield
    finally:
        _choice.reset(token)
