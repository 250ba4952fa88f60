"""The pages of what was sent together, and the field that leads to them."""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from tests.processes import Running, start_sandbox
from tests.sandbox.test_view_page import ask, page
from tests.sdk.callers import FREE, Sandbox
from waypost.commands.api_call import call_api

TASK = "spring/2026 <b>"


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with start_sandbox() as process:
        yield process


@pytest.fixture
def sandbox(running: Running) -> Sandbox:
    running.post("/sandbox/reset")
    return Sandbox(running)


def mass(running: Running, numbers: list[str]) -> dict[str, Any]:
    recipients = [{"To": number, "TemplateParams": {"name": "Zoe", "code": "1"}} for number in numbers]
    parameters = {
        "ChannelType": "viber",
        "From": "20001",
        "TemplateCode": "sandbox_welcome",
        "Language": "en",
        "Label": "promotion",
        "SenderList": json.dumps(recipients),
    }
    _, answer = call_api(running.address, "sandbox", "sandbox", "SendChatappMassMessage", parameters)
    assert answer["Code"] == "OK", answer
    return answer


def test_a_group_message_id_leads_to_its_messages(running: Running, sandbox: Sandbox) -> None:
    numbers = ["4915112345671", "4915112345672"]
    answer = mass(running, numbers)
    group = answer["GroupMessageId"]
    assert ask(running, f"/find?q={group}", {})[:2] == (303, f"/groups/{group}")
    # The page of the call has one link, whatever kind of id its answer has.
    assert ask(running, f"/messages/{group}", {})[:2] == (303, f"/groups/{group}")
    shown = page(running, f"/groups/{group}")
    assert [number for number in numbers if f"/phones/{number}" not in shown] == []
    [first, *_] = re.findall(r'href="(/messages/\d+)"', shown)
    assert "<svg" in page(running, first)


def test_a_task_id_leads_to_its_messages(running: Running, sandbox: Sandbox) -> None:
    message_id = sandbox.send(**FREE, to="4915112345678", task_id=TASK)
    other = sandbox.send(**FREE, to="4915112345678", task_id="another")
    path = f"/tasks/{quote(TASK, safe='')}"
    assert ask(running, f"/find?q={quote(TASK)}", {})[:2] == (303, path)
    shown = page(running, path)
    assert f"/messages/{message_id}" in shown
    assert other not in shown
    assert "<b>" not in shown.partition("<h1>")[2].partition("</h1>")[0]


def test_older_messages_of_a_task_follow(running: Running, sandbox: Sandbox) -> None:
    sent = [sandbox.send(**FREE, to="4915112345678", task_id="many") for _ in range(53)]
    first = page(running, "/tasks/many")
    [older] = re.findall(r'href="(\?before=\d+)"', first)
    second = page(running, f"/tasks/many{older}")
    found = re.findall(r'href="/messages/(\d+)"', first + second)
    assert found == sorted(sent, reverse=True)
    assert "Older messages" not in second
    assert ask(running, "/tasks/many?before=x", {})[0] == 200


def test_in_a_sandbox_with_a_name_it_leads_to_pages_of_that_name(running: Running) -> None:
    key = "named@sandbox"
    parameters = {
        "ChannelType": "viber",
        "Type": "message",
        "MessageType": "text",
        "Content": '{"text":"hello"}',
        "From": "20001",
        "To": "4915112345678",
        "Label": "promotion",
        "TaskId": "mine",
    }
    call_api(running.address, key, key, "SendChatappMessage", parameters)
    assert ask(running, "/@named/find?q=mine", {})[:2] == (303, "/@named/tasks/mine")
    assert 'href="/@named/messages/' in page(running, "/@named/tasks/mine")
    assert ask(running, "/find?q=mine", {})[0] == 404


@pytest.mark.parametrize("path", ["/tasks/nothing", "/groups/1", f"/groups/{'2' * 25}", "/find?q=x"])
def test_what_no_message_has_is_not_found(running: Running, sandbox: Sandbox, path: str) -> None:
    status, _, text = ask(running, path, {})
    assert status == 404
    assert "a TaskId" in text
    assert "a GroupMessageId" in text
    assert ask(running, f"/tasks/{'x' * 500}", {})[0] == 404
