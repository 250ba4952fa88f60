"""`waypost db`: the care of the database: keys of its secrets, backup and restore."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from waypost.commands.author import command_author
from waypost.commands.data_folder import Config, Data, load_settings, open_store
from waypost.commands.key_entries import ORIGIN
from waypost.model.message.waiting import Waiting
from waypost.terminal.output import WRONG_USAGE, AsJson, fail, number_of, print_json, report_settings_errors

if TYPE_CHECKING:
    from waypost.config.settings import Settings
    from waypost.messaging.key_rotation import Rotation

application = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="The database: keys of its secrets, backup and restore.",
)


@application.callback()
def database() -> None:
    """The database: keys of its secrets, backup and restore."""


@application.command("rotate-key")
def rotate_key(
    drop_old: Annotated[
        bool, typer.Option("--drop-old", help="Make no new key, but remove the older ones from the file.")
    ] = False,
    data: Data = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Encrypt the stored secrets with a new key; a service on the same folder goes on running.

    The older keys stay in the key file, where they only decrypt: the tokens of temporary credentials are
    encrypted with them. Run it again with `--drop-old` when the longest session has ended (12 hours): tokens
    that were issued before the rotation are then worth nothing.

    Examples:

        waypost db rotate-key --config waypost.toml
        waypost db rotate-key --drop-old --config waypost.toml

    Exit codes: 0 done, 2 there is no database in the folder, or the key file cannot be used.
    """
    rotation = asyncio.run(_rotate(load_settings(config, data), drop_old))
    if as_json:
        print_json({"encrypted": rotation.encrypted, "older_keys": rotation.older_keys})
        return
    typer.echo(f"{rotation.encrypted} secrets were encrypted with the new key")
    if rotation.older_keys:
        typer.echo("The older key still decrypts temporary credentials; end that with --drop-old.", err=True)


@application.command()
def backup(
    file: Annotated[Path, typer.Argument(dir_okay=False, help="The file to write; it must not exist.")],
    data: Data = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Write a copy of the database, as of one moment, while a service goes on with it.

    The file has its name only when it is complete, and only its owner can read it. The key file is not in it:
    keep a copy of that in another place. It holds messages that are still to be sent: `waypost db restore`.

    Example:

        waypost db backup waypost-backup.db --config waypost.toml

    Exit codes: 0 done, 1 the file cannot be written, 2 there is no database in the folder, or the file is
    there.
    """
    from waypost.config.paths import database_path
    from waypost.storage.database_copy import CopyError, copy_database

    path = database_path(load_settings(config, data))
    if not path.exists():
        fail(f"{path.parent}: there is no Waypost database here. Name the folder with --data", WRONG_USAGE)
    if file.exists():
        fail(f"{file} exists; name another file, or move it away", WRONG_USAGE)
    try:
        copy_database(path, file)
    except CopyError as error:
        fail(str(error))
    size = file.stat().st_size
    if as_json:
        print_json({"file": str(file), "bytes": size})
    else:
        typer.echo(f"{file}: {size} bytes. It needs the key file of now to be of use: keep that elsewhere")


@application.command()
def restore(
    file: Annotated[Path, typer.Argument(dir_okay=False, help="A file of `waypost db backup`.")],
    waiting: Annotated[
        Waiting | None,
        typer.Option(help="What becomes of messages that were still to be sent: see above."),
    ] = None,
    data: Data = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Restore a backup into a data folder that has no database yet.

    Whatever waited to be sent when the backup was made, a service that ran on after it has sent. If messages
    wait you have to say which it is: `--waiting drop`, after a loss, sends none of them again and starts none
    of their fallbacks; they end as failed with NO_RECEIPT once their Ttl has passed. `--waiting send`, after
    a move, goes on with all of them. Callbacks that waited are pushed in either case.

    Examples:

        waypost db restore waypost-backup.db --data restored --waiting drop
        waypost db restore waypost-backup.db --data restored --waiting send

    Exit codes: 0 done, 1 the file is no backup or is damaged, or it is not decided what becomes of messages
    that wait, 2 the folder has a database, or is held by another process.
    """
    from waypost.clock import SystemClock
    from waypost.config.paths import database_path, secret_key_path
    from waypost.storage.data_lock import hold_data_folder
    from waypost.storage.restoring import RestoreError, restore_database

    settings = load_settings(config, data)
    path = database_path(settings)
    if path.exists():
        fail(f"{path} exists. Restore into another folder, or move it away first", WRONG_USAGE)
    with report_settings_errors(), hold_data_folder(path.parent):
        try:
            work = restore_database(file, path, waiting, SystemClock().now())
        except RestoreError as error:
            fail(str(error))
    if as_json:
        print_json({"file": str(path), "waiting": work._asdict()})
    else:
        what = "not sent again" if waiting is Waiting.DROP else "sent by the next start"
        typer.echo(f"{path} is restored. {number_of(work.to_send, 'message')} that waited: {what}.")
    if not secret_key_path(settings).exists():
        typer.echo(
            f"waypost: put the key file of the backup's time at {secret_key_path(settings)}: without it no "
            "key can be used",
            err=True,
        )


async def _rotate(settings: "Settings", drop_old: bool) -> "Rotation":
    from waypost.config.paths import secret_key_path
    from waypost.messaging import key_rotation
    from waypost.storage.key_file import KeyFile

    async with open_store(settings) as store:
        with report_settings_errors():
            key_file = KeyFile.open(secret_key_path(settings), create=False)
            carry_out = key_rotation.drop_older_keys if drop_old else key_rotation.rotate
            return await carry_out(store, key_file, ORIGIN, command_author())
