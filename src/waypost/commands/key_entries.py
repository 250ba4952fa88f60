"""Access keys as entries of the configuration, read and changed beside a running service."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from waypost.commands.author import command_author
from waypost.commands.data_folder import open_store
from waypost.model.identifiers import AccountId
from waypost.terminal.output import fail, report_settings_errors

if TYPE_CHECKING:
    from waypost.config.settings import Settings
    from waypost.model.access.principals import AccessKey
    from waypost.model.audit import Author
    from waypost.model.configuration import Configuration
    from waypost.model.entry_changes import EntryChange
    from waypost.storage.contract import Store, Transaction
    from waypost.storage.secrets import SecretBox

T = TypeVar("T")

ORIGIN = "command"


class Pair(NamedTuple):
    """An access key and its secret, which is shown once.

    Attributes:
        user_id: whose it is; None for the account's owner.
    """

    id: str
    secret: str
    user_id: str | None


async def create_key(
    settings: "Settings",
    account: str,
    user: str | None,
    id_: str | None,
    secret: str | None,
    *,
    create_store: bool,
) -> Pair:
    """Stores a new key; ends the command if its id is taken, or there is no such account or user.

    Args:
        user: the user's name; None for the account's owner.
        id_, secret: None for new ones.
        create_store: whether to create a store if there is none.
    """
    async with open_store(settings, create=create_store) as store:
        configuration = await _load_configuration(store, settings)
        user_id = _user_id_of(configuration, account, user)
        return await _insert(store, settings, configuration, account, user_id, id_, secret)


async def replace_key(settings: "Settings", id_: str, grace_ms: int) -> tuple[Pair, int]:
    """Stores a new key for the owner of another, which can be used for so many more milliseconds; returns the
    new one, and the end of the other in milliseconds UTC."""
    import msgspec

    from waypost.clock import SystemClock

    ends_at = SystemClock().now() + grace_ms
    async with open_store(settings) as store:
        configuration = await _load_configuration(store, settings)
        key = _key_named(configuration, id_)
        pair = await _insert(store, settings, configuration, key.account_id, key.user_id, None, None)
        await _replace(store, id_, lambda key: msgspec.structs.replace(key, ends_at=ends_at))
    return pair, ends_at


async def set_enabled(settings: "Settings", id_: str, enabled: bool) -> None:
    """Switches a key on, without an end, or off; ends the command if there is none of that id."""
    import msgspec

    async with open_store(settings) as store:
        await _replace(
            store,
            id_,
            lambda key: msgspec.structs.replace(
                key, enabled=enabled, ends_at=None if enabled else key.ends_at
            ),
        )


async def delete_key(settings: "Settings", id_: str) -> None:
    """Removes a key; ends the command if there is none of that id."""
    from waypost.model.entry_changes import RemoveEntry
    from waypost.storage.live_configuration import load_configuration

    async with open_store(settings) as store:
        written = False
        while not written:
            key = _key_named(await load_configuration(store), id_)
            written = await store.transact(partial(_apply, RemoveEntry(key), command_author()))


async def list_keys(settings: "Settings", account: str | None) -> "list[tuple[AccessKey, str | None]]":
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


async def _insert(
    store: "Store",
    settings: "Settings",
    configuration: "Configuration",
    account: str,
    user_id: str | None,
    id_: str | None,
    secret: str | None,
) -> Pair:
    from waypost.clock import SystemClock
    from waypost.model.access.principals import AccessKey
    from waypost.model.entry_changes import InsertEntry
    from waypost.model.identifiers import new_access_key_id, new_secret

    with report_settings_errors():
        secret_box = _secret_box(settings, configuration)
    pair = Pair(id_ or new_access_key_id(), secret or new_secret(), user_id)
    key = AccessKey(
        id=pair.id,
        account_id=AccountId(account),
        user_id=user_id,
        secret=secret_box.encrypt(pair.secret, pair.id),
        created_at=SystemClock().now(),
    )
    if pair.id in configuration.keys or not await store.transact(
        partial(_apply, InsertEntry(key, ORIGIN), command_author())
    ):
        fail(f"there is an access key {pair.id!r} already")
    return pair


async def _replace(store: "Store", id_: str, change: "Callable[[AccessKey], AccessKey]") -> None:
    from waypost.model.entry_changes import ReplaceEntry
    from waypost.storage.live_configuration import load_configuration

    written = False
    while not written:
        key = _key_named(await load_configuration(store), id_)
        written = await store.transact(
            partial(_apply, ReplaceEntry(key, change(key), ORIGIN), command_author())
        )


def _key_named(configuration: "Configuration", id_: str) -> "AccessKey":
    key = configuration.keys.get(id_)
    if key is None:
        fail(f"there is no access key {id_!r}; see `waypost keys list`")
    return key


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
    from waypost.config.paths import secret_key_path
    from waypost.config.secret_box import open_secret_box
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


def _apply(change: "EntryChange", by: "Author", transaction: "Transaction") -> bool:
    return transaction.configuration.apply([change], by)
