"""What the descriptions of the ram operations share: their parameters, and the rules of their texts."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from waypost.api.description import Kind, Member, Operation, Parameter, shown
from waypost.api.errors.catalogue import refuse
from waypost.api.operations.endpoint import Request
from waypost.api.product import RAM
from waypost.model.faults import Fault

LIMIT = 50
"""Calls a second of each operation, for an account."""
LARGEST_LIST = 1000
_SOURCE = "https://www.alibabacloud.com/help/en/ram/developer-reference/api-ram-2015-05-01-"
_ANY_CALL = ("Product.Unsubscript", "NoPermission", "System.LimitControl")
_P = Parameter


class Rule(NamedTuple):
    """What a text has to be.

    Attributes:
        pattern: what it is made of; None for anything that can be printed, and new lines.
        words: the same, in words.
        longest: characters; bytes of a document.
        wrong: how the code of a text of other characters ends.
    """

    pattern: re.Pattern[str] | None
    words: str
    longest: int
    wrong: str = "InvalidChars"


_USER = Rule(re.compile(r"[A-Za-z0-9._-]+"), "letters, digits, . _ and -", 64)
_FREE = Rule(None, "printable characters", 128)
_TEXT = Rule(None, "printable characters", 1024)
_EMAIL = Rule(re.compile(r"[^\s@]+@[^\s@]+"), "an address such as alice@example.com", 128, "Format")
_PHONE = Rule(
    re.compile(r"[0-9]{1,4}-[0-9]{4,15}"), "country code, - and number, as 86-18600008888", 32, "Format"
)
RULES: dict[str, Rule] = {
    "UserName": _USER,
    "NewUserName": _USER,
    "PolicyName": Rule(re.compile(r"[A-Za-z0-9-]+"), "letters, digits and -", 128),
    "RoleName": Rule(re.compile(r"[A-Za-z0-9.-]+"), "letters, digits, . and -", 64),
    "DisplayName": _FREE,
    "NewDisplayName": _FREE,
    "Comments": _FREE,
    "NewComments": _FREE,
    "Email": _EMAIL,
    "NewEmail": _EMAIL,
    "MobilePhone": _PHONE,
    "NewMobilePhone": _PHONE,
    "Description": _TEXT,
    "NewDescription": _TEXT,
    "PolicyDocument": Rule(None, "a policy as JSON", 6144),
    "AssumeRolePolicyDocument": Rule(None, "a trust policy as JSON", 6144),
    "NewAssumeRolePolicyDocument": Rule(None, "a trust policy as JSON", 6144),
    "VersionId": Rule(re.compile(r"v[1-9][0-9]{0,8}"), "v and a number", 10, "Format"),
}


def text(
    name: str, description: str, example: str, *, required: bool = False, default: str = ""
) -> Parameter:
    """A parameter whose text has a rule."""
    rule = RULES[name]
    of = f" {rule.words[0].upper()}{rule.words[1:]}, at most {rule.longest}."
    return _P(
        name,
        Kind.STRING,
        description + of,
        example,
        required=required,
        default=default,
        invalid=f"InvalidParameter.{name}.{rule.wrong}",
    )


USER_NAME = text("UserName", "The user.", "alice", required=True)
ROLE_NAME = text("RoleName", "The role.", "courier", required=True)
POLICY_NAME = text("PolicyName", "The policy.", "senders", required=True)
POLICY_TYPE = _P(
    "PolicyType",
    Kind.STRING,
    "Whether the policy is the account's own or one that every account has.",
    "Custom",
    required=True,
    allowed=("Custom", "System"),
    invalid="InvalidParameter.PolicyType",
)
DOCUMENT = text("PolicyDocument", "The policy.", '{"Version":"1","Statement":[]}', required=True)
VERSION_ID = text("VersionId", "The version.", "v2", required=True)
MARKER = _P("Marker", Kind.STRING, "Where to go on: the Marker of the answer before.", "alice")
MAX_ITEMS = _P(
    "MaxItems",
    Kind.INTEGER,
    "How many to list at most.",
    "100",
    minimum=1,
    maximum=LARGEST_LIST,
    default="100",
    invalid="InvalidParameter.MaxItems",
)


def flag(name: str, description: str) -> Parameter:
    """A parameter that is true or false."""
    return _P(name, Kind.STRING, description, "true", allowed=("true", "false"), default="false")


IS_TRUNCATED = Member("IsTruncated", "Whether there are more than were listed.", kind="boolean")
NEXT_MARKER = Member("Marker", "What to send as Marker to go on; empty at the end.", "alice")


def members(prefix: str, **named: str) -> tuple[Member, ...]:
    """Members that are texts, each with its example; `prefix` is what they are of."""
    return tuple(Member(name, f"{name} of {prefix}.", example) for name, example in named.items())


def operation(
    name: str,
    summary: str,
    parameters: tuple[Parameter, ...],
    answer: tuple[Member, ...] = (),
    errors: tuple[str, ...] = (),
) -> Operation:
    """The description of a ram operation."""
    lengths = tuple(
        f"InvalidParameter.{row.name}.Length" for row in parameters if row.name in RULES and not row.ignored
    )
    return Operation(
        name=name,
        summary=summary,
        source=_SOURCE + name.lower(),
        parameters=parameters,
        answer=answer,
        errors=(*_ANY_CALL, *errors, *lengths),
        product=RAM,
    )


def read(described: Operation, request: Request) -> tuple[dict[str, str], dict[str, int]]:
    """Reads a call's parameters by the table and by the rules of texts.

    Raises:
        ApiError: the call's faults.
    """
    texts, numbers, faults = described.read(request.given)
    for name, given in texts.items():
        if name in RULES:
            faults.extend(_faults(name, given, RULES[name]))
    refuse(described, faults)
    return texts, numbers


def is_true(texts: Mapping[str, str], name: str) -> bool:
    """Whether a flag was given as true."""
    return texts.get(name) == "true"


def _faults(name: str, given: str, rule: Rule) -> list[Fault]:
    if len(given.encode() if "Document" in name else given) > rule.longest:
        said = f"it has {len(given)} characters; at most {rule.longest} are allowed."
        return [Fault(f"InvalidParameter.{name}.Length", name, said)]
    if rule.pattern is not None:
        right = rule.pattern.fullmatch(given) is not None
    else:
        right = all(char.isprintable() or char in "\r\n\t" for char in given)
    if right:
        return []
    said = f"{shown(given)} is not allowed; {rule.words} are."
    return [Fault(f"InvalidParameter.{name}.{rule.wrong}", name, said)]
