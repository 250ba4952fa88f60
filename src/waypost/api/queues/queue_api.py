"""The queue service at `/queues`: authenticates, limits, authorises and answers requests."""

from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from waypost.api.call_recorder import CallRecorder
from waypost.api.caller import Access, Caller, Origin
from waypost.api.errors.catalogue import ApiError
from waypost.api.gate import Gate
from waypost.api.queues import wire
from waypost.api.queues.authentication import authenticate_queue_call
from waypost.api.queues.call import QueueCall, QueueTarget, queue_operation
from waypost.api.queues.call_record import AnsweredQueueCall, record_queue_call
from waypost.api.queues.errors import QueueError, queue_error
from waypost.api.queues.queue_operations import QueueOperations
from waypost.clock import Clock, steady_seconds, wall_seconds
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
        recorder: records the calls that are answered.
        clock: business time.
        public_url: the external URL of this service; empty for the host of the request.
    """

    def __init__(
        self,
        gate: Gate,
        operations: QueueOperations,
        *,
        recorder: CallRecorder,
        clock: Clock,
        public_url: str,
    ) -> None:
        self._gate = gate
        self._operations = operations
        self._recorder = recorder
        self._clock = clock
        self._public_url = public_url

    async def handle(self, request: Request) -> Response:
        """Answers one HTTP request, and records the call."""
        request_id = new_request_id(int(wall_seconds() * 1000))
        answered = AnsweredQueueCall(request_id, steady_seconds())

        def refuse(error: ApiError) -> Response:
            return _refusal(request, answered, queue_error(error))

        response = await self._gate.answer(partial(self._respond, request, answered), refuse, request_id)
        record_queue_call(self._recorder, answered, self._clock.now())
        return response

    async def _respond(self, request: Request, answered: AnsweredQueueCall) -> Response:
        try:
            call = answered.call = await _queue_call(request)
            target = answered.target = queue_operation(call)
            now_s = wall_seconds()
            caller = authenticate_queue_call(call, self._gate.keys, self._gate.failed, now_s)
            answered.account_id = caller.account_id
            self._admit(target, caller, Origin(call.peer, request.url.scheme == "https", now_s))
            base_url = self._public_url or f"{request.url.scheme}://{_host(request)}"
            status, xml = await self._operations.carry_out(call, target, caller.account_id, base_url)
            return _response(answered.request_id, status, xml)
        except QueueError as error:
            return _refusal(request, answered, error)

    def _admit(self, target: QueueTarget, caller: Caller, origin: Origin) -> None:
        """Checks that the caller may make the call.

        Raises:
            ApiError: too many calls, or no permission.
            QueueError: the queue is not the caller's, or the operation is reserved to Waypost.
        """
        action = f"mns:{target.operation}"
        resource = f"acs:mns:*:{caller.account_id}:{target.path}"
        self._gate.admit(caller, Access(action, action), origin, lambda _: (resource,))
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


def _refusal(request: Request, answered: AnsweredQueueCall, error: QueueError) -> Response:
    answered.code, answered.mismatch = error.code, error.mismatch
    request_id = answered.request_id
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
