"""`waypost senders`: lists and reviews customers' requests about Viber senders."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from waypost.commands.author import command_author
from waypost.commands.data_folder import Config, Data, load_settings, open_store
from waypost.terminal.output import WRONG_USAGE, AsJson, fail, format_time, number_of, print_json

if TYPE_CHECKING:
    from waypost.config.settings import Settings
    from waypost.messaging.sender_review import NewSender
    from waypost.model.senders.viber_senders import ViberRequest

application = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="Viber senders that customers register: their requests listed, and reviewed.",
)

Number = Annotated[str, typer.Argument(metavar="REQUEST", help="The RequestNo.")]


@application.command("list")
def list_(
    status: Annotated[str | None, typer.Option(help="Only these: unaudit, pass or fail; none: all.")] = None,
    account: Annotated[str | None, typer.Option(help="Only this account's.")] = None,
    data: Data = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """List requests about Viber senders with the state of their review, oldest first.

    Example:

        waypost senders list --status unaudit --config waypost.toml

    Exit codes: 0 listed, 2 wrong usage or settings.
    """
    requests = [
        request
        for request in asyncio.run(_load_requests(load_settings(config, data)))
        if status in (None, request.status) and account in (None, request.account_id)
    ]
    if as_json:
        print_json([_request_fields(request) for request in requests])
        return
    for request in requests:
        name = request.record.get("BusinessAccountName", "")
        typer.echo(
            f"{request.id}  {request.type:<7}  {request.status:<7}  {format_time(request.updated_at)}  "
            f"{request.account_id}  {request.space_id}  {request.service_id or '-'}  {name}  "
            f"{request.reason}".rstrip()
        )
    typer.echo(number_of(len(requests), "request"), err=True)


@application.command()
def approve(
    request: Number,
    service_id: Annotated[
        str, typer.Option(help="The service ID that Viber gave the new sender: its From.")
    ] = "",
    route: Annotated[str, typer.Option(help="The route that carries the new sender.")] = "",
    data: Data = None,
    config: Config = None,
) -> None:
    """Approve a request: a new sender can send, a change takes effect; a ChatAppAudit callback follows.

    Only a request to open a sender needs `--service-id` and `--route`.

    Example:

        waypost senders approve 4521803997126430021 --service-id 25644 --route viber-main

    Exit codes: 0 done, 1 no such request waits, or it cannot pass so, 2 wrong usage or settings.
    """
    from waypost.model.templates.template import APPROVED

    settings = load_settings(config, data)
    if route and route not in settings.routes:
        fail(f"{route!r} is no route; the settings have {', '.join(settings.routes) or 'none'}", WRONG_USAGE)
    asyncio.run(_review(settings, request, (APPROVED, ""), service_id, route))


@application.command()
def reject(
    request: Number,
    reason: Annotated[str, typer.Option(help="Why, in words for its owner.")],
    data: Data = None,
    config: Config = None,
) -> None:
    """Reject a request. Its owner gets the reason in a ChatAppAudit callback and may change the request.

    Example:

        waypost senders reject 4521803997126430021 --reason "The logo is missing" --config waypost.toml

    Exit codes: 0 done, 1 no such request waits, 2 wrong usage or settings.
    """
    from waypost.model.templates.template import REFUSED

    asyncio.run(_review(load_settings(config, data), request, (REFUSED, reason), "", ""))


async def _load_requests(settings: "Settings") -> "list[ViberRequest]":
    from waypost.model.senders.viber_senders import ViberRequest

    async with open_store(settings) as store:
        requests = [entry for entry in await store.configuration.entries() if isinstance(entry, ViberRequest)]
    return sorted(requests, key=lambda request: (request.created_at, request.id))


async def _review(
    settings: "Settings", number: str, outcome: tuple[str, str], service_id: str, route: str
) -> None:
    from waypost.messaging.sender_review import ReviewRefusedError, pending_requests, review_request
    from waypost.storage.live_configuration import load_configuration

    async with open_store(settings) as store:
        configuration = await load_configuration(store)
        request = next((pending for pending in pending_requests(configuration) if pending.id == number), None)
        if request is None:
            fail(f"no request {number!r} waits for a review; `waypost senders list` shows all there are")
        new_sender = _new_sender(request, outcome[0], service_id, route)
        by = command_author()
        try:
            reviewed = await store.transact(
                lambda tx: review_request(tx, request, outcome, configuration, by, new_sender)
            )
        except ReviewRefusedError as error:
            fail(str(error))
    typer.echo(f"{reviewed.id}: {reviewed.status} {reviewed.service_id}".rstrip())


def _new_sender(request: "ViberRequest", status: str, service_id: str, route: str) -> "NewSender | None":
    from waypost.messaging.sender_review import NewSender
    from waypost.model.senders.viber_senders import OPEN
    from waypost.model.templates.template import APPROVED

    if request.type != OPEN or status != APPROVED:
        return None
    if not service_id.isascii() or not service_id.isdecimal() or not route:
        fail("a new sender needs --service-id, digits only, and --route", WRONG_USAGE)
    return NewSender(service_id, route)


def _request_fields(request: "ViberRequest") -> dict[str, object]:
    return {
        "request_no": request.id,
        "type": request.type,
        "status": request.status,
        "reason": request.reason,
        "account_id": request.account_id,
        "space_id": request.space_id,
        "service_id": request.service_id,
        "record": request.record,
        "created_at": request.created_at,
        "updated_at": request.updated_at,
    }
