"""A sandbox of one test: who calls it, what was sent, and what became of that.

Whoever looks at it sees what is, once everything that is due has happened: a test waits for nothing.
"""

import asyncio
import os
import uuid
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar, get_args

import msgspec

from waypost.testing.control import Control
from waypost.testing.disruptions import CallFailure, Disruption, NoAnswer, Provider, disrupt
from waypost.testing.phone import Phone
from waypost.testing.process import URL_VARIABLE, SandboxProcess
from waypost.testing.records import Call, Callback, Message
from waypost.testing.thread import SandboxThread
from waypost.testing.trace import message_lines, trace

if TYPE_CHECKING:
    from alibabacloud_cams20200606.client import Client

T = TypeVar("T")


class Sandbox:
    """A sandbox that nobody else sees: store, phones, clock and faults are its own.

    Attributes:
        name: what its AccessKeyIds begin with.
        url: `http://127.0.0.1:<port>`, of the process that it shares with others.
        endpoint: `127.0.0.1:<port>`, as the SDKs want it; the protocol is `http`.
        access_key_id, access_key_secret: of the owner of account 1.
    """

    def __init__(self, url: str, name: str) -> None:
        self.url = url
        self.name = name
        self.endpoint = url.removeprefix("http://")
        self.access_key_id = self.access_key_secret = f"{name}@sandbox"
        self._control = Control(f"{url}/@{name}")

    @cached_property
    def client(self) -> "Client":
        """A client of the official Python SDK, made ready.

        Raises:
            ImportError: `alibabacloud_cams20200606` is not installed.
        """
        return self.client_of("sandbox")

    def client_of(self, key: str) -> "Client":
        """A client of the official SDK that calls by another key of the sandbox, such as `denied`."""
        from alibabacloud_cams20200606.client import Client
        from alibabacloud_tea_openapi.models import Config

        id_ = f"{self.name}@{key}"
        return Client(
            Config(access_key_id=id_, access_key_secret=id_, endpoint=self.endpoint, protocol="http")
        )

    def phone(self, number: str) -> Phone:
        """The phone of a number."""
        return Phone(self._control, number)

    @property
    def messages(self) -> list[Message]:
        """The messages that were accepted, oldest first; the latest thousand."""
        return self._list("messages", Message)[::-1]

    @property
    def calls(self) -> list[Call]:
        """The calls that were answered, oldest first."""
        return self._list("calls", Call)

    @property
    def refused(self) -> list[Call]:
        """The calls that were refused, oldest first; `message` says why."""
        return [call for call in self.calls if call.code != "OK"]

    @property
    def callbacks(self) -> list[Callback]:
        """The callbacks, oldest first: where each is pushed to, and what came of it."""
        return self._list("callbacks", Callback)

    def statuses(self, message_id: str) -> list[str]:
        """The statuses of a message that callbacks have brought, in order."""
        about = [callback for callback in self.callbacks if callback.message_id == message_id]
        return [str(callback.body["Status"]) for callback in about if "Status" in callback.body]

    def _list(self, what: str, kind: type[T]) -> list[T]:
        query = "?limit=1000" if kind is Message else ""
        return msgspec.convert(self._control.look(f"/sandbox/{what}{query}")[what], list[kind])  # type: ignore[valid-type]

    @property
    def now(self) -> int:
        """The sandbox's time, milliseconds UTC."""
        return int(self._control.get("/sandbox/clock")["now"])

    def advance(self, seconds: float = 0, *, minutes: float = 0, hours: float = 0, days: float = 0) -> None:
        """Moves the clock ahead. Everything that is due on the way has happened when this returns."""
        total = seconds + 60 * minutes + 3600 * hours + 86_400 * days
        answer = self._control.post("/sandbox/clock/advance", {"seconds": total})
        if "error" in answer:
            raise ValueError(answer["error"])

    def advance_to_next(self) -> bool:
        """Moves the clock to when the next thing is due, and lets it happen; False if nothing waits."""
        return bool(self._control.post("/sandbox/clock/next", {})["moved"])

    def settle(self) -> None:
        """Returns when everything that is due now has happened."""
        self.advance(0)

    def fail_next(
        self, failure: str | CallFailure, *, count: int = 1, operation: str = "", seconds: float = 60
    ) -> None:
        """Has the next calls fail.

        Args:
            failure: the code that they are refused with, one of `/errors`; or `timeout` (not carried out and
                never answered), `drop` (not carried out, the connection is closed), `lose_answer` (carried
                out, the connection is closed) or `throttle`.
            operation: only calls of this one; empty for any.
            seconds: of a `timeout`, how long the connection stays open at most.

        Raises:
            ValueError: there is no such code, or a number is out of range.
        """
        self._fail(failure, operation, count=count, seconds=seconds)

    def fail_some(
        self, failure: str | CallFailure, *, share: float, seed: int | None = None, operation: str = ""
    ) -> Disruption:
        """Has a share of the calls fail, from now on; `fail_next` says how.

        Args:
            share: more than 0 to 1.
            seed: chooses which ones; the same seed and calls fail the same. None for a new one, which is in
                the answer.

        Raises:
            ValueError: there is no such code, or a number is out of range.
        """
        return self._fail(failure, operation, share=share, seed=seed)

    def _fail(self, failure: str, operation: str, **members: Any) -> Disruption:
        how = {"kind": failure} if failure in get_args(CallFailure) else {"kind": "refuse", "code": failure}
        return disrupt(self._control, "calls", **how, operation=operation, **members)

    def provider(self, channel: str) -> Provider:
        """The simulated provider of a channel, such as `viber` or `sms`, which can be slow, busy or down."""
        return Provider(self._control, channel)

    def answer_callbacks(
        self,
        answer: int | NoAnswer = 200,
        *,
        url: str = "",
        count: int | None = None,
        share: float = 1,
        seed: int | None = None,
    ) -> Disruption:
        """Has the sandbox answer pushes to customers' URLs, to which no request is made then.

        Args:
            answer: the HTTP status; or `timeout`, which counts at once, or `refuse_connection`.
            url: what the URL begins with; empty for any.
            count, share, seed: how many pushes, or which share of them, chosen by what; by default all.

        Raises:
            ValueError: a number is out of range.
        """
        how: dict[str, Any] = (
            {"kind": "answer", "status": answer} if isinstance(answer, int) else {"kind": answer}
        )
        return disrupt(self._control, "callbacks", **how, url=url, count=count, share=share, seed=seed)

    def choose_next(
        self,
        *,
        template_code: str = "",
        fallback_id: str = "",
        rule_id: str = "",
        space_id: str = "",
    ) -> None:
        """Chooses the ids that calls answer next which make such a thing; one that is taken is passed over.

        Args:
            template_code: of `CreateChatappTemplate`.
            fallback_id, rule_id: of `CreateFallbackPolicy` and `CreateFallbackRule`.
            space_id: the CustSpaceId of `CreateInstance`.

        Raises:
            ValueError: an id has other characters than letters, digits, `_` and `-`, or more than 64.
        """
        chosen = {
            "template": template_code,
            "fallback_policy": fallback_id,
            "fallback_rule": rule_id,
            "space": space_id,
        }
        for kind, id_ in chosen.items():
            answer = self._control.post("/sandbox/ids", {"kind": kind, "next": [id_]}) if id_ else {}
            if "error" in answer:
                raise ValueError(answer["error"])

    def recover(self) -> None:
        """Lets all go right again: calls, providers and callbacks."""
        self._control.delete("/sandbox/disruptions")

    def expect_message(self, to: str, *, state: str = "", channel: str = "") -> Message:
        """The only message to a person, which must be as it is expected.

        Args:
            state: the state that it must be in; empty for any.
            channel: the channel that it must have been sent on; empty for any.

        Raises:
            AssertionError: it is not so; the text has what happened.
        """
        found = [message for message in self.messages if message.to.lstrip("+") == to.lstrip("+")]
        if len(found) != 1:
            raise AssertionError(f"{len(found)} messages to {to}, not one\n{self.trace()}")
        [message] = found
        for what, expected, actual in (
            ("state", state, message.state),
            ("channel", channel, message.channel),
        ):
            if expected not in ("", actual):
                timeline = message_lines(self._control, message)
                raise AssertionError(f"the message to {to} has {what} {actual}, not {expected}\n{timeline}")
        return message

    def trace(self) -> str:
        """What happened, as text: calls, messages with their timelines, callbacks."""
        return trace(self._control, self.calls, self.messages, self.callbacks)

    def dump(self) -> bytes:
        """All that it is, as JSON: for `load`, or for a file that `waypost sandbox --state` opens."""
        return self._control.read("/sandbox/state")

    def load(self, state: bytes) -> None:
        """Makes it what a sandbox was when it was dumped, the clock included.

        Raises:
            ValueError: the state is damaged, or of another version; nothing is changed.
        """
        answer = self._control.post("/sandbox/state", state)
        if "error" in answer:
            raise ValueError(answer["error"])

    def fork(self, name: str = "") -> "Sandbox":
        """Another sandbox that goes on from here; whoever forks it closes it.

        Args:
            name: of it; empty for a new one.

        Raises:
            ValueError: there is one of this name, or it is no name.
        """
        answer = self._control.post("/sandbox/fork", {"name": name or f"t-{uuid.uuid4().hex[:12]}"})
        if "error" in answer:
            raise ValueError(answer["error"])
        return Sandbox(self.url, answer["name"])

    def reset(self) -> None:
        """Makes it what it was at first, the clock included."""
        self._control.post("/sandbox/reset", {})

    def close(self) -> None:
        """Ends it with all that is in it."""
        self._control.delete("/sandbox")


