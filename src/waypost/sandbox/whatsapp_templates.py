"""Renders WhatsApp templates, which Meta holds, with the values of a message, as a phone shows them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from waypost.model.templates.template import Template, render, variables
from waypost.sandbox.phone_actions import URL, Button

TemplateLookup = Callable[[str, str, str], Template | None]
"""Finds an approved template by sender, name and language."""

Component = Mapping[str, Any]

QUICK_REPLY = "quick_reply"

_BUTTON_VALUES = {"URL": "url", "OTP": "url", "COPY_CODE": "copy_code"}
"""The kind of a button to the `sub_type` of the component with its value."""


class MismatchError(Exception):
    """The values of a message do not match the variables of its template."""


def render_template(template: Template, components: Sequence[Component]) -> tuple[str, str]:
    """The text of a message, with one line for each part, and the URL of its media.

    Raises:
        MismatchError: there is a value too few or too many.
    """
    content = template.content
    lines = [_render_text(content, "header", components), _render_text(content, "text", components)]
    lines += [part["Text"] for part in _components_of(template, "FOOTER") if part.get("Text")]
    media = _media_url(content, components)
    buttons = [button for part in _components_of(template, "BUTTONS") for button in part["Buttons"]]
    lines += _render_buttons(content, buttons, components)
    if "expiration" in content and not _parameters_of(components, "limited_time_offer"):
        raise MismatchError("the offer has no end")
    for index, card in enumerate(content.get("cards", ())):
        values = _card_components(components, index)
        lines.append(_render_text(card, "text", values))
        media = media or _media_url(card, values)
        lines += _render_buttons(card, _buttons_of_card(template, index), values)
    return "\n".join(line for line in lines if line), media


def template_buttons(template: Template, components: Sequence[Component]) -> list[Button]:
    """The buttons of a message, with the payloads of the message; all but quick replies open something."""
    stored = [button for part in _components_of(template, "BUTTONS") for button in part["Buttons"]]
    payloads = {
        part.get("index"): part["parameters"][0]["payload"]
        for part in components
        if (part["type"], part.get("sub_type")) == ("button", QUICK_REPLY)
    }
    return [
        Button(button["Text"], QUICK_REPLY, payloads.get(str(index), button["Text"]))
        if str(button.get("Type")).upper() == QUICK_REPLY.upper()
        else Button(button.get("Text") or "", URL, button.get("Url") or button.get("PhoneNumber") or "")
        for index, button in enumerate(stored)
    ]


def _components_of(template: Template, kind: str) -> list[Component]:
    return [part for part in template.components if str(part.get("Type")).upper() == kind]


def _buttons_of_card(template: Template, index: int) -> list[Component]:
    (carousel,) = _components_of(template, "CAROUSEL")
    parts = carousel["Cards"][index]["CardComponents"]
    return [button for part in parts if part["Type"].upper() == "BUTTONS" for button in part["Buttons"]]


def _parameters_of(components: Sequence[Component], kind: str) -> list[Component]:
    return [parameter for part in components if part["type"] == kind for parameter in part["parameters"]]


def _card_components(components: Sequence[Component], index: int) -> list[Component]:
    cards = [card for part in components if part["type"] == "carousel" for card in part["cards"]]
    matching = [card["components"] for card in cards if card["card_index"] == index]
    if len(matching) != 1:
        raise MismatchError(f"card {index} is not there once")
    return list(matching[0])


def _render_text(content: Mapping[str, Any], member: str, components: Sequence[Component]) -> str:
    text: str = content.get(member, "")
    names = variables(text)
    kind = "header" if member == "header" else "body"
    parameters = [parameter for parameter in _parameters_of(components, kind) if "text" in parameter]
    if len(parameters) != len(names):
        raise MismatchError(f"{len(parameters)} values for the {len(names)} variables of the {member}")
    values = {
        parameter.get("parameter_name", name): parameter["text"]
        for name, parameter in zip(names, parameters, strict=True)
    }
    if values.keys() != set(names):
        raise MismatchError(f"the {member} has the variables {', '.join(names)}")
    return render(text, values)


def _media_url(content: Mapping[str, Any], components: Sequence[Component]) -> str:
    media_format = content["media"]["format"] if "media" in content else ""
    values = [parameter for parameter in _parameters_of(components, "header") if parameter["type"] != "text"]
    if [parameter["type"] for parameter in values] != ([media_format] if media_format else []):
        raise MismatchError(f"the header is {media_format or 'no file'}")
    return str(values[0][media_format]["link"]) if media_format else ""


def _render_buttons(
    content: Mapping[str, Any], buttons: Sequence[Component], components: Sequence[Component]
) -> list[str]:
    lines = []
    for index, (stored, button) in enumerate(zip(content.get("buttons", ()), buttons, strict=True)):
        if not stored["value"]:
            continue
        kind = _BUTTON_VALUES[stored["kind"]]
        values = [
            part["parameters"][0]
            for part in components
            if (part["type"], part.get("index"), part.get("sub_type")) == ("button", str(index), kind)
        ]
        if len(values) != 1:
            raise MismatchError(f"button {index} has no value")
        value = values[0].get("text") or values[0]["coupon_code"]
        name = next(iter(variables(stored["value"])), "")
        visible_value = render(button["Url"], {name: value}) if stored["kind"] == "URL" else value
        lines.append(f"[{button.get('Text') or 'Copy code'}] {visible_value}")
    return lines
