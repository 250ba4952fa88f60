"""Reads texts out of decoded JSON of a provider: what is absent, null or of another type is an empty text."""

from typing import Any


def text_at(value: Any, *path: str) -> str:
    """The text, or whole number as text, at a path of member names; empty if there is none."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def object_at(value: Any, *path: str) -> dict[str, Any]:
    """The object at a path of member names; empty if there is none."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def required_text(value: Any, name: str) -> str:
    """The text, which may be empty, or whole number as text, of a member.

    Raises:
        ValueError: it is absent, null or of another type.
    """
    found = value.get(name) if isinstance(value, dict) else None
    if not isinstance(found, str | int) or isinstance(found, bool):
        raise ValueError(f"no {name}")
    return str(found)
