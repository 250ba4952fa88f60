"""Calls of any operation by the official SDK, as a customer's program makes them."""

import json
from collections.abc import Callable
from typing import Any

from alibabacloud_cams20200606 import models
from alibabacloud_tea_openapi import models as openapi
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from darabonba.runtime import RuntimeOptions

from tests.sdk.callers import Refusal, Sandbox, refusal


def call(sandbox: Sandbox, operation: str, *, key: str = "sandbox", **parameters: Any) -> dict[str, Any]:
    """Calls an operation, `create_chatapp_template`, and returns the body of the answer as the SDK reads it.

    What the SDK's model of the answer does not know does not come back.
    """
    name = action_of(operation)
    method: Callable[..., Any] = getattr(sandbox.client(key), operation)
    request = getattr(models, f"{name}Request", None)
    fields = {name: value for name, value in parameters.items() if value is not None}
    answered = method(request(**fields)) if request is not None else method()
    assert answered.status_code == 200
    body: dict[str, Any] = answered.body.to_map()
    assert body["Code"] == "OK"
    return body


def action_of(operation: str) -> str:
    """`CreateChatappTemplate`, by the SDK's name of it."""
    return "".join(word.capitalize() for word in operation.split("_"))


def refused(sandbox: Sandbox, operation: str, **parameters: Any) -> Refusal:
    """Calls what is refused, and returns how."""
    try:
        answer = call(sandbox, operation, **parameters)
    except AlibabaCloudException as error:
        return refusal(error, action_of(operation))
    raise AssertionError(f"it was taken: {answer}")


def assert_alike(foreign: Refusal, absent: Refusal, *values: str) -> None:
    """What is another's is answered exactly like what does not exist."""
    assert (foreign.status, foreign.code) == (absent.status, absent.code)
    messages = [foreign.message, absent.message]
    for value in values:
        messages = [message.replace(value, "-") for message in messages]
    assert messages[0] == messages[1]


def own(sandbox: Sandbox, operation: str, *, key: str = "sandbox", **parameters: Any) -> dict[str, Any]:
    """Calls an operation that is Waypost's own, `CreateFallbackPolicy`, which the SDK has no method for, by
    the SDK's call of any operation; lists and objects go as JSON, as its methods send them."""
    fields = {
        name: json.dumps(value) if isinstance(value, list | dict) else str(value)
        for name, value in parameters.items()
        if value is not None
    }
    answered = sandbox.client(key).call_api(
        openapi.Params(
            action=operation,
            version="2020-06-06",
            protocol="HTTP",
            pathname="/",
            method="POST",
            auth_type="AK",
            style="RPC",
            req_body_type="formData",
            body_type="json",
        ),
        openapi.OpenApiRequest(query=fields),
        RuntimeOptions(),
    )
    assert answered["statusCode"] == 200
    body: dict[str, Any] = answered["body"]
    assert body["Code"] == "OK"
    return body


def own_refused(sandbox: Sandbox, operation: str, **parameters: Any) -> Refusal:
    """Calls one of Waypost's own that is refused, and returns how."""
    try:
        answer = own(sandbox, operation, **parameters)
    except AlibabaCloudException as error:
        return refusal(error, operation)
    raise AssertionError(f"it was taken: {answer}")
