"""How a template is called at a provider that holds it: by its name, with each value in its place."""

from collections.abc import Mapping
from typing import Any

from waypost.model.content.check import check_members
from waypost.model.faults import Fault
from waypost.model.message.extras import ButtonCall, CardCall, Media, TemplateCall
from waypost.model.quoting import quoted
from waypost.model.templates.template import (
    Template,
    params_fault,
    rendered_content,
    template_variables,
    variables,
)
from waypost.model.templates.whatsapp_buttons import is_coupon_code

Params = Mapping[str, str]


def template_call(template: Template, params: Params) -> tuple[TemplateCall, list[Fault]]:
    """The call of a template, and everything that is wrong with the values.

    Args:
        params: a value for each of the template's variables.
    """
    rendered = rendered_content(template, params)
    faults = _value_faults(template, params, rendered)
    if faults:
        return TemplateCall("", ""), faults
    values = _values(template.content.get("text", ""), params)
    if template.category == "AUTHENTICATION":
        # Meta's own text has one numbered variable.
        values = tuple((str(place), value) for place, (_, value) in enumerate(values, 1))
    cards = zip(template.content.get("cards", ()), rendered.get("cards", ()), strict=True)
    expiration = rendered.get("expiration")
    call = TemplateCall(
        name=template.provider_template_id or template.name,
        language=template.language,
        values=values,
        header=_values(template.content.get("header", ""), params),
        media=_media(rendered) if "media" in rendered else None,
        buttons=_button_calls(rendered),
        cards=tuple(
            CardCall(_media(rendered_card), _values(card["text"], params), _button_calls(rendered_card))
            for card, rendered_card in cards
        ),
        expires_at=int(expiration) if expiration is not None else None,
    )
    return call, []


def _value_faults(template: Template, params: Params, rendered: Mapping[str, Any]) -> list[Fault]:
    """What is wrong with values of the content, and with the content that they stand in."""
    faults = [
        params_fault(f"TemplateParams has an empty value for {quoted(name)}", "WhatsApp takes none")
        for name in template_variables(template)
        if not params[name]
    ]
    for part in (rendered, *rendered.get("cards", ())):
        faults += _part_faults(part)
    expiration = rendered.get("expiration")
    if expiration is not None and not (expiration.isascii() and expiration.isdecimal()):
        problem = f"expiration_time_ms is {quoted(expiration)}"
        faults.append(params_fault(problem, "Unix milliseconds are needed"))
    return faults


def _values(text: str, params: Params) -> tuple[tuple[str, str], ...]:
    return tuple((name, params[name]) for name in variables(text))


def _media(rendered: Mapping[str, Any]) -> Media:
    media = rendered["media"]
    return Media(media["format"], media["link"], media.get("fileName", ""))


def _button_calls(rendered: Mapping[str, Any]) -> tuple[ButtonCall, ...]:
    return tuple(ButtonCall(button["kind"], button["value"]) for button in rendered.get("buttons", ()))


def _part_faults(rendered: Mapping[str, Any]) -> list[Fault]:
    """What is wrong with the header's file and the buttons, with the values in them."""
    faults = []
    if "media" in rendered:
        _, link_faults = check_members("whatsapp", "image", {"link": rendered["media"]["link"]}, None)
        faults += [params_fault(f"With these TemplateParams, {fault.message}") for fault in link_faults]
    for button in rendered.get("buttons", ()):
        code = button["value"]
        if button["kind"] == "COPY_CODE" and not is_coupon_code(code):
            faults.append(params_fault(f"a code is {quoted(code)}", "1 to 15 letters and digits are needed"))
    return faults
