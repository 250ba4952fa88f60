"""Parsing of requests to the queue service: the operation and its caller."""

import base64
import hashlib
from calendar import timegm
from contextlib import suppress
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.api.signed_calls import Keys
from waypost.api.authentication import prepare_key
from waypost.api.caller import Access, Caller, Origin, authorise
from waypost.api.errors.catalogue import ApiError
from waypost.api.queues import wire
from waypost.api.queues.authentication import authenticate_queue_call
from waypost.api.queues.call import QUEUE_ACTIONS, QueueCall, QueueTarget, queue_operation
from waypost.api.queues.errors import QUEUE_ERRORS, QueueError
from waypost.api.signatures import mns
from waypost.api.throttle import FailedSignatures
from waypost.model.access.principals import User
from waypost.model.configuration import Account, Configuration
from waypost.model.identifiers import AccountId

NOW_S = timegm((2026, 11, 23, 3, 46, 8))
MESSAGES = "/queues/q/messages"
BODY = b"<ReceiptHandles><ReceiptHandle>1-1-1</ReceiptHandle></ReceiptHandles>"
OWNER = Caller(AccountId("1"), None)


def request(
    method: str = "GET",
    target: str = MESSAGES,
    body: bytes = b"",
    *,
    ago_s: float = 0,
    secret: str = "secret",
    **changed: str | None,
) -> QueueCall:
    """Signs a request as the official client does; headers are `changed` after it, to None for taken away."""
    headers = {
        "date": formatdate(NOW_S - ago_s, usegmt=True),
        "x-mns-version": "2015-06-06",
        "host": "localhost",
    }
    if body:
        digest = hashlib.md5(body, usedforsecurity=False).hexdigest()
        headers["content-md5"] = base64.b64encode(digest.encode()).decode()
        headers["content-type"] = "text/xml;charset=UTF-8"
    text = mns.string_to_sign(method, headers, target)
    headers["authorization"] = f"MNS key:{mns.sign(mns.prepare(secret), text)}"
    merged = headers | {name.replace("_", "-"): value for name, value in changed.items() if value is not None}
    for name, value in changed.items():
        if value is None:
            del merged[name.replace("_", "-")]
    return QueueCall(method, target, merged, body, "192.0.2.1")


def who(call: QueueCall, *, enabled: bool = True, failures: int = 1000) -> Caller:
    keys = Keys(prepare_key("key", "secret", enabled, OWNER))
    return authenticate_queue_call(call, keys, FailedSignatures(failures, now=lambda: 5.0), NOW_S)


OPERATIONS = [
    ("GET", "/queues", "ListQueue"),
    ("GET", "/queues/", "ListQueue"),
    ("GET", "/queues/q", "GetQueueAttributes"),
    ("PUT", "/queues/q", "CreateQueue"),
    ("PUT", "/queues/q?metaoverride=true", "SetQueueAttributes"),
    ("DELETE", "/queues/q", "DeleteQueue"),
    ("POST", MESSAGES, "SendMessage"),
    ("GET", MESSAGES, "ReceiveMessage"),
    ("GET", f"{MESSAGES}?waitseconds=5", "ReceiveMessage"),
    ("GET", f"{MESSAGES}?numOfMessages=5", "BatchReceiveMessage"),
    ("GET", f"{MESSAGES}?peekonly=true", "PeekMessage"),
    ("GET", f"{MESSAGES}?peekonly=true&numOfMessages=5", "BatchPeekMessage"),
    ("DELETE", f"{MESSAGES}?ReceiptHandle=1-1-1", "DeleteMessage"),
    ("DELETE", f"{MESSAGES}?receiptHandle=1-1-1", "DeleteMessage"),
    ("DELETE", MESSAGES, "BatchDeleteMessage"),
    ("PUT", f"{MESSAGES}?ReceiptHandle=1-1-1&VisibilityTimeout=5", "ChangeMessageVisibility"),
]


def test_every_operation_has_an_action_that_policies_and_limits_name() -> None:
    assert set(QUEUE_ACTIONS) == {f"mns:{operation}" for _, _, operation in OPERATIONS}


def test_a_body_needs_no_digest() -> None:
    assert who(request("DELETE")._replace(body=BODY)) == OWNER


@pytest.mark.parametrize(("method", "target", "operation"), OPERATIONS)
def test_the_operation(method: str, target: str, operation: str) -> None:
    queue = "" if operation == "ListQueue" else "q"
    path = target.partition("?")[0].rstrip("/")
    assert queue_operation(request(method, target)) == QueueTarget(operation, queue, path)


