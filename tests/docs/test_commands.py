"""Every command line in the guides does what the guide promises."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.configs import write_config
from tests.docs.pages import CHINESE, GENERATED, GUIDES, ROOT, blocks, page
from tests.processes import Running, environment_of, run_waypost, start, start_sandbox, start_serve, until
from waypost.cli.application import application_for
from waypost.server.http import listen, port_of

_BIN = Path(sys.executable).parent
_ENVIRONMENT = {
    "PATH": f"{_BIN}{os.pathsep}{os.environ['PATH']}",
    "VIBER_RECEIPTS": "viber-receipts-0001",
    "KANNEL_PASSWORD": "kannel",
    "SMS_RECEIPTS": "sms-receipts-000001",
    "ACME_CALLBACKS": "signs-the-pushes",
}
_STARTS = ("waypost sandbox", "waypost serve")
_AGAINST_A_SANDBOX = ("README.md", "docs/sandbox.md", "docs/testing.md")

needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl on this machine")


def _bash(script: str, folder: Path, **more: str) -> "subprocess.CompletedProcess[str]":
    environment = {**environment_of(None), **_ENVIRONMENT, **more}
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


def _kind(block: str) -> str:
    first = block.lstrip().splitlines()[0]
    if first.startswith("make "):
        return "make"
    if first.startswith(_STARTS) and "&" not in block:
        return "start"
    return "whole" if "&\n" in block else "session"


def _blocks(name: str, kind: str) -> list[str]:
    return [block for block in blocks(name, "sh") if _kind(block) == kind]


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, Path]]:
    """A sandbox with a folder, as the guides have it."""
    folder = tmp_path_factory.mktemp("docs")
    with start_sandbox(folder / "sandbox-data") as running:
        yield running, folder


def test_make_lines_name_targets() -> None:
    makefile = page("Makefile")
    named = [line for name in GUIDES for block in _blocks(name, "make") for line in block.splitlines()]
    assert named
    for line in named:
        assert f"\n{line.split()[1]}:" in makefile


@pytest.mark.parametrize("name", _AGAINST_A_SANDBOX)
@needs_curl
def test_commands_against_a_sandbox(name: str, sandbox: tuple[Running, Path]) -> None:
    running, folder = sandbox
    sent = run_waypost(
        "send", "--to", "4915112345678", "--text", "Your code is 4711.", "--endpoint", running.address
    )
    running.advance(5)
    session = _blocks(name, "session")
    assert session
    # A `reset` in the middle would take the message away from what follows it.
    for block in sorted(session, key=lambda block: "/reset" in block):
        script = block.replace("curl ", "curl -sS --fail ")
        for before in (":", "--port "):
            script = script.replace(f"{before}8080", f"{before}{running.port}")
        done = _bash(
            script, folder, MESSAGE_ID=sent.stdout.strip(), WAYPOST_ENDPOINT=running.address, no_proxy="*"
        )
        assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"


@needs_curl
def test_the_recipe_for_ci(tmp_path: Path) -> None:
    [recipe] = _blocks("docs/sandbox.md", "whole")
    with listen("127.0.0.1", 0) as free:
        port = port_of(free)
    script = recipe.replace("8080", str(port))
    done = _bash(script, tmp_path, WAYPOST_ENDPOINT=f"http://127.0.0.1:{port}", no_proxy="*")
    assert done.returncode == 0, done.stderr
    assert '"MessageId"' in done.stdout


@pytest.mark.parametrize("name", _AGAINST_A_SANDBOX)
def test_sandboxes_that_are_started(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for block in _blocks(name, "start"):
        for line in block.splitlines():
            arguments = line.split()[1:]
            if "--port" not in arguments:
                arguments += ["--port", "0"]
            with start(arguments) as running:
                assert running.get("/healthz")["status"] == "ok"


@pytest.mark.long
def test_operating(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The guide's own file, with all that it adds later, starts the service; its commands work beside it."""
    toml = "\n".join(blocks("docs/operating.md", "toml"))
    config = tmp_path / "waypost.toml"
    config.write_text(toml.replace("https://services.viber.com", "http://127.0.0.1:9"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert [block.split() for block in _blocks("docs/operating.md", "start")] == [
        ["waypost", "serve", "--config", "waypost.toml"]
    ]
    with start_serve(config, environment=_ENVIRONMENT | {"WAYPOST_SERVER__HOST": "127.0.0.1"}) as running:
        assert running.get("/healthz")["status"] == "ok"
        for block in _blocks("docs/operating.md", "session"):
            done = _bash(block, tmp_path)
            assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"
    assert (tmp_path / "waypost-backup.db").stat().st_size > 0
    assert (tmp_path / "keys" / "secret.key").exists()


def test_the_reload_of_the_systemd_unit(tmp_path: Path) -> None:
    [unit] = blocks("docs/operating.md", "ini")
    [reload] = [line.removeprefix("ExecReload=") for line in unit.splitlines() if "ExecReload=" in line]
    [started] = [line.removeprefix("ExecStart=") for line in unit.splitlines() if "ExecStart=" in line]
    assert started.split()[1:3] == ["serve", "--config"]
    config = write_config(tmp_path)
    with start_serve(config) as running:
        config.write_text(config.read_text(encoding="utf-8") + '[log]\nlevel = "inof"\n', encoding="utf-8")
        # systemd replaces the variable by itself; no shell is between.
        command = [part.replace("$MAINPID", str(running.process.pid)) for part in reload.split()]
        assert subprocess.run(command, check=False).returncode == 0
        until(lambda: "settings.refused" in running.log, what="the line of the log")
    assert running.process.returncode == 0


def test_every_waypost_command_in_the_text_exists() -> None:
    names = {
        command.name or getattr(command.callback, "__name__", "")
        for command in application_for([]).registered_commands
    }
    names |= {group.name for group in application_for([]).registered_groups}
    # What a service prints when it is ready stands in the text, too.
    names.add("ready")
    for name in GUIDES:
        for command in re.findall(r"`waypost (\w+)", page(name)):
            assert command in names, f"{name}: waypost {command}"


def test_the_guides_are_all_looked_at() -> None:
    found = {str(path.relative_to(ROOT)) for path in (ROOT / "docs").glob("*.md")}
    assert found - {*GENERATED, *CHINESE} <= set(GUIDES)
