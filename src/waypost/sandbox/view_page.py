"""The sandbox's page: phones, calls, callbacks and the clock as they are now, and what can be done there."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any
from urllib.parse import parse_qs, quote

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from waypost.api.errors.catalogue import ERRORS
from waypost.api.http_messages import HttpAnswer, HttpRequest, Reply
from waypost.api.operations.catalogue import EVERY
from waypost.clock import MovableClock
from waypost.console.own_pages import is_of_own_page
from waypost.console.rendering import Renderer, is_long_query
from waypost.model.channels import FALLBACK_CHANNELS
from waypost.sandbox.calls import Calls
from waypost.sandbox.control import PHONE_ACTIONS
from waypost.sandbox.disruption_forms import (
    FORMS,
    NOTHING_FILLED,
    FilledForm,
    RefusedFormError,
    add_from_form,
    in_force,
    shown_form,
)
from waypost.sandbox.disruptions import Disruptions
from waypost.sandbox.list_pages import InvalidQueryError, number
from waypost.sandbox.phone_actions import ActionRefusedError
from waypost.sandbox.phone_network import PhoneNetwork
from waypost.sandbox.record_pages import HIGHEST_ROW, TEXTS, RecordPages
from waypost.sandbox.seed import Seed
from waypost.sandbox.shared_answers import SharedAnswers
from waypost.sandbox.stories import send_stories, stories_of
from waypost.sandbox.time_travel import StoppedError, TimeTravel
from waypost.sandbox.view_columns import Phones, callbacks_column, calls_column
from waypost.storage.contract import Store

_PHONES, _BUBBLES, _ROWS = 6, 6, 20
STEPS_S: Mapping[str, int] = {"60": 60, "3600": 3600, "43200": 43_200}
"""By how many seconds the buttons move the clock."""

Handle = Callable[[HttpRequest, Reply], None]


class ViewPage:
    """Answers the requests for the page, and from the buttons of all pages of the sandbox.

    Args:
        seed: what the sandbox begins with.
        store: the store of the service under test.
        phones: reads the phones.
        records: the pages of a phone, which have buttons, too.
        shared: has what several look at.
        disruptions: what goes wrong on demand.
        follow: lets the simulated providers refuse connections, or accept them, as the disruptions say.
        handle: answers a call of the API.
        callback_url: the URL that callbacks are pushed to; empty if they are only stored.
    """

    def __init__(
        self,
        seed: Seed,
        store: Store,
        network: PhoneNetwork,
        phones: Phones,
        calls: Calls,
        travel: TimeTravel,
        clock: MovableClock,
        records: RecordPages,
        shared: SharedAnswers,
        disruptions: Disruptions,
        follow: Callable[[], Awaitable[None]],
        handle: Handle,
        callback_url: str = "",
    ) -> None:
        self._seed, self._store, self._network, self._calls = seed, store, network, calls
        self._travel, self._clock, self._handle, self._callback_url = travel, clock, handle, callback_url
        self._phones, self._records, self._shared = phones, records, shared
        self._disruptions, self._follow = disruptions, follow
        self._routes = sorted({sender.route for sender in seed.senders})
        self._renderer = Renderer("waypost.sandbox")

    def routes(self) -> list[Route]:
        """The URL routes of the pages."""
        return [
            Route("/", self.page),
            Route("/view/live", self.live),
            Route("/view/phone", self._acting(self._act), methods=["POST"]),
            Route("/view/clock", self._acting(self._move_clock), methods=["POST"]),
            Route("/view/stories", self._acting(self._send_stories), methods=["POST"]),
            *(
                Route(
                    f"/view/disruptions/{about}",
                    self._acting(partial(self._disrupt, about)),
                    methods=["POST"],
                )
                for about in FORMS
            ),
            Route("/view/disruptions/end", self._acting(self._end_disruption), methods=["POST"]),
        ]

    async def page(self, request: Request) -> Response:
        """The page as it is now; `?phones=`, `?calls=` and `?callbacks=` show older rows of a column."""
        return await self._show(request, "view.html")

    async def live(self, request: Request) -> Response:
        """The part of the page that changes."""
        return await self._shared.of(request, lambda each: self._show(each, "view_live.html"))

    async def _show(
        self,
        request: Request,
        template: str,
        notice: str = "",
        status: int = 200,
        filled: FilledForm = NOTHING_FILLED,
    ) -> Response:
        params = {} if is_long_query(request) else request.query_params
        try:
            calls_before = number(params, "calls", 0, HIGHEST_ROW)
            callbacks_before = number(params, "callbacks", 0, HIGHEST_ROW)
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
            in_force=in_force(self._disruptions),
            filled=filled,
            notice=notice,
            **TEXTS,
            **self._form_values(filled),
        )

    def _form_values(self, filled: FilledForm) -> dict[str, Any]:
        """What the forms for disruptions are made of."""
        return {
            "forms": [shown_form(about, filled) for about in FORMS],
            "channels": FALLBACK_CHANNELS,
            "routes": self._routes,
            "codes": ERRORS,
            "operations": EVERY,
        }

    def _acting(
        self, act: Callable[[Request, Mapping[str, str]], Awaitable[str]]
    ) -> Callable[[Request], Awaitable[Response]]:
        """An endpoint of a form: `act` does what it is for, and returns what is wrong; empty for nothing."""

        async def respond(request: Request) -> Response:
            if not is_of_own_page(request.headers):
                return PlainTextResponse("this is for the buttons of the sandbox's own pages alone", 403)
            body = (await request.body()).decode(errors="replace")
            try:
                fields = {name: values[0] for name, values in parse_qs(body, max_num_fields=20).items()}
                notice = await act(request, fields)
            except StoppedError:
                fields, notice = {}, "the sandbox is being stopped"
            except RefusedFormError as refused:
                return await self._refused_form(request, refused.form)
            except ValueError:
                fields, notice = {}, "a form has at most 20 fields"
            return await self._acted(request, fields, notice)

        return respond

    async def _acted(self, request: Request, fields: Mapping[str, str], notice: str) -> Response:
        is_part = request.headers.get("hx-request") == "true"
        if fields.get("page") == "phone" and (is_part or notice):
            return await self._records.phone(request, fields.get("number", ""), notice, is_part=is_part)
        if is_part:
            is_of_a_form = "/view/disruptions/" in request.url.path
            return await self._show(
                request, "view_changed.html" if is_of_a_form else "view_live.html", notice
            )
        if notice:
            return await self._show(request, "view.html", notice, 400)
        path = f"/phones/{quote(fields['number'])}" if fields.get("page") == "phone" else "/"
        return RedirectResponse(request.scope.get("root_path", "") + path, 303)

    async def _refused_form(self, request: Request, form: FilledForm) -> Response:
        if request.headers.get("hx-request") != "true":
            return await self._show(request, "view.html", status=400, filled=form)
        page = self._renderer.page("disruption_forms.html", request=request, **self._form_values(form))
        page.headers["HX-Retarget"] = "#disruption-forms"
        return page

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

    async def _disrupt(self, about: str, _: Request, fields: Mapping[str, str]) -> str:
        add_from_form(self._disruptions, about, fields)
        await self._follow()
        return ""

    async def _end_disruption(self, _: Request, fields: Mapping[str, str]) -> str:
        id_ = fields.get("id", "")
        if id_ == "all":
            self._disruptions.clear()
        elif not (id_.isascii() and id_.isdecimal() and len(id_) < 16 and self._disruptions.remove(int(id_))):
            return "it is not in force any more"
        await self._follow()
        return ""
