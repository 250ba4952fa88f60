"""`waypost keys`: access keys, made and switched by command."""

import asyncio
import re
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from waypost.commands.data_folder import Config, Data, load_settings, opened
from waypost.terminal.output import WRONG_USAGE, AsJson, fail, moment, print_json, settings_errors_reported

if TYPE_CHECKING:
    from waypost.config.settings import Settings
    from waypost.model.access.principals import AccessKey
    from waypost.model.configuration import Configuration
    from waypost.storage.secrets import SecretBox
    from waypost.storage.sqlite import SqliteStore

application = typer.Typer(
    no_args_is_help=True, rich_markup_mode="markdown", help="Access keys: made, listed, switched off and on."
)

ORIGIN = "command"
_ID = re.compile(r"[A-Za-z0-9._-]{3,64}")

KeyId = Annotated[str, typer.Argument(metavar="ID", help="The access key's id.")]


class _Made(NamedTuple):
    id: str
    secret: str
    user_id: str | None


@application.command()
def create(
    account: Annotated[str, typer.Option(help="The account it belongs to.")],
    user: Annotated[
        str | None, typer.Option(help="The user whose policies bind it; none: the account's owner.")
    ] = None,
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
    if id_ is not None and (not _ID.fullmatch(id_) or id_.startswith("STS.")):
        fail(
            "--id takes 3 to 64 letters, digits, '.', '_' and '-', and does not begin with STS.", WRONG_USAGE
        )
    settings = load_settings(config, data)
    made = asyncio.run(_create(settings, account, user, id_, config is not None))
    if as_json:
        print_json(
            {
                "access_key_id": made.id,
                "access_key_secret": made.secret,
                "account_id": account,
                "user_id": made.user_id,
            }
        )
        return
    typer.echo(f"access key id      {made.id}")
    typer.echo(f"access key secret  {made.secret}")
    typer.echo("Keep the secret now: it is not shown again.", err=True)


async def _create(settings: "Settings", account: str, user: str | None, id_: str | None, make: bool) -> _Made:
    from waypost.clock import SystemClock
    from waypost.model.access.principals import AccessKey
    from waypost.model.identifiers import new_access_key_id, new_secret

    async with opened(settings, make=make) as store:
        known = await _known(store, settings)
        user_id = _owner(known, account, user)
        with settings_errors_reported():
            secret_box = _secret_box(settings, known)
        key_id = id_ or new_access_key_id()
        if key_id in known.keys:
            fail(f"there is an access key {key_id!r} already")
        secret = new_secret()
        key = AccessKey(
            id=key_id,
            account_id=account,
            user_id=user_id,
            secret=secret_box.encrypt(secret, key_id),
            created_at=SystemClock().now(),
        )
        await store.transact(lambda transaction: transaction.put_entries([key], ORIGIN))
    return _Made(key_id, secret, user_id)


async def _known(store: "SqliteStore", settings: "Settings") -> "Configuration":
    """What the folder knows, and what the settings will declare at the next start."""
    from waypost.config import declared_config
    from waypost.model.configuration import Configuration

    with settings_errors_reported():
        return Configuration([*await store.entries(), *declared_config.entries_of(settings.accounts)])


def _secret_box(settings: "Settings", known: "Configuration") -> "SecretBox":
    """What encrypts the new secret: with the key that the service opens it with, or not at all.

    Raises:
        SecretsError: the key file is not there, or is not the one the other secrets were encrypted with.
    """
    from waypost.config.paths import open_secret_box, secret_key_path
    from waypost.storage.secrets import SecretsError

    path = secret_key_path(settings)
    if known.keys and not path.exists():
        raise SecretsError(
            f"{path}: the key file of this folder's secrets is not here. Name it by [store] key_file in the "
            "settings given by --config"
        )
    secret_box = open_secret_box(settings)
    for key in known.keys.values():
        secret_box.decrypt(key.secret, key.id)
    return secret_box


def _owner(known: "Configuration", account: str, user: str | None) -> str | None:
    """The id of the user of that name; None for the account's owner."""
    if account not in known.accounts:
        fail(f"there is no account {account!r}; there are: {', '.join(sorted(known.accounts)) or 'none'}")
    if user is None:
        return None
    found = known.principals.user_named(account, user)
    if found is None:
        users = [each.user_name for each in known.principals.users_of(account)]
        fail(f"account {account} has no user {user!r}; it has: {', '.join(users) or 'none'}")
    return found.id


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
    found = asyncio.run(_list(load_settings(config, data), account))
    if as_json:
        print_json(
            [
                {
                    "access_key_id": key.id,
                    "account_id": key.account_id,
                    "user_id": key.user_id,
                    "user_name": user_name,
                    "enabled": key.enabled,
                    "created_at": key.created_at,
                }
                for key, user_name in found
            ]
        )
        return
    for key, user_name in found:
        state = "enabled" if key.enabled else "disabled"
        owner = f"user {user_name}" if user_name else "owner"
        typer.echo(
            f"{key.id:<24} {key.account_id:<12} {owner:<20} {state:<9} {moment(key.created_at or None)}"
        )
    typer.echo(f"{len(found)} access keys", err=True)


async def _list(settings: "Settings", account: str | None) -> "list[tuple[AccessKey, str | None]]":
    """The keys, each with the name of its user; None for the account's owner."""
    from waypost.model.configuration import Configuration

    async with opened(settings) as store:
        known = Configuration(await store.entries())
    own = [key for key in known.keys.values() if account in (None, key.account_id)]
    names = {user.id: user.user_name for user in known.users.values()}
    return [
        # A user that is not declared any more has left its keys behind.
        (key, names.get(key.user_id, key.user_id) if key.user_id is not None else None)
        for key in sorted(own, key=lambda key: (key.account_id, key.id))
    ]


@application.command()
def disable(id_: KeyId, data: Data = None, config: Config = None) -> None:
    """Switch an access key off: its calls are answered InvalidAccessKeyId.Inactive.

    Example:

        waypost keys disable WPexample --config waypost.toml

    Exit codes: 0 done, 1 there is no such key, 2 there is no database in the folder.
    """
    asyncio.run(_switch(load_settings(config, data), id_, False))
    typer.echo(f"{id_} is disabled")


@application.command()
def enable(id_: KeyId, data: Data = None, config: Config = None) -> None:
    """Switch an access key on again.

    Example:

        waypost keys enable WPexample --config waypost.toml

    Exit codes: 0 done, 1 there is no such key, 2 there is no database in the folder.
    """
    asyncio.run(_switch(load_settings(config, data), id_, True))
    typer.echo(f"{id_} is enabled")


async def _switch(settings: "Settings", id_: str, enabled: bool) -> None:
    import msgspec

    from waypost.model.configuration import Configuration

    async with opened(settings) as store:
        key = Configuration(await store.entries()).keys.get(id_)
        if key is None:
            fail(f"there is no access key {id_!r}; see `waypost keys list`")
        switched = msgspec.structs.replace(key, enabled=enabled)
        await store.transact(lambda transaction: transaction.put_entries([switched], ORIGIN))
