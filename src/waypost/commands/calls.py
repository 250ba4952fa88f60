"""`waypost calls`: lists the calls that are on record, and shows one."""

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import typer

from waypost.commands.data_folder import Config, Data, load_settings, open_store
from waypost.commands.moments import Since, Until, option_time
from waypost.model.identifiers import AccountId
from waypost.terminal.output import AsJson, fail, format_time, number_of, print_json

if TYPE_CHECKING:
    from waypost.config.settings import Settings
    from waypost.storage.call_records import CallFilter, CallRecord

application = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="Calls on record, found by the RequestId that every answer has.",
)


@application.command("list")
def list_(
    account: Annotated[str | None, typer.Option(help="Only this account's.")] = None,
    operation: Annotated[str | None, typer.Option(help="Only those of this operation.")] = None,
    code: Annotated[str | None, typer.Option(help="Only those that were answered this code.")] = None,
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="The latest so many.")] = 50,
    data: Data = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """List the calls on record, the latest first: all but those that a message was accepted by, which
    `waypost messages list` lists. Values of people and of content are masked.

    Examples:

        waypost calls list --config waypost.toml --account acme --code SignatureDoesNotMatch
        waypost calls list --config waypost.toml --since 2026-11-23

    Exit codes: 0 done, 2 there is no database in the folder, or a time is not understood.
    """
    from waypost.storage.call_records import CallFilter

    filters = CallFilter(
        account_id=AccountId(account) if account is not None else None,
        operation=operation,
        code=code,
        since=option_time(since),
        until=option_time(until),
    )
    calls = asyncio.run(_list_calls(load_settings(config, data), filters, limit))
    if as_json:
        print_json([_fields(call) for call in calls])
        return
    for call in calls:
        unknown = f"  unknown: {', '.join(call.unknown)}" if call.unknown else ""
        typer.echo(
            f"{call.request_id}  {format_time(call.at)}  {call.account_id or '-':<12} "
            f"{call.operation or '-':<24} {call.code}{unknown}"
        )
    typer.echo(number_of(len(calls), "call"), err=True)


async def _list_calls(settings: "Settings", filters: "CallFilter", limit: int) -> "list[CallRecord]":
    async with open_store(settings) as store:
        return await store.call_records.page(filters, limit=limit)


@application.command("show")
def show_call(
    request_id: Annotated[str, typer.Argument(metavar="REQUEST_ID", help="The RequestId of its answer.")],
    data: Data = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Show one call: what it was about, and what was wrong with it. Also one that a message was accepted by.

    Example:

        waypost calls show 019A7C55-E31D-1EB2-8939-A94866411B20 --config waypost.toml

    Exit codes: 0 done, 1 there is no such call on record, 2 there is no database in the folder.
    """
    call = asyncio.run(_find_call(load_settings(config, data), request_id.strip().upper()))
    if call is None:
        fail(f"there is no call {request_id} on record")
    fields = _fields(call)
    if as_json:
        print_json(fields)
        return
    fields["at"] = f"{format_time(call.at)} UTC"
    fields["unknown"] = ", ".join(call.unknown)
    parameters = fields.pop("parameters")
    for name, value in fields.items():
        if value not in (None, ""):
            typer.echo(f"{name.replace('_', ' '):<15} {value}")
    for name, value in parameters.items():
        typer.echo(f"  {name}={value}")


async def _find_call(settings: "Settings", request_id: str) -> "CallRecord | None":
    from waypost.messaging.call_history import find_call

    async with open_store(settings) as store:
        return await find_call(store, request_id)


def _fields(call: "CallRecord") -> dict[str, Any]:
    return {
        "request_id": call.request_id,
        "at": call.at,
        "account_id": call.account_id or None,
        "is_authenticated": call.is_authenticated,
        "access_key_id": call.access_key_id or None,
        "operation": call.operation or None,
        "code": call.code,
        "ms": call.ms,
        "message_id": call.message_id or None,
        "address": call.peer,
        "unknown": list(call.unknown),
        "string_to_sign": call.string_to_sign or None,
        "signature": call.signature or None,
        "parameters": dict(call.parameters),
    }
