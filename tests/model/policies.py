"""A second reading of the policy grammar, as plain as can be, for the tests to compare with."""

import ipaddress
from collections.abc import Mapping
from datetime import datetime
from typing import Any


def matches_naively(pattern: str, text: str) -> bool:
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(matches_naively(pattern[1:], text[skipped:]) for skipped in range(len(text) + 1))
    return bool(text) and pattern[0] in ("?", text[0]) and matches_naively(pattern[1:], text[1:])


def matches_resource_naively(pattern: str, resource: str) -> bool:
    expected, actual = pattern.split(":", 4), resource.split(":", 4)
    if len(expected) < 5:
        return matches_naively(pattern, resource)
    if len(actual) < 5:
        return False
    head = all(not part or matches_naively(part, actual[i]) for i, part in enumerate(expected[:4]))
    return head and matches_naively(expected[4], actual[4])


def listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def condition_holds(operator: str, expected: str, actual: str) -> bool:
    match operator:
        case "StringEquals":
            return actual == expected
        case "StringLike":
            return matches_naively(expected, actual)
        case "IpAddress":
            return ipaddress.ip_address(actual) in ipaddress.ip_network(expected)
        case "DateLessThan":
            return datetime.fromisoformat(actual) < datetime.fromisoformat(expected)
        case "Bool":
            return actual == expected
    raise AssertionError(operator)


def statement_applies(
    statement: Mapping[str, Any], action: str, resource: str, context: Mapping[str, str]
) -> bool:
    named = listed(statement.get("Action", statement.get("NotAction")))
    if any(matches_naively(one.lower(), action.lower()) for one in named) is ("NotAction" in statement):
        return False
    named = listed(statement.get("Resource", statement.get("NotResource")))
    if any(matches_resource_naively(one, resource) for one in named) is ("NotResource" in statement):
        return False
    for operator, keys in statement.get("Condition", {}).items():
        for key, values in keys.items():
            if key not in context:
                if statement["Effect"] == "Allow":
                    return False
                continue
            plain = {"StringNotEquals": "StringEquals", "NotIpAddress": "IpAddress"}.get(operator, operator)
            found = any(condition_holds(plain, one, context[key]) for one in listed(values))
            if found is (plain != operator):
                return False
    return True


def evaluate(
    documents: list[dict[str, Any]], action: str, resource: str, context: Mapping[str, str]
) -> tuple[bool, bool]:
    """Whether the call is allowed, and whether a statement decided it."""
    effects = {
        statement["Effect"]
        for document in documents
        for statement in document["Statement"]
        if statement_applies(statement, action, resource, context)
    }
    if "Deny" in effects:
        return False, True
    return ("Allow" in effects), ("Allow" in effects)
