"""The explorer's pages: the list of operations, and for each a form that makes the call.

A secret that is typed in signs one call: it is not stored, not logged, and in no page and no link.
"""

import asyncio
import re
from collections.abc import Mapping
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from waypost.api.description import AnyOperation
from waypost.api.forms.example_values import example_parameters
from waypost.api.forms.form_fields import form_fields
from waypost.api.forms.form_values import fields_of_call, is_parameter_name, parameters_of_form
from waypost.api.operations.catalogue import EVERY, PRODUCTS
from waypost.api.pasted.not_a_request import NotARequestError
from waypost.api.pasted.pasted_call import pasted_call
from waypost.api.reference.operation_rows import own_errors, parameter_rows
from waypost.api.sdk_code.api_call import SECRET_VARIABLE
from waypost.api.sdk_code.code_rows import rows_of_code
from waypost.api.sdk_code.languages import BY_ID, LANGUAGES
from waypost.console.error_pages import find_error_code
from waypost.console.explorer.explorer_access import ExplorerAccess
from waypost.console.explorer.form_links import link_to_form
from waypost.console.explorer.form_reading import LONGEST_VALUES, FormTooLongError, read_fields, read_form
from waypost.console.explorer.operation_search import operations_with
from waypost.console.explorer.signed_run import RunAnswer, SignedRuns, TooManyRunsError
from waypost.console.form_tokens import FormTokens
from waypost.console.own_pages import is_of_own_page
from waypost.console.refused_calls import wrong_parameters
from waypost.console.rendering import Renderer, is_long_query

_NO_STORE = {"cache-control": "no-store"}
_LONGEST_SEARCH = 64
_LONGEST_KEY, _LONGEST_SECRET, _LONGEST_TOKEN = 128, 256, 8192
# A pasted text is percent-encoded in the form, in which a character is up to three bytes.
_LONGEST_PASTED = 3 * 64 * 1024 + 4096
# In the wrong place, but pasted all the same.
_SECRET_NAME = re.compile("secret|password|passwd|credential|signature", re.IGNORECASE)
_OK = "OK"
_OTHER_KEY = ""
_CODE_EXAMPLE_KEY = "YOUR_ACCESS_KEY_ID"

NOTICES: Mapping[str, str] = {
    "origin": "This form was sent from a page of another address, and is not taken.",
    "token": "The page is of before the service started anew, or the browser keeps no cookies. "
    "Nothing was sent; send it again.",
    "key": "The AccessKeyId is missing: a call is signed.",
    "secret": "The secret of the access key is missing; without it no signature can be computed.",
    "busy": "Too many calls of the explorer are under way; send this one again in a moment.",
    "late": "There was no answer within 30 seconds.",
    "link": "The link has more than the explorer reads; the form is empty.",
    "long": "The form is longer than the explorer takes; call the API from a program.",
}
"""What keeps a call from being made, by the reason."""


class _Signing(NamedTuple):
    """Who signs: a key that was chosen, or one that was typed in.

    Attributes:
        chosen: the key in the list; empty for one that is typed in.
        typed: the AccessKeyId that was typed in.
    """

    chosen: str
    typed: str
    secret: str
    security_token: str

    @property
    def access_key_id(self) -> str:
        return self.chosen or self.typed


class _Outcome(NamedTuple):
    """What became of a form.

    Attributes:
        notice: why nothing was sent, one of `NOTICES`; empty if it was, or was not to be.
    """

    notice: str = ""
    status: int = 200
    answer: RunAnswer | None = None


