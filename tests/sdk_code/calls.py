"""Calls that code is written for in tests: each operation with its documented examples."""

import json
from collections.abc import Mapping
from typing import Any

from tests.interop.official_models import members, model
from waypost.api.description import CALL_PARAMETERS
from waypost.api.operations.catalogue import EVERY
from waypost.api.sdk_code.api_call import ApiCall

SEND = ApiCall(
    "SendChatappMessage",
    "2020-06-06",
    {
        "ChannelType": "viber",
        "Type": "template",
        "TemplateCode": "sandbox_welcome",
        "Language": "en",
        "TemplateParams": '{"name":"Zoë O\'Neil","code":"$1,234"}',
        "From": "20001",
        "To": "4915112345678",
        "Label": "transaction",
        "Ttl": "600",
        "Payload": '["yes","no"]',
        "TrackingData": "tracking_id:1\nsecond line",
    },
    "127.0.0.1:8080",
    "http",
    "sandbox",
)
"""A call of SendChatappMessage with a value of each kind."""


MASS = ApiCall(
    "SendChatappMassMessage",
    "2020-06-06",
    {
        "ChannelType": "viber",
        "TemplateCode": "sandbox_welcome",
        "Language": "en",
        "From": "20001",
        "SenderList": '[{"To":"8613900000000","TemplateParams":{"name":"Zoe","code":"1"},"Payload":["a"]},'
        '{"To":"8613900000001","TemplateParams":{"name":"Zoë","code":"2"}}]',
        "Label": "promotion",
    },
    "127.0.0.1:8080",
    "http",
    "sandbox",
)
"""A call with a list of objects, which have members of their own."""


def documented_call(operation: str, endpoint: str) -> ApiCall:
    """A call of an operation with the examples of all its parameters."""
    described = EVERY[operation].operation
    examples = {row.name: row.example for row in described.parameters if row.example and not row.ignored}
    return ApiCall(operation, described.product.version, examples, endpoint, "http", "sandbox")


def typed_call(operation: str, endpoint: str) -> ApiCall:
    """The same without what is an addition of ours, which the official typed requests do not have."""
    call = documented_call(operation, endpoint)
    request = model(EVERY[operation].operation.product.name, f"{operation}Request")
    known = members("cams", request).keys() if request is not None and call.version == "2020-06-06" else set()
    examples = {name: text for name, text in call.parameters.items() if name in known}
    return ApiCall(operation, call.version, examples, endpoint, "http", "sandbox")


def arrived_parameters(listed: Mapping[str, Any]) -> dict[str, str]:
    """The parameters of a call that a sandbox lists, without those of its signature."""
    return {name: text for name, text in listed["parameters"].items() if name not in CALL_PARAMETERS}


def as_values(parameters: Mapping[str, str]) -> dict[str, Any]:
    """Parameters with JSON decoded, since typed requests write objects and `False` in their own way.

    The models of Python send an empty list for each list of objects that they have no value of.
    """
    return {name: _as_value(text) for name, text in parameters.items()}


def _as_value(text: str) -> Any:
    if text[:1] in ("[", "{"):
        return json.loads(text, object_pairs_hook=_without_empty_lists)
    return text.lower() if text.lower() in ("true", "false") else text


def _without_empty_lists(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return {name: value for name, value in pairs if value != []}
