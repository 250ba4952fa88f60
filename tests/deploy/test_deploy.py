"""What stands in `deploy/`: linted, checked by its schemas, and run as far as that goes without an engine."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from packaging.specifiers import SpecifierSet
from ruamel.yaml import YAML

from tests.docs.pages import ROOT, page
from tests.processes import environment_of, fetch, until

DEPLOY = ROOT / "deploy"
BIN = Path(sys.executable).parent
SCHEMAS = {
    "github/action.yml": "vendor.github-actions",
    "github/workflow.example.yml": "vendor.github-workflows",
    "gitlab/gitlab-ci.example.yml": "vendor.gitlab-ci",
}
# The root of the file system is read-only but for a folder, as with `--read-only --tmpfs`.
_READ_ONLY = 'mount -t tmpfs tmpfs "$TMPDIR" && mount -o remount,bind,ro / && exec "$@"'


def run(*command: str, **more: Any) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False, timeout=100, **more
    )


def instruction(name: str) -> list[str]:
    """The arguments of the last instruction of a name in the Dockerfile, in its JSON form."""
    lines = page("deploy/Dockerfile").replace("\\\n", " ")
    [*_, found] = re.findall(rf"^{name} .*?(\[.*\])$", lines, re.MULTILINE)
    arguments: list[str] = json.loads(found)
    return arguments


def test_the_dockerfile_is_linted() -> None:
    done = run(str(BIN / "hadolint"), "--no-color", str(DEPLOY / "Dockerfile"))
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


def test_the_dockerfile_has_what_it_needs() -> None:
    text = page("deploy/Dockerfile")
    copied = [
        name for line in re.findall(r"^COPY (?!--from)(.*) \S+$", text, re.MULTILINE) for name in line.split()
    ]
    assert [name for name in copied if not (ROOT / name).exists()] == []
    built_from = set(
        re.findall(r"^readme = \"(.*)\"|^license-files = \[\"(.*)\"\]", page("pyproject.toml"), re.M)
    )
    assert {name for pair in built_from for name in pair if name} <= set(copied)
    versions = set(re.findall(r"^FROM python:(\d+\.\d+)-", text, re.MULTILINE))
    [required] = re.findall(r"^requires-python = \"(.*)\"$", page("pyproject.toml"), re.MULTILINE)
    assert all(version in SpecifierSet(required) for version in versions)
    assert re.search(r"^USER \d+$", text, re.MULTILINE)


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_files_for_ci_are_valid(name: str, tmp_path: Path) -> None:
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", SCHEMAS[name]]
    done = run(*check, str(DEPLOY / name))
    assert done.returncode == 0, done.stdout + done.stderr
    wrong = tmp_path / "wrong.yml"
    wrong.write_text("name: 5\njobs: 5\nruns: 5\n", encoding="utf-8")
    assert run(*check, str(wrong)).returncode == 1


def test_the_guide_names_what_was_not_tried() -> None:
    guide = " ".join(page("deploy/README.md").split())
    assert "the image was not built" in guide
    assert "Not run by our tests" in guide


@contextmanager
def container(tmp_path: Path) -> Iterator[str]:
    """The command of the image where nothing can be written but a temporary folder; its URL."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    command = [*instruction("ENTRYPOINT"), *instruction("CMD")]
    assert command[command.index("--host") + 1] == "0.0.0.0"
    command[command.index("--host") + 1] = "127.0.0.1"
    command[command.index("--port") + 1] = "0"
    assert command[0] == "waypost"
    command[0] = str(BIN / "waypost")
    environment = {**environment_of(None), "TMPDIR": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    with subprocess.Popen(
        ["unshare", "--mount", "sh", "-c", _READ_ONLY, "sh", *command],
        cwd="/",
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            ready = process.stdout.readline()
            assert "ready on" in ready, process.stderr.read() if process.stderr is not None else ""
            yield ready.rpartition(" ready on ")[2].strip()
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0


@pytest.mark.long
def test_its_command_runs_on_a_read_only_root_and_is_found_healthy(tmp_path: Path) -> None:
    if shutil.which("unshare") is None or run("unshare", "--mount", "true").returncode:
        pytest.skip("no mounts of one's own here: a read-only root is not tried")
    python, *check = instruction("HEALTHCHECK")
    assert python == "python"
    with container(tmp_path) as url:
        assert fetch(f"{url}/@one/sandbox/phones/4915112345678")["messages"] == []
        healthy = [part.replace("http://127.0.0.1:8080", url) for part in check]
        assert healthy != check
        assert run(sys.executable, *healthy).returncode == 0
    assert run(sys.executable, *healthy).returncode == 1


@pytest.mark.long
def test_the_steps_of_the_action_start_a_sandbox(tmp_path: Path) -> None:
    action = YAML(typ="safe").load((DEPLOY / "github" / "action.yml").read_text("utf-8"))
    install, start = action["runs"]["steps"]
    assert '-m pip install --quiet "$WHEEL"' in install["run"]
    # The environment of the tests stands in for the one that the first step makes.
    (tmp_path / "waypost").symlink_to(BIN.parent, target_is_directory=True)
    outputs, variables = tmp_path / "outputs", tmp_path / "variables"
    environment = {
        **os.environ,
        "RUNNER_TEMP": str(tmp_path),
        "GITHUB_OUTPUT": str(outputs),
        "GITHUB_ENV": str(variables),
        "OPTIONS": "--json",
    }
    bash = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", start["run"]]
    done = run(*bash, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    made = dict(line.split("=", 1) for line in outputs.read_text("utf-8").splitlines())
    pid = int(made["pid"])
    try:
        assert set(made) == set(action["outputs"])
        assert variables.read_text("utf-8") == f"WAYPOST_SANDBOX_URL={made['url']}\n"
        assert fetch(f"{made['url']}/sandbox/messages")["messages"] == []
    finally:
        os.kill(pid, signal.SIGTERM)
    until(
        lambda: not Path(f"/proc/{pid}/cmdline").exists() or not Path(f"/proc/{pid}/cmdline").read_bytes(),
        what="its end",
    )
    environment["OPTIONS"] = "--no-such-option"
    (tmp_path / "waypost.json").unlink()
    failed = run(*bash, env=environment)
    assert failed.returncode == 1
    assert "No such option" in failed.stdout
