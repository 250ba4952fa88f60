"""`waypost routes test`: whether a provider knows a route's credentials, and whether a message arrives."""

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import typer

from waypost.commands.data_folder import Config, Data, load_settings, open_store
from waypost.terminal.output import FAILED, WRONG_USAGE, AsJson, fail, print_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from waypost.config.settings import Settings
    from waypost.connectors.credentials import Check
    from waypost.messaging.trial import Trial

_TEXT = "A test of Waypost."


def check_route(
    route: Annotated[str, typer.Argument(metavar="ROUTE", help="The name of the route.")],
    to: Annotated[str, typer.Option("--to", help="Send one message to this person, too.")] = "",
    sender: Annotated[str, typer.Option("--from", help="By this sender; may be left out.")] = "",
    text: Annotated[str, typer.Option("--text", help="What it says.")] = _TEXT,
    wait: Annotated[float, typer.Option(min=0, max=3600, help="Seconds to wait for its receipt.")] = 60.0,
    data: Data = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Check the credentials of a route with its provider, by requests that reach no person.

    With --to one message is sent by the route as a transaction, by the service that runs on the folder, and
    its receipt is waited for. If nobody has sent it by then, it is cancelled.

    Examples:

        waypost routes test whatsapp-main --config waypost.toml
        waypost routes test sms-main --to 4915112345678 --config waypost.toml

    Exit codes: 0 the credentials are right, and with --to the provider has the message; 1 they are not, or
    that could not be found out, or it has not; 2 wrong usage.
    """
    settings = load_settings(config, data)
    if route not in settings.routes:
        fail(f"there is no route {route!r}; there are: {', '.join(sorted(settings.routes)) or 'none'}")
    if sender and not to:
        fail("--from goes with --to", WRONG_USAGE)
    checks = asyncio.run(_check(settings, route))
    trial = asyncio.run(_send(settings, route, sender, to, text, wait)) if to else None
    if as_json:
        print_json(_fields(route, checks, trial))
    else:
        _print(route, checks, trial)
    if not _is_well(checks, trial):
        raise typer.Exit(FAILED)


async def _check(settings: "Settings", route: str) -> "Sequence[Check]":
    from waypost.connectors.credentials import check_credentials
    from waypost.outbound.client import HttpClient
    from waypost.outbound.proxy import chosen_proxy

    of_route = settings.routes[route]
    async with HttpClient(proxy=chosen_proxy(of_route.proxy, of_route.url)) as client:
        return await check_credentials(of_route, client)


async def _send(settings: "Settings", route: str, sender_id: str, to: str, text: str, wait: float) -> "Trial":
    from waypost.clock import SystemClock
    from waypost.messaging.trial import find_sender, send_trial
    from waypost.storage.live_configuration import load_configuration

    async with open_store(settings) as store:
        configuration = await load_configuration(store)
        sender = find_sender(configuration, route, sender_id)
        if sender is None:
            fail(f"no {'such ' if sender_id else ''}sender has the route {route!r}")
        grace = int(settings.delivery.receipt_grace * 1000)
        return await send_trial(store, configuration, sender, route, to, text, grace, wait, SystemClock())


def _is_well(checks: "Sequence[Check]", trial: "Trial | None") -> bool:
    from waypost.connectors.credentials import Verdict

    verdicts = {check.verdict for check in checks}
    if trial is not None:
        return trial.is_with_provider and Verdict.WRONG not in verdicts
    return verdicts == {Verdict.RIGHT}


def _fields(route: str, checks: "Sequence[Check]", trial: "Trial | None") -> dict[str, Any]:
    return {
        "route": route,
        "credentials": [
            {"of": check.subject or None, "verdict": check.verdict.value, "why": check.text or None}
            for check in checks
        ],
        "message": None
        if trial is None
        else {"message_id": trial.message_id, "state": trial.state, "why": trial.text or None},
    }


def _print(route: str, checks: "Sequence[Check]", trial: "Trial | None") -> None:
    lines = []
    for check in checks:
        subject = f"{route}, {check.subject}" if check.subject else route
        lines.append((subject, f"credentials {check.verdict.value}", check.text))
    if trial is not None:
        lines.append((route, f"message {trial.message_id} {trial.state}", trial.text))
    for subject, result, reason in lines:
        typer.echo(f"{subject}: {result}" + (f": {reason}" if reason else ""))
