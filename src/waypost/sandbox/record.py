"""What a test looks at: calls, callbacks, phones, and the code that a person was sent."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from waypost.api.doctor.examination import diagnosis_fields
from waypost.api.operations.catalogue import EVERY
from waypost.console.refused_calls import RefusedCall, call_parameters
from waypost.console.rendering import is_long_query
from waypost.model.identifiers import MessageId
from waypost.sandbox.callback_pages import callback_page
from waypost.sandbox.calls import Call, Calls
from waypost.sandbox.explored_calls import form_of_call
from waypost.sandbox.json_answers import json_answer
from waypost.sandbox.list_pages import (
    InvalidQueryError,
    page_by_id,
    page_by_number,
    page_query,
)
from waypost.sandbox.phone_network import PhoneNetwork
from waypost.sandbox.refused_signatures import MOST_KEPT, RefusedSignatures
from waypost.storage.contract import Store
from waypost.storage.records import Callback, CallbackState

# A one-time password, and not a part of a longer number.
_CALL_FILTERS = ("code", "operation", "account", "key", "message_id", "request", "to")
_CALLBACK_FILTERS = ("message_id", "account", "kind", "state", "url")
_PHONE_FILTERS = ("number",)
_OK = "OK"
_CODE = re.compile(r"(?<![0-9])[0-9]{4,8}(?![0-9])")


class Record:
    """Answers the requests for it.

    Args:
        calls: the calls of the sandbox.
        network: its phones.
        store: the store of the service under test, which has the callbacks.
        signatures: the requests that were refused for their signatures.
    """

    def __init__(
        self, calls: Calls, network: PhoneNetwork, store: Store, signatures: RefusedSignatures
    ) -> None:
        self._calls = calls
        self._signatures = signatures
        self._store = store
        self._network = network

    def routes(self) -> list[Route]:
        """The URL routes of the endpoints."""
        return [
            Route("/sandbox/calls", self.calls, methods=["GET"]),
            Route("/sandbox/calls/{request_id}/signature", self.signature, methods=["GET"]),
            Route("/sandbox/callbacks", self.callbacks, methods=["GET"]),
            Route("/sandbox/phones", self.phones, methods=["GET"]),
            Route("/sandbox/phones/{number}/code", self.code, methods=["GET"]),
        ]

    async def calls(self, request: Request) -> Response:
        """The calls, accepted and refused, oldest first; pages and filters by query."""
        params = _params(request)
        try:
            query = page_query(params, _CALL_FILTERS)
            calls = [call for call in self._calls.listed if _matches(call, params)]
            page = page_by_number(calls, [call.id for call in calls], query)
        except InvalidQueryError as error:
            return json_answer({"error": str(error)}, 400)
        entries = [await self._with_cause(call) for call in page.entries]
        return json_answer({"calls": entries, "more": page.more})

    async def _with_cause(self, call: Call) -> Call:
        if not self._signatures.has(call.request_id):
            return call
        return replace(call, cause=await self._signatures.cause(call.request_id))

    async def signature(self, request: Request) -> Response:
        """Why the signature of a call is wrong: the causes, and each step with ours, theirs and where they
        differ."""
        request_id = request.path_params["request_id"]
        diagnosis = await self._signatures.diagnosis(request_id)
        if diagnosis is None:
            error = (
                f"no call {request_id[:64]} was refused for its signature, or its request is not kept: it is "
                f"too long, or {MOST_KEPT} came after it"
            )
            return json_answer({"error": error}, 404)
        return json_answer({"request_id": request_id, **diagnosis_fields(diagnosis)})

    async def refused_call(self, request_id: str) -> RefusedCall | None:
        """A refused call with all that is known of it, for the page of its error."""
        call = next((each for each in reversed(self._calls.listed) if each.request_id == request_id), None)
        if call is None or call.code == _OK:
            return None
        endpoint = EVERY.get(call.operation)
        listed = (
            call_parameters(endpoint.operation, call.code, call.message, call.parameters)
            if endpoint is not None
            else ()
        )
        return RefusedCall(
            request_id,
            call.operation if endpoint is not None else "",
            call.code,
            call.message,
            listed,
            call.unknown,
            len(call.unknown),
            f"doctor?requestId={request_id}" if self._signatures.has(request_id) else "",
            (form_of_call("", call) or "").removeprefix("/"),
        )

    async def callbacks(self, request: Request) -> Response:
        """All callbacks, oldest first; pages and filters by query."""
        params = _params(request)
        try:
            query = page_query(params, _CALLBACK_FILTERS)
            message_id = params.get("message_id")
            page = await callback_page(
                self._store,
                query,
                _selection(params),
                message_id=MessageId(message_id) if message_id is not None else None,
            )
        except InvalidQueryError as error:
            return json_answer({"error": str(error)}, 400)
        return json_answer(
            {"callbacks": [_callback_fields(callback) for callback in page.entries], "more": page.more}
        )

    async def phones(self, request: Request) -> Response:
        """The phones that something has reached, the latest first; pages by query."""
        params = _params(request)
        try:
            query = page_query(params, _PHONE_FILTERS)
            matching = [
                phone
                for phone in self._network.phones()
                if str(phone["number"]).startswith(params.get("number", "").removeprefix("+"))
            ][::-1]
            page = page_by_id(matching, [phone["id"] for phone in matching], query)
        except InvalidQueryError as error:
            return json_answer({"error": str(error)}, 400)
        return json_answer({"phones": page.entries[::-1], "more": page.more})

    async def code(self, request: Request) -> Response:
        """The last code that was sent to a phone: four to eight digits in a text."""
        number = request.path_params["number"]
        for message in reversed(self._network.phone(number)):
            found = _CODE.findall(message.text)
            if found:
                return json_answer({"code": found[-1], "text": message.text, "at": message.at})
        return json_answer({"error": f"no message on {number} has a code of four to eight digits"}, 404)


def _params(request: Request) -> Mapping[str, str]:
    return {} if is_long_query(request) else request.query_params


def _matches(call: Call, params: Mapping[str, str]) -> bool:
    fields = {
        "code": call.code,
        "operation": call.operation,
        "account": call.account_id,
        "key": call.access_key_id,
        "message_id": call.message_id,
        "request": call.request_id,
        "to": call.parameters.get("To", ""),
    }
    return all(params.get(name, "") in ("", value) for name, value in fields.items())


def _selection(params: Mapping[str, str]) -> Callable[[Callback], bool]:
    states = _states(params)
    return lambda callback: (
        params.get("account", callback.account_id) == callback.account_id
        and (not states or callback.state in states)
        and params.get("kind", "") in ("", callback.kind)
        and callback.url.startswith(params.get("url", ""))
    )


def _states(params: Mapping[str, str]) -> list[CallbackState]:
    state = params.get("state", "")
    if state not in ("", *(each.value for each in CallbackState)):
        raise InvalidQueryError(f"state must be one of: {', '.join(each.value for each in CallbackState)}")
    return [CallbackState(state)] if state else []


def _callback_fields(callback: Callback) -> dict[str, Any]:
    return {
        "id": callback.id,
        "kind": callback.kind,
        "account_id": callback.account_id,
        "message_id": callback.message_id or None,
        "at": callback.created_at,
        "url": callback.url or None,
        "state": callback.state.value,
        "tries": callback.tries,
        "error": callback.error or None,
        "body": msgspec.json.decode(callback.body),
    }
