"""Generates the OpenAPI 3.1 document of the API from the descriptions of its operations."""

from collections.abc import Iterable, Mapping
from typing import Any

from waypost.api.description import AnyOperation, Kind, Parameter
from waypost.api.errors.error_code import ErrorCode
from waypost.api.gateway import VERSION
from waypost.api.members import Member
from waypost.api.operations.catalogue import EVERY
from waypost.api.reference import operation_rows
from waypost.api.reference.openapi_signing import SECURITY_SCHEMES, SIGNING_PARAMETERS
from waypost.model import codes
from waypost.model.content import rules
from waypost.model.content.rules import ContentRule, Field

_STRUCTURED = (Kind.JSON, Kind.OBJECT, Kind.LIST)
_REQUEST_ID = "90E63D28-E31D-1EB2-8939-A94866411B20"
_STATUS_WORDS = {
    400: "The call is refused; Code says why.",
    403: "The caller may not do this.",
    404: "The key, the operation, the path or what it names does not exist.",
    409: "What is there already is in the way.",
    500: "A fault of this service.",
    503: "The service cannot take the call now; nothing was accepted.",
}


def openapi_document(address: str) -> dict[str, Any]:
    """Builds the OpenAPI document.

    Args:
        address: the URL of the service, `http://host:port`.
    """
    operations = [endpoint.operation for endpoint in EVERY.values()]
    schemas: dict[str, Any] = {"Error": _error_schema()}
    for operation in operations:
        schemas[_answer_name(operation)] = _answer_schema(operation)
    for channel, message_type, rule in operation_rows.content_rules():
        schemas[_content_name(channel, message_type)] = _content_schema(channel, message_type, rule)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Waypost",
            "version": VERSION,
            "description": "Speaks the wire contract of the product cams, version 2020-06-06; users, access "
            "keys, policies and roles are those of ram, version 2015-05-01, temporary credentials those of "
            "sts, version 2015-04-01, tokens for queues those of dybaseapi, version 2017-05-25. All calls go "
            "to the path /; the operation is named by the header x-acs-action (V3) or the parameter Action "
            "(V1). Every official SDK works with this service's host as its endpoint.",
        },
        "servers": [{"url": address}],
        "paths": dict(_paths(operations)),
        "components": {
            "schemas": schemas,
            "parameters": SIGNING_PARAMETERS,
            "securitySchemes": SECURITY_SCHEMES,
        },
    }


def _paths(operations: Iterable[AnyOperation]) -> Iterable[tuple[str, dict[str, Any]]]:
    for index, operation in enumerate(operations):
        # OpenAPI has one operation per path and method: fragments, which are never sent, keep paths distinct.
        path = "/" if index == 0 else f"/#{operation.name}"
        yield path, {"get": _call(operation, "get"), "post": _call(operation, "post")}


def _call(operation: AnyOperation, method: str) -> dict[str, Any]:
    rows = [row for row in operation.parameters if not row.ignored]
    in_body = method == "post"
    call: dict[str, Any] = {
        "operationId": operation.name if in_body else f"{operation.name}ByGet",
        "summary": operation.summary,
        "description": "Each parameter is taken from the query or from the form; official SDKs use both."
        if in_body
        else "The same call with everything in the query.",
        "security": [{"V3": []}, {"V1": []}],
        "parameters": [
            *(_signing_parameter(name, operation) for name in SIGNING_PARAMETERS),
            *(_query_parameter(row, required=row.required and not in_body) for row in rows),
        ],
        "responses": _responses(operation),
    }
    if in_body:
        call["requestBody"] = {
            "required": False,
            "content": {"application/x-www-form-urlencoded": _form(rows)},
        }
    return call


def _signing_parameter(name: str, operation: AnyOperation) -> dict[str, Any]:
    version = operation.product.version
    if name not in ("x-acs-version", "Version") or version == VERSION:
        return {"$ref": f"#/components/parameters/{name}"}
    described = f"{name}: the version, {version}."
    schema = {"type": "string", "examples": [version]}
    return {**SIGNING_PARAMETERS[name], "description": described, "schema": schema}


