"""Loads the settings: the defaults, a file over them, and the environment over both."""

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
_FROM_ENVIRONMENT = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def load(path: Path | None, environment: Mapping[str, str] = os.environ) -> Settings:
    """The defaults, the file at `path` over them, and the environment over both.

    Raises:
        SettingsError: a file that cannot be read, an unknown key, a value of the wrong kind or out of range.
    """
    layered = _toml(files("waypost.config").joinpath("waypost.default.toml").read_text(), "the defaults")
    if path is not None:
        try:
            text = path.read_text()
        except OSError as error:
            raise SettingsError(f"{path}: cannot be read: {error.strerror}") from None
        layered = _merged(layered, _toml(text, str(path)))
    for name, value in environment.items():
        if name.startswith(_PREFIX) and "__" in name:
            layered = _merged(layered, _from_environment(name, value))
    tables = _filled_in(layered, environment, "")
    routes = {name: _route(name, table) for name, table in tables.pop("routes").items()}
    try:
        settings = msgspec.convert({**tables, "routes": {}}, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise SettingsError(f"{path or 'environment'}: {error}") from None
    settings = msgspec.structs.replace(settings, routes=routes)
    check_settings(settings)
    return settings


def _route(name: str, table: Any) -> RouteSettings:
    if not isinstance(table, dict):
        raise SettingsError(f"routes.{name} is no table; write [routes.{name}]")
    try:
        return parse_route(table)
    except RouteSettingsError as error:
        raise SettingsError(f"routes.{name}: {error}") from None


def _toml(text: str, origin: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{origin}: not TOML: {error}") from None


def _merged(lower: dict[str, Any], upper: dict[str, Any]) -> dict[str, Any]:
    merged = dict(lower)
    for key, value in upper.items():
        below = merged.get(key)
        merged[key] = _merged(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged


def _from_environment(name: str, value: str) -> dict[str, Any]:
    """`WAYPOST_SERVER__PORT=9000` as {"server": {"port": 9000}}; a list is written as in TOML."""
    *sections, key = name.removeprefix(_PREFIX).lower().split("__")
    setting: Any = value
    if value.startswith(("[", "{")):
        setting = _toml(f"value = {value}", name)["value"]
    nested: dict[str, Any] = {key: setting}
    for section in reversed(sections):
        nested = {section: nested}
    return nested


def _filled_in(value: Any, environment: Mapping[str, str], where: str) -> Any:
    """Replaces ${NAME} in strings by environment variables."""

    def variable(match: re.Match[str]) -> str:
        if match[1] not in environment:
            raise SettingsError(f"{where}: the environment variable {match[1]} is not set")
        return environment[match[1]]

    match value:
        case dict():
            return {
                key: _filled_in(inner, environment, f"{where}.{key}".lstrip("."))
                for key, inner in value.items()
            }
        case list():
            return [_filled_in(inner, environment, where) for inner in value]
        case str():
            return _FROM_ENVIRONMENT.sub(variable, value)
        case _:
            return value
