"""The whole service as the benches run it, and the bare server: the same HTTP server with a fixed answer."""

import argparse
import os
from collections.abc import Mapping
from typing import Any

import msgspec
import uvloop

from waypost.api.http_messages import HttpRequest
from waypost.clock import SystemClock
from waypost.config.loading import load
from waypost.config.settings import AccountSettings
from waypost.connectors.registry import parse_route
from waypost.model.identifiers import AccountId
from waypost.sandbox import fixture
from waypost.sandbox.simulated_senders import route_tables
from waypost.server.app import Waypost
from waypost.server.http import listen, serve
from waypost.server.logs import configure_logging
from waypost.storage.declared_entries import declare_entries

_USUAL_LEVEL = "error"
_ANSWER = (
    b'{"RequestId":"90E63D28-E31D-1EB2-8939-A94866411B20","Code":"OK","Message":"OK",'
    b'"MessageId":"2026112303460800000100000"}'
)
_HEADERS = [
    (b"content-type", b"application/json;charset=utf-8"),
    (b"content-length", str(len(_ANSWER)).encode()),
]


_OTHER = "other"


class _Bare:
    """Reads nothing and answers one fixed body, over ASGI as pages are."""

    def handler_of(self, request: HttpRequest) -> None:
        return None

    def needs_large_body(self, request: HttpRequest) -> bool:
        return False

    async def __call__(self, scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        await send({"type": "http.response.body", "body": _ANSWER})


async def _run_bare(port: int) -> None:
    await serve(_Bare(), listen("127.0.0.1", port), ready=_print_ready, stop=_nothing)


async def _nothing() -> None:
    return


async def _run_service(options: argparse.Namespace) -> None:
    defaults = load(None, {})
    replace = msgspec.structs.replace
    settings = replace(
        defaults,
        store=replace(defaults.store, data=options.data),
        limits=replace(defaults.limits, calls_per_second=0),
        delivery=replace(defaults.delivery, concurrency=options.concurrency),
        log=replace(defaults.log, level=options.log_level),
        routes={name: parse_route(table) for name, table in _routes(options).items()},
        accounts=_accounts(options),
    )
    if options.log_level != _USUAL_LEVEL:
        configure_logging(settings.log)
    service = Waypost(settings, SystemClock(), f"http://127.0.0.1:{options.port}")
    await declare_entries(service.store, fixture.SEED.entries(service.secret_box), fixture.ORIGIN, now=1)
    await service.start()
    await serve(service, listen("127.0.0.1", options.port), ready=_print_ready, stop=service.stop)


def _routes(options: argparse.Namespace) -> dict[str, dict[str, Any]]:
    senders = [sender for sender in fixture.SEED.senders if sender.channel in ("viber", "sms")]
    routes = dict(route_tables(senders, lambda _: options.viber_url))
    viber = routes[fixture.VIBER_ROUTE]
    if options.other_url:
        routes[_OTHER] = {**viber, "url": options.other_url}
    viber["rate"] = options.rate
    return routes


def _accounts(options: argparse.Namespace) -> dict[AccountId, AccountSettings]:
    """The accounts of the sandbox; the Viber sender of account 2 has a route of its own if there is one."""
    accounts = dict(fixture.SEED.with_callback_url(options.callback_url).accounts)
    if not options.other_url:
        return accounts
    replace, neighbour = msgspec.structs.replace, accounts[AccountId("2")]
    viber, *others = neighbour.senders
    senders = (replace(viber, route=_OTHER), *others)
    return {**accounts, AccountId("2"): replace(neighbour, senders=senders)}


def _print_ready() -> None:
    print("ready", flush=True)


def _main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=("bare", "service"))
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--data", default="")
    parser.add_argument("--viber-url", default="http://127.0.0.1:9/")
    parser.add_argument("--callback-url", default="")
    parser.add_argument("--log-level", default=_USUAL_LEVEL)
    parser.add_argument("--other-url", default="", help="the provider of account 2's sender alone")
    parser.add_argument("--rate", type=int, default=0, help="messages a second of Viber's route")
    parser.add_argument("--concurrency", type=int, default=256)
    options = parser.parse_args()
    if os.environ.get("PROFILE"):
        import cProfile

        profile = cProfile.Profile()
        profile.runcall(_start, options)
        profile.dump_stats(os.environ["PROFILE"])
    else:
        _start(options)


def _start(options: argparse.Namespace) -> None:
    if options.kind == "bare":
        uvloop.run(_run_bare(options.port))
    else:
        uvloop.run(_run_service(options))


if __name__ == "__main__":
    _main()
