"""The parts of a WhatsApp template, each checked alone and put into the content of its messages.

The rules and their sources are those of `waypost.model.templates.whatsapp_components`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from waypost.model.content.whatsapp import LONGEST_FOOTER
from waypost.model.faults import Fault
from waypost.model.quoting import quoted
from waypost.model.templates.components import (
    BODY_INVALID,
    COMPONENTS,
    FILE_URL,
    HEADER_NOT_SUPPORTED,
    INVALID,
)
from waypost.model.templates.template import variables
from waypost.model.templates.whatsapp_buttons import ButtonRule, read_buttons

FOOTER_HAS_VARIABLE = "InvalidParameter.FooterHaveVariable"
HEADER_HAS_VARIABLES = "InvalidParameter.HeaderMoreVarable"
MEDIA = ("IMAGE", "DOCUMENT", "VIDEO")

_LONGEST_HEADER = 60

Part = Mapping[str, Any]
Parts = Mapping[str, Part]


def read_parts(
    components: Sequence[object], where: str, allowed: tuple[str, ...]
) -> tuple[dict[str, Part], list[Fault]]:
    """The components by their Type, each once, and everything that is wrong with the Types."""
    parts: dict[str, Part] = {}
    faults: list[Fault] = []
    for place, component in enumerate(components):
        at = f"{where}[{place}].Type"
        if not isinstance(component, dict):
            faults.append(Fault(INVALID, f"{where}[{place}]", "an object is needed."))
            continue
        kind = str(component.get("Type") or "").upper()
        if not kind:
            faults.append(Fault("MissingType", at, "it is missing; every component needs it."))
        elif kind not in allowed:
            text = f"{quoted(kind)} is not allowed here; allowed are {', '.join(allowed)}."
            faults.append(Fault(INVALID, at, text))
        elif kind in parts:
            faults.append(Fault(INVALID, at, f"there is a {kind} already; one is allowed."))
        else:
            parts[kind] = component
    return parts, faults


def put_body(body: Part, at: str, longest: int, content: dict[str, Any]) -> list[Fault]:
    """Puts the `text` of a BODY into the content."""
    text = body.get("Text")
    if not isinstance(text, str) or not text:
        return [Fault("MissingText", f"{at}.Text", "it is missing; a BODY needs it.")]
    content["text"] = text
    if "{{" in text:
        told = f"{quoted(text)} has a variable of the form {{{{1}}}}; variables are written $(name)."
        return [Fault(BODY_INVALID, f"{at}.Text", told)]
    return too_long(text, longest, f"{at}.Text")


def put_header(header: Part, at: str, allowed: tuple[str, ...], content: dict[str, Any]) -> list[Fault]:
    """Puts the `header`, a text, or the `media`, a file, into the content.

    Args:
        allowed: the Formats.
    """
    form = str(header.get("Format") or "").upper()
    if form not in allowed:
        text = f"{quoted(form)} is not allowed here; allowed are {', '.join(allowed)}."
        return [Fault(HEADER_NOT_SUPPORTED, f"{at}.Format", text)]
    member = "Text" if form == "TEXT" else "Url"
    said = header.get(member)
    if not isinstance(said, str) or not said:
        return [Fault(f"Missing{member}", f"{at}.{member}", f"it is missing; a HEADER of {form} needs it.")]
    found = variables(said)
    if len(found) > 1 or "{{" in said:
        told = f"{quoted(said)} has more than one variable, or one that is not written $(name)."
        return [Fault(HEADER_HAS_VARIABLES, f"{at}.{member}", told)]
    if form == "TEXT":
        content["header"] = said
        return too_long(said, _LONGEST_HEADER, f"{at}.Text")
    whole = bool(found) and said == f"$({found[0]})"
    if not whole and (found or not said.lower().startswith(("http://", "https://"))):
        told = f"{quoted(said)} is neither an http or https URL nor one variable."
        return [Fault(FILE_URL, f"{at}.Url", told)]
    content["media"] = {"format": form.lower(), "link": said}
    if form == "DOCUMENT" and header.get("FileName"):
        content["media"]["fileName"] = str(header["FileName"])
    return []


def check_footer(footer: Part) -> list[Fault]:
    """Checks a FOOTER, of which a message says nothing."""
    text = footer.get("Text")
    at = f"{COMPONENTS}.FOOTER.Text"
    if not isinstance(text, str) or not text:
        return [Fault("MissingText", at, "it is missing; a FOOTER needs it.")]
    if variables(text) or "{{" in text:
        told = f"{quoted(text)} has a variable; the footer is the same for everyone."
        return [Fault(FOOTER_HAS_VARIABLE, at, told)]
    return too_long(text, LONGEST_FOOTER, at)


def put_buttons(component: Part, at: str, rule: ButtonRule, content: dict[str, Any]) -> list[Fault]:
    """Puts the `buttons` into the content."""
    made, faults = read_buttons(component.get("Buttons"), f"{at}.Buttons", rule)
    content["buttons"] = made
    return faults


def too_long(text: str, longest: int, at: str) -> list[Fault]:
    """What is wrong with the length of a text."""
    if len(text) <= longest:
        return []
    return [Fault(INVALID, at, f"it has {len(text)} characters; at most {longest} are allowed.")]