def _query_parameter(row: Parameter, *, required: bool) -> dict[str, Any]:
    parameter: dict[str, Any] = {
        "name": row.name,
        "in": "query",
        "description": _described(row),
        "required": required,
    }
    if row.kind in _STRUCTURED:
        # In OpenAPI `content` declares that the text of a parameter is JSON.
        parameter["content"] = {"application/json": {"schema": _schema(row)}}
    else:
        parameter["schema"] = _schema(row)
    return parameter


def _form(rows: Iterable[Parameter]) -> dict[str, Any]:
    rows = list(rows)
    return {
        "schema": {
            "type": "object",
            "properties": {row.name: {**_schema(row), "description": _described(row)} for row in rows},
        },
        "encoding": {
            row.name: {"contentType": "application/json"} for row in rows if row.kind in _STRUCTURED
        },
    }


def _described(row: Parameter) -> str:
    words = [row.description]
    required = operation_rows.required_in_words(row)
    if required == "yes":
        words.append("Required, in the query or in the form.")
    elif required != "no":
        words.append(f"Required {required}.")
    if row.default:
        words.append(f"Without it: {row.default}.")
    if row.codes:
        words.append(f"Refused with {' or '.join(row.codes)}.")
    return " ".join(words)


def _schema(row: Parameter) -> dict[str, Any]:
    if row.name == operation_rows.CONTENT_PARAMETER:
        # anyOf: members that a MessageType does not have are ignored, so one content can match several.
        return {
            "anyOf": [
                _ref(_content_name(channel, kind)) for channel, kind, _ in operation_rows.content_rules()
            ]
        }
    match row.kind:
        case Kind.INTEGER:
            schema: dict[str, Any] = {"type": "integer", "minimum": row.minimum, "maximum": row.maximum}
            return {**schema, "examples": [int(row.example)]}
        case Kind.JSON:
            return {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]}}
        case Kind.OBJECT:
            return {"type": "object"}
        case Kind.LIST:
            return {"type": "array", "items": {"type": "object"}}
        case Kind.STRING:
            schema = {"type": "string"}
            if allowed := operation_rows.allowed_values(row):
                schema["enum"] = list(allowed)
            if row.longest is not None:
                schema["maxLength"] = row.longest
            if row.example:
                schema["examples"] = [row.example]
            return schema


def _responses(operation: AnyOperation) -> dict[str, Any]:
    answer = _ref(_answer_name(operation))
    responses: dict[str, Any] = {
        "200": {
            "description": "Accepted, and durable before this answer.",
            "content": {"application/json": {"schema": answer}, "text/xml": {"schema": answer}},
        }
    }
    by_status: dict[int, list[ErrorCode]] = {}
    for entry in (
        *operation_rows.own_errors(operation),
        *operation_rows.errors_of_any_call(operation.product),
    ):
        by_status.setdefault(entry.status, []).append(entry)
    for status, entries in sorted(by_status.items()):
        responses[str(status)] = _refusal(status, entries)
    return responses


def _refusal(status: int, entries: list[ErrorCode]) -> dict[str, Any]:
    schema = {
        "allOf": [
            _ref("Error"),
            {"type": "object", "properties": {"Code": {"enum": [entry.code for entry in entries]}}},
        ]
    }
    content = {
        "schema": schema,
        "examples": {entry.code: {"summary": entry.when, "value": _example(entry)} for entry in entries},
    }
    refusal: dict[str, Any] = {
        "description": _STATUS_WORDS[status],
        "content": {"application/json": content, "text/xml": {"schema": schema}},
    }
    if any(entry.code == codes.LIMIT_CONTROL for entry in entries):
        refusal["headers"] = {
            "x-acs-retry-after": {
                "description": "With System.LimitControl: milliseconds until another call is taken.",
                "schema": {"type": "integer", "minimum": 1},
            }
        }
    return refusal


