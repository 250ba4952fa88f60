"""`waypost messages`: what was accepted and what became of it, from the data folder."""

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import typer

from waypost.commands.data_folder import Config, Data, load_settings, opened
from waypost.model.identifiers import AccountId, MessageId
from waypost.terminal.output import AsJson, fail, moment, print_json

if TYPE_CHECKING:
    from waypost.config.settings import Settings

application = typer.Typer(
    no_args_is_help=True, rich_markup_mode="markdown", help="Accepted messages and their timelines."
)


@application.command("list")
def list_(
    account: Annotated[str | None, typer.Option(help="Only this account's.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="The newest so many.")] = 50,
    before: Annotated[str | None, typer.Option(help="Only those before this MessageId.")] = None,
    show_numbers: Annotated[bool, typer.Option("--show-numbers", help="Phone numbers in full.")] = False,
    data: Data = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """List accepted messages, newest first, with the state each is in.

    Example:

        waypost messages list --config waypost.toml --account acme --limit 20

    Exit codes: 0 done, 1 there is no such account, 2 there is no database in the folder.
    """
    rows = asyncio.run(_rows(load_settings(config, data), account, before, limit))
    if not show_numbers:
        from waypost.model.masking import mask_number

        for row in rows:
            row["to"] = mask_number(row["to"])
    if as_json:
        print_json(rows)
        return
    for row in rows:
        typer.echo(
            f"{row['message_id']}  {moment(row['accepted_at'])}  {row['account_id']:<12} {row['channel']:<6} "
            f"{row['from']:<8} {row['to']:<15} {row['state']}"
        )
    typer.echo(f"{len(rows)} messages", err=True)


async def _rows(
    settings: "Settings", account: str | None, before: str | None, limit: int
) -> list[dict[str, Any]]:
    from waypost.messaging.history import overall_state
    from waypost.model.configuration import Configuration

    async with opened(settings) as store:
        known = Configuration(await store.entries()).accounts
        if account is not None and account not in known:
            fail(f"there is no account {account!r}; there are: {', '.join(sorted(known)) or 'none'}")
        account_ids = [account] if account is not None else sorted(known)
        messages = [
            message
            for each in account_ids
            for message in await store.list_messages(AccountId(each), before, limit)
        ]
        messages.sort(key=lambda message: message.message_id, reverse=True)
        return [
            {
                "message_id": message.message_id,
                "account_id": message.account_id,
                "accepted_at": message.accepted_at,
                "channel": message.channel,
                "message_type": message.message_type,
                "from": message.sender,
                "to": message.recipient,
                "state": overall_state(await store.find_legs(message.message_id)).value,
            }
            for message in messages[:limit]
        ]


@application.command()
def show(
    message_id: Annotated[str, typer.Argument(help="The MessageId.")],
    data: Data = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Show one message: what was asked for, each leg and attempt, what still waits, and why.

    Example:

        waypost messages show 2026112303460800000100000 --config waypost.toml

    Exit codes: 0 done, 1 there is no such message, 2 there is no database in the folder.
    """
    found = asyncio.run(_timeline(load_settings(config, data), message_id))
    if found is None:
        fail(f"there is no message {message_id}")
    if as_json:
        print_json(found)
        return
    from rich.console import Console

    from waypost.terminal.timeline_view import timeline_view

    Console(highlight=False).print(timeline_view(found))


async def _timeline(settings: "Settings", message_id: str) -> dict[str, Any] | None:
    from waypost.messaging.history import timeline

    async with opened(settings) as store:
        return await timeline(store, MessageId(message_id))
