"""The signature doctor: a refused request is pasted, and the page says what is wrong with its signature.

A secret that is typed in is used for this one answer: it is not stored, not logged and not in the page.
"""

from collections.abc import Awaitable, Callable
from typing import NamedTuple
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from waypost.api.doctor.diagnosis import Diagnosis, Step
from waypost.api.doctor.examination import LONGEST_EXAMINED, BusyError, Examiner, named_key, signed_at
from waypost.api.limits import CLOCK_TOLERANCE_S
from waypost.api.pasted.not_a_request import NotARequestError
from waypost.api.pasted.pasted_call import pasted_request
from waypost.clock import wall_seconds
from waypost.console.rendering import Renderer, is_long_query

# A pasted request is percent-encoded in the form, in which a character is up to three bytes.
_TOO_LONG = f"The request is longer than {LONGEST_EXAMINED // 1024} KiB."
_LONGEST_FORM = 3 * LONGEST_EXAMINED + 4096
_MOST_FIELDS = 8
_LONGEST_SECRET = 256
_MOST_WAITING = 4
# Of one processor, for whoever finds the page of a service in production.
_STRANGERS_SHARE = 0.05
_NO_STORE = {"cache-control": "no-store"}

FindSecret = Callable[[str], str | None]
"""Returns the secret of an AccessKeyId; None if there is none that is known."""
FindDiagnosis = Callable[[str], Awaitable[Diagnosis | None]]
"""Returns why the signature of a call is wrong, by its RequestId; None if it is not kept."""


class _Form(NamedTuple):
    """The fields of the form."""

    pasted: str
    secret: str


class ShownStep(NamedTuple):
    """A text on the way to the signature, split where the client's differs.

    Attributes:
        ours, theirs: the text before the first difference, the character there, and the rest; theirs is None
            if the mistake was not found.
    """

    name: str
    ours: tuple[str, str, str]
    theirs: tuple[str, str, str] | None
    place: int | None


class DoctorPage:
    """Renders the page.

    Args:
        find_secret: knows the secrets of a sandbox; None where the secret is typed in.
        find_diagnosis: knows the refused calls of a sandbox; None where none are kept.
    """

    def __init__(
        self,
        renderer: Renderer,
        find_secret: FindSecret | None = None,
        find_diagnosis: FindDiagnosis | None = None,
    ) -> None:
        self._renderer = renderer
        self._find_secret = find_secret
        self._find_diagnosis = find_diagnosis
        share = _STRANGERS_SHARE if find_secret is None else 1
        self._examiner = Examiner(_MOST_WAITING, share)

    def routes(self) -> tuple[Route, ...]:
        """The URL routes of the page."""
        return (
            Route("/doctor", self.form, methods=["GET"]),
            Route("/doctor", self.examine, methods=["POST"]),
        )

    async def form(self, request: Request) -> Response:
        """The empty form; in a sandbox `?requestId=` shows what is wrong with a call."""
        request_id = "" if is_long_query(request) else request.query_params.get("requestId", "")[:64]
        if not request_id or self._find_diagnosis is None:
            return self._page(request)
        diagnosis = await self._find_diagnosis(request_id)
        if diagnosis is None:
            return self._page(
                request, error=f"The request of the call {request_id} is not kept; paste it here.", status=404
            )
        return self._page(request, diagnosis=diagnosis, request_id=request_id)

    async def examine(self, request: Request) -> Response:
        """What is wrong with a pasted request."""
        try:
            form = await _form_of(request)
        except NotARequestError as error:
            return self._page(request, error=str(error), status=413)
        try:
            if len(form.pasted.encode("utf-8", "surrogatepass")) > LONGEST_EXAMINED:
                raise NotARequestError(_TOO_LONG)
            call = pasted_request(form.pasted).call
        except NotARequestError as error:
            return self._page(request, pasted=form.pasted, error=str(error), status=400)
        secret: str | None = form.secret
        if self._find_secret is not None and not secret:
            secret = self._find_secret(named_key(call))
        if not secret:
            return self._page(request, pasted=form.pasted, error=self._no_secret(named_key(call)), status=400)
        try:
            # When it was sent is not known: that it is old by now is no mistake, that it is of the future is.
            now_s, signed_s = wall_seconds(), signed_at(call)
            diagnosis = await self._examiner.examine(call, secret, min(now_s, signed_s or now_s))
        except BusyError:
            busy = "Other requests are being examined; send this one again in a moment."
            return self._page(request, pasted=form.pasted, error=busy, status=503)
        age_s = now_s - signed_s if signed_s is not None else 0
        return self._page(request, pasted=form.pasted, diagnosis=diagnosis, age_s=age_s)

    def _no_secret(self, access_key_id: str) -> str:
        if self._find_secret is None:
            return "The secret of the access key is missing; without it no signature can be computed."
        if not access_key_id:
            return "The request names no AccessKeyId: it is not signed."
        return f"There is no access key {access_key_id[:64]} here; type its secret in."

    def _page(
        self,
        request: Request,
        *,
        pasted: str = "",
        error: str = "",
        diagnosis: Diagnosis | None = None,
        request_id: str = "",
        age_s: float = 0,
        status: int = 200,
    ) -> Response:
        steps = [shown_step(step) for step in diagnosis.steps] if diagnosis is not None else []
        page = self._renderer.page(
            "doctor.html",
            status,
            request=request,
            pasted=pasted,
            error=error,
            causes=diagnosis.causes if diagnosis is not None else (),
            is_right=diagnosis is not None and not diagnosis.causes,
            steps=steps,
            request_id=request_id,
            age=age_in_words(age_s) if age_s > CLOCK_TOLERANCE_S else "",
            knows_secrets=self._find_secret is not None,
        )
        page.headers.update(_NO_STORE)
        return page


def age_in_words(seconds: float) -> str:
    """A long time in the largest unit of which there are at least two: minutes, hours or days."""
    for unit, length in (("days", 86_400), ("hours", 3600)):
        if seconds >= 2 * length:
            return f"{seconds // length:,.0f} {unit}"
    return f"{seconds // 60:.0f} minutes"


def shown_step(step: Step) -> ShownStep:
    """A step as the page shows it."""
    place = step.difference
    theirs = split_at(step.theirs, place) if step.theirs is not None else None
    return ShownStep(step.name, split_at(step.ours, place), theirs, place)


def split_at(text: str, place: int | None) -> tuple[str, str, str]:
    """A text before a place, the character there, and the rest; without a place all of it is before.

    A line break that differs, and the end of a text that is too short, are shown by a sign of their own.
    """
    if place is None:
        return text, "", ""
    if place >= len(text):
        return text, "␄", ""
    there = text[place]
    return text[:place], "⏎\n" if there == "\n" else "␠" if there == " " else there, text[place + 1 :]


async def _form_of(request: Request) -> _Form:
    """The fields of the form.

    Raises:
        NotARequestError: it is too long.
    """
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > _LONGEST_FORM:
            raise NotARequestError(_TOO_LONG)
    # A form of another page has more, and is read as an empty one.
    text = body.decode("utf-8", "replace")
    fields = parse_qs(text, keep_blank_values=True) if text.count("&") < _MOST_FIELDS else {}
    return _Form(fields.get("request", [""])[0], fields.get("secret", [""])[0][:_LONGEST_SECRET])
