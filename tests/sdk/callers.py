"""Callers as customers have them: the official SDKs of both generations, and one that signs by hand."""

import http.client
import itertools
import json
import uuid
import warnings
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from alibabacloud_cams20200606 import models
from alibabacloud_cams20200606.client import Client
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from alibabacloud_tea_openapi.models import Config

from tests.processes import Running, until
from waypost.api.operations.catalogue import EVERY
from waypost.api.reference import operation_rows
from waypost.api.request import Call
from waypost.api.signatures import v3

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from aliyunsdkcore.client import AcsClient
    from aliyunsdkcore.request import CommonRequest, RpcRequest

FREE = {
    "channel_type": "viber",
    "type": "message",
    "message_type": "text",
    "from_": "20001",
    "content": '{"text":"hello"}',
    "label": "promotion",
}
TEMPLATE = {
    "channel_type": "viber",
    "type": "template",
    "template_code": "sandbox_welcome",
    "language": "en",
    "template_params": {"name": "Zoe", "code": "1234"},
    "from_": "20001",
    "label": "promotion",
}
FREE_BY_NAME = {
    "ChannelType": "viber",
    "Type": "message",
    "MessageType": "text",
    "From": "20001",
    "Content": '{"text":"hello"}',
    "Label": "promotion",
}


class Phones:
    """Numbers that nobody else uses; the last four digits choose how their messages end."""

    def __init__(self) -> None:
        self._numbers = itertools.count(100_000)

    def new(self, digits: str = "7777") -> str:
        return f"861{next(self._numbers)}{digits}"


class Refusal(NamedTuple):
    """What a refused call came to."""

    status: int
    code: str
    message: str
    body: dict[str, Any]
    error: AlibabaCloudException


def refusal(error: AlibabaCloudException, action: str) -> Refusal:
    """How a call was refused: in a way that the reference of its operation has."""
    operation = EVERY[action].operation
    known = (
        *operation_rows.own_errors(operation),
        *operation_rows.errors_of_any_call(operation.product),
    )
    assert (error.code, error.status_code) in {(entry.code, entry.status) for entry in known}, (
        f"{action} is not documented to answer {error.code} with HTTP {error.status_code}"
    )
    return Refusal(error.status_code, error.code, error.data["Message"], error.data, error)


class Sandbox:
    """A running sandbox, called by the current official SDK."""

    def __init__(self, process: Running) -> None:
        self.process = process
        self._clients: dict[tuple[str, str], Client] = {}

    def client(self, key: str = "sandbox", secret: str = "") -> Client:
        found = self._clients.get((key, secret))
        if found is None:
            config = Config(
                access_key_id=key,
                access_key_secret=secret or key,
                endpoint=self.process.endpoint,
                protocol="http",
            )
            found = self._clients[key, secret] = Client(config)
        return found

    def answer(self, *, key: str = "sandbox", secret: str = "", **parameters: Any) -> dict[str, Any]:
        """Sends, and returns the body of the answer; parameters of None are left out."""
        fields = {name: value for name, value in parameters.items() if value is not None}
        answered = self.client(key, secret).send_chatapp_message(models.SendChatappMessageRequest(**fields))
        assert answered.status_code == 200
        body: dict[str, Any] = answered.body.to_map()
        return body

    def send(self, **parameters: Any) -> str:
        """Sends, and returns the MessageId."""
        answer = self.answer(**parameters)
        assert answer["Code"] == "OK"
        return str(answer["MessageId"])

    def refused(self, **parameters: Any) -> Refusal:
        """Sends what is refused, and returns how."""
        try:
            answer = self.answer(**parameters)
        except AlibabaCloudException as error:
            return refusal(error, "SendChatappMessage")
        raise AssertionError(f"it was taken: {answer}")

    def story(self, message_id: str) -> dict[str, Any]:
        """The timeline of a message."""
        story: dict[str, Any] = self.process.get(f"/sandbox/messages/{message_id}")
        return story

    def phone(self, number: str) -> list[dict[str, Any]]:
        """What a phone shows, once it shows anything."""
        return until(lambda: self.shown(number), what=f"a message on {number}")

    def shown(self, number: str) -> list[dict[str, Any]]:
        """What a phone shows now."""
        shown: list[dict[str, Any]] = self.process.get(f"/sandbox/phones/{number}")["messages"]
        return shown

    def callbacks(self, message_id: str) -> list[dict[str, Any]]:
        """The bodies of a message's callbacks, in order."""
        kept = self.process.get(f"/sandbox/callbacks?message_id={message_id}")["callbacks"]
        return [callback["body"] for callback in kept]

    def replies(self, number: str) -> list[dict[str, Any]]:
        """The bodies of the callbacks of what a person wrote."""
        kept = self.process.get("/sandbox/callbacks")["callbacks"]
        bodies = [callback["body"] for callback in kept if callback["kind"] == "ChatAppInbound"]
        return [body for body in bodies if body["From"] == number]

    def advance(self, seconds: float) -> None:
        self.process.advance(seconds)


