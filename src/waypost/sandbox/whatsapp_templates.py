"""The templates that the sandbox's Meta holds: what a person reads of one, from the values of a message."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from waypost.model.templates.template import Template, render, variables

Lookup = Callable[[str, str, str], Template | None]
"""Finds the approved template of a sender, by its name and language."""

Component = Mapping[str, Any]

_BUTTON_VALUES = {"URL": "url", "OTP": "url", "COPY_CODE": "copy_code"}
"""The kind of a button to the `sub_type` that gives its value."""


class MismatchError(Exception):
    """The values of a message are not those that its template has places for."""


def shown(template: Template, components: Sequence[Component]) -> tuple[str, str]:
    """The text that a person reads, each part on a line of its own, and the link of the header's file.

    Raises:
        MismatchError: a value is missing, or there is one too many.
    """
    content = template.content
    lines = [_text(content, "header", components), _text(content, "text", components)]
    lines += [part["Text"] for part in _parts(template, "FOOTER") if part.get("Text")]
    media = _media(content, components)
    buttons = [button for part in _parts(template, "BUTTONS") for button in part["Buttons"]]
    lines += _buttons(content, buttons, components)
    if "expiration" in content and not _of(components, "limited_time_offer"):
        raise MismatchError("the offer has no end")
    for place, card in enumerate(content.get("cards", ())):
        values = _card(components, place)
        lines.append(_text(card, "text", values))
        media = media or _media(card, values)
        lines += _buttons(card, _buttons_of_card(template, place), values)
    return "\n".join(line for line in lines if line), media


def _parts(template: Template, kind: str) -> list[Component]:
    return [part for part in template.components if str(part.get("Type")).upper() == kind]


def _buttons_of_card(template: Template, place: int) -> list[Component]:
    (carousel,) = _parts(template, "CAROUSEL")
    parts = carousel["Cards"][place]["CardComponents"]
    return [button for part in parts if part["Type"].upper() == "BUTTONS" for button in part["Buttons"]]


def _of(components: Sequence[Component], kind: str) -> list[Component]:
    return [parameter for part in components if part["type"] == kind for parameter in part["parameters"]]


def _card(components: Sequence[Component], place: int) -> list[Component]:
    cards = [card for part in components if part["type"] == "carousel" for card in part["cards"]]
    found = [card["components"] for card in cards if card["card_index"] == place]
    if len(found) != 1:
        raise MismatchError(f"card {place} is not there once")
    return list(found[0])


def _text(content: Mapping[str, Any], member: str, components: Sequence[Component]) -> str:
    text: str = content.get(member, "")
    names = variables(text)
    parameters = [one for one in _of(components, "header" if member == "header" else "body") if "text" in one]
    if len(parameters) != len(names):
        raise MismatchError(f"{len(parameters)} values for the {len(names)} variables of the {member}")
    values = {
        parameter.get("parameter_name", name): parameter["text"]
        for name, parameter in zip(names, parameters, strict=True)
    }
    if values.keys() != set(names):
        raise MismatchError(f"the {member} has the variables {', '.join(names)}")
    return render(text, values)


def _media(content: Mapping[str, Any], components: Sequence[Component]) -> str:
    wire = content["media"]["format"] if "media" in content else ""
    values = [one for one in _of(components, "header") if one["type"] != "text"]
    if [one["type"] for one in values] != ([wire] if wire else []):
        raise MismatchError(f"the header is {wire or 'no file'}")
    return str(values[0][wire]["link"]) if wire else ""


def _buttons(
    content: Mapping[str, Any], buttons: Sequence[Component], components: Sequence[Component]
) -> list[str]:
    lines = []
    for place, (made, button) in enumerate(zip(content.get("buttons", ()), buttons, strict=True)):
        if not made["value"]:
            continue
        kind = _BUTTON_VALUES[made["kind"]]
        values = [
            part["parameters"][0]
            for part in components
            if (part["type"], part.get("index"), part.get("sub_type")) == ("button", str(place), kind)
        ]
        if len(values) != 1:
            raise MismatchError(f"button {place} has no value")
        value = values[0].get("text") or values[0]["coupon_code"]
        name = next(iter(variables(made["value"])), "")
        shown_text = render(button["Url"], {name: value}) if made["kind"] == "URL" else value
        lines.append(f"[{button.get('Text') or 'Copy code'}] {shown_text}")
    return lines
