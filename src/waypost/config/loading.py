"""Loads the settings: the defaults, overridden by a file, overridden by environment variables."""

import os
import re
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec

from waypost.config.checks import check_settings
from waypost.config.settings import Settings, SettingsError
from waypost.connectors.contract import RouteSettings
from waypost.connectors.registry import RouteSettingsError, parse_route

_PREFIX = "WAYPOST_"
_MAX_DEPTH = 64
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def load(path: Path | None, environment: Mapping[str, str] = os.environ) -> Settings:
    """Loads and checks the settings.

    Args:
        path: the settings file; None for the defaults alone.
        environment: the environment variables.

    Raises:
        SettingsError: the file cannot be read, a key is unknown, or a value has the wrong type or range.
    """
    tables = _parse_toml(
        files("waypost.config").joinpath("waypost.default.toml").read_text(encoding="utf-8"), "the defaults"
    )
    if path is not None:
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise SettingsError(f"{path}: cannot be read: {error.strerror}") from None
        except UnicodeDecodeError:
            raise SettingsError(f"{path}: not UTF-8") from None
        tables = _merge(tables, _parse_toml(text, str(path)))
    for name, value in environment.items():
        if name.startswith(_PREFIX) and "__" in name:
            tables = _merge(tables, _parse_variable(name, value))
    tables = _substitute(tables, environment, "")
    routes = {name: _parse_route_table(name, table) for name, table in tables.pop("routes").items()}
    try:
        settings = msgspec.convert({**tables, "routes": {}}, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise SettingsError(f"{path or 'environment'}: {error}") from None
    settings = msgspec.structs.replace(settings, routes=routes)
    check_settings(settings)
    return settings


def _parse_route_table(name: str, table: Any) -> RouteSettings:
    if not isinstance(table, dict):
        raise SettingsError(f"routes.{name} is no table; write [routes.{name}]")
    try:
        return parse_route(table)
    except RouteSettingsError as error:
        raise SettingsError(f"routes.{name}: {error}") from None


def _parse_toml(text: str, origin: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    # Besides its own errors it raises those of numbers that Python does not convert, and of deep nesting.
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"{origin}: not TOML: {error}") from None


def _merge(lower: dict[str, Any], upper: dict[str, Any]) -> dict[str, Any]:
    merged = dict(lower)
    for key, value in upper.items():
        lower_value = merged.get(key)
        merged[key] = (
            _merge(lower_value, value) if isinstance(lower_value, dict) and isinstance(value, dict) else value
        )
    return merged


def _parse_variable(name: str, value: str) -> dict[str, Any]:
    """The settings of a variable: `WAYPOST_SERVER__PORT=9000` is {"server": {"port": 9000}}.

    A list is written as in TOML.
    """
    *sections, key = name.removeprefix(_PREFIX).lower().split("__")
    setting: Any = value
    if value.startswith(("[", "{")):
        setting = _parse_toml(f"value = {value}", name)["value"]
    nested: dict[str, Any] = {key: setting}
    for section in reversed(sections):
        nested = {section: nested}
    return nested


def _substitute(value: Any, environment: Mapping[str, str], path: str) -> Any:
    """Replaces each `${NAME}` in strings by the environment variable."""

    def variable(match: re.Match[str]) -> str:
        if match[1] not in environment:
            raise SettingsError(f"{path}: the environment variable {match[1]} is not set")
        return environment[match[1]]

    if path.count(".") > _MAX_DEPTH:
        raise SettingsError(f"{path[:40]}...: more than {_MAX_DEPTH} levels")
    match value:
        case dict():
            return {
                key: _substitute(member, environment, f"{path}.{key}".lstrip("."))
                for key, member in value.items()
            }
        case list():
            return [_substitute(member, environment, path) for member in value]
        case str():
            return _VARIABLE.sub(variable, value)
        case _:
            return value
