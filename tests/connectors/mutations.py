"""Mutates recorded webhooks in one place, and checks that no other item notices.

A mutation drops a member, makes it null, gives it another type or cuts a text. Every item that it did not
touch has exactly the outcome that it has alone; one that it did has an outcome, or is skipped and logged. A
mutation of the envelope is refused as a whole, or nothing comes of it.
"""

import json
from collections.abc import Sequence
from copy import deepcopy
from functools import cache
from random import Random
from typing import Any, NamedTuple

from structlog.testing import capture_logs

from tests.connectors.foreign import EXTREMES
from tests.connectors.recorded import RECORDED, Path, Recorded
from tests.connectors.test_foreign_bytes import CannedClient, connected
from waypost.connectors.contract import Connector, MalformedWebhookError, Webhook
from waypost.model.message.outcomes import RejectedItem, Report

# What another value of these names is another subscription, event or update, of which Waypost wants nothing.
_NAMES = {"whatsapp": {"field"}, "line": {"type", "mode"}}


class Mutation(NamedTuple):
    """A changed place of a document.

    Attributes:
        removes: whether what was there is absent now: a valid webhook without it.
    """

    path: Path
    document: Any
    removes: bool


def mutate(random: Random, document: Any) -> Mutation:
    """The document with one place changed."""
    path = random.choice(_paths(document))
    value = _at(document, path)
    choices = ["retype", "retype"]
    if path:
        choices += ["drop", "null"]
    if isinstance(value, str) and value:
        choices += ["truncate"]
    choice = random.choice(choices)
    if choice == "drop":
        return Mutation(path, _without(document, path), removes=True)
    if choice == "null":
        return Mutation(path, _with(document, path, None), removes=True)
    if choice == "truncate":
        assert isinstance(value, str)
        return Mutation(path, _with(document, path, value[: random.randrange(len(value))]), removes=False)
    retyped = _retyped(random, value)
    removes = retyped is None or (retyped == [] and isinstance(value, list))
    return Mutation(path, _with(document, path, retyped), removes)


def check(number: int, mutation: Mutation) -> None:
    """Checks what comes of a mutation of a recorded webhook.

    Raises:
        AssertionError: it is not as promised.
    """
    recorded, alone = RECORDED[number], outcomes(number)
    path, touched = mutation.path, _touched(recorded, mutation.path)
    is_envelope = not any(path[: len(item)] == item for item in recorded.items if item or path) and not any(
        path[: len(shared)] == shared for shared, _ in recorded.shared
    )
    try:
        taken, rejected = parse(recorded.kind, mutation.document)
    except MalformedWebhookError:
        assert is_envelope or recorded.kind == "kannel", f"{path}: an item refuses the whole webhook"
        return
    before = [report for index in range(touched.start) for report in alone[index]]
    after = [report for index in range(touched.stop, len(alone)) for report in alone[index]]
    assert taken[: len(before)] == before, f"{path}: what precedes has another outcome"
    assert taken[len(taken) - len(after) :] == after, f"{path}: what follows has another outcome"
    assert len(taken) >= len(before) + len(after), f"{path}: what was not touched is lost"
    own = taken[len(before) : len(taken) - len(after)]
    places = [_place(recorded.items[index]) for index in touched]
    for item in rejected:
        assert any(place.startswith(item.place) for place in places), f"{path}: {item.place} was not touched"
    removed = mutation.removes and not any(path[: len(item)] == item != path for item in recorded.items)
    expected = [report for index in touched for report in alone[index]]
    if expected and not removed and path[-1:] and path[-1] not in _NAMES.get(recorded.kind, ()):
        assert own or rejected, f"{path}: neither an outcome nor a logged skip"


