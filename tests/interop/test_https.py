"""HTTPS is dropped in: `eval "$(waypost sandbox env)"`, and programs of each language call the sandbox."""

import shutil
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import CompletedProcess, run

import pytest

from tests.processes import Running, environment_of, start_sandbox

PROGRAMS = Path(__file__).with_name("https")
WAYPOST = f"{sys.executable} -m waypost"


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A user's folder of states; its name has a blank."""
    return tmp_path_factory.mktemp("state") / "of a user"


@pytest.fixture(scope="module")
def sandbox_process(state: Path) -> Iterator[Running]:
    with start_sandbox(environment={"XDG_STATE_HOME": str(state)}) as running:
        yield running


def in_shell(state: Path, port: int, command: str, **more: str) -> "CompletedProcess[str]":
    """Runs a command in a shell that has evaluated the variables."""
    script = f'set -eu; eval "$({WAYPOST} sandbox env --port {port})"; {command}'
    environment = environment_of({"XDG_STATE_HOME": str(state), "no_proxy": "*", **more})
    for name in ("SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "HTTPS_PROXY", "https_proxy"):
        environment.pop(name, None)
    return run(
        ["bash", "-c", script], env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"there is no {name} on this machine: it is not shown that it can call")
    return found


@pytest.mark.parametrize(
    ("program", "printed"),
    [
        ("current_sdk.py", "OK\nOK\n"),
        ("older_sdk.py", "OK\n"),
        ("puller.py", "read\n"),
    ],
)
def test_python(sandbox_process: Running, state: Path, program: str, printed: str) -> None:
    done = in_shell(state, sandbox_process.port, f"{sys.executable} -W ignore {PROGRAMS / program}")
    assert (done.stdout, done.returncode) == (printed, 0), done.stderr


def test_curl(sandbox_process: Running, state: Path) -> None:
    command = f'{tool("curl")} -sS -o /dev/null -w "%{{http_code}}" "$WAYPOST_ENDPOINT/healthz"'
    done = in_shell(state, sandbox_process.port, command)
    assert (done.stdout, done.returncode) == ("200", 0), done.stderr


def test_node(sandbox_process: Running, state: Path) -> None:
    done = in_shell(state, sandbox_process.port, f"{tool('node')} {PROGRAMS / 'call.mjs'}")
    assert (done.stdout, done.returncode) == ("200\n", 0), done.stderr


def test_java(sandbox_process: Running, state: Path) -> None:
    done = in_shell(
        state, sandbox_process.port, f"{tool('java')} {PROGRAMS / 'Call.java'}", JAVA_TOOL_OPTIONS="-Xmx128m"
    )
    assert (done.stdout, done.returncode) == ("200\n", 0), done.stderr
    assert "-Xmx128m" in done.stderr


@pytest.mark.long
def test_the_java_puller(sandbox_process: Running, state: Path, tmp_path: Path) -> None:
    project, libraries = PROGRAMS / "java", tmp_path / "lib"
    fetched = run(
        [
            tool("mvn"),
            "-q",
            "-f",
            project / "pom.xml",
            "dependency:copy-dependencies",
            f"-DoutputDirectory={libraries}",
        ],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    if fetched.returncode != 0:
        pytest.skip(f"the libraries of Java cannot be had here: {fetched.stdout[:200]}")
    command = f"{tool('java')} -cp '{libraries}/*' {project / 'Puller.java'}"
    done = in_shell(state, sandbox_process.port, command)
    assert (done.stdout, done.returncode) == ("true\n", 0), done.stderr


@pytest.mark.long
def test_go(sandbox_process: Running, state: Path) -> None:
    go = shutil.which("go") or shutil.which("/usr/local/go/bin/go") or tool("go")
    done = in_shell(
        state,
        sandbox_process.port,
        f"{go} run {PROGRAMS / 'call.go'}",
        GOFLAGS="-mod=mod",
        GOTOOLCHAIN="local",
    )
    assert (done.stdout, done.returncode) == ("200\n", 0), done.stderr


def test_the_command_line_itself(sandbox_process: Running, state: Path) -> None:
    done = in_shell(state, sandbox_process.port, f"{WAYPOST} send --to 4915112345678 --text Hello")
    assert done.returncode == 0, done.stderr


def test_who_has_not_evaluated_them_trusts_nothing(sandbox_process: Running) -> None:
    curl = run(
        [tool("curl"), "-sS", f"https://127.0.0.1:{sandbox_process.port}/healthz"],
        env=environment_of({"no_proxy": "*"}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert curl.returncode == 60


def test_keys_are_their_owner_s_alone(sandbox_process: Running, state: Path) -> None:
    in_shell(state, sandbox_process.port, "true")
    folder = state / "waypost" / "tls"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    secret = [file for file in folder.iterdir() if b"PRIVATE KEY" in file.read_bytes()]
    assert [file.name for file in secret] == ["authority-1.pem"]
    assert stat.S_IMODE(secret[0].stat().st_mode) == 0o600
