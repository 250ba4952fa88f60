"""The layers of the settings: the defaults, the file over them, the environment variables over both.

What a value was taken from is kept, so that a mistake names it.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

from waypost.config.mistakes import Mistake, Place, is_within

PREFIX = "WAYPOST_"
_MAX_DEPTH = 64
_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_LINE = re.compile(r"\(at line (\d+), column \d+\)")
# Relative to the file that names them.
_PATHS: tuple[tuple[str, str], ...] = (
    ("store", "data"),
    ("store", "key_file"),
    ("server", "certificate"),
    ("server", "certificate_key"),
)


Prepare = Callable[[dict[str, Any]], dict[str, Any]]


class UnreadableSettingsError(Exception):
    """A layer cannot be read; the message says why.

    Args:
        line: the line of the file that is no TOML; 0 for none.
    """

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.line = line


class Layers(NamedTuple):
    """The merged layers.

    Attributes:
        tables: the values.
        file_tables: the values of the file alone.
        variables: the environment variable that set each place.
        references: the environment variable that a text was taken from by `${NAME}`.
        written_paths: the relative paths as they stand in the file, which are relative to it.
        mistakes: what is wrong with the layers themselves.
    """

    tables: dict[str, Any]
    file_tables: dict[str, Any]
    variables: dict[Place, str]
    references: dict[Place, str]
    written_paths: dict[Place, str]
    mistakes: list[Mistake]

    def variable_of(self, place: Place) -> str:
        """The environment variable that sets a value, or alone sets something in it; empty for none."""
        for at, name in self.variables.items():
            if at == place[: len(at)] or (is_within(at, place) and not _has(self.file_tables, place)):
                return name
        return ""

    def reference_of(self, place: Place) -> str:
        """The environment variable that a value was taken from by `${NAME}`; empty for none."""
        return next((name for at, name in self.references.items() if at == place[: len(at)]), "")


def default_tables() -> dict[str, Any]:
    """The values of all settings without a file."""
    return parse_toml(files("waypost.config").joinpath("waypost.default.toml").read_text(encoding="utf-8"))


def read_layers(path: Path | None, environment: Mapping[str, str], prepare: Prepare | None = None) -> Layers:
    """Reads and merges the layers.

    Args:
        path: the settings file; None for the defaults alone.
        prepare: makes of the file's tables those that are used.

    Raises:
        UnreadableSettingsError: the file cannot be read, or is not TOML.
    """
    file_tables = _read_file(path) if path is not None else {}
    if prepare is not None:
        file_tables = prepare(file_tables)
    mistakes: list[Mistake] = []
    references: dict[Place, str] = {}
    file_tables = _substitute(file_tables, environment, (), references, mistakes)
    written_paths = _resolve_paths(file_tables, path.parent) if path is not None else {}
    tables = merged(default_tables(), file_tables)
    variables: dict[Place, str] = {}
    for name, value in environment.items():
        if name.startswith(PREFIX) and "__" in name:
            place = tuple(name.removeprefix(PREFIX).lower().split("__"))
            variables[place] = name
            try:
                parsed = _substitute(_parse_variable(value), environment, place, references, mistakes)
                tables = merged(tables, _nested(place, parsed))
            except UnreadableSettingsError as error:
                mistakes.append(Mistake(place, str(error)))
    return Layers(tables, file_tables, variables, references, written_paths, mistakes)


def parse_toml(text: str) -> dict[str, Any]:
    """Parses TOML.

    Raises:
        UnreadableSettingsError: it is not TOML.
    """
    try:
        return tomllib.loads(text)
    # Besides its own errors it raises those of numbers that Python does not convert, and of deep nesting.
    except (ValueError, RecursionError) as error:
        found = _LINE.search(str(error))
        line = int(found[1]) if found else text.count("\n") + 1 if "end of document" in str(error) else 0
        raise UnreadableSettingsError(f"not TOML: {error}", line) from None


def merged(lower: dict[str, Any], upper: dict[str, Any]) -> dict[str, Any]:
    """Tables laid over others."""
    result = dict(lower)
    for key, value in upper.items():
        below = result.get(key)
        result[key] = merged(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return result


def _read_file(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise UnreadableSettingsError(f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise UnreadableSettingsError("not UTF-8", line) from None
    return parse_toml(text)


def _parse_variable(value: str) -> Any:
    """The value of an environment variable; a list or a table is written as in TOML."""
    if value.startswith(("[", "{")):
        return parse_toml(f"value = {value}")["value"]
    return value


def _nested(place: Place, value: Any) -> dict[str, Any]:
    """`{"server": {"port": 9000}}` of the variable `WAYPOST_SERVER__PORT=9000`."""
    for part in reversed(place):
        value = {part: value}
    nested: dict[str, Any] = value
    return nested


def _resolve_paths(file_tables: dict[str, Any], folder: Path) -> dict[Place, str]:
    """Makes the relative paths in a file relative to its folder; returns them as they were."""
    written: dict[Place, str] = {}
    for section, key in _PATHS:
        table = file_tables.get(section)
        path = table.get(key) if isinstance(table, dict) else None
        if isinstance(table, dict) and isinstance(path, str) and path and not Path(path).is_absolute():
            written[section, key] = path
            table[key] = str(folder / path)
    return written


def _has(tables: Any, place: Place) -> bool:
    for part in place:
        if not isinstance(tables, dict) or part not in tables:
            return False
        tables = tables[part]
    return True


def _substitute(
    value: Any,
    environment: Mapping[str, str],
    place: Place,
    references: dict[Place, str],
    mistakes: list[Mistake],
) -> Any:
    """Replaces each `${NAME}` in texts by the environment variable."""

    def variable(match: re.Match[str]) -> str:
        name = match[1]
        references[place] = name
        if name not in environment:
            mistakes.append(Mistake(place, f"needs the environment variable {name}, and {name} is not set"))
        return environment.get(name, "")

    if len(place) > _MAX_DEPTH:
        mistakes.append(Mistake(place[:2], f"has more than {_MAX_DEPTH} levels"))
        return ""
    match value:
        case dict():
            return {
                key: _substitute(member, environment, (*place, key), references, mistakes)
                for key, member in value.items()
            }
        case list():
            return [
                _substitute(member, environment, (*place, number), references, mistakes)
                for number, member in enumerate(value)
            ]
        case str():
            return _REFERENCE.sub(variable, value)
        case _:
            return value
