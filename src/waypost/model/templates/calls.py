"""How a template is called at a provider that holds it: by its name, with each value in its place."""

from collections.abc import Mapping
from typing import Any

from waypost.model.codes import INVALID_TEMPLATE_PARAMS
from waypost.model.content.check import check_members
from waypost.model.faults import Fault
from waypost.model.message.extras import ButtonCall, CardCall, Media, TemplateCall
from waypost.model.quoting import quoted
from waypost.model.templates.template import Template, rendered_content, template_variables, variables
from waypost.model.templates.whatsapp_buttons import is_coupon_code

Params = Mapping[str, str]


def template_call(template: Template, params: Params) -> tuple[TemplateCall, list[Fault]]:
    """The call of a template, and everything that is wrong with the values.

    Args:
        params: a value for each of the template's variables.
    """
    said = rendered_content(template, params)
    authentication = template.category == "AUTHENTICATION"
    faults = [
        _fault(f"TemplateParams has an empty value for {quoted(name)}; WhatsApp takes none.")
        for name in template_variables(template)
        if not params[name]
    ]
    faults += [fault for part in (said, *said.get("cards", ())) for fault in _of_part(part)]
    expiration = said.get("expiration")
    if expiration is not None and not (expiration.isascii() and expiration.isdecimal()):
        faults.append(_fault(f"expiration_time_ms is {quoted(expiration)}; Unix milliseconds are needed."))
    if faults:
        return TemplateCall("", ""), faults
    text = template.content.get("text", "")
    values = _values(text, params)
    if authentication:
        # Meta's own text has one numbered variable.
        values = tuple((str(place), value) for place, (_, value) in enumerate(values, 1))
    call = TemplateCall(
        name=template.provider_template_id or template.name,
        language=template.language,
        values=values,
        header=_values(template.content.get("header", ""), params),
        media=_media(said),
        buttons=_buttons(said),
        cards=tuple(
            CardCall(_file(shown), _values(card["text"], params), _buttons(shown))
            for card, shown in zip(template.content.get("cards", ()), said.get("cards", ()), strict=True)
        ),
        expires_at=int(expiration) if expiration is not None else None,
    )
    return call, []


def _values(text: str, params: Params) -> tuple[tuple[str, str], ...]:
    return tuple((name, params[name]) for name in variables(text))


def _media(said: Mapping[str, Any]) -> Media | None:
    return _file(said) if "media" in said else None


def _file(said: Mapping[str, Any]) -> Media:
    media = said["media"]
    return Media(media["format"], media["link"], media.get("fileName", ""))


def _buttons(said: Mapping[str, Any]) -> tuple[ButtonCall, ...]:
    return tuple(ButtonCall(button["kind"], button["value"]) for button in said.get("buttons", ()))


def _of_part(said: Mapping[str, Any]) -> list[Fault]:
    """What is wrong with the header's file and the buttons, with the values in them."""
    faults = []
    if "media" in said:
        _, wrong = check_members("whatsapp", "image", {"link": said["media"]["link"]}, None)
        faults += [_fault(f"With these TemplateParams, {fault.message}") for fault in wrong]
    for button in said.get("buttons", ()):
        code = button["value"]
        if button["kind"] == "COPY_CODE" and not is_coupon_code(code):
            faults.append(_fault(f"a code is {quoted(code)}; 1 to 15 letters and digits are needed."))
    return faults


def _fault(message: str) -> Fault:
    return Fault(INVALID_TEMPLATE_PARAMS, "TemplateParams", message)
