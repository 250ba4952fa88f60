"""The data folder and the settings, as commands are given them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from waypost.terminal.output import WRONG_USAGE, fail, settings_errors_reported

if TYPE_CHECKING:
    from waypost.config.settings import Settings
    from waypost.storage.sqlite import SqliteStore

Config = Annotated[
    Path | None, typer.Option("--config", dir_okay=False, help="The settings file; names the data folder.")
]
Data = Annotated[
    Path | None, typer.Option("--data", file_okay=False, help="The data folder; goes over [store] data.")
]


def load_settings(
    config: Path | None, data: Path | None, *, host: str | None = None, port: int | None = None
) -> "Settings":
    """The settings, with what the command line lays over them; ends the command when they can't be used."""
    import msgspec

    from waypost.config.loading import load

    with settings_errors_reported():
        settings = load(config)
    replace = msgspec.structs.replace
    server, store = settings.server, settings.store
    if host is not None:
        server = replace(server, host=host)
    if port is not None:
        server = replace(server, port=port)
    if data is not None:
        store = replace(store, data=str(data))
    return replace(settings, server=server, store=store)


@asynccontextmanager
async def opened(settings: "Settings", *, make: bool = False) -> "AsyncIterator[SqliteStore]":
    """The store in the data folder, beside a running service or without one.

    Args:
        make: whether an empty one is made where there is none; otherwise that ends the command.
    """
    from waypost.config.paths import database_path
    from waypost.storage.sqlite import SqliteStore

    path = database_path(settings)
    if not path.exists():
        if not make:
            fail(
                f"{path.parent}: there is no Waypost database here. Name the folder with --data, or the "
                "settings that name it with --config",
                WRONG_USAGE,
            )
        path.parent.mkdir(parents=True, exist_ok=True)
    with settings_errors_reported():
        store = SqliteStore(path)
    try:
        yield store
    finally:
        await store.close()
