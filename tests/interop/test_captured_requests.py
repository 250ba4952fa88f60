"""Requests of the official clients of Go and Java, of the command line and of the queue SDKs, as captured.

They were signed on 2026-11-26 with a fake key; each is sent to a real server once more, byte for byte, and
checked as of its own time.
"""

import asyncio
import json
from calendar import timegm
from email.utils import parsedate
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.api.signed_calls import Authenticator, Keys
from tests.server.http_server import Application, running_server
from waypost.api.authentication import prepare_key
from waypost.api.caller import Caller
from waypost.api.http_messages import HttpRequest
from waypost.api.operations.catalogue import BY_VERSION
from waypost.api.queues.authentication import authenticate_queue_call
from waypost.api.queues.call import QueueCall, queue_operation
from waypost.api.queues.errors import QueueError
from waypost.api.queues.wire import handles_of_body
from waypost.api.request import Call, parameters
from waypost.api.signatures import mns, v1, v3
from waypost.api.signatures.checks import parse_timestamp
from waypost.api.throttle import FailedSignatures
from waypost.model.identifiers import AccountId

OWNER = Caller(AccountId("1"), None)


class Captured(NamedTuple):
    """A request as captured, and what its client signed."""

    client: str
    scheme: str
    method: str
    target: str
    headers: list[tuple[str, str]]
    chunked: bool
    body: str
    signed: str

    @property
    def head(self) -> bytes:
        lines = [
            f"{self.method} {self.target} HTTP/1.1",
            *(f"{name}: {value}" for name, value in self.headers),
        ]
        return "\r\n".join((*lines, "", "")).encode()

    @property
    def sent_body(self) -> bytes:
        body = self.body.encode()
        if not self.chunked:
            return body
        return (b"%x\r\n%b\r\n" % (len(body), body) if body else b"") + b"0\r\n\r\n"


def _captured(line: str) -> Captured:
    read: dict[str, Any] = json.loads(line)
    assert (read["key"], read["secret"]) == ("sandbox", "sandbox")
    return Captured(
        read["client"],
        read["scheme"],
        read["method"],
        read["target"],
        [(name, value) for name, value in read["headers"]],
        read["chunked"],
        read["body"],
        read.get("canonical") or read["string_to_sign"],
    )


CAPTURED = [
    _captured(line)
    for line in Path(__file__).with_name("captured_requests.jsonl").read_text(encoding="utf-8").splitlines()
]
_NAMED = [pytest.param(each, id=f"{place} {each.client}") for place, each in enumerate(CAPTURED)]
# Some are refused on purpose: the scenario has a call with a Ttl of 5 and no Label, and one without anything.
_SHORT = {"Ttl", "Label"}
FAULTS = dict.fromkeys((2, 7, 12, 17, 22, 27), _SHORT) | {31: {"Type", "From", "To", "Label"}}
API = [param for param, each in zip(_NAMED, CAPTURED, strict=True) if each.scheme != "MNS"]
QUEUE = [param for param, each in zip(_NAMED, CAPTURED, strict=True) if each.scheme == "MNS"]


async def _arrived(captured: Captured) -> HttpRequest:
    application = Application()
    async with running_server(application) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(captured.head)
        if ("Expect", "100-continue") in captured.headers:
            assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(captured.sent_body)
        assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 200 ")
        writer.close()
        await writer.wait_closed()
    [request] = application.requests
    return request


def test_all_of_them_are_here() -> None:
    schemes = [each.scheme for each in CAPTURED]
    assert {scheme: schemes.count(scheme) for scheme in schemes} == {"V3": 20, "V1": 14, "MNS": 8}


@pytest.mark.parametrize("captured", API)
def test_a_call_is_known_to_be_its_callers(captured: Captured) -> None:
    call = Call.from_request(asyncio.run(_arrived(captured)))
    params = parameters(call)
    key = prepare_key("sandbox", "sandbox", True, OWNER)
    if captured.scheme == "V3":
        authorization = v3.parse_authorization(call.headers["authorization"])
        hash_ = v3.body_hash(call)
        assert v3.canonical_request(call, authorization.signed, hash_) == captured.signed
        now_s = parse_timestamp(call.headers["x-acs-date"])
        version, action = call.headers["x-acs-version"], call.headers["x-acs-action"]
    else:
        assert v1.string_to_sign(call.method, v1.signed_parameters(call)) == captured.signed
        now_s = parse_timestamp(params["Timestamp"])
        version, action = params["Version"], params["Action"]
    assert Authenticator(key).authenticate(call, now_s).key.owner == OWNER
    operation = BY_VERSION[version][action].operation
    assert operation.unknown(params) == (), (
        "what official clients add by themselves is not reported as misspelled"
    )
    _, faults = operation.read(params)
    assert {fault.parameter for fault in faults} == FAULTS.get(CAPTURED.index(captured), set())


@pytest.mark.parametrize("captured", QUEUE)
def test_a_request_to_a_queue_is_known_to_be_its_callers(captured: Captured) -> None:
    request = asyncio.run(_arrived(captured))
    headers = {name.decode().lower(): value.decode() for name, value in request.headers}
    call = QueueCall(request.method, captured.target, headers, request.body, "192.0.2.1")
    assert mns.string_to_sign(call.method, headers, call.target) == captured.signed
    date = parsedate(headers["date"])
    assert date is not None
    keys = Keys(prepare_key("sandbox", "sandbox", True, OWNER))
    failed = FailedSignatures(1000, now=lambda: 5.0)
    assert authenticate_queue_call(call, keys, failed, timegm(date)) == OWNER
    with pytest.raises(QueueError, match="SignatureDoesNotMatch"):
        authenticate_queue_call(call._replace(target=f"{call.target}x"), keys, failed, timegm(date))
    operation = queue_operation(call).operation
    if operation == "BatchDeleteMessage":
        assert handles_of_body(call.body, 16) == [f"1-{number}-1" for number in range(1, 5)]
    else:
        assert operation in ("BatchReceiveMessage", "ReceiveMessage", "GetQueueAttributes")
