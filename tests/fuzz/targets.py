"""What is fuzzed: a target takes any bytes, and raises only for a fault of ours."""

import asyncio
import json
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

from tests.api.signed_calls import Authenticator, Keys, v1_call, v1_params, v3_call
from tests.api.vectors import signing_key
from tests.connectors.test_foreign_bytes import (
    ANSWERS,
    STATUSES,
    SUBMISSION,
    WEBHOOKS,
    CannedClient,
    connected,
)
from tests.fuzz.service import OPERATIONS, http_service, operations
from waypost.api.errors.catalogue import ApiError
from waypost.api.queues import wire
from waypost.api.queues.authentication import authenticate_queue_call
from waypost.api.queues.call import QueueCall
from waypost.api.queues.errors import QueueError
from waypost.api.request import Call
from waypost.api.throttle import FailedSignatures
from waypost.config.loading import load
from waypost.config.settings import SettingsError
from waypost.connectors.contract import MalformedWebhookError, Webhook
from waypost.model.channels import MESSAGE_CHANNELS, channel_named
from waypost.outbound.reply import Reply

_SEND = {
    "ChannelType": "viber",
    "Type": "message",
    "MessageType": "text",
    "From": "20001",
    "To": "8613912345678",
    "Label": "promotion",
    "Content": '{"text":"hello"}',
}
_TEMPLATE = {
    **_SEND,
    "Type": "template",
    "TemplateCode": "sandbox_welcome",
    "Language": "en",
    "TemplateParams": '{"name":"Zoe","code":"1"}',
}
# At the beginning, or after a head or a body; what a page repeats of a request is behind other characters.
_STATUS_LINE = re.compile(rb"(?:^|[\n>}])HTTP/1\.1 (\d{3}) ")
_POLICY = '{"Version":"1","Statement":[{"Effect":"Allow","Action":"cams:*","Resource":"*"}]}'


class Target(NamedTuple):
    """Something that is fuzzed.

    Attributes:
        run: takes the bytes.
        seeds: where the search begins.
    """

    run: Callable[[bytes], None]
    seeds: Sequence[bytes]


def http(data: bytes) -> None:
    """The bytes of a connection: heads, bodies, forms, and whatever may follow."""
    answer = http_service().feed(data)
    statuses = _STATUS_LINE.findall(answer)
    # The service is not asked to do what it cannot: what is not implemented is 501.
    assert not [status for status in statuses if status >= b"500" and status != b"501"], answer[:500]


def authorization(data: bytes) -> None:
    """A call's signature in each scheme, whatever is in its fields."""
    text = data.decode("latin-1")
    fields = [field for field in text.split("\n") if field][:6]
    first = fields[0] if fields else ""
    authenticator = Authenticator()
    signed = v3_call()
    names = ("authorization", "x-acs-date", "x-acs-signature-nonce", "x-acs-content-sha256", "x-acs-version")
    headers = {**signed.headers, **dict(zip(names, fields, strict=False))}
    v3 = Call(signed.method, signed.path, signed.raw_query, headers, data, signed.peer)
    for attempt in (v3, v1_call(v1_params(Signature=first, Timestamp=text[:40]))):
        try:
            authenticator.authenticate(attempt)
        except ApiError as error:
            if error.status >= 500:
                raise
    names = ("authorization", "date", "content-md5", "content-type", "x-mns-version")
    headers = dict(zip(names, fields, strict=False))
    queue = QueueCall("GET", f"/queues/{first[:50]}", headers, data, "192.0.2.1")
    try:
        authenticate_queue_call(queue, Keys(signing_key()), FailedSignatures(), 1_800_000_000.0)
    except QueueError as error:
        if error.status >= 500:
            raise


def call(data: bytes) -> None:
    """Any operation with any parameters: the number of the operation, then `name=value` lines."""
    if not data:
        return
    lines = data[1:].decode("utf-8", "replace").split("\n")
    params = dict(line.split("=", 1) for line in lines if "=" in line)
    operations().call(OPERATIONS[data[0] % len(OPERATIONS)], params)


def _with_parameter(operation: str, params: Mapping[str, str], name: str, data: bytes) -> None:
    operations().call(operation, {**params, name: data.decode("utf-8", "replace")})


def content(data: bytes) -> None:
    """The Content of a message: of which channel and type, then the JSON."""
    if len(data) < 2:
        return
    channel = MESSAGE_CHANNELS[data[0] % len(MESSAGE_CHANNELS)]
    types = sorted(channel_named(channel).content)
    change = {"ChannelType": channel, "MessageType": types[data[1] % len(types)]}
    _with_parameter("SendChatappMessage", _SEND | change, "Content", data[2:])


def queue_xml(data: bytes) -> None:
    """The body of a BatchDeleteMessage."""
    try:
        handles = wire.handles_of_body(data, 16)
    except QueueError as error:
        if error.status >= 500:
            raise
        return
    for handle in handles:
        try:
            wire.parse_handle(handle)
        except QueueError:
            continue


def settings(data: bytes) -> None:
    """A settings file."""
    path = _scratch() / "waypost.toml"
    path.write_bytes(data)
    try:
        load(path, {})
    except SettingsError:
        return


