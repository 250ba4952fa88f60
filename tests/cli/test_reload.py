"""SIGHUP: a running service reads its settings again. A wrong file changes nothing; nothing is ended."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request

import pytest
from bench.signed import operation_request

from tests.background_server import background
from tests.beside import make_key
from tests.cases.service import FieldService, field_service
from tests.cli.configs import write_config
from tests.crash.callers import answer_to, connect
from tests.faults.databases import held_write_lock, open_url
from tests.processes import (
    ENDED_WITHIN,
    STARTED_WITHIN,
    WAYPOST,
    Running,
    environment_of,
    run_waypost,
    start_sandbox,
    start_serve,
    until,
)
from waypost.api.signatures import v3
from waypost.commands.key_entries import Pair

OTHER = """
[routes.viber-two]
kind = "viber"
url = "{providers}/viber-two"
secret = "{secret}"
[accounts.other]
spaces = ["cams-other"]
[[accounts.other.senders]]
channel = "viber"
id = "30001"
route = "viber-two"
"""


def hang_up(running: Running) -> None:
    running.process.send_signal(signal.SIGHUP)


def reload(service: FieldService) -> None:
    """Has the service read its settings, and returns when it has taken them over."""
    before = service.running.log.count("settings.reloaded")
    hang_up(service.running)
    until(lambda: service.running.log.count("settings.reloaded") > before, what="a reload")


def send(running: Running, key: Pair, **parameters: str) -> dict[str, Any]:
    """Sends a free text by Viber with a key of any account; the answer's JSON."""
    defaults = {
        "ChannelType": "viber",
        "Type": "message",
        "MessageType": "text",
        "Content": '{"text":"hello"}',
        "Label": "transaction",
    }
    prepared = v3.prepare(key.secret)
    request = operation_request("SendChatappMessage", defaults | parameters, running.port, key.id, prepared)
    with connect(running.port) as connection:
        return answer_to(connection, request)


