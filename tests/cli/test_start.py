"""What a process loads to do what it is for: each package that is named here is slow to load."""

import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

import pytest

from tests.cli.configs import write_config
from tests.processes import run_waypost, start_sandbox, start_serve
from waypost.cli.application import COMMANDS, FAMILIES

_open = build_opener(ProxyHandler({})).open

# Python then writes a line for each module that it imports.
_LISTING = {"PYTHONPROFILEIMPORTTIME": "1"}
_LISTED = re.compile(r"^import time: .*\|\s+(\S+)$", re.MULTILINE)

HEAVY = frozenset(
    {
        "aiodns",
        "aiohttp",
        "alembic",
        "cryptography",
        "jinja2",
        "phonenumbers",
        "prometheus_client",
        "rich.console",
        "sqlalchemy",
        "starlette",
        "structlog",
        "uvicorn",
    }
)
ENCRYPTS = frozenset({"cryptography"})
# Knows all operations, as `serve` does with the same settings.
KNOWS_OPERATIONS = frozenset({"cryptography", "phonenumbers"})
NOTHING: frozenset[str] = frozenset()

# The command, with CONFIG for the settings, and what of the above it needs.
NEEDS = {
    "--version": NOTHING,
    "version": NOTHING,
    "messages list --data NOWHERE --json": NOTHING,
    "messages list --config CONFIG": NOTHING,
    "messages show 2026112303460800000100000 --config CONFIG": NOTHING,
    "callbacks list --config CONFIG": NOTHING,
    "calls list --config CONFIG": NOTHING,
    "audit list --config CONFIG": NOTHING,
    "keys list --config CONFIG": NOTHING,
    "keys create --account acme --config CONFIG": ENCRYPTS,
    "templates list --config CONFIG": NOTHING,
    "senders list --config CONFIG": NOTHING,
    "routes list --config CONFIG": NOTHING,
    "routes pause viber-main --config CONFIG": NOTHING,
    "db backup FOLDER/copy.db --config CONFIG": NOTHING,
    "recipients erase 4915112345678 --config CONFIG": ENCRYPTS,
    "check --config CONFIG": KNOWS_OPERATIONS,
    "call GetChatappMessageDetail --endpoint 127.0.0.1:9": KNOWS_OPERATIONS,
}
# Services have what they serve with, but neither what makes SQL nor what renders pages and colours.
NOT_IN_A_SERVICE = frozenset({"alembic", "jinja2", "rich.console", "sqlalchemy", "webbrowser"})


def loaded(log: str) -> set[str]:
    return set(_LISTED.findall(log))


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Settings with a database that has a key."""
    config = write_config(tmp_path_factory.mktemp("start"))
    done = run_waypost("keys", "create", "--account", "acme", "--config", str(config))
    assert done.returncode == 0, done.stderr
    return config


@pytest.mark.parametrize("command", NEEDS)
def test_a_command_loads_only_what_it_needs(command: str, config: Path) -> None:
    words = command.replace("CONFIG", str(config)).replace("NOWHERE", os.devnull)
    done = run_waypost(*words.replace("FOLDER", str(config.parent)).split(), environment=_LISTING)
    assert "waypost.cli.application" in loaded(done.stderr), done.stderr
    assert loaded(done.stderr) & HEAVY == NEEDS[command]


def test_a_command_of_each_family_is_looked_at() -> None:
    # Those that run until they are stopped are below; these talk to a terminal, a browser or an assistant.
    elsewhere = {"sandbox", "serve", "demo", "mcp", "send", "webhooks"}
    assert {command.split()[0] for command in NEEDS} - {"--version", "version"} == (
        COMMANDS.keys() | FAMILIES.keys()
    ) - elsewhere


def test_a_command_line_loads_the_family_that_it_names() -> None:
    program = (
        "import sys; from waypost.cli.application import application_for; application_for(['keys', 'list'])\n"
        "print(*sorted(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    families = {where.partition(":")[0] for where in (*COMMANDS.values(), *FAMILIES.values())}
    assert families & set(done.stdout.split()) == {"waypost.commands.keys"}


def test_a_sandbox_serves_calls_without_what_makes_its_sql() -> None:
    with start_sandbox(environment=_LISTING) as sandbox:
        assert loaded(sandbox.log) & NOT_IN_A_SERVICE == set()
        sandbox.get("/sandbox/messages")
        sandbox.get("/sandbox/calls")
        sandbox.post("/sandbox/reset")
        sandbox.advance(60)
        assert sandbox.stop() == 0
    assert loaded(sandbox.log) & NOT_IN_A_SERVICE == set()
    # What it is served with is listed, so what is not listed is not there.
    assert {"aiohttp", "starlette", "structlog", "uvicorn"} <= loaded(sandbox.log)


def test_the_first_page_loads_what_renders_it() -> None:
    with start_sandbox(environment=_LISTING) as sandbox:
        with _open(f"{sandbox.address}/errors", timeout=30) as page:
            assert b"<html" in page.read()
        assert sandbox.stop() == 0
    assert "jinja2" in loaded(sandbox.log)
    assert loaded(sandbox.log) & {"sqlalchemy", "rich.console"} == set()


def test_a_service_starts_without_what_makes_its_sql(config: Path) -> None:
    with start_serve(config, environment=_LISTING) as service:
        assert service.stop() == 0
    assert loaded(service.log) & NOT_IN_A_SERVICE == set()
    assert "aiohttp" in loaded(service.log)


def test_a_misspelled_command_is_compared_with_all_of_them() -> None:
    done = run_waypost("mesages", "list")
    assert done.returncode == 2
    assert "messages" in done.stderr
