"""`waypost keys`: creates, imports, lists, rotates, disables, enables and deletes access keys."""

import asyncio
import re
import sys
from typing import Annotated

import typer

from waypost.commands.data_folder import Config, Data, load_settings
from waypost.commands.key_entries import (
    Pair,
    create_key,
    delete_key,
    list_keys,
    replace_key,
    set_enabled,
)
from waypost.model.access.key_form import KEY_ID, KEY_SECRET, is_key_id, is_key_secret
from waypost.terminal.output import WRONG_USAGE, AsJson, fail, format_time, number_of, print_json

application = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="Access keys: made, imported, listed, rotated, switched off and on, deleted.",
)

_GRACE = re.compile(r"(\d{1,6}) ?([smhd])")
_UNITS_MS = {"s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}

Account = Annotated[str, typer.Option(help="The account it belongs to.")]
User = Annotated[str | None, typer.Option(help="The user whose policies bind it; none: the account's owner.")]
KeyId = Annotated[str, typer.Argument(metavar="ID", help="The access key's id.")]


@application.command()
def create(
    account: Account,
    user: User = None,
    id_: Annotated[str | None, typer.Option("--id", help="An id of your own; none: a new one.")] = None,
    data: Data = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Make an access key and print its id and its secret. The secret is shown this once.

    A running service on the same folder takes it within about a second. With --config it may be made before
    the first start, too.

    Example:

        waypost keys create --account acme --user sender --config waypost.toml

    Exit codes: 0 made, 1 no such account or user, or the id is taken, 2 wrong usage or settings.
    """
    if id_ is not None:
        _check_id(id_)
    settings = load_settings(config, data)
    pair = asyncio.run(create_key(settings, account, user, id_, None, create_store=config is not None))
    _print_pair(pair, account, as_json)


@application.command("import")
def import_(
    account: Account,
    id_: Annotated[str, typer.Option("--id", help="The AccessKeyId that programs have.")],
    user: User = None,
    data: Data = None,
    config: Config = None,
) -> None:
    """Store an access key that programs have already, so that only their endpoint changes.

    The secret is read from standard input, or asked for at a terminal, so that no list of processes has it.

    Example:

        waypost keys import --account acme --id LTAI5tExample --config waypost.toml < secret.txt

    Exit codes: 0 stored, 1 no such account or user, or the id is taken, 2 wrong usage or settings.
    """
    _check_id(id_)
    if sys.stdin.isatty():
        secret: str = typer.prompt("AccessKeySecret", hide_input=True)
    else:
        secret = sys.stdin.readline().strip()
    if not is_key_secret(secret):
        fail(f"the secret has {KEY_SECRET}, on one line", WRONG_USAGE)
    settings = load_settings(config, data)
    asyncio.run(create_key(settings, account, user, id_, secret, create_store=config is not None))
    typer.echo(f"{id_} is stored")


@application.command("list")
def list_(
    account: Annotated[str | None, typer.Option(help="Only this account's.")] = None,
    data: Data = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """List access keys; secrets are never shown.

    Example:

        waypost keys list --config waypost.toml --json

    Exit codes: 0 done, 2 there is no database in the folder.
    """
    keys = asyncio.run(list_keys(load_settings(config, data), account))
    if as_json:
        print_json(
            [
                {
                    "access_key_id": key.id,
                    "account_id": key.account_id,
                    "user_id": key.user_id,
                    "user_name": user_name,
                    "enabled": key.enabled,
                    "ends_at": key.ends_at,
                    "created_at": key.created_at or key.declared_at,
                }
                for key, user_name in keys
            ]
        )
        return
    for key, user_name in keys:
        state = "enabled" if key.enabled else "disabled"
        owner = f"user {user_name}" if user_name else "owner"
        end = "" if key.ends_at is None else f" until {format_time(key.ends_at)}"
        made = format_time(key.created_at or key.declared_at or None)
        typer.echo(f"{key.id:<24} {key.account_id:<12} {owner:<20} {state:<9} {made}{end}")
    typer.echo(number_of(len(keys), "access key"), err=True)


@application.command("rotate")
def replace(
    id_: KeyId,
    grace: Annotated[
        str, typer.Option(help="How long the old key can be used yet: 0s, 30m, 24h, 7d.")
    ] = "24h",
    data: Data = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Make a new key for the owner of another, which ends after a grace. The new secret is shown this once.

    After the grace calls with the old key are answered InvalidAccessKeyId.Inactive; `waypost keys enable`
    takes the end off again, `waypost keys delete` removes the key.

    Example:

        waypost keys rotate WPexample --grace 24h --config waypost.toml

    Exit codes: 0 made, 1 there is no such key, 2 wrong usage or settings.
    """
    written = _GRACE.fullmatch(grace)
    if written is None:
        fail(f"--grace {grace!r} is no time such as 0s, 30m, 24h or 7d", WRONG_USAGE)
    grace_ms = int(written[1]) * _UNITS_MS[written[2]]
    pair, ends_at = asyncio.run(replace_key(load_settings(config, data), id_, grace_ms))
    _print_pair(pair, None, as_json)
    typer.echo(f"{id_} can be used until {format_time(ends_at)} UTC", err=True)


@application.command()
def disable(id_: KeyId, data: Data = None, config: Config = None) -> None:
    """Switch an access key off: its calls are answered InvalidAccessKeyId.Inactive.

    Example:

        waypost keys disable WPexample --config waypost.toml

    Exit codes: 0 done, 1 there is no such key, 2 there is no database in the folder.
    """
    asyncio.run(set_enabled(load_settings(config, data), id_, False))
    typer.echo(f"{id_} is disabled")


@application.command()
def enable(id_: KeyId, data: Data = None, config: Config = None) -> None:
    """Switch an access key on again, also one that has ended by a rotation.

    Example:

        waypost keys enable WPexample --config waypost.toml

    Exit codes: 0 done, 1 there is no such key, 2 there is no database in the folder.
    """
    asyncio.run(set_enabled(load_settings(config, data), id_, True))
    typer.echo(f"{id_} is enabled")


@application.command()
def delete(id_: KeyId, data: Data = None, config: Config = None) -> None:
    """Delete an access key: its calls are answered InvalidAccessKeyId.NotFound. It cannot be had back.

    Example:

        waypost keys delete WPexample --config waypost.toml

    Exit codes: 0 done, 1 there is no such key, 2 there is no database in the folder.
    """
    asyncio.run(delete_key(load_settings(config, data), id_))
    typer.echo(f"{id_} is deleted")


def _check_id(id_: str) -> None:
    if not is_key_id(id_):
        fail(f"--id takes {KEY_ID}", WRONG_USAGE)


def _print_pair(pair: Pair, account: str | None, as_json: bool) -> None:
    if as_json:
        members = {"access_key_id": pair.id, "access_key_secret": pair.secret, "user_id": pair.user_id}
        print_json(members if account is None else members | {"account_id": account})
        return
    typer.echo(f"access key id      {pair.id}")
    typer.echo(f"access key secret  {pair.secret}")
    typer.echo("Keep the secret now: it is not shown again.", err=True)
