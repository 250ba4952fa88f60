"""The options of commands for the data folder and the settings, and what they open."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from waypost.terminal.output import WRONG_USAGE, fail, report_settings_errors

if TYPE_CHECKING:
    from waypost.config.settings import Settings
    from waypost.storage.contract import Store

Config = Annotated[
    Path | None, typer.Option("--config", dir_okay=False, help="The settings file; names the data folder.")
]
Data = Annotated[
    Path | None, typer.Option("--data", file_okay=False, help="The data folder; goes over [store] data.")
]

Show = Annotated[
    bool, typer.Option("--show", "--show-numbers", help="Phone numbers and content in full, not masked.")
]


def load_settings(config: Path | None, data: Path | None) -> "Settings":
    """The settings, overridden by options of the command line; ends the command if they are invalid."""
    from waypost.config.loading import load

    with report_settings_errors():
        settings = load(config)
    return overridden(settings, data)


def overridden(
    settings: "Settings", data: Path | None, *, host: str | None = None, port: int | None = None
) -> "Settings":
    """The settings with options of the command line over them; None leaves a setting as it is."""
    import msgspec

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
async def open_store(settings: "Settings", *, create: bool = False) -> "AsyncIterator[Store]":
    """The store in the data folder, whether or not a service is running on it.

    Args:
        create: whether to create an empty one if there is none; otherwise that ends the command.
    """
    from waypost.config.paths import database_path
    from waypost.storage import opening
    from waypost.storage.contract import FilesLostError, StoreUnavailableError
    from waypost.storage.private_files import make_private_folder

    path = database_path(settings)
    if not path.exists():
        if not create:
            fail(
                f"{path.parent}: there is no Waypost database here. Name the folder with --data, or the "
                "settings that name it with --config",
                WRONG_USAGE,
            )
        make_private_folder(path.parent)
    with report_settings_errors():
        store = opening.open_database(path)
    try:
        yield store
    except FilesLostError:
        raise
    except StoreUnavailableError as error:
        fail(f"{path}: {error}. Another process holds it, or its disk is full; try again")
    finally:
        await store.close()
