"""Code for every operation, run as it is pasted: the call that arrives has exactly the parameters."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from tests.interop.toolchains import GO, JAVA, NODE, installed
from tests.processes import Running, environment_of, start_sandbox
from tests.sdk_code.calls import MASS, SEND, arrived_parameters, as_values, documented_call, typed_call
from tests.sdk_code.test_literals import CONTROLS, HOSTILE, needs
from waypost.api.operations.catalogue import EVERY
from waypost.api.sdk_code.api_call import SECRET_VARIABLE, ApiCall
from waypost.api.sdk_code.languages import BY_ID

pytestmark = pytest.mark.long

HERE = Path(__file__).parent
# Operations with parameters of several levels, or with additions of ours to the official ones.
_OF_LEVELS = ("Message", "MassMessage", "Template", "ViberOpen", "Suspend", "Request", "Metric", "Webhook")
Execute = Callable[[list[str]], str]


@pytest.fixture(scope="module")
def process() -> Iterator[Running]:
    """A sandbox of these tests alone, since some operations take away what others need."""
    with start_sandbox() as running:
        yield running


def calls_for(process: Running) -> list[ApiCall]:
    """Every operation with its documented examples, and calls with texts that code must escape."""
    endpoint = process.endpoint
    hostile = {
        f"Tag{index}": text for index, text in enumerate(HOSTILE) if text and not CONTROLS.search(text)
    }
    members = {"ChannelType": "viber", "Content": json.dumps(hostile), "Tag": "".join(hostile.values())}
    return [
        ApiCall("SendChatappMessage", SEND.version, SEND.parameters, endpoint, "http", "sandbox"),
        # Typed, with all that must be escaped; and not typed, with a parameter that nobody knows.
        ApiCall("SendChatappMessage", SEND.version, members, endpoint, "http", "sandbox"),
        ApiCall("SendChatappMessage", SEND.version, hostile, endpoint, "http", "sandbox"),
        ApiCall(MASS.operation, MASS.version, MASS.parameters, endpoint, "http", "sandbox"),
        *(documented_call(operation, endpoint) for operation in EVERY),
        *(typed_call(operation, endpoint) for operation in EVERY if operation.endswith(_OF_LEVELS)),
    ]


def test_python(process: Running) -> None:
    check_arrived(process, "python", lambda codes: run((sys.executable, HERE / "run_python.py"), codes))


def test_python_core(process: Running) -> None:
    check_arrived(process, "python-core", lambda codes: run((sys.executable, HERE / "run_python.py"), codes))


@pytest.mark.parametrize("language", ["typescript", "typescript-core"])
def test_typescript(process: Running, language: str) -> None:
    folder = installed(NODE)
    check_arrived(process, language, lambda codes: run(("node", HERE / "run_typescript.js"), codes, folder))


def test_curl(process: Running) -> None:
    needs("curl", "openssl")
    check_arrived(process, "curl", lambda codes: run(("sh",), [], script="\n".join(map(_in_subshell, codes))))


def test_waypost_call(process: Running) -> None:
    def through_shell(codes: Sequence[str]) -> str:
        # The shell takes the code apart, one process then runs all commands.
        command = 'waypost() { printf "%s\\0" "$WAYPOST_ACCESS_KEY_SECRET" $# "$@"; }\n'
        words = run(("sh",), [], script=command + "\n".join(codes)).split("\0")[:-1]
        listed = []
        while words:
            secret, count = words[0], int(words[1])
            assert secret == "sandbox"
            listed.append(words[2 : 2 + count])
            words = words[2 + count :]
        environment = {"WAYPOST_ACCESS_KEY_SECRET": "sandbox"}
        return run((sys.executable, HERE / "run_waypost.py"), listed, environment=environment)

    check_arrived(process, "waypost", through_shell)


def test_java_compiles(process: Running, tmp_path: Path) -> None:
    folder = installed(JAVA)
    classpath = (folder / "classpath.txt").read_text(encoding="utf-8")
    for language in ("java", "java-core"):
        files = []
        for index, call in enumerate(calls_for(process)):
            package = f"{language.replace('-', '_')}{index}"
            file = tmp_path / package / f"{call.operation}.java"
            file.parent.mkdir()
            file.write_text(f"package {package};\n{BY_ID[language].code(call)}", encoding="utf-8")
            files.append(str(file))
        run(
            (
                "javac",
                "-encoding",
                "UTF-8",
                "-proc:none",
                "-d",
                tmp_path / "classes",
                "-cp",
                classpath,
                *files,
            ),
            [],
        )
    sent = 1
    before = len(listed_calls(process))
    for language in ("java", "java_core"):
        classes = f"{tmp_path / 'classes'}:{classpath}"
        run(
            ("java", "-Dfile.encoding=UTF-8", "-cp", classes, f"{language}{sent}.SendChatappMessage"),
            [],
            is_refused=True,
        )
    arrived = listed_calls(process)[before:]
    expected = calls_for(process)[sent].parameters
    assert [arrived_parameters(call) for call in arrived] == [expected, expected]


def test_go_compiles(process: Running) -> None:
    folder = installed(GO)
    programs = folder / "code"
    shutil.rmtree(programs, ignore_errors=True)
    try:
        for language in ("go", "go-core"):
            for index, call in enumerate(calls_for(process)):
                file = programs / f"{language}{index}" / "main.go"
                file.parent.mkdir(parents=True)
                file.write_text(BY_ID[language].code(call), encoding="utf-8")
        assert run(("gofmt", "-l", programs), []) == ""
        run(("go", "vet", "./code/..."), [], folder)
        sent = 1
        before = len(listed_calls(process))
        for language in ("go", "go-core"):
            run(("go", "run", f"./code/{language}{sent}"), [], folder, is_refused=True)
    finally:
        shutil.rmtree(programs)
    arrived = listed_calls(process)[before:]
    expected = calls_for(process)[sent].parameters
    assert [arrived_parameters(call) for call in arrived] == [expected, expected]


def test_php_is_php(process: Running, tmp_path: Path) -> None:
    needs("php")
    # One file with all, as `php -l` takes one; what only stands at the start of a file is left out.
    codes = [BY_ID["php"].code(call).partition("use ")[2] for call in calls_for(process)]
    file = tmp_path / "all.php"
    pieces = "\n".join(f"namespace Code{index} {{\nuse {code}\n}}" for index, code in enumerate(codes))
    file.write_text(f"<?php\n{pieces}", encoding="utf-8")
    assert "No syntax errors" in run(("php", "-l", file), [])


def check_arrived(process: Running, language: str, execute: Execute) -> None:
    calls = calls_for(process)
    before = len(listed_calls(process))
    output = execute([BY_ID[language].code(call) for call in calls])
    arrived = listed_calls(process)[before:]
    assert [call["operation"] for call in arrived] == [call.operation for call in calls], output
    for call, listed in zip(calls, arrived, strict=True):
        parameters = arrived_parameters(listed)
        if parameters != call.parameters:
            assert as_values(parameters) == as_values(call.parameters), call.operation
        assert listed["access_key_id"] == "sandbox"
    assert (arrived[0]["code"], arrived[3]["code"]) == ("OK", "OK")
    assert "not TypeScript" not in output


def listed_calls(process: Running) -> list[dict[str, object]]:
    listed: list[dict[str, object]] = process.get("/sandbox/calls")["calls"]
    return listed


def run(
    command: Sequence[str | Path],
    items: Sequence[object],
    folder: Path | None = None,
    *,
    script: str = "",
    environment: Mapping[str, str] | None = None,
    is_refused: bool = False,
) -> str:
    """Runs a command to its end, with items as JSON or a script on its standard input; what it wrote.

    Args:
        is_refused: whether its call is refused, with which it fails.
    """
    done = subprocess.run(
        command,
        input=(script or json.dumps(items)).encode(),
        capture_output=True,
        cwd=folder,
        env=environment_of({SECRET_VARIABLE: "sandbox", **(environment or {})}),
        timeout=110,
        check=False,
    )
    output = (done.stdout + done.stderr).decode()
    assert (done.returncode != 0) == is_refused, output[-4000:]
    return output


def _in_subshell(code: str) -> str:
    return f"(\n{code}\n)"