class HangingProvider:
    """A provider by Viber's interface that answers once it is released.

    Attributes:
        requests: the texts that it was sent.
    """

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.released = threading.Event()
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                provider.requests.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
                provider.released.wait(ENDED_WITHIN)
                body = json.dumps({"status": 0, "message_token": 1000 + len(provider.requests)}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                return

        class Server(ThreadingHTTPServer):
            daemon_threads = True

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/send"


@contextmanager
def hanging_provider() -> Iterator[HangingProvider]:
    provider = HangingProvider()
    with background(provider.server):
        try:
            yield provider
        finally:
            provider.released.set()


def test_a_wrong_file_changes_nothing_and_a_right_one_is_taken_over(tmp_path: Path) -> None:
    with field_service(tmp_path) as service:
        running, right = service.running, service.config.read_text(encoding="utf-8")
        other = OTHER.format(providers=service.providers.address, secret="other-receipts-1")

        wrong = (right + other).replace('route = "viber-two"', 'route = "viber-tow"')
        service.config.write_text(wrong.replace('kind = "line"', 'kind = "lime"'), encoding="utf-8")
        hang_up(running)
        until(lambda: "settings.refused" in running.log, what="the line of the log")
        assert "did you mean 'viber-two'?" in running.log
        assert "did you mean 'line'?" in running.log
        assert (
            service.send("viber", Label="transaction", To="380500000001", Content='{"text":"still here"}')[
                "Code"
            ]
            == "OK"
        )
        service.sent("viber", "still here")

        service.config.write_text(
            right.replace("[limits]", "min_free = 1\n[limits]") + other + '\n[log]\nlevel = "error"\n',
            encoding="utf-8",
        )
        key = make_key(service.config, "other")
        # At the level that is set it is not logged that it was read.
        hang_up(running)
        until(lambda: "settings.need_restart" in running.log, what="the line of the log")
        assert "store.min_free" in running.log
        until(
            lambda: send(running, key, From="30001", To="380500000002").get("Code") == "OK",
            what="the new account",
        )
        until(lambda: service.providers.sent["viber-two"], what="a request by the new route")
        assert service.send("viber", Label="transaction", To="380500000003")["Code"] == "OK"
        assert running.stop() == 0
        assert "settings.reloaded" not in running.log
        assert "stopping" not in running.log


@pytest.mark.long
def test_what_is_out_ends_on_its_route_and_what_begins_goes_by_the_new_one(tmp_path: Path) -> None:
    with hanging_provider() as old, field_service(tmp_path) as service:
        text = service.config.read_text(encoding="utf-8")
        usual = f"{service.providers.address}/viber"
        service.config.write_text(text.replace(f'"{usual}"', f'"{old.url}"'), encoding="utf-8")
        reload(service)
        out = service.send("viber", Label="transaction", To="380500000001", Content='{"text":"first"}')[
            "MessageId"
        ]
        until(lambda: old.requests, what="the request to the old address")

        table = f'[routes.viber]\nurl = "{usual}"\nsecret = "receipts"'
        assert table in text
        service.config.write_text(
            text.replace(table, table.replace('"receipts"', '"other-receipts-1"')), encoding="utf-8"
        )
        reload(service)
        assert service.post("viber", {}) == 404
        later = service.send("viber", Label="transaction", To="380500000002", Content='{"text":"second"}')[
            "MessageId"
        ]
        service.sent("viber", "second")

        old.released.set()
        until(lambda: _is_accepted(service, out), what="the answer of the old provider")
        receipt = {"message_token": 1001, "message_status": 1, "service_id": 20001}
        assert _post(service.running, "/receipts/viber/other-receipts-1", receipt) == 200
        assert [len(old.requests), len(service.providers.sent["viber"])] == [1, 1]
        assert _is_accepted(service, later)


def _is_accepted(service: FieldService, message_id: str, attempt: int = 1) -> bool:
    shown = run_waypost("messages", "show", message_id, "--config", str(service.config))
    return f"the provider accepted attempt {attempt}" in shown.stdout


def _post(running: Running, path: str, body: Any) -> int:
    """Posts JSON; the status of the answer."""
    request = Request(running.address + path, json.dumps(body).encode())
    try:
        with open_url(request, timeout=30) as answer:
            return int(answer.status)
    except HTTPError as refused:
        with refused:
            return refused.code


def test_a_route_that_is_wider_carries_what_waits(tmp_path: Path) -> None:
    with hanging_provider() as provider:
        narrow = "[delivery]\nconcurrency = 1\n"
        config = write_config(tmp_path, viber=provider.url, more=narrow)
        key = make_key(config, "acme")
        with start_serve(config) as running:
            for number in range(3):
                answer = send(running, key, From="20001", To=f"38050000000{number}")
                assert answer["Code"] == "OK"
            until(lambda: provider.requests, what="the first request")
            config.write_text(
                config.read_text(encoding="utf-8").replace("concurrency = 1", "concurrency = 3"),
                encoding="utf-8",
            )
            hang_up(running)
            # Three quarters of a route are one account's.
            until(lambda: len(provider.requests) == 3, what="the requests that waited")
            provider.released.set()


@pytest.mark.long
def test_claims_hold_as_long_as_the_new_timeouts_need(tmp_path: Path) -> None:
    with field_service(tmp_path) as service:
        text = service.config.read_text(encoding="utf-8")
        longer = text.replace("[routes.viber]", "[routes.viber]\ntimeout = 300")
        service.config.write_text(longer, encoding="utf-8")
        reload(service)
        # From memory, and at its second attempt from the journal.
        first = service.send("viber", Label="transaction", To="380500000001")["MessageId"]
        until(lambda: _is_accepted(service, first), what="the first message")
        service.providers.answer_next("viber", {}, 503)
        second = service.send("viber", Label="transaction", To="380500000002")["MessageId"]
        until(lambda: _is_accepted(service, second, attempt=2), what="the second message")


@pytest.mark.long
def test_a_route_and_an_account_that_are_gone(tmp_path: Path) -> None:
    with field_service(tmp_path) as service:
        text = service.config.read_text(encoding="utf-8")
        other = OTHER.format(providers=service.providers.address, secret="other-receipts-1")
        service.config.write_text(text + other, encoding="utf-8")
        reload(service)
        key = make_key(service.config, "other")
        until(lambda: send(service.running, key, From="30001", To="380500000001").get("Code") == "OK")
        service.config.write_text(text, encoding="utf-8")
        path = "/receipts/viber-two/other-receipts-1"
        assert _post(service.running, path, {}) != 404
        reload(service)
        assert _post(service.running, path, {}) == 404
        assert send(service.running, key, From="30001", To="380500000002").get("Code") != "OK"
        assert "routes_changed=['viber-two']" in service.running.log


@pytest.mark.long
def test_while_the_database_is_away_nothing_changes(tmp_path: Path) -> None:
    with field_service(tmp_path) as service:
        text = service.config.read_text(encoding="utf-8")
        other = OTHER.format(providers=service.providers.address, secret="other-receipts-1")
        service.config.write_text(text + other, encoding="utf-8")
        with held_write_lock(tmp_path / "data"):
            hang_up(service.running)
            until(lambda: "settings.not_applied" in service.running.log, what="the line of the log")
        path = "/receipts/viber-two/other-receipts-1"
        assert _post(service.running, path, {}) == 404
        reload(service)
        assert _post(service.running, path, {}) != 404


def test_sighup_ends_neither_a_start_nor_a_stop(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [*WAYPOST, "serve", "--config", str(write_config(tmp_path)), "--port", "0"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment_of(None),
    )
    running = Running(process)
    try:
        # Before its first line of Python nothing can.
        until(lambda: not _ends_by_hangup(process.pid), what="the first line of the command")
        threading.Thread(target=_hang_up_all_the_time, args=(process.pid,), daemon=True).start()
        running.wait_ready(STARTED_WITHIN)
    finally:
        assert running.stop() == 0
    assert "stopped" in running.log
    for stream in (process.stdout, process.stderr):
        assert stream is not None
        stream.close()


def test_the_commands_are_imported_only_when_sighup_cannot_end_a_start() -> None:
    """The interpreter's own start cannot be held; what is ours takes ten times as long."""
    program = (
        "import signal, sys; from waypost import cli; sys.argv[1:] = ['serve']\n"
        "ours = {name for name in sys.modules if name.startswith('waypost')}; print(*sorted(ours))\n"
        "class Look:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name.startswith('waypost.'):\n"
        "            print(signal.getsignal(signal.SIGHUP).name); raise SystemExit\n"
        "sys.meta_path.insert(0, Look()); cli.main()"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("waypost waypost.cli\nSIG_IGN\n", "")


def test_a_closed_terminal_stops_a_sandbox() -> None:
    with start_sandbox() as sandbox:
        hang_up(sandbox)
        assert sandbox.process.wait(ENDED_WITHIN) == 0


def test_under_nohup_a_sandbox_stays() -> None:
    process = subprocess.Popen(
        ["nohup", *WAYPOST, "sandbox", "--port", "0"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment_of(None),
    )
    running = Running(process)
    try:
        running.wait_ready(STARTED_WITHIN)
        hang_up(running)
        assert running.get("/healthz")["status"] == "ok"
    finally:
        assert running.stop() == 0
    for stream in (process.stdout, process.stderr):
        assert stream is not None
        stream.close()


def _hang_up_all_the_time(pid: int) -> None:
    """As often as it goes, until the process is gone, or has not been waited for yet."""
    until_s = time.monotonic() + STARTED_WITHIN + ENDED_WITHIN
    while _status_lines(pid).get("State", "Z")[0] != "Z" and time.monotonic() < until_s:
        os.kill(pid, signal.SIGHUP)
        time.sleep(0.0005)


def _ends_by_hangup(pid: int) -> bool:
    lines = _status_lines(pid)
    kept = int(lines.get("SigIgn", "0"), 16) | int(lines.get("SigCgt", "0"), 16)
    return not kept & 1 << (signal.SIGHUP - 1)


def _status_lines(pid: int) -> dict[str, str]:
    try:
        text = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return {}
    return {name: value.strip() for name, _, value in (line.partition(":") for line in text.splitlines())}
