"""Conditions of access policies: `{"<operator>": {"<key>": ["value", ...]}}` (console-and-access.md §4).

Tables: what an operator compares and how, how values of that kind are read, and which kinds a key can be.
"""

import ipaddress
import operator
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any, NamedTuple

from waypost.model.access.wildcards import compile_patterns
from waypost.model.quoting import quoted


class Kind(Enum):
    """What an operator compares."""

    EXACT = "text"
    CASELESS = "text in any case"
    PATTERN = "text with wildcards"
    NUMBER = "a number"
    DATE = "an ISO 8601 time with its zone, like 2026-01-31T12:00:00Z"
    BOOL = "true or false"
    IP = "an IP address or a network, like 10.0.0.0/8"


class ConditionOperator(NamedTuple):
    """One operator of a condition.

    Attributes:
        kind: what it compares.
        compare: called with the call's value and one of the policy's.
        negated: whether it holds when no value of the policy compares equal, instead of any.
    """

    kind: Kind
    compare: Callable[[Any, Any], bool]
    negated: bool = False


class Condition(NamedTuple):
    """One operator applied to one key.

    Attributes:
        operator: its row in the table of operators.
        key: the key, as `KEYS` spells it.
        values: the policy's values, read by the operator's kind.
    """

    operator: ConditionOperator
    key: str
    values: tuple[Any, ...]


def _matches(actual: str, pattern: re.Pattern[str]) -> bool:
    return pattern.fullmatch(actual) is not None


def _is_within(actual: object, network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> bool:
    return actual in network


def _ordered_operators(prefix: str, kind: Kind) -> dict[str, ConditionOperator]:
    return {
        f"{prefix}Equals": ConditionOperator(kind, operator.eq),
        f"{prefix}NotEquals": ConditionOperator(kind, operator.eq, negated=True),
        f"{prefix}LessThan": ConditionOperator(kind, operator.lt),
        f"{prefix}LessThanEquals": ConditionOperator(kind, operator.le),
        f"{prefix}GreaterThan": ConditionOperator(kind, operator.gt),
        f"{prefix}GreaterThanEquals": ConditionOperator(kind, operator.ge),
    }


OPERATORS: dict[str, ConditionOperator] = {
    "StringEquals": ConditionOperator(Kind.EXACT, operator.eq),
    "StringNotEquals": ConditionOperator(Kind.EXACT, operator.eq, negated=True),
    "StringEqualsIgnoreCase": ConditionOperator(Kind.CASELESS, operator.eq),
    "StringNotEqualsIgnoreCase": ConditionOperator(Kind.CASELESS, operator.eq, negated=True),
    "StringLike": ConditionOperator(Kind.PATTERN, _matches),
    "StringNotLike": ConditionOperator(Kind.PATTERN, _matches, negated=True),
    **_ordered_operators("Numeric", Kind.NUMBER),
    **_ordered_operators("Date", Kind.DATE),
    "Bool": ConditionOperator(Kind.BOOL, operator.eq),
    "IpAddress": ConditionOperator(Kind.IP, _is_within),
    "NotIpAddress": ConditionOperator(Kind.IP, _is_within, negated=True),
}
"""Every operator, by the name a policy uses."""

_TEXT_KINDS = frozenset({Kind.EXACT, Kind.CASELESS, Kind.PATTERN})

KEYS: dict[str, frozenset[Kind]] = {
    "acs:SourceIp": _TEXT_KINDS | {Kind.IP},
    "acs:CurrentTime": _TEXT_KINDS | {Kind.DATE},
    "acs:SecureTransport": _TEXT_KINDS | {Kind.BOOL},
}
"""Every key that a call has a value for, with the kinds of comparison that make sense of it."""


def parse_condition(
    name: str, key: str, values: tuple[str, ...], keys: Mapping[str, frozenset[Kind]] = KEYS
) -> Condition:
    """Reads one operator applied to one key.

    Args:
        name: the operator's, as the policy spells it.
        keys: the keys that there are, with the kinds of comparison that make sense of each.

    Raises:
        ValueError: with a sentence that says which of the three is wrong and what is allowed.
    """
    row = OPERATORS.get(name)
    if row is None:
        raise ValueError(f"{quoted(name)} is no operator; one of {', '.join(OPERATORS)} is allowed")
    kinds = keys.get(key)
    if kinds is None:
        raise ValueError(f"{quoted(key)} is no key of this service; one of {', '.join(keys)} is allowed")
    if row.kind not in kinds:
        raise ValueError(f"{name} compares {row.kind.value}, which {key} is not")
    read_value = _POLICY_READERS[row.kind]
    read_values = []
    for value in values:
        try:
            read_values.append(read_value(value))
        except ValueError:
            raise ValueError(f"{quoted(value)} is not {row.kind.value}") from None
    return Condition(row, key, tuple(read_values))


def condition_holds(condition: Condition, context: Mapping[str, str]) -> bool | None:
    """Whether a condition holds for a call.

    Args:
        condition: the condition.
        context: the call's values, as text, by the names of `KEYS`.

    Returns:
        None when the call has no such value, or one that cannot be read, so that it is undecided.
    """
    row, key, values = condition
    text = context.get(key)
    if text is None:
        return None
    try:
        actual = _CALL_READERS[row.kind](text)
    except ValueError:
        return None
    return any(row.compare(actual, value) for value in values) is not row.negated


def _read_number(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError("not a number") from None
    if not number.is_finite():
        raise ValueError("not a finite number")
    return number


def _read_date(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time without its zone")
    return moment


def _read_bool(text: str) -> bool:
    lowered = text.lower()
    if lowered not in ("true", "false"):
        raise ValueError("neither true nor false")
    return lowered == "true"


def _read_network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    return ipaddress.ip_network(text, strict=False)


def _read_address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    address = ipaddress.ip_address(text)
    # A socket that serves both families reports an IPv4 caller in its IPv6 form.
    return getattr(address, "ipv4_mapped", None) or address


def _read_pattern(text: str) -> re.Pattern[str]:
    return compile_patterns([text])


_CALL_READERS: dict[Kind, Callable[[str], Any]] = {
    Kind.EXACT: str,
    Kind.CASELESS: str.casefold,
    Kind.PATTERN: str,
    Kind.NUMBER: _read_number,
    Kind.DATE: _read_date,
    Kind.BOOL: _read_bool,
    Kind.IP: _read_address,
}
_POLICY_READERS: dict[Kind, Callable[[str], Any]] = {
    **_CALL_READERS,
    Kind.PATTERN: _read_pattern,
    Kind.IP: _read_network,
}
