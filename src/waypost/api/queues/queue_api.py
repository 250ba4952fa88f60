"""The queue service at `/queues`: authenticates, limits, authorises and answers requests."""

from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from waypost.api.caller import Caller, Origin
from waypost.api.errors.catalogue import ApiError
from waypost.api.gate import Gate
from waypost.api.queues import wire
from waypost.api.queues.authentication import authenticate_queue_call
from waypost.api.queues.call import QueueCall, QueueTarget, queue_operation
from waypost.api.queues.errors import QueueError, queue_error
from waypost.api.queues.queue_operations import QueueOperations
from waypost.clock import wall_seconds
from waypost.model.identifiers import new_request_id
from waypost.model.queues import queue_names
from waypost.model.quoting import shown

VERSION = "2015-06-06"
"""The API version of the service, in a header of every answer."""

_LONGEST_BODY = 64 * 1024
_REFUSED = frozenset({"CreateQueue", "SetQueueAttributes", "DeleteQueue", "SendMessage"})


class QueueApi:
    """Handles requests to the queue service.

    Args:
        gate: authenticates, limits and authorises calls.
        operations: carries out the operations.
        public_url: the external URL of this service; empty for the host of the request.
    """

    def __init__(self, gate: Gate, operations: QueueOperations, *, public_url: str) -> None:
        self._gate = gate
        self._operations = operations
        self._public_url = public_url

    async def handle(self, request: Request) -> Response:
        """Answers one HTTP request."""
        request_id = new_request_id(int(wall_seconds() * 1000))

        def refuse(error: ApiError) -> Response:
            return _error_response(request, request_id, queue_error(error))

        return await self._gate.answer(partial(self._respond, request, request_id), refuse, request_id)

    async def _respond(self, request: Request, request_id: str) -> Response:
        try:
            call = await _queue_call(request)
            target = queue_operation(call)
            now_s = wall_seconds()
            caller = authenticate_queue_call(call, self._gate.keys, self._gate.failed, now_s)
            self._admit(target, caller, Origin(call.peer, request.url.scheme == "https", now_s))
            base_url = self._public_url or f"{request.url.scheme}://{_host(request)}"
            status, xml = await self._operations.carry_out(call, target, caller.account_id, base_url)
            return _response(request_id, status, xml)
        except QueueError as error:
            return _error_response(request, request_id, error)

    def _admit(self, target: QueueTarget, caller: Caller, origin: Origin) -> None:
        """Checks that the caller may make the call.

        Raises:
            ApiError: too many calls, or no permission.
            QueueError: the queue is not the caller's, or the operation is reserved to Waypost.
        """
        action = f"mns:{target.operation}"
        resource = f"acs:mns:*:{caller.account_id}:{target.path}"
        self._gate.admit(caller, action, action, origin, lambda _: (resource,))
        is_own = target.queue in queue_names(caller.account_id)
        if target.queue and target.operation != "CreateQueue" and not is_own:
            raise QueueError("QueueNotExist")
        if target.operation in _REFUSED:
            raise QueueError("AccessDenied", "Waypost alone makes, changes, fills and removes queues.")


def _host(request: Request) -> str:
    return shown(request.headers.get("host", ""))


def _response(request_id: str, status: int, xml: str) -> Response:
    headers = {"x-mns-request-id": request_id, "x-mns-version": VERSION}
    return Response(xml, status, headers, "text/xml;charset=utf-8" if xml else None)


def _error_response(request: Request, request_id: str, error: QueueError) -> Response:
    return _response(request_id, error.status, wire.error_xml(error, request_id, _host(request)))


async def _queue_call(request: Request) -> QueueCall:
    """Receives the body and returns the call.

    Raises:
        QueueError: InvalidArgument, if the body is too long.
    """
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _LONGEST_BODY:
            raise QueueError("InvalidArgument", f"The body is longer than {_LONGEST_BODY} bytes.")
    path = request.scope.get("raw_path") or request.scope["path"].encode()
    query = request.scope["query_string"]
    target = (path.partition(b"?")[0] + (b"?" + query if query else b"")).decode("latin-1")
    headers = {name.lower(): value for name, value in request.headers.items()}
    peer = request.client.host if request.client is not None else ""
    return QueueCall(request.method, target, headers, body, peer)