def _example(entry: ErrorCode) -> Mapping[str, str]:
    return {"RequestId": _REQUEST_ID, "Code": entry.code, "Message": entry.message}


def _error_schema() -> dict[str, Any]:
    text = {"type": "string"}
    return {
        "type": "object",
        "required": ["RequestId", "HostId", "Code", "Message", "Recommend"],
        "properties": {
            "RequestId": {**text, "description": "The id of this call."},
            "HostId": {**text, "description": "The host that the caller used."},
            "Code": {**text, "description": "What callers branch on."},
            "Message": {**text, "description": "What was wrong, with which parameter, and what is allowed."},
            "Recommend": {"type": "string", "format": "uri", "description": "The page on this error."},
            "AccessDeniedDetail": {
                "type": "object",
                "description": "With Ram.PermissionDeny: who was denied what, and by which kind of policy.",
            },
        },
    }


def _answer_schema(operation: AnyOperation) -> dict[str, Any]:
    members = operation_rows.answer_members(operation)
    return {
        "type": "object",
        "required": [member.name for member in members],
        "properties": {member.name: _member_schema(member) for member in members},
    }


def _member_schema(member: Member) -> dict[str, Any]:
    described: dict[str, Any] = {"type": member.kind, "description": member.description}
    match member.kind:
        case "string":
            return described | {"examples": [member.example]}
        case "texts":
            return described | {"type": "array", "items": {"type": "string"}}
        case "object" | "array":
            inner = {inside.name: _member_schema(inside) for inside in member.members}
            of = {"type": "object", "properties": inner}
            return described | ({"items": of} if member.kind == "array" else of)
        case _:
            return described


def _content_schema(channel: str, message_type: str, rule: ContentRule) -> dict[str, Any]:
    title = f"Content of {message_type} on {channel}"
    members = {
        "type": "object",
        "required": [field.name for field in rule.fields[: rule.required]],
        "properties": {field.name: _field_schema(field) for field in rule.fields},
    }
    if not rule.bare:
        return {"title": title, **members}
    bare = _field_schema(rule.by_spelling[rule.bare])
    return {"title": title, **bare, **members, "type": ["object", "array"]}


def _field_schema(field: Field) -> dict[str, Any]:
    text: dict[str, Any] = {"type": "string"}
    match field.kind:
        case rules.Kind.TEXT:
            return text | ({"maxLength": field.limit} if field.limit is not None else {})
        case rules.Kind.URL:
            uri = text | {"format": "uri", "pattern": "^[Hh][Tt][Tt][Pp][Ss]?://"}
            return uri | ({"maxLength": field.limit} if field.limit is not None else {})
        case rules.Kind.NUMBER:
            number: dict[str, Any] = {"type": "number", "exclusiveMinimum": 0, "maximum": field.limit}
            digits = text | {"pattern": r"^[0-9]{1,15}(\.[0-9]{1,15})?$"}
            return {"anyOf": [number, digits], "description": f"In {field.unit}."}
        case rules.Kind.CHOICE:
            return text | {"enum": sorted(field.choices)}
        case rules.Kind.DEGREES:
            degrees = {"type": "number", "minimum": -(field.limit or 0), "maximum": field.limit}
            return {"anyOf": [degrees, text], "description": "In degrees."}
        case rules.Kind.FLAG:
            return {"anyOf": [{"type": "boolean"}, text | {"enum": ["true", "false"]}]}
        case rules.Kind.OBJECT:
            return {"type": "object", "required": list(field.needs)}
        case rules.Kind.LIST:
            items = {"type": "object", "required": list(field.needs)}
            most = {"maxItems": field.limit} if field.limit is not None else {}
            return {"type": "array", "minItems": 1, "items": items, **most}


def _answer_name(operation: AnyOperation) -> str:
    return f"{operation.name}Response"


def _content_name(channel: str, message_type: str) -> str:
    return f"Content.{channel}.{message_type}"


def _ref(schema: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{schema}"}
