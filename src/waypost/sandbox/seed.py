"""What a sandbox begins with: the documented accounts, or those that a settings file declares."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from waypost.config.loading import inspect
from waypost.config.settings import AccountSettings
from waypost.model.access.principals import AccessKey
from waypost.model.configuration import Entry
from waypost.model.identifiers import AccountId
from waypost.sandbox.simulated_senders import SimulatedSender, numbered, route_tables
from waypost.storage.secrets import SecretBox

_NOWHERE = "http://127.0.0.1:9/"


class SandboxKey(NamedTuple):
    """An access key.

    Attributes:
        user_id: whose it is; None for the account's owner.
        own_secret: the secret of one that a settings file declares; None for all others: theirs is the id.
    """

    id: str
    account_id: AccountId
    user_id: str | None
    description: str
    own_secret: str | None = None

    @property
    def secret(self) -> str:
        """What signs."""
        return self.id if self.own_secret is None else self.own_secret


class Seed(NamedTuple):
    """What a sandbox begins with.

    Attributes:
        accounts: the accounts, whose senders are on simulated routes.
        keys: the access keys, the owner's of the first account in front.
        principals: further users, and roles and policies.
        replaced: the names of routes to real providers that simulated ones stand for.
    """

    accounts: Mapping[AccountId, AccountSettings]
    keys: Sequence[SandboxKey]
    principals: Sequence[Entry] = ()
    replaced: Sequence[str] = ()

    @property
    def senders(self) -> list[SimulatedSender]:
        """The senders as the simulated providers know them."""
        return list(
            numbered(
                (account_id, sender.channel, sender.id)
                for account_id, account in self.accounts.items()
                for sender in account.senders
            )
        )

    def route_of(self, channel: str, sender: str) -> str:
        """The route of a sender; empty if it is none of these."""
        found = (one.route for one in self.senders if (one.channel, one.id) == (channel, sender))
        return next(found, "")

    def with_prefix(self, prefix: str) -> "Seed":
        """The same, with access keys whose ids begin with `prefix`, and so do secrets that are the id."""
        return self._replace(keys=[key._replace(id=prefix + key.id) for key in self.keys])

    def with_callback_url(self, url: str) -> "Seed":
        """The same, with `url` as the callback URL of all accounts unless it is empty."""
        if not url:
            return self
        replace = msgspec.structs.replace
        return self._replace(
            accounts={
                number: replace(
                    account,
                    status_url=url,
                    inbound_url=url,
                    senders=tuple(
                        replace(each, status_url=None, inbound_url=None) for each in account.senders
                    ),
                )
                for number, account in self.accounts.items()
            }
        )

    @property
    def callback_urls(self) -> list[str]:
        """Where its accounts and their senders push callbacks, each once."""
        urls: dict[str, None] = {}
        for account in self.accounts.values():
            urls |= dict.fromkeys(filter(None, (account.status_url, account.inbound_url)))
            for sender in account.senders:
                urls |= dict.fromkeys(filter(None, (sender.status_url, sender.inbound_url)))
        return list(urls)

    def entries(self, secret_box: SecretBox) -> list[Entry]:
        """The access keys and principals as entries of the configuration; the accounts are settings."""
        keys = [
            AccessKey(
                id=key.id,
                account_id=key.account_id,
                user_id=key.user_id,
                secret=secret_box.encrypt(key.secret, key.id),
            )
            for key in self.keys
        ]
        return [*self.principals, *keys]


def read_seed(path: Path) -> Seed:
    """The seed that a settings file declares: its accounts with all that is theirs, on simulated routes.

    The owner of an account has the access key `sandbox-<account>`, a user of it `sandbox-<account>-<user>`.
    The owner of the first account has `sandbox`, too. Keys that the file declares come to these, or stand for
    those of the same id.

    Raises:
        SettingsError: there are mistakes in the file.
    """
    replaced: dict[str, None] = {}

    def simulated(tables: dict[str, Any]) -> dict[str, Any]:
        accounts, routes = tables.get("accounts"), tables.get("routes")
        replaced.update(dict.fromkeys(routes if isinstance(routes, dict) else ()))
        declared = list(_declared_senders(accounts))
        senders = list(numbered((AccountId(of), table["channel"], table["id"]) for of, table in declared))
        for (_, table), sender in zip(declared, senders, strict=True):
            table["route"] = sender.route
        return {"accounts": accounts, "routes": dict(route_tables(senders, lambda _: _NOWHERE))}

    accounts = inspect(path, prepare=simulated).usable().accounts
    return Seed(accounts, list(_keys(accounts)), replaced=list(replaced))


def _declared_senders(accounts: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """The senders in the tables of a file, each with its account; what has no form is left to the checks."""
    for account_id, account in accounts.items() if isinstance(accounts, dict) else ():
        senders = account.get("senders") if isinstance(account, dict) else None
        for sender in senders if isinstance(senders, list) else ():
            is_read = isinstance(sender, dict) and {"channel", "id"} <= sender.keys()
            if is_read and isinstance(sender["channel"], str) and isinstance(sender["id"], str):
                yield account_id, sender


def _keys(accounts: Mapping[AccountId, AccountSettings]) -> Iterator[SandboxKey]:
    own = list(_own_keys(accounts))
    taken = {key.id for key in own}
    yield from (key for key in _documented_keys(accounts) if key.id not in taken)
    yield from own


def _own_keys(accounts: Mapping[AccountId, AccountSettings]) -> Iterator[SandboxKey]:
    for account_id, account in accounts.items():
        for key in account.keys:
            whose = f"the user {key.user}" if key.user else "the owner"
            description = f"{whose} of account {account_id}"
            yield SandboxKey(key.id, account_id, key.user or None, description, key.secret)


def _documented_keys(accounts: Mapping[AccountId, AccountSettings]) -> Iterator[SandboxKey]:
    for number, (account_id, account) in enumerate(accounts.items()):
        if not number:
            yield SandboxKey("sandbox", account_id, None, f"the owner of account {account_id}")
        yield SandboxKey(f"sandbox-{account_id}", account_id, None, f"the owner of account {account_id}")
        for user in account.users:
            id_ = f"sandbox-{account_id}-{user}"
            yield SandboxKey(id_, account_id, user, f"the user {user} of account {account_id}")
