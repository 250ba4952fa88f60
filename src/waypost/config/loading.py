"""Loads the settings, from the defaults, a file and environment variables, and checks them whole."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from waypost.config.certificate import check_certificate
from waypost.config.checks import CHECKS
from waypost.config.checks.draft import Draft
from waypost.config.conversion import Conversion
from waypost.config.layers import Layers, Prepare, UnreadableSettingsError, default_tables, read_layers
from waypost.config.mistakes import (
    Mistake,
    ReportedMistake,
    key_in_words,
    nearest_of,
    sentence_of,
    without_consequences,
)
from waypost.config.paths import DATABASE_NAME
from waypost.config.settings import Settings, SettingsError
from waypost.connectors.contract import Provider, RouteSettings
from waypost.connectors.registry import PROVIDERS


class Inspection(NamedTuple):
    """What a look at the settings found.

    Attributes:
        settings: None if they cannot be used.
        mistakes: all there are, in the order of the checks, warnings among them.
    """

    settings: Settings | None
    mistakes: tuple[ReportedMistake, ...]

    @property
    def errors(self) -> tuple[ReportedMistake, ...]:
        """The mistakes with which the settings cannot be used."""
        return tuple(mistake for mistake in self.mistakes if not mistake.is_warning)

    @property
    def warnings(self) -> tuple[ReportedMistake, ...]:
        """The mistakes with which they can."""
        return tuple(mistake for mistake in self.mistakes if mistake.is_warning)

    def usable(self) -> Settings:
        """The settings.

        Raises:
            SettingsError: they cannot be used; it has a sentence for each mistake.
        """
        if self.settings is None:
            raise SettingsError(*(mistake.sentence for mistake in self.errors))
        return self.settings


def load(path: Path | None, environment: Mapping[str, str] = os.environ) -> Settings:
    """Loads and checks the settings.

    Args:
        path: the settings file; None for the defaults alone.
        environment: the environment variables.

    Raises:
        SettingsError: there are mistakes in them; it has a sentence for each.
    """
    return inspect(path, environment).usable()


def inspect(
    path: Path | None,
    environment: Mapping[str, str] = os.environ,
    *,
    for_service: bool = False,
    prepare: Prepare | None = None,
) -> Inspection:
    """Loads the settings, and finds all mistakes in them.

    Args:
        path: the settings file; None for the defaults alone.
        environment: the environment variables.
        prepare: makes of the file's tables those that are used.
        for_service: whether a service is to run with them, which needs more than a look into its data.
    """
    try:
        layers = read_layers(path, environment, prepare)
    except UnreadableSettingsError as error:
        source = f"{path}, line {error.line}" if error.line else str(path)
        return Inspection(None, (ReportedMistake(str(path), error.line, "", f"{source}: {error}"),))
    conversion = Conversion()
    draft = _convert(layers.tables, conversion)
    found = [mistake for check in CHECKS for mistake in check(draft)]
    if for_service:
        # Knows all operations, whose import takes half a second.
        from waypost.config.checks.service import check_service

        found += [*check_service(draft), *check_certificate(draft.settings.server)]
    found += _check_moved_data(layers)
    wrong = [*conversion.wrong, *(mistake.place for mistake in layers.mistakes)]
    mistakes = [
        *layers.mistakes,
        *without_consequences(conversion.mistakes, [mistake.place for mistake in layers.mistakes]),
        *without_consequences(found, wrong),
    ]
    reported = tuple(_reported(mistake, layers, path) for mistake in mistakes)
    usable = all(mistake.is_warning for mistake in mistakes)
    return Inspection(draft.settings if usable else None, reported)


def _convert(tables: Mapping[str, Any], conversion: Conversion) -> Draft:
    routes: dict[str, RouteSettings] = {}
    providers: dict[str, Provider[Any] | None] = {}
    settings = conversion.convert(Settings, {**tables, "routes": {}}, (), default_tables())
    for name, table in conversion.tables_of(tables.get("routes", {}), ("routes",)).items():
        kind = table.get("kind")
        providers[name] = provider = PROVIDERS.get(kind) if isinstance(kind, str) else None
        if provider is None:
            allowed = f"allowed are {', '.join(PROVIDERS)}"
            problem = "is {value}" if "kind" in table else "is missing"
            near = nearest_of(kind, PROVIDERS) if isinstance(kind, str) else ""
            conversion.note(Mistake(("routes", name, "kind"), problem, allowed, kind, near))
            continue
        members = {key: value for key, value in table.items() if key != "kind"}
        routes[name] = conversion.convert(provider.settings, members, ("routes", name))
    return Draft(msgspec.structs.replace(settings, routes=routes), providers)


def _check_moved_data(layers: Layers) -> Iterator[Mistake]:
    """Yields that a database is where the setting led to when it was relative to the working directory."""
    written = layers.written_paths.get(("store", "data"))
    if written is None:
        return
    path = Path(layers.tables["store"]["data"])
    if (Path(written) / DATABASE_NAME).exists() and not (path / DATABASE_NAME).exists():
        problem = f"is '{written}' beside this file, where no database is"
        allowed = f"one is in {Path(written).absolute()}: name that folder whole, or move it"
        yield Mistake(("store", "data"), problem, allowed)


def _reported(mistake: Mistake, layers: Layers, path: Path | None) -> ReportedMistake:
    source = layers.variable_of(mistake.place) or (str(path) if path is not None else "")
    key = key_in_words(mistake.place, layers.tables)
    sentence = sentence_of(mistake, source, key, layers.reference_of(mistake.place))
    return ReportedMistake(source, 0, key, sentence, mistake.is_warning)
