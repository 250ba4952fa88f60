"""Checks the content of a message against the rules of its channel."""

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from waypost.model import codes
from waypost.model.channels import MESSAGE_CHANNELS, channel_named
from waypost.model.content.rules import ContentRule, Field, Kind, Value, content_fault
from waypost.model.faults import NO_VALUE, Fault
from waypost.model.message.labels import parse_label

_decode = msgspec.json.Decoder().decode

_URL = re.compile(
    r"https?://"
    r"(?:[^\s\x00-\x1f\x7f/?#@]*@)?"
    r"(?:\[[0-9a-f:.]+\]|[^\s\x00-\x1f\x7f/?#@:\[\]]+)"
    r"(?::[0-9]{1,5})?"
    r"(?:[/?#][^\s\x00-\x1f\x7f]*)?",
    re.IGNORECASE,
)
_OBJECT_NEEDED = "the JSON text of an object is needed"
_OTHER_CHARACTERS = "any other character is allowed"
_SIGNED = re.compile(r"[+-]?[0-9]{1,3}(?:\.[0-9]{1,20})?")
# JSON's numbers are exact up to it.
_LARGEST_NUMBER = 2**53
_NUMBER = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,15})?")


def check_content(
    channel: str, message_type: str, content: str | None, label: str | None
) -> tuple[dict[str, Value], list[Fault]]:
    """Read and check the parameter `Content`.

    Empty members (`""` or null) count as absent, and members that the MessageType does not have are ignored,
    since live callers send both (live-observations.md §5).

    Args:
        channel: the channel, in lower case.
        message_type: the MessageType, as documented.
        content: the JSON text of an object, as the caller sent it.
        label: the caller's Label, in any accepted spelling. Whether one is needed is not checked here.

    Returns:
        The fields of the message under their documented names, and everything that is wrong with it. The
        fields are complete only when there are no faults. The codes are those of errors.md §3.
    """
    rule = channel_named(channel).content.get(message_type)
    if rule is None:
        return {}, [_no_rule_fault(channel, message_type)]
    members = _parse(content, rule.bare)
    if isinstance(members, Fault):
        return {}, [members, *_check_label(channel, message_type, label)]
    fields, faults = _check_fields(rule, message_type, members)
    if label is not None:
        faults += _check_label(channel, message_type, label)
    return fields, faults


def check_members(
    channel: str, message_type: str, members: Mapping[str, object], label: str | None
) -> tuple[dict[str, Value], list[Fault]]:
    """Check content that is decoded already, such as a template's; otherwise like `check_content`."""
    rule = channel_named(channel).content.get(message_type)
    if rule is None:
        return {}, [_no_rule_fault(channel, message_type)]
    fields, faults = _check_fields(rule, message_type, members)
    return fields, faults + _check_label(channel, message_type, label)


def render_plain_text(message_type: str, content: Mapping[str, Value]) -> str:
    """Write a message as the text of an SMS, for a fallback without a text of its own.

    Returns:
        The message's text; without one, the first that it has of caption, link and file name; without any of
        them, its type in brackets. Never empty.
    """
    for name in ("text", "caption", "link", "fileName"):
        if value := content.get(name):
            return str(value)
    return f"[{message_type}]"


def _no_rule_fault(channel: str, message_type: str) -> Fault:
    rules = channel_named(channel).content
    if not rules:
        allowed = f"allowed is {', '.join(MESSAGE_CHANNELS)}"
        return Fault(
            codes.CHANNEL_TYPE_NOT_SUPPORT, "ChannelType", "ChannelType is {value}", allowed, channel
        )
    allowed = f"on {channel} one of {', '.join(rules)} is allowed"
    problem = "MessageType is {value}"
    return Fault(codes.MESSAGE_TYPE_NOT_SUPPORT, "MessageType", problem, allowed, message_type)


