"""`waypost messages`: lists messages, shows the history of one, and cancels what waits."""

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import typer

from waypost.commands.cancelling import cancel
from waypost.commands.data_folder import Config, Data, Show, load_settings, open_store
from waypost.model.identifiers import AccountId, MessageId
from waypost.terminal.output import AsJson, fail, format_time, number_of, print_json

if TYPE_CHECKING:
    from waypost.config.settings import Settings

application = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="Accepted messages: their timelines, and an end to what waits.",
)
application.command()(cancel)


@application.command("list")
def list_(
    account: Annotated[str | None, typer.Option(help="Only this account's.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="The newest so many.")] = 50,
    before: Annotated[str | None, typer.Option(help="Only those before this MessageId.")] = None,
    show: Show = False,
    data: Data = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """List accepted messages, newest first, with the state each is in.

    Example:

        waypost messages list --config waypost.toml --account acme --limit 20

    Exit codes: 0 done, 1 there is no such account, 2 there is no database in the folder.
    """
    rows = asyncio.run(_list_rows(load_settings(config, data), account, before, limit))
    if not show:
        from waypost.model.masking import mask_number

        for row in rows:
            row["to"] = mask_number(row["to"])
    if as_json:
        print_json(rows)
        return
    for row in rows:
        typer.echo(
            f"{row['message_id']}  {format_time(row['accepted_at'])}  {row['account_id']:<12} "
            f"{row['channel']:<6} {row['from']:<8} {row['to'] or '-':<15} {row['state']}"
        )
    typer.echo(number_of(len(rows), "message"), err=True)


async def _list_rows(
    settings: "Settings", account: str | None, before: str | None, limit: int
) -> list[dict[str, Any]]:
    from waypost.messaging.history import overall_state
    from waypost.storage.live_configuration import load_configuration

    async with open_store(settings) as store:
        accounts = (await load_configuration(store)).accounts
        if account is not None and account not in accounts:
            fail(f"there is no account {account!r}; there are: {', '.join(sorted(accounts)) or 'none'}")
        account_ids = [account] if account is not None else sorted(accounts)
        messages = [
            message
            for account_id in account_ids
            for message in await store.list_messages(AccountId(account_id), before, limit)
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
                "redacted": message.redacted,
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
    history = asyncio.run(_load_timeline(load_settings(config, data), MessageId(message_id)))
    if history is None:
        fail(f"there is no message {message_id}")
    if as_json:
        print_json(history)
        return
    from rich.console import Console

    from waypost.terminal.timeline_view import timeline_view

    Console(highlight=False).print(timeline_view(history))


async def _load_timeline(settings: "Settings", message_id: MessageId) -> dict[str, Any] | None:
    from waypost.messaging.history import timeline

    async with open_store(settings) as store:
        return await timeline(store, message_id, for_operator=True)
