"""The sandbox's page: phones, calls, callbacks and the clock as they are now, and what can be done there."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from waypost.api.http_messages import HttpAnswer, HttpRequest, Reply
from waypost.api.sdk_code.api_call import SECRET_VARIABLE
from waypost.clock import MovableClock
from waypost.console.finding import TAKES, nothing_found, query_of, reference_path
from waypost.console.own_pages import is_of_own_page
from waypost.console.rendering import Renderer, is_long_query
from waypost.messaging.history import read_history
from waypost.model.identifiers import MessageId, is_message_id
from waypost.sandbox.call_code import code_rows
from waypost.sandbox.calls import Call, Calls
from waypost.sandbox.control import PHONE_ACTIONS
from waypost.sandbox.explored_calls import form_of_call
from waypost.sandbox.list_pages import InvalidQueryError, number
from waypost.sandbox.message_groups import GROUP_FINDS, MessageGroups
from waypost.sandbox.phone_actions import ActionRefusedError
from waypost.sandbox.phone_legs import PhoneLegs
from waypost.sandbox.phone_network import PhoneNetwork
from waypost.sandbox.seed import Seed
from waypost.sandbox.stories import send_stories, stories_of
from waypost.sandbox.time_travel import StoppedError, TimeTravel
from waypost.sandbox.view_columns import Phones, callbacks_column, callbacks_of, calls_column
from waypost.sandbox.waterfall import waterfall
from waypost.storage.contract import Store

_PHONES, _BUBBLES, _ROWS, _WHOLE_PHONE = 6, 6, 20, 50
_HIGHEST_ROW = 10**15 - 1
STEPS_S: Mapping[str, int] = {"60": 60, "3600": 3600, "43200": 43_200}
"""By how many seconds the buttons move the clock."""
FINDS = ("a MessageId", "a RequestId", "the number of a phone", *GROUP_FINDS)
"""What a sandbox finds beside what every Waypost does."""
_OK = "OK"

Handle = Callable[[HttpRequest, Reply], None]


class ViewPage:
    """Answers the requests for the page, for that of a message, a phone and a call, and from their buttons.

    Args:
        seed: what the sandbox begins with.
        store: the store of the service under test.
        handle: answers a call of the API.
        callback_url: the URL that callbacks are pushed to; empty if they are only stored.
    """

    def __init__(
        self,
        seed: Seed,
        store: Store,
        network: PhoneNetwork,
        legs: PhoneLegs,
        calls: Calls,
        travel: TimeTravel,
        clock: MovableClock,
        handle: Handle,
        callback_url: str = "",
    ) -> None:
        self._seed, self._store, self._network, self._calls = seed, store, network, calls
        self._travel, self._clock, self._handle, self._callback_url = travel, clock, handle, callback_url
        self._phones = Phones(network, legs)
        self._renderer = Renderer("waypost.sandbox")
        self._groups = MessageGroups(store, self._renderer, FINDS + TAKES, _TEXTS)

    def routes(self) -> list[Route]:
        """The URL routes of the pages."""
        return [
            Route("/", self.page),
            Route("/view/live", self.live),
            Route("/view/phone", self._acting(self._act), methods=["POST"]),
            Route("/view/clock", self._acting(self._move_clock), methods=["POST"]),
            Route("/view/stories", self._acting(self._send_stories), methods=["POST"]),
            Route("/messages/{message_id}", self.message),
            Route("/phones/{number:path}", self.phone),
            Route("/calls/{request_id}", self.call),
            Route("/find", self.find),
            *self._groups.routes(),
        ]

    async def page(self, request: Request) -> Response:
        """The page as it is now; `?phones=`, `?calls=` and `?callbacks=` show older rows of a column."""
        return await self._show(request, "view.html")

    async def live(self, request: Request) -> Response:
        """The part of the page that changes."""
        return await self._show(request, "view_live.html")

    async def _show(self, request: Request, template: str, notice: str = "", status: int = 200) -> Response:
        params = {} if is_long_query(request) else request.query_params
        try:
            calls_before = number(params, "calls", 0, _HIGHEST_ROW)
            callbacks_before = number(params, "callbacks", 0, _HIGHEST_ROW)
        except InvalidQueryError as error:
            calls_before, callbacks_before, notice = None, None, str(error)
        phones = await self._phones.column(_PHONES, _BUBBLES, params.get("phones", ""))
        names = ("phones", "calls", "callbacks", "lang")
        return self._renderer.page(
            template,
            status,
            request=request,
            phones=phones,
            calls=calls_column(reversed(self._calls.listed), _ROWS, calls_before),
            callbacks=await callbacks_column(self._store, _ROWS, callbacks_before),
            now=self._clock.now(),
            ahead=self._clock.offset // 1000,
            next_due=await self._travel.next_due(),
            has_stories=bool(stories_of(self._seed)),
            is_empty=not phones.rows and not self._calls.listed,
            chosen={name: params[name] for name in names if name in params},
            callback_url=self._callback_url,
            notice=notice,
            **_TEXTS,
        )

    async def message(self, request: Request) -> Response:
        """The page of a message: its waterfall, legs and timeline, and what is still to come."""
        message_id = MessageId(request.path_params["message_id"])
        history = await read_history(self._store, message_id)
        if history is None:
            # A call that sent to many has the GroupMessageId where others have a MessageId.
            group = await self._groups.path_of(message_id)
            if group is not None:
                return RedirectResponse(request.scope.get("root_path", "") + group, 303)
            return nothing_found(self._renderer, request, FINDS + TAKES)
        now = self._clock.now()
        return self._renderer.page(
            "message.html",
            request=request,
            history=history,
            message=history.message,
            waterfall=waterfall(history, now),
            callbacks=await callbacks_of(self._store, message_id),
            now=now,
            **_TEXTS,
        )

    async def phone(self, request: Request) -> Response:
        """The page of a phone; `?before=` shows older messages."""
        params = {} if is_long_query(request) else request.query_params
        try:
            before = number(params, "before", 0, _HIGHEST_ROW)
        except InvalidQueryError:
            before = None
        phone = await self._phones.phone(request.path_params["number"], _WHOLE_PHONE, before)
        return self._renderer.page(
            "phone.html", request=request, phone=phone, now=self._clock.now(), **_TEXTS
        )

    async def call(self, request: Request) -> Response:
        """The page of a call, by its RequestId."""
        call = self._find_call(request.path_params["request_id"])
        if call is None:
            return nothing_found(self._renderer, request, FINDS + TAKES)
        code = code_rows(call, request.url.netloc, request.url.scheme)
        explorer = form_of_call(request.scope.get("root_path", ""), call)
        return self._renderer.page(
            "call.html",
            request=request,
            call=call,
            code=code,
            explorer=explorer,
            secret_variable=SECRET_VARIABLE,
            **_TEXTS,
        )

    async def find(self, request: Request) -> Response:
        """Redirects to the page of what is looked for, or says that there is none."""
        query, root = query_of(request), request.scope.get("root_path", "")
        path = await self._path_of(query) if query else None
        if path is not None:
            return RedirectResponse(root + path, 303)
        return nothing_found(self._renderer, request, FINDS + TAKES)

    async def _path_of(self, query: str) -> str | None:
        if is_message_id(query) and await self._store.find_message(MessageId(query)) is not None:
            return f"/messages/{query}"
        call = self._find_call(query)
        if call is not None:
            return f"/calls/{call.request_id}"
        digits = query.removeprefix("+").replace(" ", "")
        if digits.isascii() and digits.isdecimal() and self._network.latest(digits, 1):
            return f"/phones/{digits}"
        return reference_path(query) or await self._groups.path_of(query)

    def _find_call(self, request_id: str) -> Call | None:
        upper = request_id.upper()
        return next((call for call in reversed(self._calls.listed) if call.request_id == upper), None)

    def _acting(
        self, act: Callable[[Request, Mapping[str, str]], Awaitable[str]]
    ) -> Callable[[Request], Awaitable[Response]]:
        """An endpoint of a form: `act` does what it is for, and returns what is wrong; empty for nothing."""

        async def respond(request: Request) -> Response:
            if not is_of_own_page(request.headers):
                return PlainTextResponse("this is for the buttons of the sandbox's own pages alone", 403)
            body = (await request.body()).decode(errors="replace")
            fields = {name: values[0] for name, values in parse_qs(body, max_num_fields=20).items()}
            try:
                notice = await act(request, fields)
            except StoppedError:
                notice = "the sandbox is being stopped"
            if request.headers.get("hx-request") == "true":
                return await self._show(request, "view_live.html", notice)
            if notice:
                return await self._show(request, "view.html", notice, 400)
            return RedirectResponse(f"{request.scope.get('root_path', '')}/", 303)

        return respond

    async def _act(self, _: Request, fields: Mapping[str, str]) -> str:
        action = PHONE_ACTIONS.get(fields.get("action", ""))
        if action is None:
            return f"action must be one of: {', '.join(PHONE_ACTIONS)}"
        try:
            await self._travel.settle()
            action[1](self._network, fields.get("number", ""), fields.get("text", ""))
        except ActionRefusedError as error:
            return str(error)
        await self._travel.settle()
        return ""

    async def _move_clock(self, _: Request, fields: Mapping[str, str]) -> str:
        by = fields.get("by", "")
        if by == "next":
            return "" if await self._travel.advance_to_next() else "nothing waits for a time"
        if by not in STEPS_S:
            return f"by must be one of: next, {', '.join(STEPS_S)}"
        await self._travel.advance(STEPS_S[by])
        return ""

    async def _send_stories(self, request: Request, fields: Mapping[str, str]) -> str:
        if not stories_of(self._seed):
            return "the accounts of this sandbox do not have what the examples are sent with"
        answers: asyncio.Queue[HttpAnswer] = asyncio.Queue()
        send_stories(self._seed, request.url.netloc, self._handle, answers.put_nowait)
        for _ in stories_of(self._seed):
            await answers.get()
        await self._travel.settle()
        return ""


def time_of_day(moment: int) -> str:
    """The time of day of a moment in milliseconds UTC, to the second."""
    return datetime.fromtimestamp(moment // 1000, UTC).strftime("%H:%M:%S")


def date_and_time(moment: int) -> str:
    """A moment in milliseconds UTC, to the millisecond."""
    return datetime.fromtimestamp(moment // 1000, UTC).strftime("%Y-%m-%d %H:%M:%S") + f".{moment % 1000:03}"


def duration(ms: int) -> str:
    """A length of time in words that fit into a table."""
    if abs(ms) < 1000:
        return f"{ms} ms"
    seconds = abs(ms) / 1000
    for unit, length in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{'-' if ms < 0 else ''}{seconds / length:.1f} {unit}"
    return f"{ms / 1000:.1f} s"


_TEXTS: Mapping[str, Any] = {
    "time_of_day": time_of_day,
    "date_and_time": date_and_time,
    "duration": duration,
    "ok": _OK,
}