def _parse(content: str | None, bare: str) -> dict[str, Any] | Fault:
    if not content or content.isspace():
        problem, allowed = "Content is missing or empty", "Type message needs the JSON text of an object"
        return Fault(codes.CONTENT_NOT_EMPTY, "Content", problem, allowed)
    try:
        members = _decode(content)
    # Besides its own errors msgspec raises UnicodeEncodeError (lone surrogates) and RecursionError (nesting).
    except (ValueError, RecursionError):
        # One code base in use writes Python's str(dict).
        hint = " (names and texts need double quotes)" if content.lstrip().startswith("{'") else ""
        problem = "Content is not JSON" + hint + ": {value}"
        return Fault(codes.CONTENT_ERROR, "Content", problem, _OBJECT_NEEDED, content)
    if bare and isinstance(members, list):
        return {bare: members}
    if not isinstance(members, dict):
        allowed = _OBJECT_NEEDED + ', like {"text":"hello"}'
        return Fault(codes.CONTENT_ERROR, "Content", "Content is {value}", allowed, content)
    return members


def _check_fields(
    rule: ContentRule, message_type: str, members: Mapping[str, object]
) -> tuple[dict[str, Value], list[Fault]]:
    present: dict[str, object] = {}
    kept: dict[str, Any] = {}
    spellings = rule.by_spelling
    for name, value in members.items():
        if value is None or value == "":
            continue
        field = spellings.get(name) or spellings.get(name.lower())
        if field is not None:
            present[field.name] = value
        elif rule.open:
            kept[name] = value
    fields: dict[str, Value] = kept
    faults: list[Fault] = []
    for place, field in enumerate(rule.fields):
        value = present.get(field.name)
        if value is None:
            if place < rule.required:
                faults.append(_missing_fault(field, message_type))
            continue
        read, fault = _read(field, value)
        if fault is None:
            fields[field.name] = read
        elif field.refuse_invalid:
            faults.append(fault)
    if rule.check is not None and not faults:
        faults = rule.check(fields)
    return fields, faults


def _missing_fault(field: Field, message_type: str) -> Fault:
    problem, allowed = f"`{field.name}` is missing or empty", f"MessageType {message_type} needs it"
    return Fault(field.missing, f"Content.{field.name}", problem, allowed)


def _fault(field: Field, problem: str, allowed: str, value: object = NO_VALUE, path: str = "") -> Fault:
    """A fault of `Content` whose sentence begins with the name of the field.

    Args:
        path: of the member at fault within the field, such as `[2].type`.
    """
    return content_fault(field.name, f"`{field.name}{path}` {problem}", allowed, value)


def _read(field: Field, value: object) -> tuple[Value, Fault | None]:
    """Reads one value; if there is a fault, the value is not to be used."""
    if field.kind is Kind.TEXT:
        return _read_text(field, value)
    return _OTHER_READERS[field.kind](field, value)


def _read_text(field: Field, value: object) -> tuple[Value, Fault | None]:
    if not isinstance(value, str):
        return "", _fault(field, "is {value}", "a string is needed", value)
    length = len(value.encode()) if field.unit == "bytes" else len(value)
    if field.limit is not None and length > field.limit:
        problem = f"has {length} {field.unit}" + " ({value})"
        return "", _fault(field, problem, f"at most {field.limit} are allowed", value)
    # PostgreSQL cannot store it, and no phone can show it.
    if "\x00" in value:
        return "", _fault(field, "holds the character NUL ({value})", _OTHER_CHARACTERS, value)
    return value, None


def _read_choice(field: Field, value: object) -> tuple[Value, Fault | None]:
    if not isinstance(value, str):
        return "", _fault(field, "is {value}", "a string is needed", value)
    word = value.lower().removeprefix(".")
    if word in field.choices:
        return word, None
    return "", _fault(field, "is {value}", f"one of {', '.join(sorted(field.choices))} is allowed", value)


def _read_url(field: Field, value: object) -> tuple[Value, Fault | None]:
    if isinstance(value, str):
        if not _URL.fullmatch(value):
            return "", _fault(field, "is {value}", f"{_urls_allowed(field)} is needed", value)
        scheme, separator, rest = value.partition("://")
        # Providers compare it as it is written.
        value = scheme.lower() + separator + rest
        if field.https and not value.startswith("https:"):
            return "", _fault(field, "is {value}", f"{_urls_allowed(field)} is needed", value)
    return _read_text(field, value)


