"""`waypost callbacks`: what was pushed to customers and what was not, listed and replayed."""

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import typer

from waypost.commands.data_folder import Config, Data, load_settings, opened
from waypost.model.identifiers import AccountId, MessageId
from waypost.terminal.output import FAILED, WRONG_USAGE, AsJson, fail, moment, print_json

if TYPE_CHECKING:
    from waypost.config.settings import Settings
    from waypost.messaging.replay import Replay
    from waypost.storage.records import Callback

application = typer.Typer(
    no_args_is_help=True, rich_markup_mode="markdown", help="Callbacks: listed, and replayed."
)

_ALL = 1_000_000
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
    limit: Annotated[int, typer.Option(min=1, max=_ALL, help="The oldest so many.")] = 1000,
    data: Data = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """List callbacks, oldest first; of every state unless some are named.

    Example:

        waypost callbacks list --dead --config waypost.toml

    Exit codes: 0 done, 2 there is no database in the folder.
    """
    by_state = {"dead": dead, "waiting": waiting, "delivered": delivered, "stored": stored}
    states = [state for state, chosen in by_state.items() if chosen]
    found = asyncio.run(_find(load_settings(config, data), states, message, account, after, limit))
    if as_json:
        print_json([_shown(callback) for callback in found])
        return
    for callback in found:
        typer.echo(
            f"{callback.id:>8}  {callback.state.value:<9} {moment(callback.created_at)}  "
            f"{callback.message_id or '-':<25} {_status(callback):<9} tries {callback.tries}  "
            f"{callback.url or '-'}  {callback.error}".rstrip()
        )
    typer.echo(f"{len(found)} callbacks", err=True)


async def _find(
    settings: "Settings",
    states: list[str],
    message: MessageId | None,
    account: AccountId | None,
    after: int,
    limit: int,
) -> "list[Callback]":
    from waypost.storage.records import CallbackState

    async with opened(settings) as store:
        return await store.list_callbacks(
            account_id=account,
            message_id=message,
            states=tuple(CallbackState(state) for state in states),
            after=after,
            limit=limit,
        )


def _shown(callback: "Callback") -> dict[str, Any]:
    import msgspec

    return {
        "id": callback.id,
        "kind": callback.kind,
        "account_id": callback.account_id,
        "message_id": callback.message_id or None,
        "state": callback.state.value,
        "url": callback.url or None,
        "tries": callback.tries,
        "error": callback.error or None,
        "created_at": callback.created_at,
        "ended_at": callback.ended_at,
        "body": msgspec.Raw(callback.body.encode()),
    }


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
    done = asyncio.run(_replay(load_settings(config, data), ids or [], message, account))
    waiting = [one.callback_id for one in done if not one.refused]
    refused = {one.callback_id: one.refused for one in done if one.refused}
    if as_json:
        print_json({"waiting": waiting, "refused": [{"id": id_, "why": why} for id_, why in refused.items()]})
    else:
        typer.echo(f"{len(waiting)} callbacks wait to be pushed again")
        for id_, why in refused.items():
            typer.echo(f"waypost: callback {id_} was left as it is: {why}", err=True)
    if refused:
        raise typer.Exit(FAILED)


async def _replay(
    settings: "Settings", ids: list[int], message: MessageId | None, account: AccountId | None
) -> "list[Replay]":
    from waypost.clock import SystemClock
    from waypost.messaging.replay import replay as replay_all
    from waypost.storage.records import CallbackState

    async with opened(settings) as store:
        if message is not None:
            ids = [found.id for found in await store.list_callbacks(message_id=message, limit=_ALL)]
            if not ids:
                fail(f"there is no callback of a message {message}")
        elif not ids:
            states = (CallbackState.DEAD,)
            ids = [
                found.id
                for found in await store.list_callbacks(account_id=account, states=states, limit=_ALL)
            ]
        return await replay_all(store, ids, SystemClock().now())
