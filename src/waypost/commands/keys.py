"""`waypost keys`: creates, lists, disables and enables access keys."""

import asyncio
import re
from functools import partial
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from waypost.commands.author import command_author
from waypost.commands.data_folder import Config, Data, load_settings, open_store
from waypost.model.identifiers import AccountId
from waypost.terminal.output import WRONG_USAGE, AsJson, fail, format_time, print_json, report_settings_errors

if TYPE_CHECKING:
    from waypost.config.settings import Settings
    from waypost.model.access.principals import AccessKey
    from waypost.model.audit import Author
    from waypost.model.configuration import Configuration
    from waypost.model.entry_changes import EntryChange
    from waypost.storage.contract import Store, Transaction
    from waypost.storage.secrets import SecretBox

application = typer.Typer(
    no_args_is_help=True, rich_markup_mode="markdown", help="Access keys: made, listed, switched off and on."
)

ORIGIN = "command"
_ID = re.compile(r"[A-Za-z0-9._-]{3,64}")

KeyId = Annotated[str, typer.Argument(metavar="ID", help="The access key's id.")]


class _CreatedKey(NamedTuple):
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
    created = asyncio.run(_create(settings, account, user, id_, config is not None))
    if as_json:
        print_json(
            {
                "access_key_id": created.id,
                "access_key_secret": created.secret,
                "account_id": account,
                "user_id": created.user_id,
            }
        )
        return
    typer.echo(f"access key id      {created.id}")
    typer.echo(f"access key secret  {created.secret}")
    typer.echo("Keep the secret now: it is not shown again.", err=True)


async def _create(
    settings: "Settings", account: str, user: str | None, id_: str | None, create_store: bool
) -> _CreatedKey:
    from waypost.clock import SystemClock
    from waypost.model.access.principals import AccessKey
    from waypost.model.entry_changes import InsertEntry
    from waypost.model.identifiers import new_access_key_id, new_secret

    async with open_store(settings, create=create_store) as store:
        configuration = await _load_configuration(store, settings)
        user_id = _user_id_of(configuration, account, user)
        with report_settings_errors():
            secret_box = _secret_box(settings, configuration)
        key_id = id_ or new_access_key_id()
        if key_id in configuration.keys:
            fail(f"there is an access key {key_id!r} already")
        secret = new_secret()
        key = AccessKey(
            id=key_id,
            account_id=AccountId(account),
            user_id=user_id,
            secret=secret_box.encrypt(secret, key_id),
            created_at=SystemClock().now(),
        )
        if not await store.transact(partial(_apply, InsertEntry(key, ORIGIN), command_author())):
            fail(f"there is an access key {key_id!r} already")
    return _CreatedKey(key_id, secret, user_id)


async def _load_configuration(store: "Store", settings: "Settings") -> "Configuration":
    """The configuration in the store, with what the settings will declare at the next start."""
    from waypost.config import declared_config
    from waypost.storage.live_configuration import load_configuration

    stored = await load_configuration(store)
    with report_settings_errors():
        return stored.with_changes(declared_config.entries_of(settings.accounts))


def _secret_box(settings: "Settings", configuration: "Configuration") -> "SecretBox":
    """The encryption of the new secret, with the key that the service has.

    Raises:
        SecretsError: the key file is missing, or is not the one that the other secrets were encrypted with.
    """
    from waypost.config.paths import open_secret_box, secret_key_path
    from waypost.storage.secrets import SecretsError

    path = secret_key_path(settings)
    if configuration.keys and not path.exists():
        raise SecretsError(
            f"{path}: the key file of this folder's secrets is not here. Name it by [store] key_file in the "
            "settings given by --config"
        )
    secret_box = open_secret_box(settings)
    for key in configuration.keys.values():
        secret_box.decrypt(key.secret, key.id)
    return secret_box


def _user_id_of(configuration: "Configuration", account: str, user: str | None) -> str | None:
    """The id of a user by name; None for the account's owner."""
    if account not in configuration.accounts:
        accounts = ", ".join(sorted(configuration.accounts)) or "none"
        fail(f"there is no account {account!r}; there are: {accounts}")
    if user is None:
        return None
    named = configuration.principals.user_named(AccountId(account), user)
    if named is None:
        users = [other.user_name for other in configuration.principals.users_of(AccountId(account))]
        fail(f"account {account} has no user {user!r}; it has: {', '.join(users) or 'none'}")
    return named.id


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
    keys = asyncio.run(_list_keys(load_settings(config, data), account))
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
                for key, user_name in keys
            ]
        )
        return
    for key, user_name in keys:
        state = "enabled" if key.enabled else "disabled"
        owner = f"user {user_name}" if user_name else "owner"
        typer.echo(
            f"{key.id:<24} {key.account_id:<12} {owner:<20} {state:<9} {format_time(key.created_at or None)}"
        )
    typer.echo(f"{len(keys)} access keys", err=True)


async def _list_keys(settings: "Settings", account: str | None) -> "list[tuple[AccessKey, str | None]]":
    """The keys and the names of their users; None for the account's owner."""
    from waypost.storage.live_configuration import load_configuration

    async with open_store(settings) as store:
        configuration = await load_configuration(store)
    keys = [key for key in configuration.keys.values() if account in (None, key.account_id)]
    names = {user.id: user.user_name for user in configuration.users.values()}
    return [
        # A user that is not declared any more has no name, but its keys remain.
        (key, names.get(key.user_id, key.user_id) if key.user_id is not None else None)
        for key in sorted(keys, key=lambda key: (key.account_id, key.id))
    ]


@application.command()
def disable(id_: KeyId, data: Data = None, config: Config = None) -> None:
    """Switch an access key off: its calls are answered InvalidAccessKeyId.Inactive.

    Example:

        waypost keys disable WPexample --config waypost.toml

    Exit codes: 0 done, 1 there is no such key, 2 there is no database in the folder.
    """
    asyncio.run(_set_enabled(load_settings(config, data), id_, False))
    typer.echo(f"{id_} is disabled")


@application.command()
def enable(id_: KeyId, data: Data = None, config: Config = None) -> None:
    """Switch an access key on again.

    Example:

        waypost keys enable WPexample --config waypost.toml

    Exit codes: 0 done, 1 there is no such key, 2 there is no database in the folder.
    """
    asyncio.run(_set_enabled(load_settings(config, data), id_, True))
    typer.echo(f"{id_} is enabled")


async def _set_enabled(settings: "Settings", id_: str, enabled: bool) -> None:
    import msgspec

    from waypost.model.entry_changes import ReplaceEntry
    from waypost.storage.live_configuration import load_configuration

    async with open_store(settings) as store:
        written = False
        while not written:
            key = (await load_configuration(store)).keys.get(id_)
            if key is None:
                fail(f"there is no access key {id_!r}; see `waypost keys list`")
            change = ReplaceEntry(key, msgspec.structs.replace(key, enabled=enabled), ORIGIN)
            written = await store.transact(partial(_apply, change, command_author()))


def _apply(change: "EntryChange", by: "Author", transaction: "Transaction") -> bool:
    return transaction.configuration.apply([change], by)