@cache
def outcomes(number: int) -> Sequence[Sequence[Report]]:
    """The reports of each item of a recorded webhook, when it is the only one."""
    recorded = RECORDED[number]
    alone = []
    for kept in recorded.items:
        document = deepcopy(recorded.document)
        for other in reversed(recorded.items):
            if other != kept:
                document = _without(document, other)
        taken, rejected = parse(recorded.kind, document)
        assert taken, f"{recorded.kind} {kept}: nothing comes of it"
        assert not rejected
        alone.append(taken)
    whole, _ = parse(recorded.kind, recorded.document)
    assert whole == [report for reports in alone for report in reports]
    return alone


def parse(kind: str, document: Any) -> tuple[list[Report], list[RejectedItem]]:
    """The reports of a webhook, and the items that were skipped, which are logged."""
    if kind == "kannel":
        query = {name: str(value) for name, value in document.items()} if isinstance(document, dict) else {}
        webhook = Webhook("GET", query, {}, b"")
    else:
        webhook = Webhook("POST", {}, {}, json.dumps(document).encode())
    with capture_logs() as logs:
        reports = _connector(kind).parse_webhook(webhook)
    rejected = [report for report in reports if isinstance(report, RejectedItem)]
    assert bool(rejected) is any(entry["event"] == "webhook.items_skipped" for entry in logs)
    return [report for report in reports if not isinstance(report, RejectedItem)], rejected


def run(seed: int, rounds: int) -> None:
    """Checks so many mutations.

    Raises:
        AssertionError: one is not as promised; it names the webhook, the mutation and the seed.
    """
    random = Random(seed)
    for _ in range(rounds):
        number = random.randrange(len(RECORDED))
        mutation = mutate(random, RECORDED[number].document)
        try:
            check(number, mutation)
        except Exception as error:
            recorded = RECORDED[number]
            value = "absent" if mutation.removes else repr(_at(mutation.document, mutation.path))[:80]
            raise AssertionError(
                f"{recorded.kind} {number}, {_place(mutation.path) or 'all of it'} is {value} (seed {seed}): "
                f"{type(error).__name__}: {error}"
            ) from error


@cache
def _connector(kind: str) -> Connector:
    return connected(kind, CannedClient())


def _touched(recorded: Recorded, path: Path) -> range:
    """The items whose outcome a change at a path may change: the one that it is in, or all below it."""
    below = next((of for shared, of in recorded.shared if path[: len(shared)] == shared), path)
    touched = [
        index
        for index, item in enumerate(recorded.items)
        if below[: len(item)] == item or item[: len(below)] == below
    ]
    if recorded.kind == "whatsapp" and path[-1:] == ("field",):
        touched = [index for index, item in enumerate(recorded.items) if item[:4] == path[:4]]
    return range(touched[0], touched[-1] + 1) if touched else range(len(recorded.items), len(recorded.items))


def _place(path: Path) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")


def _retyped(random: Random, value: Any) -> Any:
    same: list[Any] = []
    if isinstance(value, int) and not isinstance(value, bool):
        same = [str(value), float(value)]
    elif isinstance(value, str) and value.isdecimal():
        same = [int(value)]
    if same and random.random() < 0.3:
        return random.choice(same)
    return random.choice([*EXTREMES, [value], {"value": value}, "x \ud83d"])


def _paths(document: Any, path: Path = ()) -> list[Path]:
    paths = [path]
    if isinstance(document, dict):
        for name, member in document.items():
            paths += _paths(member, (*path, name))
    elif isinstance(document, list):
        for index, member in enumerate(document):
            paths += _paths(member, (*path, index))
    return paths


def _at(document: Any, path: Path) -> Any:
    for part in path:
        document = document[part]
    return document


def _with(document: Any, path: Path, value: Any) -> Any:
    if not path:
        return value
    copied = dict(document) if isinstance(document, dict) else list(document)
    copied[path[0]] = _with(copied[path[0]], path[1:], value)  # type: ignore[index]
    return copied


def _without(document: Any, path: Path) -> Any:
    copied = dict(document) if isinstance(document, dict) else list(document)
    if len(path) == 1:
        del copied[path[0]]  # type: ignore[arg-type]
    else:
        copied[path[0]] = _without(copied[path[0]], path[1:])  # type: ignore[index]
    return copied
