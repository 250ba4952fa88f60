"""Names in the source and in the tests are the words of the field, not of a dialect of our own."""

import ast
import re
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

from tests.cli.test_help import COMMANDS
from tests.structure.source import BENCH_FILES, FILES, ROOT, SOURCE, TEST_FILES, definitions, log_events, tree

GONE = frozenset(
    [
        "told",
        "tell",
        "tells",
        "telling",
        "teller",
        "untold",
        "said",
        "say",
        "says",
        "saying",
        "given",
        "giver",
        "asked",
        "asking",
        "wanted",
        "perhaps",
        "happen",
        "happens",
        "happened",
        "surroundings",
        "around",
        "pump",
        "together",
        "tirelessly",
        "served",
        "handled",
        "door",
        "greet",
        "greeting",
        "postman",
        "world",
        "memory",
        "ending",
        "endings",
        "landing",
        "handset",
        "handsets",
        "upkeep",
        "wish",
        "journey",
        "course",
        "recurring",
        "handling",
    ]
)
"""Words that were a dialect of our own; each has a word of the field's instead."""

GONE_MODULES = frozenset(
    [
        "places",
        "holding",
        "declared",
        "serving",
        "upkeep",
        "recurring",
        "handling",
        "changing",
        "describing",
        "utils",
        "helpers",
        "manager",
        "base",
        "common",
        "shared",
        "misc",
    ]
)

FROZEN = frozenset({("tests/upgrade/folder.py", "said"), ("tests/upgrade/providers.py", "asked")})
"""Names that `tests/data/9fc7a0b/make` uses, which is kept as it was."""

LAYOUT = {"__init__", "__main__", "clock"}
"""The modules at the root of the package; everything else has a room."""


@pytest.mark.parametrize("paths", [FILES, TEST_FILES, BENCH_FILES], ids=["source", "tests", "bench"])
def test_no_name_is_of_the_dialect(paths: list[Path]) -> None:
    found = [
        f"{one.place} {one.kind} {one.name}"
        for one in definitions(paths)
        if one.words & GONE and (one.place.partition(":")[0], one.name) not in FROZEN
    ]
    assert not found, "\n".join(["the field has other words for these:", *found])


def test_a_fault_is_a_callers_error_and_nothing_else() -> None:
    rooms = ("src/waypost/api/", "src/waypost/model/")
    found = [
        f"{one.place} {one.kind} {one.name}"
        for one in definitions(FILES)
        if one.words & {"fault", "faults"} and not one.place.startswith(rooms)
    ]
    assert found == []


def test_no_module_is_named_after_nothing() -> None:
    found = [
        path
        for path in (*FILES, *TEST_FILES, *BENCH_FILES)
        if path.stem.removeprefix("test_") in GONE_MODULES
    ]
    assert [str(path.relative_to(ROOT)) for path in found] == []


def test_only_three_modules_stand_at_the_root() -> None:
    assert {path.stem for path in SOURCE.glob("*.py")} == LAYOUT


def test_settings_have_the_fields_words() -> None:
    text = files("waypost.config").joinpath("waypost.default.toml").read_text(encoding="utf-8")
    keys = {key for section in tomllib.loads(text).values() if isinstance(section, dict) for key in section}
    keys |= set(re.findall(r"^#\s+(\w+) = ", text, re.M))
    assert [key for key in sorted(keys) if set(key.split("_")) & (GONE | {"taken"})] == []


def test_log_events_have_the_fields_words() -> None:
    events = list(log_events())
    assert len(events) > 10
    assert [
        (place, event)
        for place, event in events
        if set(re.split(r"[._]", event)) & (GONE | {"fault", "foreign", "unreadable", "unheard"})
    ] == []


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_commands_have_the_fields_words(command: tuple[str, ...]) -> None:
    assert not set(command) & (GONE | {"pass", "fail"})


SAME_ROLE = {
    "handle": "an operation's handler",
    "upgrade": "a revision of the schema",
    "connect": "the connector of a provider's route",
    "credentials": "the requests that check those of a provider's route",
    "parse_webhook": "a provider's webhook",
    "build_request": "the request of a provider's message",
    "sign": "a signature of a scheme",
    "prepare": "a key for a signature scheme",
    "verify": "a call by a signature scheme",
    "mismatch": "a signature of a scheme",
    "parse_authorization": "the header of a signature scheme",
    "string_to_sign": "of a signature scheme",
    "review_of": "what an automatic review comes to",
    "audit_object": "the callback of a review",
    "list_": "a command of a noun",
    "approve": "a command of a noun",
    "reject": "a command of a noun",
    "serve": "the service, and its command",
    "run": "a kind of server",
}
"""The functions of one name that several modules have, because they do the same for each."""


def test_two_functions_of_one_name_do_the_same() -> None:
    places: dict[str, list[str]] = {}
    for path in FILES:
        for node in tree(path).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
                places.setdefault(node.name, []).append(str(path.relative_to(SOURCE)))
    several = {name: found for name, found in places.items() if len(found) > 1}
    assert {name: found for name, found in several.items() if name not in SAME_ROLE} == {}
