"""A sandbox as a thread of the process of the tests, which it leaves as it is."""

import gc
import logging
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path
from urllib.request import urlopen

import pytest
from alibabacloud_cams20200606 import models

from tests.cli.configs import write_config
from tests.processes import fetch, until
from tests.sdk.callers import FREE
from waypost.server import sandboxes
from waypost.server.sandboxes import Sandboxes
from waypost.testing import Sandbox, SandboxThread, sandbox

resource = pytest.importorskip("resource", reason="this system has no limits of open files")

PHONE, SILENT = "4915112345678", "4915112340002"


@pytest.fixture(autouse=True)
def _nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WAYPOST_SANDBOX_URL", raising=False)


def send(of: Sandbox, to: str = PHONE, **more: object) -> None:
    of.client.send_chatapp_message(models.SendChatappMessageRequest(**{**FREE, "to": to, **more}))


def test_it_does_what_a_process_does() -> None:
    with sandbox(in_process=True) as made:
        send(made, SILENT, fall_back_id="S_000001", fall_back_duration=43200)
        made.advance(hours=12)
        assert [message.channel for message in made.phone(SILENT).messages] == ["viber", "sms"]


def test_it_begins_with_ones_own_accounts(tmp_path: Path) -> None:
    with sandbox(seed=write_config(tmp_path), in_process=True) as made:
        send(made)
        assert [message.account_id for message in made.messages] == ["acme"]


def test_two_beside_each_other_see_nothing_of_each_other() -> None:
    with sandbox(in_process=True) as one, sandbox(in_process=True) as two:
        send(one)
        assert one.url != two.url
        assert [len(one.messages), len(two.messages)] == [1, 0]


def test_what_nobody_uses_is_closed_and_not_what_somebody_looks_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandboxes, "IDLE_S", 0.2)
    monkeypatch.setattr(sandboxes, "_SWEEP_INTERVAL_S", 0.02)

    closed: list[str] = []

    async def close(of: Sandboxes, name: str) -> None:
        closed.append(name)
        await ends(of, name)

    ends = Sandboxes.close
    monkeypatch.setattr(Sandboxes, "close", close)
    with sandbox(in_process=True) as made:
        root = made.url.partition("/@")[0]
        with urlopen(f"{root}/@watched/view/changes"):
            for name in ("first", "second"):
                fetch(f"{root}/@{name}/sandbox/clock")
                until(partial(closed.__contains__, name), what=f"the end of {name}")
            assert "watched" not in closed
        until(lambda: "watched" in closed, what="the end of what is not looked at any more")


def test_it_leaves_the_process_as_it_is() -> None:
    def state() -> tuple[object, ...]:
        handlers = [signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)]
        limits = resource.getrlimit(resource.RLIMIT_NOFILE)
        return (*handlers, limits, gc.get_threshold(), gc.get_freeze_count(), logging.root.handlers[:])

    before = state()
    with sandbox(in_process=True) as made:
        send(made)
        assert state() == before
    assert state() == before


def test_its_threads_end_with_it() -> None:
    # In a process of its own, since other tests have threads, too.
    program = """
import threading
from waypost.testing import SandboxThread
made = SandboxThread()
assert threading.active_count() > 1
made.stop()
# One of the resolver's library stays for the whole process.
print(made.url, [one.name for one in threading.enumerate() if "_shutdown_loop" not in one.name])
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert run.stderr == ""
    assert run.stdout.startswith("http://127.0.0.1:")
    assert run.stdout.endswith(" ['MainThread']\n")


def test_a_program_that_forgets_it_ends() -> None:
    program = "from waypost.testing import SandboxThread; print(SandboxThread().url)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith("http://127.0.0.1:")


def test_one_that_cannot_start_names_the_mistake(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("[nothing]\n", encoding="utf-8")
    with pytest.raises(RuntimeError, match=r"did not start: .*accounts is null"):
        SandboxThread(str(wrong))


def test_its_warnings_go_to_the_log_of_the_process() -> None:
    program = """
import logging
import socket
logging.basicConfig(format="%(levelname)s %(name)s %(message)s")
from waypost.testing import SandboxThread
made = SandboxThread()
with socket.create_connection(("127.0.0.1", int(made.url.rpartition(":")[2]))) as one:
    one.sendall(b"nonsense\\r\\n\\r\\n")
    one.recv(1000)
made.stop()
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert run.stderr.startswith("WARNING waypost.server"), run.stderr
    assert "event='http.refused'" in run.stderr
    assert run.stdout == ""