def core_call(
    sandbox: Sandbox,
    query: Mapping[str, str],
    *,
    body: Mapping[str, str] | None = None,
    method: str = "POST",
    action: str = "SendChatappMessage",
    key: str = "sandbox",
    secret: str = "sandbox",
    form: str = "JSON",
    generated: bool = False,
    product: tuple[str, str] = ("cams", "2020-06-06"),
    credential: Any = None,
) -> bytes:
    """Calls by the older SDK (V1), by CommonRequest or as its generated requests do; the raw answer."""
    request = RpcRequest(*product, action) if generated else CommonRequest()
    request.set_accept_format(form)
    if generated:
        request.set_endpoint(sandbox.process.endpoint)
    else:
        request.set_domain(sandbox.process.endpoint)
        request.set_version(product[1])
        request.set_action_name(action)
    request.set_protocol_type("http")
    request.set_method(method)
    for name, value in query.items():
        request.add_query_param(name, value)
    for name, value in (body or {}).items():
        request.add_body_params(name, value)
    client = AcsClient(key, secret, "cn-hangzhou", credential=credential)
    if form == "JSON":
        return bytes(client.do_action_with_exception(request))
    # do_action_with_exception always asks for JSON; this one hands back whatever came.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return bytes(client.do_action(request))


class Raw(NamedTuple):
    """An HTTP answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        members: dict[str, Any] = json.loads(self.body)
        return members


def signed_headers(
    sandbox: Sandbox,
    query: Mapping[str, str],
    body: bytes = b"",
    *,
    method: str = "POST",
    key: str = "sandbox",
    secret: str = "",
    ago: timedelta = timedelta(),
    more: Mapping[str, str] | None = None,
) -> tuple[str, dict[str, str]]:
    """Signs a call by V3; the target and the headers. Without a secret, the key is its own."""
    host = sandbox.process.endpoint
    return signed_call(
        host, "SendChatappMessage", key, secret, query, body, method=method, ago=ago, more=more
    )


def signed_call(
    host: str,
    action: str,
    key: str,
    secret: str = "",
    query: Mapping[str, str] | None = None,
    body: bytes = b"",
    *,
    method: str = "POST",
    ago: timedelta = timedelta(),
    more: Mapping[str, str] | None = None,
) -> tuple[str, dict[str, str]]:
    """Signs a call of any operation to a host by V3; the target and the headers."""
    raw_query = urlencode(query or {}, quote_via=quote)
    headers = {
        "host": host,
        "x-acs-action": action,
        "x-acs-version": "2020-06-06",
        "x-acs-date": (datetime.now(UTC) - ago).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-acs-signature-nonce": uuid.uuid4().hex,
        **(more or {}),
    }
    unsigned = Call(method, "/", raw_query, headers, body, "")
    headers["x-acs-content-sha256"] = v3.body_hash(unsigned)
    names = ";".join(sorted(headers))
    call = Call(method, "/", raw_query, headers, body, "")
    signed = v3.SignedHeaders(names)
    text = v3.string_to_sign(v3.canonical_request(call, signed, headers["x-acs-content-sha256"]))
    signature = v3.sign(v3.prepare(secret or key), text)
    headers["authorization"] = (
        f"ACS3-HMAC-SHA256 Credential={key},SignedHeaders={names},Signature={signature}"
    )
    return f"/?{raw_query}", headers


def exchange(
    sandbox: Sandbox, target: str, headers: Mapping[str, str], body: Any = None, *, method: str = "POST"
) -> Raw:
    """One HTTP exchange; a body that is no bytes is sent in chunks."""
    connection = http.client.HTTPConnection(sandbox.process.endpoint, timeout=30)
    try:
        connection.request(
            method,
            target,
            body,
            dict(headers),
            encode_chunked=body is not None and not isinstance(body, bytes),
        )
        answer = connection.getresponse()
        return Raw(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
    finally:
        connection.close()