@pytest.mark.parametrize(
    ("method", "target"), [("POST", "/queues"), ("GET", "/queues/q/x"), ("POST", "/queues/q")]
)
def test_no_operation(method: str, target: str) -> None:
    with pytest.raises(QueueError, match="InvalidRequestURL"):
        queue_operation(request(method, target))


def test_a_plus_sign_in_a_query_is_one() -> None:
    assert request(target=f"{MESSAGES}?ReceiptHandle=a+b%2Bc").query == {"receipthandle": "a+b+c"}


@pytest.mark.parametrize(
    "call", [request(), request("DELETE", body=BODY), request(ago_s=890), request(ago_s=-890)]
)
def test_who_makes_it(call: QueueCall) -> None:
    assert who(call) == OWNER


REFUSED = [
    (request(authorization=None), "MissingAuthorizationHeader"),
    (request(authorization="MNS key"), "InvalidAuthorizationHeader"),
    (request(authorization="ACS3-HMAC-SHA256 x:y"), "InvalidAuthorizationHeader"),
    (request(authorization="MNS nobody:x"), "InvalidAccessKeyId"),
    (request(date=None), "MissingDateHeader"),
    (request(date="yesterday"), "InvalidDateHeader"),
    (request(date="Mon, 23 Nov 2026 03:46:08 +0100"), "InvalidDateHeader"),
    (request(date="Mon, 99 Nov 99999999999999999999 03:46:08 GMT"), "InvalidDateHeader"),
    (request(ago_s=910), "TimeExpired"),
    (request(ago_s=-910), "TimeExpired"),
    (request(secret="other"), "SignatureDoesNotMatch"),
    (request(x_mns_version="2014-07-08"), "SignatureDoesNotMatch"),
    (request("DELETE", body=BODY)._replace(body=BODY + b" "), "InvalidDegist"),
    (request()._replace(target="/queues/other/messages"), "SignatureDoesNotMatch"),
]


@pytest.mark.parametrize(("call", "code"), REFUSED)
def test_who_cannot_be_believed(call: QueueCall, code: str) -> None:
    with pytest.raises(QueueError) as refusal:
        who(call)
    assert (refusal.value.code, refusal.value.status) == (code, QUEUE_ERRORS[code].status)


def test_a_key_that_was_switched_off() -> None:
    with pytest.raises(QueueError, match="InvalidAccessKeyId"):
        who(request(), enabled=False)


def test_guessing_is_limited() -> None:
    keys = Keys(prepare_key("key", "secret", True, OWNER))
    failed = FailedSignatures(1, now=lambda: 5.0)
    codes = []
    for _ in range(2):
        with pytest.raises(QueueError) as refusal:
            authenticate_queue_call(request(secret="other"), keys, failed, NOW_S)
        codes.append(refusal.value.code)
    assert codes == ["SignatureDoesNotMatch", "QpsLimitExceeded"]
    assert authenticate_queue_call(request(), keys, failed, NOW_S) == OWNER


@pytest.mark.parametrize(
    "text", ["", "x", "1-1", "2-1-1", "1-1-1-1", "1--1", "1-1-x", "1-٣-1", "1-" + "9" * 19 + "-1"]
)
def test_no_handle(text: str) -> None:
    with pytest.raises(QueueError, match="ReceiptHandleError"):
        wire.parse_handle(text)


def test_a_handle_is_read_as_it_is_written() -> None:
    handle = wire.ReceiptHandle(7, 3)
    assert wire.parse_handle(str(handle)) == handle


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "MalformedXML"),
        (b"<a>", "MalformedXML"),
        (b"\xff\xfe", "MalformedXML"),
        *(
            (f"<!DOCTYPE a []>{BODY.decode()}".encode(encoding), "MalformedXML")
            for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7")
        ),
        *(
            (BODY.decode().encode(encoding), "MalformedXML")
            for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32")
        ),
        *(
            (b"<?xml version='1.0' encoding='" + encoding + b"'?>" + BODY, "MalformedXML")
            for encoding in (b"utf-16", b"utf-7", b"latin-1", b"cp037", b"us-ascii", b"none")
        ),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "MalformedXML"),
        (b"<ReceiptHandles/>", "InvalidArgument"),
        (b"<R>" + b"<ReceiptHandle>x</ReceiptHandle>" * 17 + b"</R>", "InvalidArgument"),
    ],
)
def test_no_handles(body: bytes, code: str) -> None:
    with pytest.raises(QueueError, match=code):
        wire.handles_of_body(body, 16)


