"""The words of the source are the field's: what the glossary has in its left column is no name of ours."""

import re
import tomllib
from importlib.resources import files

import pytest

from tests.cli.test_help import COMMANDS
from tests.structure.source import FILES, SOURCE, definitions, log_events

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

LAYOUT = frozenset({"__init__", "__main__", "cli", "clock"})
"""The modules at the root of the package; everything else has a room."""


def test_no_name_is_of_the_dialect() -> None:
    found = [f"{one.place} {one.kind} {one.name}" for one in definitions() if one.words & GONE]
    assert found == []


def test_a_fault_is_a_callers_error_and_nothing_else() -> None:
    rooms = ("api/", "model/")
    found = [
        f"{one.place} {one.kind} {one.name}"
        for one in definitions()
        if one.words & {"fault", "faults"} and not one.place.startswith(rooms)
    ]
    assert found == []


def test_no_module_is_named_after_nothing() -> None:
    assert [str(path) for path in FILES if path.stem in GONE_MODULES] == []


def test_only_four_modules_stand_at_the_root() -> None:
    assert {path.stem for path in SOURCE.glob("*.py")} == LAYOUT


def test_settings_have_the_fields_words() -> None:
    text = files("waypost.config").joinpath("waypost.default.toml").read_text()
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
