"""What a coding assistant does with a sandbox: the tools of the MCP server, one for each verb."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError

import waypost
from waypost.api.errors.catalogue import error_code
from waypost.commands.api_call import NotReachedError, call_api
from waypost.commands.send import SANDBOX_SENDERS
from waypost.model.channels import channel_named
from waypost.sandbox.agent_pages import instructions
from waypost.testing.control import Control

_ABOUT = (
    "A simulated chat-app message service (Alibaba Cloud SendChatappMessage) for tests: phones, a clock that "
    "is moved instead of waited for, faults on demand. Nothing leaves this machine. Read the resource "
    "waypost://agent-instructions first. When something is not as expected, look at list_calls and "
    "explain_message."
)
INSTRUCTIONS = "waypost://agent-instructions"


class SandboxTools:
    """The verbs of a sandbox.

    Args:
        url: of the process, `http://127.0.0.1:<port>`.
        name: of a sandbox of one's own in it; empty for the common one.
    """

    def __init__(self, url: str, name: str) -> None:
        self._url = url
        self._key = f"{name}@sandbox" if name else "sandbox"
        self._control = Control(f"{url}/@{name}" if name else url)

    def send_message(
        self,
        to: str,
        text: str,
        channel: str = "viber",
        label: str = "transaction",
        fall_back_id: str = "",
        fall_back_duration: int = 0,
    ) -> dict[str, Any]:
        """Send a text by SendChatappMessage from the sandbox's own sender; the answer has the MessageId.

        The last four digits of `to` choose what becomes of it. `fall_back_id` S_000001 falls back to SMS,
        after `fall_back_duration` seconds if that is not 0.
        """
        if channel not in SANDBOX_SENDERS:
            raise ToolError(f"channel is {channel!r}; allowed are {', '.join(SANDBOX_SENDERS)}")
        parameters = {
            "ChannelType": channel,
            "Type": "message",
            "MessageType": "text",
            "Content": msgspec.json.encode({"text": text}).decode(),
            "From": SANDBOX_SENDERS[channel],
            "To": to,
        }
        if channel_named(channel).labels:
            parameters["Label"] = label
        if fall_back_id:
            parameters["FallBackId"] = fall_back_id
        if fall_back_duration:
            parameters["FallBackDuration"] = str(fall_back_duration)
        return self.call("SendChatappMessage", parameters)

    def call(self, operation: str, parameters: dict[str, str]) -> dict[str, Any]:
        """Make a signed call of any operation; structured parameters are JSON texts."""
        try:
            return call_api(self._url, self._key, self._key, operation, parameters)[1]
        except NotReachedError as error:
            raise ToolError(str(error)) from error

    def list_messages(self, to: str = "", state: str = "", limit: int = 50) -> list[dict[str, Any]]:
        """List what was accepted, newest first, with the state that each message is in."""
        return self._list("messages", to=to, state=state, limit=str(limit))

    def explain_message(self, message_id: str) -> dict[str, Any]:
        """Show a message from the call to its end: legs, attempts, what waits, a timeline with reasons."""
        return self._look(f"/sandbox/messages/{quote(message_id, safe='')}")

    def list_calls(self, operation: str = "", code: str = "") -> list[dict[str, Any]]:
        """List the calls that were answered, oldest first: the code, and of a refused one what was wrong."""
        return self._list("calls", operation=operation, code=code)

    def explain_signature(self, request_id: str) -> dict[str, Any]:
        """Say why the signature of a refused call is wrong: causes, and the signed texts, ours and theirs."""
        return self._look(f"/sandbox/calls/{quote(request_id, safe='')}/signature")

    def list_callbacks(self, message_id: str = "") -> list[dict[str, Any]]:
        """List what was or would have been pushed to the customer's URL, and what came of it."""
        return self._list("callbacks", message_id=message_id)

    def list_phones(self) -> list[dict[str, Any]]:
        """List the phones that something has reached."""
        return self._list("phones")

    def show_phone(self, number: str) -> dict[str, Any]:
        """Show what a phone shows, oldest first."""
        return self._look(f"/sandbox/phones/{quote(number, safe='')}")

    def reply(self, number: str, text: str) -> dict[str, Any]:
        """Have the person with that phone answer the last message; STOP opts out."""
        return self._post(f"/sandbox/phones/{quote(number, safe='')}/reply", {"text": text})

    def advance_clock(self, seconds: float = 0, hours: float = 0) -> dict[str, Any]:
        """Move the clock ahead; all that is due on the way has then happened. 0 finishes what is due now."""
        return self._post("/sandbox/clock/advance", {"seconds": seconds + 3600 * hours})

    def advance_to_next(self) -> dict[str, Any]:
        """Move the clock to when the next thing is due, and let it happen."""
        return self._post("/sandbox/clock/next", {})

    def fail_next_calls(self, code: str, count: int = 1, operation: str = "") -> dict[str, Any]:
        """Have the next calls refused with an error code, such as System.LimitControl."""
        return self._post("/sandbox/refusals", {"code": code, "count": count, "operation": operation})

    def look_up_error(self, code: str) -> dict[str, Any]:
        """Look up an error code: when it is answered, and what to do."""
        try:
            return error_code(code)._asdict()
        except KeyError:
            raise ToolError(f"there is no error code {code!r}") from None

    def reset(self) -> dict[str, Any]:
        """Make the sandbox what it was at first, the clock included."""
        return self._post("/sandbox/reset", {})

    def instructions(self) -> str:
        """How to test a program against this sandbox: keys, senders, numbers, and rules."""
        return instructions(self._url, self._url.removeprefix("http://"))

    def _list(self, what: str, **query: str) -> list[dict[str, Any]]:
        chosen = {name: value for name, value in query.items() if value}
        found: list[dict[str, Any]] = self._look(f"/sandbox/{what}?{urlencode(chosen)}")[what]
        return found

    def _look(self, path: str) -> dict[str, Any]:
        return self._checked(lambda: self._control.look(path))

    def _post(self, path: str, body: object) -> dict[str, Any]:
        return self._checked(lambda: self._control.post(path, body))

    def _checked(self, ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        try:
            answer = ask()
        except OSError as error:
            raise ToolError(f"the sandbox at {self._url} does not answer: {error}") from error
        if "error" in answer:
            raise ToolError(str(answer["error"]))
        return answer


def mcp_server(tools: SandboxTools) -> MCPServer[Any]:
    """The MCP server of a sandbox; `run()` serves standard input and output."""
    server: MCPServer[Any] = MCPServer("waypost", instructions=_ABOUT, version=waypost.__version__)
    for tool in (
        tools.send_message,
        tools.call,
        tools.list_messages,
        tools.explain_message,
        tools.list_calls,
        tools.explain_signature,
        tools.list_callbacks,
        tools.list_phones,
        tools.show_phone,
        tools.reply,
        tools.advance_clock,
        tools.advance_to_next,
        tools.fail_next_calls,
        tools.look_up_error,
        tools.reset,
    ):
        server.add_tool(tool)
    server.resource(INSTRUCTIONS, mime_type="text/markdown")(tools.instructions)
    return server
