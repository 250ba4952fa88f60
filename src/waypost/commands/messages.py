"""`waypost messages`: lists messages, shows the history of one, and cancels what waits."""

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import typer

from waypost.commands.cancelling import cancel
from waypost.commands.data_folder import Config, Data, Show, load_settings, open_store
from waypost.commands.moments import Since, Until, option_time
from waypost.model.identifiers import AccountId, MessageId, SpaceId
from waypost.model.message.leg import LegState
from waypost.model.people import addresses_of
from waypost.terminal.output import WRONG_USAGE, AsJson, fail, format_time, number_of, print_json

if TYPE_CHECKING:
    from waypost.config.settings import Settings
    from waypost.storage.message_search import MessageFilter

application = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="Accepted messages: their timelines, and an end to what waits.",
)
application.command()(cancel)


_STATES = tuple(state.value for state in LegState)


@application.command("list")
def list_(
    account: Annotated[str | None, typer.Option(help="Only this account's.")] = None,
    space: Annotated[str, typer.Option(help="Only those of this CustSpaceId.")] = "",
    channel: Annotated[
        str, typer.Option(help="Only those that went by this channel, also as a fallback.")
    ] = "",
    sender: Annotated[str, typer.Option("--from", help="Only those from this sender.")] = "",
    recipient: Annotated[
        str, typer.Option("--to", help="Only those to this number, in any of its spellings, or id.")
    ] = "",
    template: Annotated[str, typer.Option(help="Only those of this TemplateCode.")] = "",
    task: Annotated[str, typer.Option(help="Only those with this TaskId.")] = "",
    tag: Annotated[str, typer.Option(help="Only those with this Tag.")] = "",
    group: Annotated[str, typer.Option(help="Only those of this GroupMessageId.")] = "",
    request: Annotated[str, typer.Option(help="Only those of the call with this RequestId.")] = "",
    state: Annotated[str, typer.Option(help=f"Only those in this state: {', '.join(_STATES)}.")] = "",
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="The newest so many.")] = 50,
    before: Annotated[str, typer.Option(help="Only those before this MessageId.")] = "",
    show: Show = False,
    data: Data = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """List accepted messages, newest first, with the state each is in. Options go together: what is listed
    matches all of them.

    Examples:

        waypost messages list --config waypost.toml --account acme --limit 20
        waypost messages list --config waypost.toml --to +4915112345678 --state failed

    Exit codes: 0 done, 1 there is no such account, 2 there is no database in the folder, or an option is not
    understood.
    """
    from waypost.messaging.message_search import between
    from waypost.storage.message_search import NO_ACCOUNT, MessageFilter

    filters = MessageFilter(
        account_id=AccountId(account) if account is not None else NO_ACCOUNT,
        space_id=SpaceId(space),
        channel=channel.lower(),
        sender=sender,
        recipients=tuple(addresses_of(recipient)) if recipient else (),
        states=_option_state(state),
        template_code=template,
        task_id=task,
        tag=tag,
        group_id=group,
        request_id=request.strip().upper(),
    )
    filters = between(filters, option_time(since), option_time(until), MessageId(before))
    rows = asyncio.run(_list_rows(load_settings(config, data), filters, limit))
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


def _option_state(text: str) -> tuple[LegState, ...]:
    if not text:
        return ()
    try:
        return (LegState(text.lower()),)
    except ValueError:
        fail(f"{text!r} is no state; there are: {', '.join(_STATES)}", WRONG_USAGE)


async def _list_rows(settings: "Settings", filters: "MessageFilter", limit: int) -> list[dict[str, Any]]:
    from waypost.messaging.message_search import find_messages, message_fields
    from waypost.storage.live_configuration import load_configuration

    async with open_store(settings) as store:
        accounts = (await load_configuration(store)).accounts
        if filters.account_id and filters.account_id not in accounts:
            known = ", ".join(sorted(accounts)) or "none"
            fail(f"there is no account {filters.account_id!r}; there are: {known}")
        return [message_fields(found) async for found in find_messages(store, filters, limit=limit)]


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