def _urls_allowed(field: Field) -> str:
    return "an https URL" if field.https else "an http or https URL"


def _read_number(field: Field, value: object) -> tuple[Value, Fault | None]:
    number: int | float
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        number = value
    elif isinstance(value, str) and _NUMBER.fullmatch(value):
        number = float(value) if "." in value else int(value)
    else:
        return 0, _fault(field, "is {value}", f"a number of {field.unit} is needed", value)
    # Providers want whole numbers, and a file is not smaller or shorter than it is.
    whole = number if isinstance(number, int) else math.ceil(number) if math.isfinite(number) else 0
    if not 0 < whole <= (field.limit or _LARGEST_NUMBER):
        allowed = f"more than 0 and at most {field.limit or _LARGEST_NUMBER} {field.unit} are allowed"
        return 0, _fault(field, "is {value}", allowed, value)
    return whole, None


def _read_degrees(field: Field, value: object) -> tuple[Value, Fault | None]:
    number: float | None = None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        number = value
    elif isinstance(value, str) and _SIGNED.fullmatch(value):
        number = float(value)
    if number is None or abs(number) > (field.limit or 0):
        allowed = f"degrees from -{field.limit} to {field.limit} are needed"
        return 0, _fault(field, "is {value}", allowed, value)
    return number, None


def _read_flag(field: Field, value: object) -> tuple[Value, Fault | None]:
    if isinstance(value, bool):
        return value, None
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true", None
    return False, _fault(field, "is {value}", "true or false is needed", value)


def _read_object(field: Field, value: object) -> tuple[Value, Fault | None]:
    if not isinstance(value, dict):
        return "", _fault(field, "is {value}", "a JSON object is needed", value)
    lacking = _lacking(value, field.needs)
    if lacking:
        return "", _fault(field, "is missing or empty", f"{field.name} needs it", path=f".{lacking}")
    return value, _unstorable(field, value)


def _read_list(field: Field, value: object) -> tuple[Value, Fault | None]:
    if not isinstance(value, list) or not value or not all(isinstance(item, dict) for item in value):
        return "", _fault(field, "is {value}", "a JSON array of objects is needed", value)
    if field.limit is not None and len(value) > field.limit:
        return "", _fault(field, f"has {len(value)} {field.unit}", f"at most {field.limit} are allowed")
    for place, item in enumerate(value):
        lacking = _lacking(item, field.needs)
        if lacking:
            path, allowed = f"[{place}].{lacking}", f"each of {field.name} needs it"
            return "", _fault(field, "is missing or empty", allowed, path=path)
    return value, _unstorable(field, value)


def _lacking(members: dict[str, Any], needs: tuple[str, ...]) -> str:
    return next((name for name in needs if members.get(name) in (None, "", [], {})), "")


def _unstorable(field: Field, value: object) -> Fault | None:
    if b"\\u0000" not in msgspec.json.encode(value):
        return None
    return _fault(field, "holds the character NUL", _OTHER_CHARACTERS)


_OTHER_READERS: dict[Kind, Callable[[Field, object], tuple[Value, Fault | None]]] = {
    Kind.URL: _read_url,
    Kind.CHOICE: _read_choice,
    Kind.NUMBER: _read_number,
    Kind.DEGREES: _read_degrees,
    Kind.FLAG: _read_flag,
    Kind.OBJECT: _read_object,
    Kind.LIST: _read_list,
}


def _check_label(channel: str, message_type: str, label: str | None) -> list[Fault]:
    if message_type == "text":
        return []
    parsed = parse_label(label)
    if parsed is None or parsed not in channel_named(channel).text_only_labels:
        return []
    problem = f"Label {parsed} allows MessageType text only"
    allowed = f"this message is of MessageType {message_type}"
    return [Fault(codes.MESSAGE_TYPE_NOT_SUPPORT, "Label", problem, allowed)]
