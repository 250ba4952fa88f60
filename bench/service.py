"""Processes the benches measure: the whole service, and the bare server as the floor beneath it."""

import argparse
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import uvloop

from waypost.api.http_messages import HttpRequest
from waypost.clock import SystemClock
from waypost.config.loading import load
from waypost.connectors.registry import parse_route
from waypost.sandbox import fixture
from waypost.server.app import Waypost
from waypost.server.http import listen, serve
from waypost.storage.declared_entries import declare_entries

_ANSWER = (
    b'{"RequestId":"90E63D28-E31D-1EB2-8939-A94866411B20","Code":"OK","Message":"OK",'
    b'"MessageId":"2026112303460800000100000"}'
)
_HEADERS = [
    (b"content-type", b"application/json;charset=utf-8"),
    (b"content-length", str(len(_ANSWER)).encode()),
]


def a_free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Running(NamedTuple):
    """A process under measurement; `ready_after` is in seconds from its start."""

    port: int
    pid: int
    ready_after: float


@contextmanager
def running(kind: str, **options: object) -> Iterator[Running]:
    """Runs a process of this module, and ends it afterwards."""
    started = time.perf_counter()
    port = a_free_port()
    command = [sys.executable, "-m", "bench.service", kind, "--port", str(port)]
    for name, value in options.items():
        command += [f"--{name.replace('_', '-')}", str(value)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            if process.stdout.readline().strip() != "ready":
                raise RuntimeError(f"{' '.join(command)} did not start")
            yield Running(port, process.pid, time.perf_counter() - started)
        finally:
            process.terminate()
            process.wait(60)


def resident_mib(pid: int) -> float:
    """The resident memory of a process in MiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise ProcessLookupError(pid)


class _Bare:
    """Reads nothing and answers one fixed body, over ASGI as pages are."""

    def handler_of(self, request: HttpRequest) -> None:
        return None

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
        log=replace(defaults.log, level="error"),
        routes={
            name: parse_route(table)
            for name, table in fixture.routes(options.viber_url, options.viber_url).items()
        },
        accounts=fixture.with_callback_url(options.callback_url),
    )
    service = Waypost(settings, SystemClock(), f"http://127.0.0.1:{options.port}")
    await declare_entries(service.store, fixture.entries(service.secret_box), fixture.ORIGIN)
    await service.start()
    await serve(service, listen("127.0.0.1", options.port), ready=_print_ready, stop=service.stop)


def _print_ready() -> None:
    print("ready", flush=True)


def _main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=("bare", "service"))
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--data", default="")
    parser.add_argument("--viber-url", default="http://127.0.0.1:9/")
    parser.add_argument("--callback-url", default="")
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
