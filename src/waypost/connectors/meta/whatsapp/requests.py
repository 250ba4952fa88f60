"""Builds the JSON of a WhatsApp message: `POST /{phone-number-id}/messages`.

Source: Meta's OpenAPI of the Cloud API (v23.0); for `pin`, the typing indicator and the media carousel, which
are not in it, Meta's guides.
"""

from collections.abc import Sequence
from typing import Any

from waypost.connectors.contract import Submission
from waypost.model.message.extras import ButtonCall, CardCall, Media

_MEDIA = frozenset({"image", "video", "audio", "document", "sticker"})


def build_request(submission: Submission, *, echo_reference: bool = True) -> dict[str, Any]:
    """The JSON object of the request.

    Args:
        echo_reference: whether to send our reference, which the receipts then carry.
    """
    kind = submission.message_type
    content = submission.content
    if kind == "typing_indicator" and submission.template is None:
        # In Meta's API it is part of marking an inbound message as read.
        return {
            "messaging_product": "whatsapp",
            "status": "read",
            "message_id": content["messageId"],
            "typing_indicator": {"type": "text"},
        }
    extras = submission.extras
    body: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "recipient_type": "group" if extras.recipient_type == "group" else "individual",
        "to": submission.recipient,
    }
    if extras.recipient_type == "userId":
        body["recipient"] = body.pop("to")
    if extras.context_message_id:
        body["context"] = {"message_id": extras.context_message_id}
    if echo_reference:
        body["biz_opaque_callback_data"] = submission.reference
    if submission.template is not None:
        return body | {"type": "template", "template": _template(submission)}
    if kind == "carousel":
        kind, typed = "interactive", {"type": "carousel", **content}
    else:
        typed = _content_object(kind, content)
    return body | {"type": kind, kind: typed}


def _content_object(kind: str, content: dict[str, Any]) -> Any:
    """The member of the request that is named by the message's type."""
    if kind in _MEDIA:
        media = {"link": content["link"]}
        if "caption" in content:
            media["caption"] = content["caption"]
        if kind == "document":
            media["filename"] = content["fileName"]
        return media
    match kind:
        case "text":
            return {"body": content["text"], "preview_url": content.get("previewUrl", False)}
        case "reaction":
            return {"message_id": content["messageId"], "emoji": content["emoji"]}
        case "pin":
            days = {"expiration_days": content["expirationDays"]} if "expirationDays" in content else {}
            return {"type": "pin", "message_id": content["messageId"], **days}
        case "contacts":
            return content["contacts"]
        case _:
            return content


def _template(submission: Submission) -> dict[str, Any]:
    call, extras = submission.template, submission.extras
    assert call is not None
    components: list[dict[str, Any]] = []
    if call.header:
        components.append({"type": "header", "parameters": [_parameter(*value) for value in call.header]})
    if call.media is not None:
        components.append({"type": "header", "parameters": [_media_parameter(call.media)]})
    if call.expires_at is not None:
        offer = {"expiration_time_ms": call.expires_at}
        parameter = {"type": "limited_time_offer", "limited_time_offer": offer}
        components.append({"type": "limited_time_offer", "parameters": [parameter]})
    if call.values:
        components.append({"type": "body", "parameters": [_parameter(*value) for value in call.values]})
    components += _buttons(call.buttons)
    replies = _indexes_of(call.buttons, "QUICK_REPLY")
    for number, payload in enumerate(extras.payloads):
        index = replies[number] if number < len(replies) else number
        components.append(_button(index, "quick_reply", {"type": "payload", "payload": payload}))
    if extras.flow_token is not None:
        action: dict[str, Any] = {"flow_token": extras.flow_token or "unused"}
        if extras.flow_data is not None:
            action["flow_action_data"] = extras.flow_data
        index = next(iter(_indexes_of(call.buttons, "FLOW")), 0)
        components.append(_button(index, "flow", {"type": "action", "action": action}))
    if extras.thumbnail_product or extras.sections:
        components.append(_products(submission))
    if call.cards:
        cards = [{"card_index": index, "components": _card(card)} for index, card in enumerate(call.cards)]
        components.append({"type": "carousel", "cards": cards})
    template: dict[str, Any] = {"name": call.name, "language": {"code": call.language}}
    return template | ({"components": components} if components else {})


def _card(card: CardCall) -> list[dict[str, Any]]:
    components: list[dict[str, Any]] = [{"type": "header", "parameters": [_media_parameter(card.media)]}]
    if card.values:
        components.append({"type": "body", "parameters": [_parameter(*value) for value in card.values]})
    return components + _buttons(card.buttons)


def _media_parameter(media: Media) -> dict[str, Any]:
    name_member = {"filename": media.file_name} if media.file_name else {}
    return {"type": media.format, media.format: {"link": media.link, **name_member}}


def _buttons(buttons: Sequence[ButtonCall]) -> list[dict[str, Any]]:
    """The components of the buttons that have a value in the message."""
    components = []
    for index, button in enumerate(buttons):
        if button.kind == "COPY_CODE":
            coupon = {"type": "coupon_code", "coupon_code": button.value}
            components.append(_button(index, "copy_code", coupon))
        elif button.value:
            # In Meta's API the button of a one-time password is a URL button.
            components.append(_button(index, "url", {"type": "text", "text": button.value}))
    return components


def _indexes_of(buttons: Sequence[ButtonCall], kind: str) -> list[int]:
    return [index for index, button in enumerate(buttons) if button.kind == kind]


def _parameter(name: str, value: str) -> dict[str, str]:
    """A value, by its name, or by its position if the template's variables are numbered."""
    name_member = {} if name.isdecimal() else {"parameter_name": name}
    return {"type": "text", **name_member, "text": value}


def _products(submission: Submission) -> dict[str, Any]:
    extras = submission.extras
    action: dict[str, Any] = {}
    if extras.thumbnail_product:
        action["thumbnail_product_retailer_id"] = extras.thumbnail_product
    if extras.sections:
        action["sections"] = [
            {"title": title, "product_items": [{"product_retailer_id": product} for product in products]}
            for title, products in extras.sections
        ]
    return _button(0, "mpm" if extras.sections else "catalog", {"type": "action", "action": action})


def _button(index: int, kind: str, parameter: dict[str, Any]) -> dict[str, Any]:
    return {"type": "button", "sub_type": kind, "index": str(index), "parameters": [parameter]}
