"""`waypost mcp`, as an assistant uses it: the official client of the protocol starts the command."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters

from tests.processes import start_sandbox, until
from tests.sdk.callers import FREE, Sandbox
from waypost.api.errors.catalogue import ERRORS

TO = "4915112340002"


@asynccontextmanager
async def assistant(*options: str) -> AsyncIterator[Callable[..., Awaitable[Any]]]:
    """Calls a tool by name; returns its structured result, or raises what it says is wrong."""
    command = StdioServerParameters(
        command=sys.executable, args=["-m", "waypost", "mcp", *options], env=dict(os.environ)
    )
    async with Client(command) as client:

        async def use(tool: str, **arguments: Any) -> Any:
            result = await client.call_tool(tool, arguments)
            if result.is_error:
                raise ValueError(result.content[0].text)  # type: ignore[union-attr]
            found = result.structured_content
            return found.get("result", found) if found is not None else None

        use.client = client  # type: ignore[attr-defined]
        yield use


@pytest.mark.long
async def test_an_assistant_sees_a_fallback_through() -> None:
    async with assistant() as use:
        sent = await use(
            "send_message",
            to=TO,
            text="Your code is 4711.",
            fall_back_id="S_000001",
            fall_back_duration=43_200,
        )
        assert sent["Code"] == "OK"
        await use("advance_clock", hours=12)
        phone = await use("show_phone", number=TO)
        assert [message["channel"] for message in phone["messages"]] == ["viber", "sms"]
        explained = await use("explain_message", message_id=sent["MessageId"])
        assert any("fallback" in str(step) for step in explained["timeline"])
        assert (await use("list_messages", to=TO))[0]["message_id"] == sent["MessageId"]
        assert await use("list_callbacks", message_id=sent["MessageId"])

        await use("fail_next_calls", code="System.LimitControl")
        refused = await use("call", operation="ListChatappTemplate", parameters={})
        assert refused["Code"] == "System.LimitControl"
        [call] = await use("list_calls", code="System.LimitControl")
        assert call["operation"] == "ListChatappTemplate"
        assert "remedy" in await use("look_up_error", code="System.LimitControl")

        with pytest.raises(ValueError, match="was refused for its signature"):
            await use("explain_signature", request_id=call["request_id"])

        await use("send_message", to="4915112345678", text="hello", channel="telegram")
        assert len(await use("list_phones")) == 2
        await use("reset")
        assert await use("list_messages") == []

        text = (await use.client.read_resource("waypost://agent-instructions")).contents[0].text  # type: ignore[attr-defined]
        assert "Never sleep" in text
        tools = (await use.client.list_tools()).tools  # type: ignore[attr-defined]
        assert all(tool.description for tool in tools)


@pytest.mark.long
async def test_a_wrong_argument_is_explained() -> None:
    with start_sandbox(limit=0) as sandbox:
        async with assistant("--url", sandbox.address, "--name", "shop") as use:
            for tool, arguments, what in (
                ("send_message", {"to": TO, "text": "hi", "channel": "sms"}, "allowed are viber"),
                ("fail_next_calls", {"code": "NoSuch"}, "NoSuch"),
                ("look_up_error", {"code": "NoSuch"}, "there is no error code 'NoSuch'"),
                ("show_phone", {}, "number"),
            ):
                with pytest.raises(ValueError, match=what):
                    await use(tool, **arguments)
            refusal = Sandbox(sandbox).refused(**FREE, key="shop@sandbox", secret="shop@sandbox\n", to=TO)
            explained = await use("explain_signature", request_id=refusal.body["RequestId"])
            assert explained["causes"] == ["The secret has a line break at its end; read it without."]
            # It is a sandbox of its own, which others do not see.
            await use("send_message", to=TO, text="hi")
            assert sandbox.get("/sandbox/messages")["messages"] == []
            assert len(sandbox.get("/@shop/sandbox/messages")["messages"]) == 1
            sandbox.kill()
            for tool, arguments in (("list_phones", {}), ("send_message", {"to": TO, "text": "hi"})):
                with pytest.raises(ValueError, match=sandbox.address.rpartition("/")[2]):
                    await use(tool, **arguments)


@pytest.mark.long
async def test_its_sandbox_ends_with_it() -> None:
    async with assistant() as use:
        await use("list_phones")
        children = await asyncio.to_thread(sandboxes)
        assert children
    await asyncio.to_thread(until, lambda: not sandboxes() & children)


def sandboxes() -> set[str]:
    """The ids of the processes that a `waypost mcp` of this test has started."""
    found = set()
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            try:
                with open(f"/proc/{entry.name}/cmdline", "rb") as file:
                    words = file.read().split(b"\0")
                with open(f"/proc/{entry.name}/stat", encoding="ascii") as file:
                    parent = file.read().rpartition(")")[2].split()[1]
                with open(f"/proc/{parent}/stat", encoding="ascii") as file:
                    grandparent = file.read().rpartition(")")[2].split()[1]
            except OSError:
                continue
            if b"sandbox" in words and grandparent == str(os.getpid()):
                found.add(entry.name)
    return found


def test_every_code_can_be_looked_up() -> None:
    from waypost.commands.mcp_tools import SandboxTools

    tools = SandboxTools("http://127.0.0.1:1", "")
    for code in ERRORS:
        assert tools.look_up_error(code)["code"] == code
