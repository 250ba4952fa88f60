"""`waypost db`: the care of the database."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from waypost.commands.author import command_author
from waypost.commands.data_folder import Config, Data, load_settings, open_store
from waypost.commands.key_entries import ORIGIN
from waypost.terminal.output import AsJson, print_json, report_settings_errors

if TYPE_CHECKING:
    from waypost.config.settings import Settings
    from waypost.messaging.key_rotation import Rotation

application = typer.Typer(
    no_args_is_help=True, rich_markup_mode="markdown", help="The database: keys of its secrets."
)


@application.callback()
def database() -> None:
    """The database: keys of its secrets."""


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


async def _rotate(settings: "Settings", drop_old: bool) -> "Rotation":
    from waypost.config.paths import secret_key_path
    from waypost.messaging import key_rotation
    from waypost.storage.key_file import KeyFile

    async with open_store(settings) as store:
        with report_settings_errors():
            key_file = KeyFile.open(secret_key_path(settings), create=False)
            carry_out = key_rotation.drop_older_keys if drop_old else key_rotation.rotate
            return await carry_out(store, key_file, ORIGIN, command_author())
