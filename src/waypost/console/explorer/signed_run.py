"""Makes a call as a client would: signed, and answered by the handler that answers all calls."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

import msgspec
from starlette.requests import Request

from waypost.api.description import AnyOperation
from waypost.api.http_messages import Handler, HttpAnswer, HttpRequest
from waypost.api.signatures.signed_headers import signed_headers
from waypost.clock import steady_seconds

LONGEST_WAIT_S = 30.0
"""How long an answer is waited for, in seconds."""
_LONGEST_SHOWN = 256 * 1024


class TooManyRunsError(Exception):
    """As many calls of the explorer are under way as may be."""


class RunAnswer(NamedTuple):
    """What a call came to.

    Attributes:
        status: the HTTP status; 0 if the connection was closed without an answer.
        body: in lines, if it is JSON.
        is_cut: whether the body is longer than what is shown.
        took_ms: milliseconds.
        request_id, code, message, message_id: members of the answer; empty for none.
    """

    status: int
    headers: Sequence[tuple[str, str]]
    body: str
    is_cut: bool
    took_ms: float
    request_id: str = ""
    code: str = ""
    message: str = ""
    message_id: str = ""


class SignedRuns:
    """Makes calls.

    Args:
        handle: answers any call of the API.
        most: how many may be under way.
        longest_wait: seconds that an answer may take.
    """

    def __init__(self, handle: Handler, most: int, longest_wait: float = LONGEST_WAIT_S) -> None:
        self._longest_wait = longest_wait
        self._handle = handle
        self._most = most
        self._under_way = 0

    async def run(
        self,
        request: Request,
        operation: AnyOperation,
        parameters: Mapping[str, str],
        access_key_id: str,
        secret: str,
        security_token: str = "",
    ) -> RunAnswer:
        """Makes a call, as from the address that the browser has.

        Raises:
            TooManyRunsError: too many are under way.
            TimeoutError: there is no answer.
        """
        if self._under_way >= self._most:
            raise TooManyRunsError
        self._under_way += 1
        try:
            call = _http_request(request, operation, parameters, access_key_id, secret, security_token)
            answered: asyncio.Future[HttpAnswer] = asyncio.get_running_loop().create_future()
            began = steady_seconds()

            def reply(answer: HttpAnswer) -> None:
                if not answered.done():
                    answered.set_result(answer)

            self._handle(call, reply)
            answer = await asyncio.wait_for(answered, self._longest_wait)
            return _shown(answer, (steady_seconds() - began) * 1000)
        finally:
            self._under_way -= 1


def _http_request(
    request: Request,
    operation: AnyOperation,
    parameters: Mapping[str, str],
    access_key_id: str,
    secret: str,
    security_token: str,
) -> HttpRequest:
    query = urlencode(parameters, quote_via=quote, errors="surrogatepass")
    headers = signed_headers(
        operation.name,
        operation.product.version,
        query,
        request.url.netloc,
        access_key_id,
        secret,
        security_token,
    )
    fields = [(name.encode(), value.encode("utf-8", "surrogatepass")) for name, value in headers.items()]
    peer = request.client.host if request.client is not None else ""
    return HttpRequest("POST", "/", query.encode(), fields, peer=peer, secure=request.url.scheme == "https")


def _shown(answer: HttpAnswer, took_ms: float) -> RunAnswer:
    if not answer.status:
        return RunAnswer(0, (), "", False, took_ms)
    members: Any = None
    try:
        body = msgspec.json.format(answer.body, indent=2).decode()
        members = msgspec.json.decode(answer.body)
    except msgspec.DecodeError:
        body = answer.body.decode("utf-8", "replace")
    named = members if isinstance(members, dict) else {}
    texts = {name: value for name, value in named.items() if isinstance(value, str)}
    return RunAnswer(
        answer.status,
        answer.headers,
        body[:_LONGEST_SHOWN],
        len(body) > _LONGEST_SHOWN,
        took_ms,
        texts.get("RequestId", ""),
        texts.get("Code", ""),
        texts.get("Message", ""),
        texts.get("MessageId", ""),
    )