def test_handles_with_and_without_a_namespace() -> None:
    named = BODY.replace(b"<ReceiptHandles>", b'<ReceiptHandles xmlns="http://mns.aliyuncs.com/doc/v1/">')
    declared = b"<?xml version='1.0' encoding=\"utf-8\"?>" + BODY
    assert wire.handles_of_body(declared, 16) == ["1-1-1"]
    assert wire.handles_of_body(BODY, 16) == wire.handles_of_body(named, 16) == ["1-1-1"]


@pytest.mark.parametrize(
    ("action", "resource", "allowed"),
    [
        ("mns:ReceiveMessage", "*", True),
        ("mns:*", "acs:mns:*:1:/queues/q/messages", True),
        ("mns:receivemessage", "acs:mns:*:*:/queues/*", True),
        ("mns:PeekMessage", "*", False),
        ("cams:*", "*", False),
        ("mns:ReceiveMessage", "acs:mns:*:1:/queues/other/messages", False),
        ("mns:ReceiveMessage", "acs:mns:*:2:*", False),
        ("mns:ReceiveMessage", "acs:cams:*:1:*", False),
    ],
)
def test_what_a_policy_allows_of_queues(action: str, resource: str, allowed: bool) -> None:
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    policies = {"p": {"Version": "1", "Statement": [statement]}}
    configuration = Configuration(
        [Account(id=AccountId("1")), User(id="clerk", account_id=AccountId("1"), policies=policies)]
    )
    target = queue_operation(request())

    def permit() -> None:
        authorise(
            Caller(AccountId("1"), "clerk"),
            Access(target.operation, f"mns:{target.operation}"),
            configuration,
            Origin("192.0.2.1", True, NOW_S),
            lambda _: (f"acs:mns:*:1:{target.path}",),
        )

    if allowed:
        permit()
        return
    with pytest.raises(ApiError, match=r"Ram\.PermissionDeny"):
        permit()


latin = st.text(st.characters(codec="latin-1"), max_size=60)
names = st.sampled_from(
    ["date", "authorization", "content-md5", "content-type", "x-mns-version", "x-mns-prefix"]
)
dates = latin | st.from_regex(
    r"[A-Z][a-z]{2}, \d{1,4} [A-Z][a-z]{2} \d{1,9} \d{1,3}:\d\d:\d\d GMT", fullmatch=True
)
queries = st.lists(
    st.tuples(
        st.sampled_from(["ReceiptHandle", "waitseconds", "numOfMessages", "peekonly", "x"]) | latin, latin
    )
).map(lambda pairs: "&".join(f"{name}={value}" for name, value in pairs))


@given(
    method=st.sampled_from(["GET", "PUT", "POST", "DELETE", "PATCH"]),
    path=st.sampled_from(["/queues", "/queues/q", MESSAGES]) | latin,
    query=queries,
    headers=st.dictionaries(names, latin),
    date=dates,
    signed=st.booleans(),
    body=st.binary(max_size=40),
)
def test_whatever_is_sent_is_understood_or_refused(
    method: str, path: str, query: str, headers: dict[str, str], date: str, signed: bool, body: bytes
) -> None:
    target = f"{path}?{query}"
    headers |= {"date": date}
    if signed:
        text = mns.string_to_sign(method, headers, target)
        headers["authorization"] = f"MNS key:{mns.sign(mns.prepare('secret'), text)}"
    call = QueueCall(method, target, headers, body, "192.0.2.1")
    with suppress(QueueError):
        assert f"mns:{queue_operation(call).operation}" in QUEUE_ACTIONS
    with suppress(QueueError):
        assert who(call) == OWNER


@given(
    body=st.binary(max_size=60)
    | st.builds(
        lambda encoding, text: f'<?xml version="1.0" encoding="{encoding}"?><R>{text}</R>'.encode(),
        st.sampled_from(["utf-8", "foo", "utf-7", "utf-16", "gbk", "idna", "base64"]),
        st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    )
)
def test_whatever_body_is_sent_is_read_or_refused(body: bytes) -> None:
    with suppress(QueueError):
        wire.handles_of_body(body, 16)
