"""Wildcard patterns of access policies: `*` is any run of characters, `?` is any one character."""

import re
from collections.abc import Iterable

_ARN_PARTS = 5


def compile_patterns(patterns: Iterable[str], *, ignore_case: bool = False) -> re.Pattern[str]:
    """Compile patterns into one expression whose `fullmatch` says whether any of them matches a text."""
    flags = re.DOTALL | (re.IGNORECASE if ignore_case else 0)
    return re.compile("|".join(_translate(pattern, ".") for pattern in patterns), flags)


def compile_resources(patterns: Iterable[str]) -> re.Pattern[str]:
    """Compile patterns of resources, `*` or `acs:<service>:<region>:<account>:<relative id>`.

    A wildcard in one of the first four parts stays inside that part, and an empty one of them is `*`
    (console-and-access.md §4), so that a relative id with colons in it cannot pass for another account's.
    """
    return re.compile("|".join(_translate_resource(pattern) for pattern in patterns), re.DOTALL)


def _translate_resource(pattern: str) -> str:
    parts = pattern.split(":", _ARN_PARTS - 1)
    if len(parts) < _ARN_PARTS:
        return _translate(pattern, ".")
    head = [_translate(part or "*", "[^:]") for part in parts[:-1]]
    return ":".join([*head, _translate(parts[-1], ".")])


def _translate(pattern: str, any_one: str) -> str:
    # Each run between two stars takes its first match and, being atomic, never gives it up: that is enough to
    # find a match if there is one, and keeps a pattern with many stars from taking exponential time.
    first, *rest = (
        "".join(any_one if char == "?" else re.escape(char) for char in literal)
        for literal in pattern.split("*")
    )
    if not rest:
        return first
    *middle, last = rest
    return first + "".join(f"(?>{any_one}*?{literal})" for literal in middle if literal) + f"{any_one}*{last}"
