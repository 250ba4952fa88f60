"""Calls of the API that are refused, held or cut off on demand, between the connection and the gateway."""

import asyncio
from contextvars import ContextVar

from waypost.api.errors.catalogue import ApiError
from waypost.api.http_messages import NO_ANSWER, Handler, HttpRequest, Reply
from waypost.api.request import Call, parameters
from waypost.sandbox.disruptions import CallDisruption, Disruptions

# What is decided about the call that is being answered: the disruption, None for none. Without a value
# nothing is decided, as about calls of the queues.
_DECIDED: ContextVar[CallDisruption | None] = ContextVar("decided")


class DisruptedCalls:
    """Answers the calls of one sandbox as its disruptions say.

    Args:
        disruptions: those of the sandbox.
    """

    def __init__(self, disruptions: Disruptions) -> None:
        self._disruptions = disruptions
        self._held: dict[Reply, asyncio.TimerHandle] = {}

    def handle(self, request: HttpRequest, reply: Reply, forward: Handler) -> None:
        """Answers a call, or lets `forward` do so.

        Calls count before their signature is checked: what a network does to them does not look at it.
        """
        if not self._disruptions.calls:
            forward(request, reply)
            return
        decided = self._disruptions.next_of_call(*_named(request))
        kind = decided.kind if decided is not None else ""
        if decided is not None and kind == "timeout":
            loop = asyncio.get_running_loop()
            self._held[reply] = loop.call_later(decided.seconds, self._let_go, reply)
        elif kind == "drop":
            reply(NO_ANSWER)
        else:
            # Tasks that the gateway starts for the call have the value, too.
            token = _DECIDED.set(decided)
            try:
                forward(request, (lambda _: reply(NO_ANSWER)) if kind == "lose_answer" else reply)
            finally:
                _DECIDED.reset(token)

    def refusal(self, operation: str) -> ApiError | None:
        """The error that the call that is being admitted is refused with on demand; None if it is not."""
        decided = _DECIDED.get(_UNDECIDED)
        if decided is _UNDECIDED:
            decided = self._disruptions.next_of_call(operation, "")
        if decided is None or not decided.code:
            return None
        return ApiError(decided.code, "The sandbox was to refuse this call.", parameter="To")

    def close(self) -> None:
        """Closes the connections of calls that are held."""
        for reply, timer in list(self._held.items()):
            timer.cancel()
            self._let_go(reply)

    def _let_go(self, reply: Reply) -> None:
        self._held.pop(reply, None)
        reply(NO_ANSWER)


_UNDECIDED = CallDisruption(kind="refuse")


def _named(request: HttpRequest) -> tuple[str, str]:
    """The operation of a call and whom it is about, as far as the call can be read."""
    call = Call.from_request(request)
    try:
        params = parameters(call)
    except ApiError:
        params = {}
    return call.headers.get("x-acs-action", "") or params.get("Action", ""), params.get("To", "")
