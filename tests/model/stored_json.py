"""What a value is on disk, for the golden tables: its JSON text, and whether a row sets all of its fields."""

import json
from typing import Any

import msgspec


def json_text(members: dict[str, Any]) -> str:
    """The JSON text of these members as it is stored: in their order, no spaces, characters unescaped."""
    return json.dumps(members, ensure_ascii=False, separators=(",", ":"))


def fields_at_default(value: msgspec.Struct) -> set[str]:
    """The fields of a value that has them at their defaults, so that no golden row covers them yet."""
    defaults = {
        field.name: field.default_factory() if callable(field.default_factory) else field.default
        for field in msgspec.structs.fields(value)
        if not field.required
    }
    return {name for name, default in defaults.items() if getattr(value, name) == default}
