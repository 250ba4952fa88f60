"""The call of a template that the provider stores: its name, with each value in its place."""

from collections.abc import Mapping
from typing import Any

from waypost.model.content.check import check_members
from waypost.model.faults import Fault
from waypost.model.foreign_numbers import read_moment
from waypost.model.message.extras import ButtonCall, CardCall, Media, TemplateCall
from waypost.model.templates.template import (
    Template,
    of_params,
    params_fault,
    rendered_content,
    template_variables,
    variables,
)
from waypost.model.templates.whatsapp_buttons import is_coupon_code

Params = Mapping[str, str]


def template_call(template: Template, params: Params) -> tuple[TemplateCall, list[Fault]]:
    """The call of a template, and all faults of the values.

    Args:
        params: a value for each of the template's variables.
    """
    content = rendered_content(template, params)
    authentication = template.category == "AUTHENTICATION"
    faults = [
        params_fault("TemplateParams has an empty value for {value}", "WhatsApp takes none", name)
        for name in template_variables(template)
        if not params[name]
    ]
    faults += [fault for part in (content, *content.get("cards", ())) for fault in _part_faults(part)]
    expiration = content.get("expiration")
    expires_at = read_moment(expiration, in_milliseconds=True) if expiration is not None else None
    if expiration is not None and expires_at is None:
        problem, allowed = "expiration_time_ms is {value}", "Unix milliseconds are needed"
        faults.append(params_fault(problem, allowed, expiration))
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
        media=_media(content),
        buttons=_buttons(content),
        cards=tuple(
            CardCall(_file(rendered), _values(card["text"], params), _buttons(rendered))
            for card, rendered in zip(
                template.content.get("cards", ()), content.get("cards", ()), strict=True
            )
        ),
        expires_at=expires_at,
    )
    return call, []


def _values(text: str, params: Params) -> tuple[tuple[str, str], ...]:
    return tuple((name, params[name]) for name in variables(text))


def _media(part: Mapping[str, Any]) -> Media | None:
    return _file(part) if "media" in part else None


def _file(part: Mapping[str, Any]) -> Media:
    media = part["media"]
    return Media(media["format"], media["link"], media.get("fileName", ""))


def _buttons(part: Mapping[str, Any]) -> tuple[ButtonCall, ...]:
    return tuple(ButtonCall(button["kind"], button["value"]) for button in part.get("buttons", ()))


def _part_faults(part: Mapping[str, Any]) -> list[Fault]:
    """The faults of the header's file and of the buttons, with the values filled in."""
    faults = []
    if "media" in part:
        _, wrong = check_members("whatsapp", "image", {"link": part["media"]["link"]}, None)
        faults += [of_params(fault) for fault in wrong]
    for button in part.get("buttons", ()):
        code = button["value"]
        if button["kind"] == "COPY_CODE" and not is_coupon_code(code):
            faults.append(params_fault("a code is {value}", "1 to 15 letters and digits are needed", code))
    return faults