def start_sandbox(seed: str = "", *, in_process: bool = False) -> SandboxProcess | SandboxThread:
    """Starts one for whoever stops it.

    Args:
        seed: a settings file whose accounts it begins with; empty for its own.
        in_process: whether it is a thread of this process.

    Raises:
        RuntimeError: it does not start.
    """
    if in_process:
        return SandboxThread(seed)
    return SandboxProcess(*(("--seed", seed) if seed else ()))


class sandbox:  # noqa: N801 - used as a function
    """Gives a sandbox of one's own until the end of a `with` or `async with` block.

        with sandbox() as waypost:
            waypost.client.send_chatapp_message(...)

    It starts a process or a thread, unless `WAYPOST_SANDBOX_URL` or `url` names a sandbox that runs.

    Args:
        url: of a sandbox that runs.
        seed: a settings file whose accounts it begins with, if one is started.
        in_process: whether it is started as a thread of this process, which is sooner ready.
    """

    def __init__(self, url: str = "", *, seed: str | os.PathLike[str] = "", in_process: bool = False) -> None:
        self._seed = os.fspath(seed)
        self._in_process = in_process
        self._url = url or os.environ.get(URL_VARIABLE, "").rstrip("/")
        self._started: SandboxProcess | SandboxThread | None = None
        self._sandbox: Sandbox | None = None

    def __enter__(self) -> Sandbox:
        if not self._url:
            self._started = start_sandbox(self._seed, in_process=self._in_process)
        url = self._started.url if self._started is not None else self._url
        self._sandbox = Sandbox(url, f"t-{uuid.uuid4().hex[:12]}")
        return self._sandbox

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace_: TracebackType | None
    ) -> None:
        if self._started is not None:
            self._started.stop()
        elif self._sandbox is not None:
            self._sandbox.close()

    async def __aenter__(self) -> Sandbox:
        return await asyncio.to_thread(self.__enter__)

    async def __aexit__(self, *raised: Any) -> None:
        await asyncio.to_thread(self.__exit__, *raised)
