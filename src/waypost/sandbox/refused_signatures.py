"""Requests of a sandbox that were refused for their signatures, as they came, and what is wrong with each."""

from collections import OrderedDict
from collections.abc import Callable

import msgspec

from waypost.api.doctor.diagnosis import Diagnosis
from waypost.api.doctor.examination import LONGEST_EXAMINED, Examiner, named_key
from waypost.api.errors.gateway import SIGNATURE_ERRORS
from waypost.api.http_messages import HttpRequest
from waypost.api.request import Call as HttpCall
from waypost.clock import wall_seconds
from waypost.model.quoting import quoted

MOST_KEPT = 100
"""How many requests are kept, the latest ones; and at most `MOST_BYTES` of them together."""
MOST_BYTES = 2 * 1024 * 1024

_CODES = frozenset(entry.code for entry in SIGNATURE_ERRORS)


class _Kept(msgspec.Struct, eq=False):
    request: HttpRequest
    length: int
    came_at: float
    diagnosis: Diagnosis | None = None


class RefusedSignatures:
    """The latest requests that were refused for their signatures.

    Args:
        find_secret: returns the secret of an AccessKeyId; None if there is none that is known.
    """

    def __init__(self, find_secret: Callable[[str], str | None]) -> None:
        self._find_secret = find_secret
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._length = 0
        self._examiner = Examiner(most_waiting=10 * MOST_KEPT)

    def note(self, request_id: str, request: HttpRequest, code: str) -> None:
        """Keeps a request if it was refused for its signature, and is not too long."""
        if code not in _CODES:
            return
        length = len(request.query) + len(request.body)
        length += sum(len(name) + len(value) for name, value in request.headers)
        if length > LONGEST_EXAMINED:
            return
        self._kept[request_id] = _Kept(request, length, wall_seconds())
        self._length += length
        while len(self._kept) > MOST_KEPT or self._length > MOST_BYTES:
            self._length -= self._kept.popitem(last=False)[1].length

    def has(self, request_id: str) -> bool:
        """Whether a request is kept."""
        return request_id in self._kept

    async def diagnosis(self, request_id: str) -> Diagnosis | None:
        """Why the signature of a request is wrong, examined the first time; None if it is not kept."""
        kept = self._kept.get(request_id)
        if kept is None:
            return None
        if kept.diagnosis is None:
            call = HttpCall.from_request(kept.request)
            key = named_key(call)
            secret = self._find_secret(key)
            if secret is None:
                kept.diagnosis = Diagnosis([_unknown_key(key)], [])
            else:
                kept.diagnosis = await self._examiner.examine(call, secret, kept.came_at)
        return kept.diagnosis

    async def cause(self, request_id: str) -> str:
        """The causes of a wrong signature in one text; empty if the request is not kept."""
        diagnosis = await self.diagnosis(request_id)
        return " ".join(diagnosis.causes) if diagnosis is not None else ""


def _unknown_key(access_key_id: str) -> str:
    if not access_key_id:
        return "The call names no AccessKeyId."
    return f"There is no access key {quoted(access_key_id)} here whose secret is known."