class ExplorerPages:
    """Renders the pages, and makes the calls.

    Args:
        access: the service that the calls go to.
    """

    def __init__(self, renderer: Renderer, access: ExplorerAccess) -> None:
        self._renderer = renderer
        self._access = access
        self._runs = SignedRuns(access.handle, access.most_runs)
        self._tokens = FormTokens()

    def routes(self) -> tuple[Route, ...]:
        """The URL routes of the pages."""
        return (
            Route("/explorer", self.operations, methods=["GET"]),
            Route("/explorer", self.paste, methods=["POST"]),
            Route("/explorer/{operation}", self.form, methods=["GET"]),
            Route("/explorer/{operation}", self.submit, methods=["POST"]),
        )

    async def operations(self, request: Request) -> Response:
        """All operations, or with `?q=` those that have its words."""
        query = "" if is_long_query(request) else request.query_params.get("q", "")
        return self._list(request, query.strip()[:_LONGEST_SEARCH])

    async def paste(self, request: Request) -> Response:
        """The filled form of a request that was pasted, or why it is none."""
        try:
            text = (await read_form(request, _LONGEST_PASTED)).get("request", "")
        except FormTooLongError as error:
            return self._list(request, problem=str(error), status=413)
        try:
            pasted = await asyncio.to_thread(pasted_call, text)
        except NotARequestError as error:
            return self._list(request, pasted=text, problem=str(error), status=400)
        endpoint = EVERY.get(pasted.operation)
        if endpoint is None:
            problem = f"There is no operation {pasted.operation[:64]} here."
            return self._list(request, pasted=text, problem=problem, status=400)
        parameters = _without_secrets(endpoint.operation, pasted.parameters)
        link = link_to_form(_root(request), endpoint.operation.name, parameters)
        if link is not None:
            return RedirectResponse(link, 303, headers=_NO_STORE)
        signing = _Signing("", pasted.access_key_id[:_LONGEST_KEY], "", "")
        return self._form(request, endpoint.operation, parameters, signing, "", _Outcome())

    async def form(self, request: Request) -> Response:
        """The form of an operation, with the values that the query has."""
        endpoint = EVERY.get(request.path_params["operation"])
        if endpoint is None:
            return self._unknown(request)
        operation = endpoint.operation
        outcome = _Outcome()
        try:
            fields = _fields_of_link(request)
        except FormTooLongError:
            outcome, fields = _Outcome("link"), {}
        parameters = parameters_of_form(operation, fields)
        if fields.get("example"):
            parameters = example_parameters(operation, parameters, self._access.examples(parameters))
        keys = self._access.keys()
        signing = _Signing(keys[0].id if keys else _OTHER_KEY, "", "", "")
        return self._form(request, operation, parameters, signing, "", outcome)

    async def submit(self, request: Request) -> Response:
        """Makes the call of a form if its button says so, else shows the fields that it has now."""
        endpoint = EVERY.get(request.path_params["operation"])
        if endpoint is None:
            return self._unknown(request)
        operation = endpoint.operation
        try:
            fields = await read_form(request, LONGEST_VALUES)
        except FormTooLongError:
            nobody = _Signing("", "", "", "")
            return self._form(request, operation, {}, nobody, "", _Outcome("long", 413))
        parameters = parameters_of_form(operation, fields)
        signing = _Signing(
            fields.get("key", "")[:_LONGEST_KEY],
            fields.get("own-key", "").strip()[:_LONGEST_KEY],
            fields.get("secret", "")[:_LONGEST_SECRET],
            fields.get("security-token", "").strip()[:_LONGEST_TOKEN],
        )
        outcome = _Outcome()
        if fields.get("do") == "run":
            outcome = await self._run(request, operation, parameters, signing, fields.get("token", ""))
        elif fields.get("do") == "example":
            parameters = example_parameters(operation, parameters, self._access.examples(parameters))
        return self._form(request, operation, parameters, signing, fields.get("code", ""), outcome)

    async def _run(
        self,
        request: Request,
        operation: AnyOperation,
        parameters: Mapping[str, str],
        signing: _Signing,
        token: str,
    ) -> _Outcome:
        if not is_of_own_page(request.headers):
            return _Outcome("origin", 403)
        if not self._tokens.allows(request, token):
            return _Outcome("token", 403)
        access_key_id = signing.access_key_id
        if not access_key_id:
            return _Outcome("key", 400)
        secret, security_token = signing.secret, signing.security_token
        if signing.chosen or not secret:
            secret, security_token = self._access.find_secret(access_key_id) or "", ""
        if not secret:
            return _Outcome("secret", 400)
        try:
            answer = await self._runs.run(
                request, operation, parameters, access_key_id, secret, security_token
            )
        except TooManyRunsError:
            return _Outcome("busy", 503)
        except TimeoutError:
            return _Outcome("late", 504)
        return _Outcome(answer=answer)

    def _form(
        self,
        request: Request,
        operation: AnyOperation,
        parameters: Mapping[str, str],
        signing: _Signing,
        language: str,
        outcome: _Outcome,
    ) -> Response:
        answer, root = outcome.answer, _root(request)
        # As it will be when it comes back, so that a link leads to what is shown.
        parameters = parameters_of_form(operation, fields_of_call(operation, parameters))
        is_refused = answer is not None and answer.code not in (_OK, "")
        wrong = (
            wrong_parameters(parameter_rows(operation), answer.code, answer.message)
            if answer is not None and is_refused
            else ()
        )
        browser = self._tokens.browser_of(request)
        key = signing.access_key_id or _CODE_EXAMPLE_KEY
        page = self._renderer.page(
            "explorer_form.html",
            outcome.status,
            request=request,
            operation=operation,
            fields=form_fields(operation, parameters),
            wrong=wrong,
            errors=own_errors(operation),
            link=link_to_form(root, operation.name, parameters),
            code=rows_of_code(operation.name, parameters, request.url.netloc, request.url.scheme, key),
            language_of_code=language if language in BY_ID else LANGUAGES[0].id,
            secret_variable=SECRET_VARIABLE,
            keys=self._access.keys(),
            chosen_key=signing.chosen,
            own_key=signing.typed,
            knows_secrets=bool(self._access.keys()),
            is_readable=_is_readable_on_the_way(request),
            token=self._tokens.token(browser),
            notice=NOTICES.get(outcome.notice, ""),
            answer=answer,
            is_refused=is_refused,
            error=find_error_code(answer.code) if answer is not None and is_refused else None,
            has_message_pages=self._access.has_message_pages,
            layout_name=self._access.layout,
        )
        page.headers.update(_NO_STORE)
        self._tokens.remember(page, request, browser)
        return page

    def _list(
        self, request: Request, query: str = "", *, pasted: str = "", problem: str = "", status: int = 200
    ) -> Response:
        root = _root(request)
        products = {
            operation.name: product
            for product, operations in PRODUCTS.items()
            for operation in (endpoint.operation for endpoint in operations.values())
        }
        latest = [
            (call, link_to_form(root, call.operation, call.parameters))
            for call in self._access.latest_calls()
            if call.operation in EVERY
        ]
        page = self._renderer.page(
            "explorer.html",
            status,
            request=request,
            query=query,
            found=operations_with(query),
            product_of=products,
            pasted=pasted,
            problem=problem,
            latest=latest,
            layout_name=self._access.layout,
        )
        page.headers.update(_NO_STORE)
        return page

    def _unknown(self, request: Request) -> Response:
        name = request.path_params["operation"]
        return self._renderer.page("unknown.html", 404, request=request, what=f"operation {name[:64]}")


def _without_secrets(operation: AnyOperation, parameters: Mapping[str, str]) -> dict[str, str]:
    """The parameters of a pasted request that go into a form and its link: none whose name says secret."""
    known = {row.name for row in operation.parameters}
    return {
        name: value
        for name, value in parameters.items()
        if value and is_parameter_name(name) and (name in known or _SECRET_NAME.search(name) is None)
    }


def _fields_of_link(request: Request) -> dict[str, str]:
    """The fields that a link fills in.

    Raises:
        FormTooLongError: it is too long.
    """
    if is_long_query(request):
        raise FormTooLongError
    return read_fields(request.scope["query_string"].decode("utf-8", "replace"))


def _root(request: Request) -> str:
    root: str = request.scope.get("root_path", "")
    return root


def _is_readable_on_the_way(request: Request) -> bool:
    """Whether a secret that is typed in could be read on its way: there is no TLS, and it goes to another
    machine."""
    is_near = request.url.hostname in ("localhost", "127.0.0.1", "::1")
    return request.url.scheme == "http" and not is_near
