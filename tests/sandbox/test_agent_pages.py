"""What coding assistants read: it names what there is, and says how sure each behaviour is."""

import json
import re
from importlib.resources import files
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from tests.processes import Running, start_sandbox
from waypost.api.operations.catalogue import EVERY
from waypost.sandbox.agent_pages import instructions
from waypost.sandbox.references import REFERENCES, Mark
from waypost.sandbox.scenarios import SCENARIOS
from waypost.testing import Sandbox
from waypost.testing.control import Control

_SUBJECTS = set(
    "call signature fallback callbacks queues viber telegram line instagram phones clock".split()  # noqa: SIM905
)


@pytest.fixture(scope="module")
def sandbox() -> Any:
    with start_sandbox(limit=0) as running:
        yield running


def text_at(sandbox: Running, path: str, accept: str = "text/markdown") -> str:
    request = Request(sandbox.address + path, headers={"Accept": accept})
    with build_opener(ProxyHandler({})).open(request) as answer:
        assert answer.headers["content-type"].startswith(accept)
        text: str = answer.read().decode()
        return text


def test_the_instructions_name_this_sandbox_and_only_what_it_has(sandbox: Running) -> None:
    text = text_at(sandbox, "/sandbox/agent-instructions")
    assert f"Endpoint `{sandbox.endpoint}`" in text
    assert not re.search(r"\{(address|endpoint|scenarios)\}", text)
    for scenario in SCENARIOS:
        assert f"| `{scenario.digits}` | {scenario.description} |" in text
    for path in set(re.findall(r"GET (/sandbox/[\w/]+)", text)):
        filled = path.replace("NUMBER", "4915112345678").replace("MESSAGE_ID", "2" * 25)
        assert "error" not in sandbox.get(filled) or "code" in path or "_ID" in path, path
    for name in re.findall(r"`(\w+)(?:\([^`]*\))?`", text.split("Further:")[1].split("In `unittest`")[0]):
        assert hasattr(Sandbox, name), name


def test_what_is_posted_in_the_instructions_is_taken(made: Sandbox) -> None:
    text = instructions(made.url, made.endpoint)
    posted = re.findall(
        r"^\| `POST (/sandbox/(?:disruptions|refusals|clock)\S*)` \| `(\{.*?\})`", text, re.MULTILINE
    )
    assert len(posted) == 4
    control = Control(f"{made.url}/@{made.name}")
    for path, body in posted:
        assert "error" not in control.post(path, json.loads(body)), path
    for kind in re.findall(r"disruptions/calls.*also (.*?);", text)[0].split(", "):
        assert "error" not in control.post(
            "/sandbox/disruptions/calls", {"kind": kind.strip("`"), "count": 1}
        )
    for kind in re.findall(r"disruptions/providers.*also (.*?) \|", text)[0].split(", "):
        more = {"kind": kind.strip("`"), "channel": "viber"} | ({"seconds": 1} if "slow" in kind else {})
        assert "error" not in control.post("/sandbox/disruptions/providers", more), kind


def test_what_the_instructions_have_of_the_first_sandbox_is_there(sandbox: Running) -> None:
    text = text_at(sandbox, "/sandbox/agent-instructions")
    page = text_at(sandbox, "/here", "text/html")
    senders = re.findall(r"`(\d+)` on `(\w+)`", text)
    assert len(senders) == 6
    for sender, channel in senders:
        assert sender in page, channel
    for word in ("denied", "unsubscribed", "S_000001", "sandbox_welcome"):
        assert word in page


def test_references_are_chosen_by_mark_and_subject(sandbox: Running) -> None:
    everything = sandbox.get("/sandbox/references")["references"]
    assert len(everything) == len(REFERENCES)
    for mark in Mark:
        chosen = sandbox.get(f"/sandbox/references?mark={mark}")["references"]
        assert chosen
        assert {one["mark"] for one in chosen} == {mark}
    of_fallback = sandbox.get("/sandbox/references?subject=Fallback&mark=inferred")["references"]
    assert {one["subject"] for one in of_fallback} == {"fallback"}
    assert "allowed are document" in sandbox.get("/sandbox/references?mark=certain")["error"]


def test_each_reference_is_about_something_and_has_a_source() -> None:
    defaults = files("waypost.config").joinpath("waypost.default.toml").read_text(encoding="utf-8")
    behaviours = [reference.behaviour for reference in REFERENCES]
    assert len(set(behaviours)) == len(behaviours)
    for reference in REFERENCES:
        assert reference.subject in _SUBJECTS or reference.subject in EVERY, reference
        assert reference.behaviour.endswith(".")
        assert reference.source
        key = reference.setting.rpartition(".")[2]
        assert not key or f"{key} = " in defaults, reference
