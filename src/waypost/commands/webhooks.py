"""`waypost webhooks rejected`: lists, shows and replays webhooks with items that were not understood."""

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import typer

from waypost.commands.data_folder import Config, Data, Show, load_settings, open_store
from waypost.terminal.output import FAILED, WRONG_USAGE, AsJson, fail, format_time, number_of, print_json

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from waypost.config.settings import Settings
    from waypost.messaging.rejected_webhooks import WebhookReplay
    from waypost.model.message.outcomes import Report
    from waypost.storage.rejected_webhooks import RejectedWebhook

application = typer.Typer(
    no_args_is_help=True, rich_markup_mode="markdown", help="What providers post to the receipt addresses."
)
rejected = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="Webhooks with items that were not understood: listed, shown and replayed. They are kept for 7 "
    "days, the latest 1,000 of them and at most 64 MiB.",
)
application.add_typer(rejected, name="rejected")


@rejected.command("list")
def list_(
    after: Annotated[int, typer.Option(min=0, help="Only those with an id above this.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="The oldest so many.")] = 1000,
    data: Data = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """List the webhooks with items that were not understood, oldest first.

    Example:

        waypost webhooks rejected list --config waypost.toml

    Exit codes: 0 done, 2 there is no database in the folder.
    """

    async def find(settings: "Settings") -> "list[RejectedWebhook]":
        async with open_store(settings) as store:
            return await store.rejected_webhooks.page(after, limit)

    webhooks = asyncio.run(find(load_settings(config, data)))
    if as_json:
        print_json([_fields(webhook) for webhook in webhooks])
        return
    for webhook in webhooks:
        first = webhook.items[0]
        typer.echo(
            f"{webhook.id:>8}  {format_time(webhook.at)}  {webhook.route:<20} {len(webhook.items):>4} items  "
            f"{first.place} {first.error}".rstrip()
        )
    typer.echo(number_of(len(webhooks), "webhook"), err=True)


@rejected.command("show")
def show_(
    webhook_id: Annotated[int, typer.Argument(metavar="ID", help="The id of a webhook.")],
    show: Show = False,
    data: Data = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Show where a webhook was not understood, and why. What was posted is left out unless --show is given.

    Example:

        waypost webhooks rejected show 17 --show --config waypost.toml

    Exit codes: 0 done, 1 there is no such webhook, 2 there is no database in the folder.
    """

    async def find(settings: "Settings") -> "RejectedWebhook | None":
        async with open_store(settings) as store:
            return await store.rejected_webhooks.find(webhook_id)

    webhook = asyncio.run(find(load_settings(config, data)))
    if webhook is None:
        fail(f"there is no webhook {webhook_id}; see waypost webhooks rejected list")
    posted = {"query": webhook.query, "body": webhook.body.decode("utf-8", "replace")} if show else {}
    if as_json:
        print_json(_fields(webhook) | posted)
        return
    typer.echo(f"{webhook.method} by route {webhook.route} at {format_time(webhook.at)}")
    for item in webhook.items:
        typer.echo(f"  {item.place or 'all of it'}: {item.error}")
    for text in posted.values():
        if text:
            typer.echo(text)


def _fields(webhook: "RejectedWebhook") -> dict[str, Any]:
    return {
        "id": webhook.id,
        "route": webhook.route,
        "at": webhook.at,
        "method": webhook.method,
        "content_type": webhook.content_type or None,
        "bytes": len(webhook.body),
        "items": [{"place": item.place, "error": item.error} for item in webhook.items],
    }


@rejected.command("replay")
def replay_(
    ids: Annotated[list[int] | None, typer.Argument(metavar="[ID]...", help="Ids of webhooks.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All that are kept.")] = False,
    data: Data = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Read webhooks again, after an upgrade that may understand them.

    A running service on the same folder follows what they have within about a second; what it followed before
    changes nothing. A webhook that is understood as a whole is not kept any more.

    Examples:

        waypost webhooks rejected replay --all --config waypost.toml
        waypost webhooks rejected replay 17 18 --config waypost.toml

    Exit codes: 0 all of them are understood, 1 some or all are not, 2 wrong usage.
    """
    if bool(ids) is every:
        fail("say which: ids, or --all", WRONG_USAGE)
    results = asyncio.run(_replay(load_settings(config, data), ids or []))
    if as_json:
        print_json(
            [
                {"id": result.webhook_id, "taken": result.taken, "error": result.error or None}
                for result in results
            ]
        )
    else:
        understood = sum(not result.error for result in results)
        typer.echo(f"{understood} webhooks were understood")
        for result in results:
            if result.error:
                typer.echo(f"waypost: webhook {result.webhook_id}: {result.error}", err=True)
    if any(result.error for result in results):
        raise typer.Exit(FAILED)


async def _replay(settings: "Settings", ids: list[int]) -> "list[WebhookReplay]":
    import sys

    import structlog

    from waypost.clock import SystemClock
    from waypost.messaging.rejected_webhooks import replay_webhooks
    from waypost.outbound.client import HttpClient

    # What is skipped again is logged, and standard output has the result alone.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    async with open_store(settings) as store, HttpClient() as client:
        if not ids:
            ids = [webhook.id for webhook in await store.rejected_webhooks.page()]
        return await replay_webhooks(store, ids, _parser(settings, client), SystemClock().now())


def _parser(settings: "Settings", client: Any) -> "Callable[[RejectedWebhook], Sequence[Report]]":
    """Parses a webhook by the connector of its route."""
    from urllib.parse import parse_qsl

    from waypost.connectors.contract import Webhook
    from waypost.connectors.registry import connect

    def parse(webhook: "RejectedWebhook") -> "Sequence[Report]":
        if webhook.route not in settings.routes:
            raise LookupError(f"the settings have no route {webhook.route}")
        connector = connect(webhook.route, settings.routes[webhook.route], client)
        query = dict(parse_qsl(webhook.query, keep_blank_values=True))
        headers = {"content-type": webhook.content_type}
        return connector.parse_webhook(
            Webhook(webhook.method, query, headers, webhook.body, is_verified=True)
        )

    return parse
