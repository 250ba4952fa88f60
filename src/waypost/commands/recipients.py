"""`waypost recipients`: erases a person."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from waypost.commands.data_folder import Config, Data, load_settings, open_store
from waypost.model.identifiers import AccountId
from waypost.terminal.output import (
    FAILED,
    WRONG_USAGE,
    AsJson,
    fail,
    number_of,
    print_json,
    report_settings_errors,
)

if TYPE_CHECKING:
    from waypost.config.settings import Settings
    from waypost.messaging.erasure import ErasureReport

application = typer.Typer(
    no_args_is_help=True, rich_markup_mode="markdown", help="Recipients: a person is erased."
)

_SHORTEST = 5

_LABELS = {
    "messages": "messages without content and number now",
    "callbacks": "callbacks without content now, which cannot be replayed",
    "inbound_messages": "messages that the person wrote, removed",
    "conversations": "times at which the person wrote last, removed",
    "spellings": "spellings of the number, removed",
    "queue_messages": "messages in queues, removed",
    "rejected_webhooks": "webhooks that were not understood, removed",
    "opt_outs": "opt-outs kept as hashes, which refuse promotions as before",
}


@application.callback()
def recipients() -> None:
    """Recipients: a person is erased."""


@application.command()
def erase(
    number: Annotated[str, typer.Argument(help="The phone number, or the person's id on a channel.")],
    account: Annotated[
        AccountId | None,
        typer.Option("--account", parser=AccountId, metavar="TEXT", help="Only what this account has."),
    ] = None,
    data: Data = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Erase a person: their number, in every spelling, and what was sent to them and written by them.

    Messages stay in lists without content and number. That the person opted out stays as a hash, which
    refuses promotions as before; an opt-in removes it. Spellings, times of conversations and rejected
    webhooks belong to no account and go only without --account. A message that is still under way is not
    touched: run it again later. A running service on the same folder goes on meanwhile. Backups, and the
    copies that were made before upgrades, still have everything.

    Examples:

        waypost recipients erase +4915112345678 --config waypost.toml
        waypost recipients erase 4915112345678 --account acme --config waypost.toml --json

    Exit codes: 0 done, 1 something is still under way or there is no such account, 2 wrong usage, there is no
    database in the folder, or its key file cannot be used.
    """
    if len(number.strip()) < _SHORTEST:
        fail(f"{number!r} names nobody: a number or an id has {_SHORTEST} characters or more", WRONG_USAGE)
    report = asyncio.run(_erase(load_settings(config, data), number, account))
    counts = report._asdict()
    if as_json:
        print_json(counts)
    else:
        for name, label in _LABELS.items():
            typer.echo(f"{label}: {counts[name]}")
    if report.under_way:
        left = number_of(report.under_way, "message or callback")
        fail(
            f"what is still under way was left as it is ({left}); run this again when it has ended",
            FAILED,
        )


async def _erase(settings: "Settings", number: str, account: AccountId | None) -> "ErasureReport":
    from waypost.config.secret_box import open_secret_box
    from waypost.messaging.erasure import erase_person
    from waypost.messaging.person_key import use_person_key
    from waypost.storage.live_configuration import load_configuration

    async with open_store(settings) as store:
        accounts = (await load_configuration(store)).accounts
        if account is not None and account not in accounts:
            fail(f"there is no account {account!r}; there are: {', '.join(sorted(accounts)) or 'none'}")
        with report_settings_errors():
            await use_person_key(store, open_secret_box(settings))
        return await erase_person(store, number, account)
