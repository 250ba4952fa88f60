"""The parts of a WhatsApp template, each checked and added to the content of its messages.

The rules and their sources are those of `waypost.model.templates.whatsapp_components`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from waypost.model import codes
from waypost.model.content.whatsapp import LONGEST_FOOTER
from waypost.model.faults import Fault
from waypost.model.templates.component_faults import (
    COMPONENTS,
    MANY_VARIABLES,
    among,
    check_length,
    invalid_member,
    missing_member,
    numbered_variable,
    repeated,
)
from waypost.model.templates.template import variables
from waypost.model.templates.whatsapp_buttons import ButtonRule, read_buttons

MEDIA = ("IMAGE", "DOCUMENT", "VIDEO")
"""The Formats of a HEADER that is a file."""

_LONGEST_HEADER = 60

Part = Mapping[str, Any]
Parts = Mapping[str, Part]


def read_parts(
    components: Sequence[object], path: str, allowed: tuple[str, ...]
) -> tuple[dict[str, Part], list[Fault]]:
    """The components by Type, and the faults of the Types."""
    parts: dict[str, Part] = {}
    faults: list[Fault] = []
    for place, component in enumerate(components):
        at = f"{path}[{place}]"
        if not isinstance(component, dict):
            faults.append(invalid_member(at, "an object is needed"))
            continue
        kind = str(component.get("Type") or "").upper()
        if not kind:
            faults.append(missing_member(at, "Type", "every component"))
        elif kind not in allowed:
            faults.append(invalid_member(f"{at}.Type", "is not allowed here", among(allowed), kind))
        elif kind in parts:
            faults.append(repeated(f"{at}.Type", kind))
        else:
            parts[kind] = component
    return parts, faults


def put_body(body: Part, path: str, longest: int, content: dict[str, Any]) -> list[Fault]:
    """Adds the `text` of a BODY to the content."""
    text = body.get("Text")
    if not isinstance(text, str) or not text:
        return [missing_member(path, "Text", "a BODY")]
    content["text"] = text
    if "{{" in text:
        return [numbered_variable(f"{path}.Text", text)]
    return check_length(text, longest, f"{path}.Text")


def put_header(header: Part, path: str, allowed: tuple[str, ...], content: dict[str, Any]) -> list[Fault]:
    """Adds the `header` (a text) or the `media` (a file) to the content.

    Args:
        allowed: the Formats.
    """
    header_format = str(header.get("Format") or "").upper()
    if header_format not in allowed:
        problem, formats = "is not allowed here", among(allowed)
        return [Fault(codes.HEADER_TYPE_NOT_SUPPORT, f"{path}.Format", problem, formats, header_format)]
    member = "Text" if header_format == "TEXT" else "Url"
    value = header.get(member)
    if not isinstance(value, str) or not value:
        return [missing_member(path, member, f"a HEADER of {header_format}")]
    names = variables(value)
    if len(names) > 1 or "{{" in value:
        return [Fault(codes.HEADER_MORE_VARABLE, f"{path}.{member}", MANY_VARIABLES, value=value)]
    if header_format == "TEXT":
        content["header"] = value
        return check_length(value, _LONGEST_HEADER, f"{path}.Text")
    whole = bool(names) and value == f"$({names[0]})"
    if not whole and (names or not value.lower().startswith(("http://", "https://"))):
        problem = "is neither an http or https URL nor one variable"
        return [Fault(codes.FILE_URL_ERROR, f"{path}.Url", problem, value=value)]
    content["media"] = {"format": header_format.lower(), "link": value}
    if header_format == "DOCUMENT" and header.get("FileName"):
        content["media"]["fileName"] = str(header["FileName"])
    return []


def check_footer(footer: Part) -> list[Fault]:
    """Checks a FOOTER, which adds nothing to the content of a message."""
    path = f"{COMPONENTS}.FOOTER"
    text = footer.get("Text")
    if not isinstance(text, str) or not text:
        return [missing_member(path, "Text", "a FOOTER")]
    if variables(text) or "{{" in text:
        allowed = "the footer is the same for everyone"
        return [Fault(codes.FOOTER_HAVE_VARIABLE, f"{path}.Text", "has a variable", allowed, text)]
    return check_length(text, LONGEST_FOOTER, f"{path}.Text")


def put_buttons(component: Part, path: str, rule: ButtonRule, content: dict[str, Any]) -> list[Fault]:
    """Adds the `buttons` to the content."""
    buttons, faults = read_buttons(component.get("Buttons"), f"{path}.Buttons", rule)
    content["buttons"] = buttons
    return faults
