"""`waypost routes`: lists the routes to providers, tests, pauses and resumes them."""

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import typer

from waypost.commands.author import command_author
from waypost.commands.data_folder import Config, Data, load_settings, open_store
from waypost.commands.route_check import check_route
from waypost.terminal.output import AsJson, fail, format_time, number_of, print_json

if TYPE_CHECKING:
    from waypost.config.settings import Settings
    from waypost.model.routes.state import RouteState

application = typer.Typer(
    no_args_is_help=True, rich_markup_mode="markdown", help="The routes to providers: state, tests, pauses."
)
application.command("test")(check_route)

Name = Annotated[str, typer.Argument(metavar="ROUTE", help="The name of the route.")]


@application.command("list")
def list_(data: Data = None, config: Config = None, as_json: AsJson = False) -> None:
    """List the routes, each with what waits for it and whether its provider answers.

    A route is `active`, `paused` by an operator, or `resting`: its provider is down, and one message at a
    time finds out whether it is back.

    Example:

        waypost routes list --config waypost.toml

    Exit codes: 0 done, 2 there is no database in the folder.
    """
    rows = asyncio.run(_list_rows(load_settings(config, data)))
    if as_json:
        print_json(rows)
        return
    for row in rows:
        rate = f"{row['rate']}/s" if row["rate"] else "any rate"
        line = f"{row['route']:<20} {row['state']:<8} {row['waiting']} waiting, {row['in_flight']} in flight"
        typer.echo(f"{line}, {row['width']} at once, {rate}{_why(row)}")
    typer.echo(number_of(len(rows), "route"), err=True)


@application.command("pause")
def pause(route: Name, data: Data = None, config: Config = None, as_json: AsJson = False) -> None:
    """Pause a route: within a second nothing is sent by it any more.

    What is under way ends. What is for the route waits, and none of it fails for that; but messages expire
    and fall back as ever.

    Example:

        waypost routes pause viber-main --config waypost.toml

    Exit codes: 0 done or paused before, 1 there is no such route, 2 there is no database in the folder.
    """
    author = command_author()
    _change(load_settings(config, data), route, author.who, as_json)


@application.command("resume")
def resume(route: Name, data: Data = None, config: Config = None, as_json: AsJson = False) -> None:
    """Resume a route that was paused: what waits for it is sent, in its order.

    Example:

        waypost routes resume viber-main --config waypost.toml

    Exit codes: 0 done or not paused, 1 there is no such route, 2 there is no database in the folder.
    """
    _change(load_settings(config, data), route, "", as_json)


def _change(settings: "Settings", route: str, by: str, as_json: bool) -> None:
    if route not in settings.routes:
        fail(f"there is no route {route!r}; there are: {', '.join(sorted(settings.routes)) or 'none'}")
    state, is_changed = asyncio.run(_set_paused(settings, route, by))
    verb = "paused" if by else "resumed"
    if as_json:
        print_json({"route": route, "paused": state.is_paused, "changed": is_changed})
    elif is_changed:
        typer.echo(f"{route}: {verb}")
    else:
        typer.echo(f"{route}: it is {'paused already' if by else 'not paused'}", err=True)


async def _set_paused(settings: "Settings", route: str, by: str) -> "tuple[RouteState, bool]":
    from waypost.clock import SystemClock
    from waypost.messaging.route_pauses import set_paused

    async with open_store(settings) as store:
        return await set_paused(store, route, by, SystemClock().now())


async def _list_rows(settings: "Settings") -> list[dict[str, Any]]:
    from waypost.clock import real_seconds
    from waypost.model.routes.state import RouteState
    from waypost.storage.route_states import RouteBacklog

    async with open_store(settings) as store:
        states = await store.route_states.all()
        backlog = await store.route_states.backlog(int(real_seconds() * 1000))
    rows = []
    for name, route in sorted(settings.routes.items()):
        state = states.get(name) or RouteState(route=name)
        waits = backlog.get(name, RouteBacklog(0, 0))
        rows.append(
            {
                "route": name,
                "state": _state(state),
                "width": settings.delivery.concurrency,
                "rate": route.rate or None,
                "waiting": waits.waiting,
                "in_flight": waits.in_flight,
                "breaker": state.breaker.value,
                "since": state.since or None,
                "reason": state.reason or None,
                "failed": state.failed,
                "probe_at": state.probe_at or None,
                "paused_by": state.paused_by or None,
                "paused_at": state.paused_at or None,
            }
        )
    return rows


def _state(state: "RouteState") -> str:
    if state.is_paused:
        return "paused"
    return "active" if state.is_usable else "resting"


def _why(row: dict[str, Any]) -> str:
    parts = []
    if row["paused_by"]:
        parts.append(f"paused by {row['paused_by']} since {format_time(row['paused_at'])}")
    if row["reason"]:
        failed = number_of(row["failed"], "failure")
        parts.append(f"{row['reason']} since {format_time(row['since'])}, {failed}")
    return "".join(f"; {part}" for part in parts)
