"""`waypost callbacks`: lists and replays callbacks."""

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import typer

from waypost.commands.data_folder import Config, Data, Show, load_settings, open_store
from waypost.model.identifiers import AccountId, MessageId
from waypost.terminal.output import FAILED, WRONG_USAGE, AsJson, fail, format_time, number_of, print_json

if TYPE_CHECKING:
    from waypost.config.settings import Settings
    from waypost.messaging.replay import ReplayResult
    from waypost.storage.records import Callback

application = typer.Typer(
    no_args_is_help=True, rich_markup_mode="markdown", help="Callbacks: listed, and replayed."
)

_MAX_CALLBACKS = 1_000_000
OfMessage = Annotated[
    MessageId | None,
    typer.Option("--message", parser=MessageId, metavar="TEXT", help="Only this MessageId's."),
]
OfAccount = Annotated[
    AccountId | None,
    typer.Option("--account", parser=AccountId, metavar="TEXT", help="Only this account's."),
]


@application.command("list")
def list_(
    dead: Annotated[bool, typer.Option("--dead", help="Given up after the last retry.")] = False,
    waiting: Annotated[bool, typer.Option("--waiting", help="Still to be pushed.")] = False,
    delivered: Annotated[bool, typer.Option("--delivered", help="Accepted by the receiver.")] = False,
    stored: Annotated[bool, typer.Option("--stored", help="Never pushed: there was no URL.")] = False,
    message: OfMessage = None,
    account: OfAccount = None,
    after: Annotated[int, typer.Option(min=0, help="Only those with an id above this.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=_MAX_CALLBACKS, help="The oldest so many.")] = 1000,
    show: Show = False,
    data: Data = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """List callbacks, oldest first; of every state unless some are named. Numbers are masked and what people
    wrote is left out, unless --show is given.

    Example:

        waypost callbacks list --dead --config waypost.toml

    Exit codes: 0 done, 2 there is no database in the folder.
    """
    by_state = {"dead": dead, "waiting": waiting, "delivered": delivered, "stored": stored}
    states = [state for state, chosen in by_state.items() if chosen]
    callbacks = asyncio.run(
        _find_callbacks(load_settings(config, data), states, message, account, after, limit)
    )
    if as_json:
        print_json([_callback_fields(callback, show=show) for callback in callbacks])
        return
    for callback in callbacks:
        typer.echo(
            f"{callback.id:>8}  {callback.state.value:<9} {format_time(callback.created_at)}  "
            f"{callback.message_id or '-':<25} {_status(callback):<9} tries {callback.tries}  "
            f"{_url(callback, show=show) or '-'}  {callback.error}".rstrip()
        )
    typer.echo(number_of(len(callbacks), "callback"), err=True)


async def _find_callbacks(
    settings: "Settings",
    states: list[str],
    message: MessageId | None,
    account: AccountId | None,
    after: int,
    limit: int,
) -> "list[Callback]":
    from waypost.storage.records import CallbackState

    async with open_store(settings) as store:
        return await store.list_callbacks(
            account_id=account,
            message_id=message,
            states=tuple(CallbackState(state) for state in states),
            after=after,
            limit=limit,
        )


def _callback_fields(callback: "Callback", *, show: bool) -> dict[str, Any]:
    import msgspec

    from waypost.model.message.statuses import masked_object

    body: Any = msgspec.Raw(callback.body.encode())
    if not show:
        body = masked_object(callback.kind, msgspec.json.decode(callback.body, type=dict[str, Any]))

    return {
        "id": callback.id,
        "kind": callback.kind,
        "account_id": callback.account_id,
        "message_id": callback.message_id or None,
        "state": callback.state.value,
        "url": _url(callback, show=show) or None,
        "tries": callback.tries,
        "error": callback.error or None,
        "created_at": callback.created_at,
        "ended_at": callback.ended_at,
        "body": body,
    }


def _url(callback: "Callback", *, show: bool) -> str:
    """The URL; its query, which may hold a token of the customer's, only if it is to be shown."""
    path, mark, _ = callback.url.partition("?")
    return callback.url if show or not mark else f"{path}?***"


def _status(callback: "Callback") -> str:
    import msgspec

    body = msgspec.json.decode(callback.body, type=dict[str, Any])
    return str(body.get("Status", "inbound"))


@application.command()
def replay(
    ids: Annotated[list[int] | None, typer.Argument(metavar="[ID]...", help="Callback ids.")] = None,
    dead: Annotated[bool, typer.Option("--dead", help="All dead letters.")] = False,
    message: OfMessage = None,
    account: OfAccount = None,
    data: Data = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Make callbacks wait again, for the URL that their account or sender has now.

    A running service on the same folder pushes them within about a second. One that waits already, or whose
    account has no URL, is left as it is and named.

    Examples:

        waypost callbacks replay --dead --config waypost.toml
        waypost callbacks replay 17 18 --data /var/lib/waypost

    Exit codes: 0 all of them wait again, 1 some or all do not, 2 wrong usage.
    """
    if sum((bool(ids), dead, message is not None)) != 1:
        fail("say which: ids, or --message ID, or --dead", WRONG_USAGE)
    if account is not None and not dead:
        fail("--account goes with --dead", WRONG_USAGE)
    results = asyncio.run(_replay(load_settings(config, data), ids or [], message, account))
    waiting = [result.callback_id for result in results if not result.error]
    refused = {result.callback_id: result.error for result in results if result.error}
    if as_json:
        print_json(
            {"waiting": waiting, "refused": [{"id": id_, "why": reason} for id_, reason in refused.items()]}
        )
    else:
        verb = "waits" if len(waiting) == 1 else "wait"
        typer.echo(f"{number_of(len(waiting), 'callback')} {verb} to be pushed again")
        for id_, reason in refused.items():
            typer.echo(f"waypost: callback {id_} was left as it is: {reason}", err=True)
    if refused:
        raise typer.Exit(FAILED)


async def _replay(
    settings: "Settings", ids: list[int], message: MessageId | None, account: AccountId | None
) -> "list[ReplayResult]":
    from waypost.clock import SystemClock
    from waypost.messaging.replay import replay_callbacks
    from waypost.storage.records import CallbackState

    async with open_store(settings) as store:
        if message is not None:
            ids = [
                callback.id
                for callback in await store.list_callbacks(message_id=message, limit=_MAX_CALLBACKS)
            ]
            if not ids:
                fail(f"there is no callback of a message {message}")
        elif not ids:
            states = (CallbackState.DEAD,)
            ids = [
                callback.id
                for callback in await store.list_callbacks(
                    account_id=account, states=states, limit=_MAX_CALLBACKS
                )
            ]
        return await replay_callbacks(store, ids, SystemClock().now())
