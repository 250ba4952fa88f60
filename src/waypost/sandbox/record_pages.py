"""The pages of a message, a phone, a call and the latest calls; all but a call's have a part that changes."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from waypost.api.sdk_code.api_call import SECRET_VARIABLE
from waypost.clock import MovableClock
from waypost.console.finding import TAKES, nothing_found, query_of, reference_path
from waypost.console.rendering import CALLS_PART, Renderer, is_long_query
from waypost.messaging.history import read_history
from waypost.model.identifiers import MessageId, is_message_id
from waypost.sandbox.call_code import code_rows
from waypost.sandbox.calls import Call, Calls
from waypost.sandbox.explored_calls import form_of_call
from waypost.sandbox.list_pages import InvalidQueryError, number
from waypost.sandbox.message_groups import GROUP_FINDS, MessageGroups
from waypost.sandbox.phone_network import PhoneNetwork
from waypost.sandbox.shared_answers import SharedAnswers
from waypost.sandbox.times_in_words import date_and_time, duration, time_of_day
from waypost.sandbox.view_columns import Phones, callbacks_of, calls_column
from waypost.sandbox.waterfall import waterfall
from waypost.storage.contract import Store

_WHOLE_PHONE, _ROWS = 50, 30
HIGHEST_ROW = 10**15 - 1
FINDS = ("a MessageId", "a RequestId", "the number of a phone", *GROUP_FINDS)
"""What a sandbox finds beside what every Waypost does."""

TEXTS: Mapping[str, Any] = {
    "time_of_day": time_of_day,
    "date_and_time": date_and_time,
    "duration": duration,
    "ok": "OK",
}
"""What the templates of the sandbox's pages use."""

_Show = Callable[[Request], Awaitable[Response]]


class RecordPages:
    """Answers the requests for them, and leads from an id to its page.

    Args:
        store: the store of the service under test.
        phones: reads the phones.
        shared: has what several look at.
    """

    def __init__(
        self,
        store: Store,
        network: PhoneNetwork,
        phones: Phones,
        calls: Calls,
        clock: MovableClock,
        shared: SharedAnswers,
    ) -> None:
        self._store, self._network, self._phones = store, network, phones
        self._calls, self._clock, self._shared = calls, clock, shared
        self._renderer = Renderer("waypost.sandbox")
        self._groups = MessageGroups(store, self._renderer, FINDS + TAKES, TEXTS)

    def routes(self) -> list[Route]:
        """The URL routes of the pages."""
        return [
            Route("/messages/{message_id}", self.message),
            Route("/view/messages/{message_id}", self._part("message_live.html", self._message)),
            Route("/phones/{number:path}", self._page("phone.html", self._phone)),
            Route("/view/phones/{number:path}", self._part("phone_live.html", self._phone)),
            Route("/calls", self._page("calls.html", self._latest_calls)),
            Route(CALLS_PART, self._part("calls_live.html", self._latest_calls)),
            Route("/calls/{request_id}", self._page("call.html", self._call)),
            Route("/find", self.find),
            *self._groups.routes(),
        ]

    async def message(self, request: Request) -> Response:
        """The page of a message, or the way to that of a group, whose id a call that sent to many has."""
        id_ = request.path_params["message_id"]
        if await self._store.find_message(MessageId(id_)) is None:
            group = await self._groups.path_of(id_)
            if group is not None:
                return RedirectResponse(request.scope.get("root_path", "") + group, 303)
        return await self._page("message.html", self._message)(request)

    async def phone(self, request: Request, digits: str, notice: str, *, is_part: bool) -> Response:
        """The page of a phone, or the part of it that changes, after something was done there.

        Args:
            notice: what is wrong with that; empty for nothing.
        """
        values = await self._phone_values(request, digits)
        template, status = ("phone_live.html", 200) if is_part else ("phone.html", 400 if notice else 200)
        return self._renderer.page(template, status, request=request, **values | {"notice": notice})

    def _page(self, template: str, values: Callable[[Request], Awaitable[dict[str, Any] | None]]) -> _Show:
        async def show(request: Request) -> Response:
            found = await values(request)
            if found is None:
                return nothing_found(self._renderer, request, FINDS + TAKES)
            return self._renderer.page(template, request=request, **found)

        return show

    def _part(self, template: str, values: Callable[[Request], Awaitable[dict[str, Any] | None]]) -> _Show:
        show = self._page(template, values)

        async def share(request: Request) -> Response:
            return await self._shared.of(request, show)

        return share

    async def _message(self, request: Request) -> dict[str, Any] | None:
        """A message's waterfall, legs and timeline, and what is still to come."""
        message_id = MessageId(request.path_params["message_id"])
        history = await read_history(self._store, message_id)
        if history is None:
            return None
        now = self._clock.now()
        return {
            "history": history,
            "message": history.message,
            "waterfall": waterfall(history, now),
            "callbacks": await callbacks_of(self._store, message_id),
            "now": now,
            **TEXTS,
        }

    async def _phone(self, request: Request) -> dict[str, Any]:
        return await self._phone_values(request, request.path_params["number"])

    async def _phone_values(self, request: Request, digits: str) -> dict[str, Any]:
        """A phone; `?before=` shows older messages."""
        params = {} if is_long_query(request) else request.query_params
        before = _row(params, "before")
        phone = await self._phones.phone(digits, _WHOLE_PHONE, before)
        return {"phone": phone, "before": before, "notice": "", "now": self._clock.now(), **TEXTS}

    async def _latest_calls(self, request: Request) -> dict[str, Any]:
        """The latest calls; `?before=` shows older ones."""
        params = {} if is_long_query(request) else request.query_params
        before = _row(params, "before")
        return {"calls": calls_column(reversed(self._calls.listed), _ROWS, before), "before": before, **TEXTS}

    async def _call(self, request: Request) -> dict[str, Any] | None:
        """A call with its parameters, and as code."""
        call = self._find_call(request.path_params["request_id"])
        if call is None:
            return None
        code = code_rows(call, request.url.netloc, request.url.scheme)
        explorer = form_of_call(request.scope.get("root_path", ""), call)
        return {
            "call": call,
            "code": code,
            "explorer": explorer,
            "secret_variable": SECRET_VARIABLE,
            **TEXTS,
        }

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


def _row(params: Mapping[str, str], name: str) -> int | None:
    """The row that a page goes on before; None for the latest."""
    try:
        return number(params, name, 0, HIGHEST_ROW)
    except InvalidQueryError:
        return None
