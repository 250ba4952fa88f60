"""`waypost audit`: lists who changed what in the configuration."""

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import typer

from waypost.commands.data_folder import Config, Data, load_settings, open_store
from waypost.commands.moments import Since, option_time
from waypost.terminal.output import WRONG_USAGE, AsJson, fail, format_time, number_of, print_json

if TYPE_CHECKING:
    from waypost.config.settings import Settings
    from waypost.storage.audit import AuditRow

application = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="Who changed what in the configuration: by call, by command or in the settings file.",
)


@application.command("list")
def list_(
    account: Annotated[str, typer.Option(help="Only what belongs to this account.")] = "",
    kind: Annotated[
        str, typer.Option(help="Only entries of this kind: account, user, key, sender, template, ...")
    ] = "",
    since: Since = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="The latest so many.")] = 50,
    data: Data = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """List the changes of the configuration, the latest first, each with what it was before and after.
    Secrets are never shown.

    Example:

        waypost audit list --config waypost.toml --account acme --kind key

    Exit codes: 0 done, 2 there is no database in the folder, or the kind or the time is not understood.
    """
    from waypost.model.entries import ENTRY_TYPES

    if kind and kind not in ENTRY_TYPES:
        fail(f"there is no kind {kind!r}; there are: {', '.join(ENTRY_TYPES)}", WRONG_USAGE)
    rows = asyncio.run(_list_rows(load_settings(config, data), account, kind, option_time(since) or 0, limit))
    if as_json:
        print_json([_fields(row) for row in rows])
        return
    for row in rows:
        source = f" from {row.peer}" if row.peer else ""
        typer.echo(f"{format_time(row.at)}  {_verb(row)} {row.kind} {row.entry_id}, by {row.who}{source}")
        for name in {**row.before, **row.after}:
            # Of an entry that is made most members are empty.
            if not row.before.get(name) and not row.after.get(name):
                continue
            typer.echo(f"    {name}: {_shown(row.before, name)} -> {_shown(row.after, name)}")
    typer.echo(number_of(len(rows), "change"), err=True)


def _verb(row: "AuditRow") -> str:
    if not row.before:
        return "made"
    return "changed" if row.after else "removed"


def _shown(members: Any, name: str) -> str:
    return str(members[name]) if name in members else "-"


async def _list_rows(
    settings: "Settings", account: str, kind: str, since: int, limit: int
) -> "list[AuditRow]":
    async with open_store(settings) as store:
        return await store.audit.page(account_id=account, kind=kind, since=since, limit=limit)


def _fields(row: "AuditRow") -> dict[str, Any]:
    return {
        "id": row.id,
        "at": row.at,
        "who": row.who,
        "access_key_id": row.access_key_id or None,
        "address": row.peer or None,
        "request_id": row.request_id or None,
        "account_id": row.account_id,
        "kind": row.kind,
        "entry_id": row.entry_id,
        "origin": row.origin or None,
        "before": row.before,
        "after": row.after,
    }