def webhook(kind: str, data: bytes) -> None:
    """A provider's webhook."""
    query = {"reference": "r", "status": data[:40].decode("latin-1")} if kind == "kannel" else {}
    method = "GET" if kind == "kannel" else "POST"
    try:
        _connector(kind)[0].parse_webhook(Webhook(method, query, {}, data))
    except MalformedWebhookError:
        return


def answer(kind: str, data: bytes) -> None:
    """A provider's answer: its status, then the body."""
    connector, client = _connector(kind)
    client.reply = Reply(STATUSES[data[0] % len(STATUSES)] if data else 200, [], data[1:])
    _runner().run(connector.send(SUBMISSION))


@cache
def _connector(kind: str) -> tuple[Any, CannedClient]:
    client = CannedClient()
    return connected(kind, client), client


@cache
def _runner() -> asyncio.Runner:
    return asyncio.Runner()


@cache
def _scratch() -> Path:
    return Path(tempfile.mkdtemp(prefix="waypost-fuzz-"))


def _lines(operation: str, params: Mapping[str, str]) -> bytes:
    text = "\n".join(f"{name}={value}" for name, value in params.items())
    return bytes([OPERATIONS.index(operation)]) + text.encode()


def _body(value: object) -> bytes:
    return value.encode() if isinstance(value, str) else json.dumps(value).encode()


_HEAD = b"POST / HTTP/1.1\r\nHost: a\r\n"
_FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"


def broken(data: bytes) -> None:
    """Has a fault, so that the search itself can be tried."""
    if data[:1] == b"a":
        raise ValueError(data)


BROKEN: dict[str, Target] = {"broken": Target(broken, [b"xy"])}
TARGETS: dict[str, Target] = {
    "http": Target(
        http,
        [
            b"GET /?Action=SendChatappMessage&Version=2020-06-06&AccessKeyId=a HTTP/1.1\r\nHost: a\r\n\r\n",
            _HEAD + _FORM + b"Content-Length: 19\r\n\r\nTo=8613900000000%41",
            _HEAD + b"Transfer-Encoding: chunked\r\n\r\n5;a=b\r\nTo=86\r\n0\r\nX: y\r\n\r\n",
            b"GET /queues/a/messages HTTP/1.1\r\nHost: a\r\nAuthorization: MNS a:b\r\nDate: x\r\n\r\n",
            b"POST /receipts/viber/receipts-secret HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}",
            b"GET /errors?q=%3Cscript%3E HTTP/1.1\r\nHost: a\r\nAccept: text/html\r\n\r\n" * 3,
        ],
    ),
    "authorization": Target(
        authorization,
        [
            b"ACS3-HMAC-SHA256 Credential=a,SignedHeaders=host,Signature=00\n2026-11-23T03:46:08Z\nn",
            b"MNS a:b\nMon, 23 Nov 2026 03:46:08 GMT\nx",
        ],
    ),
    "call": Target(
        call,
        [
            _lines("SendChatappMessage", _SEND),
            _lines("SendChatappMassMessage", {"SenderList": '[{"To":"8613900000000"}]', **_TEMPLATE}),
            _lines("ListChatappMessage", {"Page": '{"Index":1,"Size":10}', "StartTime": "0"}),
            _lines("CreateChatappTemplate", {"Components": '[{"Type":"BODY","Text":"x"}]', "Name": "n"}),
            _lines("AddAuditViberOpen", {"AuditRecord": '{"BusinessAccountName":"a"}'}),
            _lines("CreateFallbackPolicy", {"PolicyName": "x", "Steps": '[{"RuleId":"R_1"}]'}),
        ],
    ),
    "content": Target(content, [b"\0\0" + _SEND["Content"].encode(), b'\1\1{"link":"https://a/b.jpg"}']),
    "template-params": Target(
        partial(_with_parameter, "SendChatappMessage", _TEMPLATE, "TemplateParams"),
        [_TEMPLATE["TemplateParams"].encode()],
    ),
    "policy": Target(
        partial(_with_parameter, "CreatePolicy", {"PolicyName": "p"}, "PolicyDocument"), [_POLICY.encode()]
    ),
    "trust": Target(
        partial(_with_parameter, "CreateRole", {"RoleName": "r"}, "AssumeRolePolicyDocument"),
        [_POLICY.replace('"Resource":"*"', '"Principal":{"RAM":["acs:ram::1:root"]}').encode()],
    ),
    "queue-xml": Target(
        queue_xml, [b"<ReceiptHandles><ReceiptHandle>1-1-1</ReceiptHandle></ReceiptHandles>"]
    ),
    "settings": Target(
        settings,
        [b'[server]\nport = 1\n[accounts.a]\nname = "x"\n[routes.r]\nkind = "viber"\nurl = "http://a"\n'],
    ),
    **{
        f"webhook-{kind}": Target(partial(webhook, kind), [_body(each) for each in valid])
        for kind, valid in {**WEBHOOKS, "kannel": ["8"]}.items()
    },
    **{
        f"answer-{kind}": Target(partial(answer, kind), [b"\0" + _body(each) for each in valid])
        for kind, valid in ANSWERS.items()
    },
}
