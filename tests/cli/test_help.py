"""Every command teaches: what it does, an example, its exit codes."""

import importlib.metadata
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

import waypost
from tests.processes import environment_of, run_waypost
from waypost.cli.application import application_for
from waypost.model.channels import CHANNELS


def _commands(of: typer.Typer, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for command in of.registered_commands:
        assert command.callback is not None
        yield (*before, command.name or command.callback.__name__)
    for group in of.registered_groups:
        assert group.typer_instance is not None
        assert group.name is not None
        if group.typer_instance.info.invoke_without_command is True:
            yield (*before, group.name)
        yield from _commands(group.typer_instance, (*before, group.name))


application = application_for([])
COMMANDS = sorted(_commands(application))


def test_these_are_the_commands() -> None:
    assert [" ".join(command) for command in COMMANDS] == [
        "audit list",
        "call",
        "callbacks list",
        "callbacks replay",
        "calls list",
        "calls show",
        "check",
        "db backup",
        "db restore",
        "db rotate-key",
        "demo",
        "keys create",
        "keys delete",
        "keys disable",
        "keys enable",
        "keys import",
        "keys list",
        "keys rotate",
        "mcp",
        "messages cancel",
        "messages list",
        "messages show",
        "recipients erase",
        "routes list",
        "routes pause",
        "routes resume",
        "routes test",
        "sandbox",
        "sandbox env",
        "send",
        "senders approve",
        "senders list",
        "senders reject",
        "serve",
        "templates approve",
        "templates auditing",
        "templates list",
        "templates reject",
        "version",
        "webhooks rejected list",
        "webhooks rejected replay",
        "webhooks rejected show",
    ]


def test_the_help_names_every_channel() -> None:
    help_text = run_waypost("--help").stdout.lower()
    for channel in CHANNELS:
        assert channel in help_text


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_has_an_example_and_the_exit_codes(command: tuple[str, ...]) -> None:
    # In this process, because each of them would take a second; the first test here starts one.
    done = CliRunner(env={"COLUMNS": "200"}).invoke(application, [*command, "--help"])
    assert done.exit_code == 0, done.output
    example = done.output.partition("Example")[2]
    assert f"waypost {' '.join(command)}" in example
    assert "Exit code" in example


@pytest.mark.parametrize(
    "group", [(), ("messages",), ("callbacks",), ("keys",), ("templates",)], ids=" ".join
)
def test_a_group_alone_lists_its_commands(group: tuple[str, ...]) -> None:
    done = run_waypost(*group)
    assert done.returncode == 2
    for command in COMMANDS:
        if command[:-1] == group:
            assert command[-1] in done.stdout + done.stderr


@pytest.mark.parametrize(
    "wrong",
    [
        ("sned",),
        ("sandbox", "--port", "70000"),
        ("sandbox", "--callback-url", "localhost:9"),
        ("send",),
        ("keys", "create"),
        ("messages", "show"),
    ],
    ids=" ".join,
)
def test_wrong_usage_is_2_and_no_traceback(wrong: tuple[str, ...]) -> None:
    done = run_waypost(*wrong)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_version() -> None:
    assert importlib.metadata.version("waypost") == waypost.__version__
    assert run_waypost("version").stdout == f"waypost {waypost.__version__} (cams 2020-06-06)\n"
    assert json.loads(run_waypost("version", "--json").stdout) == {
        "waypost": waypost.__version__,
        "product": "cams",
        "api": "2020-06-06",
    }


def test_version_as_an_option() -> None:
    done = run_waypost("--version")
    assert (done.returncode, done.stdout) == (0, run_waypost("version").stdout)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_knows_the_commands(shell: str) -> None:
    environment = {
        "_WAYPOST_COMPLETE": f"complete_{shell}",
        "COMP_WORDS": "waypost keys ",
        "COMP_CWORD": "2",
        "_TYPER_COMPLETE_ARGS": "waypost keys ",
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    }
    done = subprocess.run(
        [Path(sys.executable).with_name("waypost")],
        env=environment_of(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "rotate" in done.stdout, done.stderr


def test_help_and_version_load_nothing_heavy() -> None:
    program = (
        "import sys; from waypost.cli.application import application_for; application_for([])\n"
        "heavy = {'sqlalchemy', 'aiohttp', 'uvicorn', 'starlette', 'rich', 'cryptography', 'alembic'}\n"
        "print(*sorted(heavy & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("\n", "")
