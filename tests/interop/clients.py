"""Clients that the scenario is run with: official SDKs, each a program that calls as it is asked to."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from tests.interop.toolchains import GO, JAVA, NODE, Toolchain, installed

JSON = Mapping[str, Any]


class Program(NamedTuple):
    """A program that reads requests, a line of JSON each, and answers each by a line.

    Attributes:
        name: the packages that it calls by.
        toolchain: what it needs.
        command: how it is started in the folder of its toolchain; the endpoint and the signature follow.
        signature: `V3` or `V1`.
    """

    name: str
    toolchain: Toolchain
    command: tuple[str, ...]
    signature: str


_JAVA = ("sh", "-c", 'exec java -cp ".:$(cat classpath.txt)" Caller "$0" "$1"')
PROGRAMS = (
    Program("Node, @alicloud/cams20200606", NODE, ("node", "caller.js"), "V3"),
    Program("Node, @alicloud/pop-core", NODE, ("node", "caller.js"), "V1"),
    Program("Java, tea-openapi", JAVA, _JAVA, "V3"),
    Program("Java, aliyun-java-sdk-core", JAVA, _JAVA, "V1"),
    Program("Go, darabonba-openapi", GO, ("./caller",), "V3"),
    Program("Go, alibaba-cloud-sdk-go", GO, ("./caller",), "V1"),
)


class Client:
    """A program that runs."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def answer(self, request: JSON) -> dict[str, Any]:
        """What a request came to: the members of the answer, or `refused`."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, f"it ended with {self._process.wait(10)}"
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextmanager
def started(program: Program, endpoint: str, log: Path) -> Iterator[Client]:
    """A program that calls the sandbox at an endpoint; what it writes on standard error is in `log`."""
    folder = installed(program.toolchain)
    with (
        log.open("w", encoding="utf-8") as errors,
        subprocess.Popen(
            [*program.command, endpoint, program.signature],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as process,
    ):
        try:
            yield Client(process)
        finally:
            process.kill()
