"""A folder of data that an older Waypost left with work unfinished, and what its manifest promises."""

import json
import sqlite3
import tarfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.processes import Running
from tests.upgrade.customer import Customer
from tests.upgrade.driving import Driver, still_service
from tests.upgrade.providers import Providers, Submission

SOURCE = Path(__file__).parent.parent / "data" / "9fc7a0b"
# Of the schema, that the packed database is at.
REVISION = "0006"
# What stands in the packed database for the customer's address.
CUSTOMER = "http://customer.invalid"
# Above every number that the providers gave before.
_FIRST = 900_000


class Folder:
    """A copy of the folder, the providers and the customer around it, and its manifest.

    Attributes:
        messages: what the manifest has of each message.
    """

    def __init__(self, path: Path, providers: Providers, customer: Customer) -> None:
        self.path = path
        self.providers = providers
        self.customer = customer
        self.environment = {"DATA": str(path), "PROVIDERS": providers.url, "CUSTOMER": customer.url}

    @property
    def database(self) -> Path:
        return self.path / "waypost.db"

    @cached_property
    def manifest(self) -> dict[str, Any]:
        return promised()

    @property
    def messages(self) -> list[dict[str, Any]]:
        messages: list[dict[str, Any]] = self.manifest["messages"]
        return messages

    @property
    def secrets(self) -> dict[str, str]:
        secrets: dict[str, str] = self.manifest["secrets"]
        return secrets

    @contextmanager
    def serving(self, script: Sequence[str]) -> Iterator[tuple[Running, Driver]]:
        """The service on the folder, its time standing still some seconds after the death of the last one."""
        then = {
            (channel, message["to"]): kinds
            for message in self.messages
            for channel, kinds in message["then"].items()
        }
        config = SOURCE / "waypost.toml"
        with still_service(script, config, self.manifest["restart"], self.environment) as running:
            yield running, Driver(running, self.providers, then)

    def hidden(self, value: Any) -> Any:
        """A value without the address that only this copy's customer has."""
        return json.loads(json.dumps(value).replace(self.customer.url, CUSTOMER))

    def sends(self) -> dict[str, dict[str, int]]:
        """How often each message was submitted to the providers of each channel, by recipient."""
        sends: dict[str, dict[str, int]] = defaultdict(dict)
        for submission, _ in self.providers.asked:
            of = sends[submission.recipient]
            of[submission.channel] = of.get(submission.channel, 0) + 1
        return dict(sends)

    def said(self) -> dict[str, Any]:
        """What each person was to see, by channel and recipient (the name in `tests/data/9fc7a0b/make`)."""
        return {f"{one.channel} {one.recipient}": one.content for one, _ in self.providers.asked}


def promised() -> dict[str, Any]:
    """The manifest."""
    manifest: dict[str, Any] = json.loads((SOURCE / "manifest.json").read_text(encoding="utf-8"))
    return manifest


@contextmanager
def unpacked(place: Path) -> Iterator[Folder]:
    """A copy of the folder in `place`; its customer is up again, its providers take everything."""
    path = place / "data"
    path.mkdir(mode=0o700)
    with ExitStack() as stack:
        providers, customer = Providers(_FIRST), Customer()
        stack.callback(providers.close)
        stack.callback(customer.close)
        with tarfile.open(SOURCE / "data.tar.gz") as packed:
            packed.extractall(path, filter="data")
        with closing(sqlite3.connect(path / "waypost.db", isolation_level=None)) as connection:
            connection.execute("UPDATE callback SET url = replace(url, ?, ?)", (CUSTOMER, customer.url))
            connection.execute(
                "UPDATE configuration SET body = CAST(replace(CAST(body AS TEXT), ?, ?) AS BLOB)",
                (CUSTOMER, customer.url),
            )
        yield Folder(path, providers, customer)


def finish(folder: Folder, driver: Driver) -> None:
    """Providers report on what they had before the death, then time passes until all work is done."""
    driver.settle()
    for message in folder.messages:
        submitted = [Submission(*one) for one in message["submitted"]]
        for channel, kind in message["first"]:
            of = next(one for one in reversed(submitted) if one.channel == channel)
            driver.deliver(driver.receipt(of, kind))
    driver.finish()


def counts(database: Path) -> dict[str, dict[str, int]]:
    """How many rows each table has of each kind: work by its stage, legs by their state, and so on."""
    kinds = {
        "journal": "stage",
        "leg": "state",
        "attempt": "outcome",
        "callback": "state",
        "configuration": "kind",
        "suppression": "reason",
        "inbound_message": "channel",
        "conversation": "channel",
        "queue_message": "queue",
        "template_count": "account_id",
        "client_token": "action",
        "nonce": "access_key_id",
        "message": "account_id",
    }
    with closing(sqlite3.connect(database)) as connection:
        return {
            table: dict(connection.execute(f"SELECT {kind}, count(*) FROM {table} GROUP BY 1").fetchall())
            for table, kind in kinds.items()
        }
