"""schemathesis reads /openapi.json and generates calls: no fault of ours, no answer that the
document does not have."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.core.result import Ok
from schemathesis.pytest.lazy import get_all_tests
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.processes import Running, start_sandbox
from waypost.api.operations.catalogue import EVERY
from waypost.api.reference.openapi import openapi_document
from waypost.api.request import Call
from waypost.api.signatures import v3

CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
DOCUMENT = openapi_document("http://127.0.0.1:1")
_SIGNED = (
    "host",
    "x-acs-action",
    "x-acs-content-sha256",
    "x-acs-date",
    "x-acs-signature-nonce",
    "x-acs-version",
)


class Signed(requests.auth.AuthBase):
    """Signs what schemathesis made up, so that it passes authentication."""

    def __init__(self, action: str) -> None:
        self._action = action

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        address = urlsplit(str(request.url))
        content = request.body or b""
        body = content.encode() if isinstance(content, str) else content
        assert isinstance(body, bytes)
        request.headers.update(
            {
                "host": address.netloc,
                "x-acs-action": self._action,
                "x-acs-version": EVERY[self._action].operation.product.version,
                "x-acs-date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
                "x-acs-signature-nonce": uuid4().hex,
            }
        )
        headers = {name.lower(): str(value) for name, value in request.headers.items()}
        method = str(request.method)
        unsigned = Call(method, "/", address.query, headers, body, "")
        headers["x-acs-content-sha256"] = v3.body_hash(unsigned)
        call = Call(method, "/", address.query, headers, body, "")
        names = ";".join(_SIGNED)
        signed = v3.SignedHeaders(names)
        text = v3.string_to_sign(v3.canonical_request(call, signed, headers["x-acs-content-sha256"]))
        request.headers["x-acs-content-sha256"] = headers["x-acs-content-sha256"]
        signature = v3.sign(v3.prepare("sandbox"), text)
        request.headers["authorization"] = (
            f"ACS3-HMAC-SHA256 Credential=sandbox,SignedHeaders={names},Signature={signature}"
        )
        return request


@pytest.fixture(scope="module")
def process() -> Iterator[Running]:
    """A sandbox of its own: what is called here changes everything there is."""
    with start_sandbox() as running:
        yield running


SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
OPERATIONS = [method["operationId"] for path in DOCUMENT["paths"].values() for method in path.values()]
MOST_USED = [
    f"{name}{way}"
    for name in ("SendChatappMessage", "ListChatappMessage", "CreateChatappTemplate", "CreateFallbackPolicy")
    for way in ("", "ByGet")
]
# Beside those that schemathesis makes of the document itself: the more, the more members an operation has.
EXAMPLES = 20
HEALTH = [HealthCheck.too_slow, HealthCheck.filter_too_much]


def check(process: Running, operation_id: str) -> None:
    """Calls an operation in all ways that schemathesis makes up.

    They are made up here: its own decorator does so when tests are collected, which each worker does for all.
    """

    def call(case: Any) -> None:
        # The test itself chooses the operation and its account; the signature's own parameters are not of V3.
        case.headers = {}
        base_url = f"http://{process.endpoint}"
        auth = Signed(operation_id.removesuffix("ByGet"))
        case.call_and_validate(base_url=base_url, auth=auth, checks=CHECKS)

    bounds = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=HEALTH)
    schema = SCHEMA.include(operation_id=operation_id)
    [result] = get_all_tests(schema=schema, test_func=call, settings=bounds, given_kwargs=None)
    assert isinstance(result, Ok), result
    _, call_in_all_ways = result.ok()
    call_in_all_ways()


# Each operation takes seconds; the others are called in the long run.
@pytest.mark.parametrize("operation_id", MOST_USED)
def test_no_fault_and_no_undocumented_answer(process: Running, operation_id: str) -> None:
    check(process, operation_id)


@pytest.mark.long
@pytest.mark.parametrize("operation_id", [one for one in OPERATIONS if one not in MOST_USED])
def test_the_same_of_every_other_operation(process: Running, operation_id: str) -> None:
    check(process, operation_id)
