"""One scenario, step by step the same, by the official clients of several languages.

The steps are in `scenario.json`: a call by the client, a receive by its queue SDK, a request to a control
endpoint, or what was pushed so far; with the members that it must come to. `$name` is what a step kept.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.listener import Listener, listening
from tests.interop.clients import PROGRAMS, Client, Program, started
from waypost.testing import SandboxProcess
from waypost.testing.control import Control

SCENARIO: list[dict[str, Any]] = json.loads(Path(__file__).with_name("scenario.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def process() -> Iterator[SandboxProcess]:
    running = SandboxProcess()
    yield running
    running.stop()


@pytest.fixture
def receiver() -> Iterator[Listener]:
    with listening({"code": 0}) as listener:
        yield listener


class Player:
    """Plays the steps in a sandbox of a name of its own.

    Args:
        url: of the sandbox's process.
        name: the name of the sandbox.
    """

    def __init__(self, url: str, name: str, client: Client, receiver: Listener) -> None:
        self._name = name
        self._control = Control(f"{url}/@{name}")
        self._client = client
        self._receiver = receiver
        self._kept = {"receiver": receiver.url}

    def play(self, step: dict[str, Any]) -> None:
        text = re.sub(r"\$(\w+)", lambda found: self._kept[found[1]], json.dumps(step, ensure_ascii=False))
        answer = self._answer(json.loads(text))
        expected = json.loads(text)["expect"]
        assert {path: member(answer, path) for path in expected} == expected, (step["step"], answer)
        self._kept |= {name: member(answer, path) for name, path in step.get("keep", {}).items()}

    def _answer(self, step: dict[str, Any]) -> Any:
        match step:
            case {"operation": _} | {"queue": _}:
                key = f"{self._name}@{step.get('key', 'sandbox')}"
                return self._client.answer({**step, "key": key, "secret": step.get("secret", key)})
            case {"get": path}:
                return self._control.look(path)
            case {"post": path, "body": body}:
                return self._control.post(path, body)
            case {"pushed": message_id}:
                return [each for each in self._receiver.objects() if each["MessageId"] == message_id]
        raise AssertionError(f"no such step: {step}")


def member(of: Any, path: str) -> Any:
    """The member at a path such as `Data.0.To`; None if there is none."""
    for name in path.split("."):
        if isinstance(of, list):
            of = of[int(name)] if int(name) < len(of) else None
        else:
            of = of.get(name) if isinstance(of, dict) else None
    return of


@pytest.mark.long
@pytest.mark.timeout(400)
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_the_scenario_passes(
    process: SandboxProcess, receiver: Listener, program: Program, tmp_path: Path
) -> None:
    name = re.sub(r"\W+", "-", program.name)
    log = tmp_path / "errors.log"
    with started(program, process.url.removeprefix("http://"), log) as client:
        player = Player(process.url, name, client, receiver)
        for step in SCENARIO:
            player.play(step)


def test_a_step_that_comes_to_something_else_fails(process: SandboxProcess, receiver: Listener) -> None:
    class Wrong(Client):
        def __init__(self) -> None:
            self.requests: list[Any] = []

        def answer(self, request: Any) -> dict[str, Any]:
            self.requests.append(request)
            return {"Code": "OK", "Data": [{"To": "1"}]}

    client = Wrong()
    player = Player(process.url, "wrong", client, receiver)
    step = {"step": "s", "operation": "O", "parameters": {"Url": "$receiver"}}
    player.play({**step, "expect": {"Code": "OK", "Data.0.To": "1", "Data.1": None, "None.0": None}})
    assert client.requests[0]["parameters"] == {"Url": receiver.url}
    assert (client.requests[0]["key"], client.requests[0]["secret"]) == ("wrong@sandbox", "wrong@sandbox")
    for expect in ({"Code": "Other"}, {"Data.0": None}, {"Data.1.To": "1"}):
        with pytest.raises(AssertionError):
            player.play({**step, "expect": expect})


def test_the_scenario_has_all_its_parts() -> None:
    """What the scenario is about, by the operations and endpoints that it has."""
    operations = {step.get("operation") for step in SCENARIO} - {None}
    assert operations == {
        "UpdateAccountWebhook",
        "SendChatappMessage",
        "SendChatappMassMessage",
        "ListChatappMessage",
    }
    codes = {step["expect"].get("refused.Code") for step in SCENARIO} - {None}
    assert len(codes) == 8
    kinds = {
        kind for step in SCENARIO for kind in ("operation", "queue", "get", "post", "pushed") if kind in step
    }
    assert len(kinds) == 5
