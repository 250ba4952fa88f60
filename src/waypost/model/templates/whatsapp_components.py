"""The components of a WhatsApp template, checked and converted to message content.

The rules of ChatApp: other-operations.md, CreateChatappTemplate, and the SDK's notes on `Components`. What
ChatApp leaves open is Meta's ("Template components", "Authentication templates", "Media card carousel
templates", "Limited-time offer templates"). The content is what a message has: `text` for the BODY, `header`
or `media`, `buttons`, `cards`, `expiration`; each string in it may hold variables.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from waypost.model import codes
from waypost.model.content.whatsapp import LONGEST_BODY
from waypost.model.faults import Fault
from waypost.model.templates.component_faults import COMPONENTS, check_length, invalid_member, missing_member
from waypost.model.templates.components import TemplateContent
from waypost.model.templates.whatsapp_buttons import CODE_VARIABLE, OF_AUTHENTICATION, OF_CARD, OF_TEMPLATE
from waypost.model.templates.whatsapp_parts import (
    MEDIA,
    Parts,
    check_footer,
    put_body,
    put_buttons,
    put_header,
    read_parts,
)

EXPIRATION_VARIABLE = "$(expiration_time_ms)"
"""When a limited-time offer ends, Unix milliseconds; ChatApp does not publish how a call says it."""

CATEGORIES = ("UTILITY", "MARKETING", "AUTHENTICATION")
SEND_TTL = {"AUTHENTICATION": (30, 900), "UTILITY": (30, 43_200)}
"""Category to the least and the most MessageSendTtlSeconds; the others have none."""

_NAME = re.compile(r"[a-z0-9_]{1,512}")
_TYPES = ("BODY", "HEADER", "FOOTER", "BUTTONS", "CAROUSEL", "LIMITED_TIME_OFFER")
_LONGEST_CARD_BODY = 160
_LONGEST_OFFER = 16
_LONGEST_OFFER_BODY = 600
_MOST_CARDS = 10
_LONGEST_EXPIRATION = 90


def check_name(name: str) -> list[Fault]:
    """Checks the Name, which is also the template's name at Meta."""
    if _NAME.fullmatch(name):
        return []
    allowed = "small letters, digits and _ are, at most 512"
    return [Fault(codes.invalid("Name"), "Name", "is not allowed for WhatsApp", allowed, name)]


def check_terms(category: str, send_ttl: int | None) -> list[Fault]:
    """Checks Category and MessageSendTtlSeconds; None for an absent one."""
    if category not in CATEGORIES:
        problem, allowed = "is not allowed for WhatsApp", f"allowed are {', '.join(CATEGORIES)}"
        return [Fault(codes.invalid("Category"), "Category", problem, allowed, category)]
    least, most = SEND_TTL.get(category, (0, 0))
    if send_ttl is None or least <= send_ttl <= most:
        return []
    ranges = "; ".join(f"{name}: {low} to {high}" for name, (low, high) in SEND_TTL.items())
    code, parameter = codes.invalid("MessageSendTtlSeconds"), "MessageSendTtlSeconds"
    return [Fault(code, parameter, f"is not allowed for {category}", f"allowed are {ranges}", send_ttl)]


def read_whatsapp_components(
    components: Sequence[Mapping[str, Any]], category: str
) -> tuple[TemplateContent, list[Fault]]:
    """Checks the components of a WhatsApp template.

    Members that the SDK sends empty (`""`, `[]`, null) count as absent.

    Returns:
        What they come to, and everything that is wrong; the first is complete only without faults.
    """
    parts, faults = read_parts(components, COMPONENTS, _TYPES)
    if not components:
        allowed = "a template needs a BODY"
        faults.append(Fault(codes.missing(COMPONENTS), COMPONENTS, "it is empty", allowed))
    elif "BODY" not in parts:
        faults.append(invalid_member(COMPONENTS, "there is no BODY", "a template needs one"))
    if faults:
        return TemplateContent(), faults
    content: dict[str, Any] = {}
    if category == "AUTHENTICATION":
        faults = _put_authentication(parts, content)
    else:
        faults = _put_parts(parts, category, content)
    return (TemplateContent(), faults) if faults else (TemplateContent("text", content), [])


def _put_parts(parts: Parts, category: str, content: dict[str, Any]) -> list[Fault]:
    faults = _check_marketing(parts, category)
    longest = _LONGEST_OFFER_BODY if "LIMITED_TIME_OFFER" in parts else LONGEST_BODY
    faults += put_body(parts["BODY"], f"{COMPONENTS}.BODY", longest, content)
    if "HEADER" in parts:
        faults += put_header(parts["HEADER"], f"{COMPONENTS}.HEADER", ("TEXT", *MEDIA), content)
    if "FOOTER" in parts:
        faults += check_footer(parts["FOOTER"])
    if "LIMITED_TIME_OFFER" in parts:
        faults += _put_offer(parts, content)
    if "BUTTONS" in parts:
        faults += put_buttons(parts["BUTTONS"], f"{COMPONENTS}.BUTTONS", OF_TEMPLATE, content)
    if "CAROUSEL" in parts:
        faults += _put_carousel(parts, content)
    return faults


def _check_marketing(parts: Parts, category: str) -> list[Fault]:
    return [
        invalid_member(f"{COMPONENTS}.{kind}", f"it is not allowed for {category}", "MARKETING may have it")
        for kind in ("CAROUSEL", "LIMITED_TIME_OFFER")
        if kind in parts and category != "MARKETING"
    ]


def _put_offer(parts: Parts, content: dict[str, Any]) -> list[Fault]:
    path = f"{COMPONENTS}.LIMITED_TIME_OFFER"
    offer = parts["LIMITED_TIME_OFFER"]
    text = offer.get("Text")
    if not isinstance(text, str) or not text:
        return [missing_member(path, "Text", "a LIMITED_TIME_OFFER")]
    faults = check_length(text, _LONGEST_OFFER, f"{path}.Text")
    if "FOOTER" in parts:
        faults.append(invalid_member(f"{COMPONENTS}.FOOTER", "a limited-time offer has no FOOTER"))
    if "BUTTONS" not in parts:
        faults.append(invalid_member(path, "it needs BUTTONS"))
    if offer.get("HasExpiration"):
        content["expiration"] = EXPIRATION_VARIABLE
    return faults


def _put_carousel(parts: Parts, content: dict[str, Any]) -> list[Fault]:
    path = f"{COMPONENTS}.CAROUSEL"
    beside = [kind for kind in parts if kind not in ("BODY", "CAROUSEL")]
    if beside:
        return [invalid_member(path, f"beside it there is a BODY alone, and no {', '.join(beside)}")]
    cards = parts["CAROUSEL"].get("Cards")
    if not isinstance(cards, list) or not 2 <= len(cards) <= _MOST_CARDS:
        return [invalid_member(f"{path}.Cards", f"a list of 2 to {_MOST_CARDS} cards is needed")]
    contents: list[dict[str, Any]] = []
    faults: list[Fault] = []
    for place, card in enumerate(cards):
        card_content: dict[str, Any] = {}
        faults += _put_card(card, f"{path}.Cards[{place}].CardComponents", card_content)
        contents.append(card_content)
    if not faults and len({_shape(card) for card in contents}) > 1:
        problem = "all cards must have the same Format of HEADER and the same Types of buttons, in one order"
        faults.append(invalid_member(f"{path}.Cards", problem))
    content["cards"] = contents
    return faults


def _put_card(card: object, path: str, content: dict[str, Any]) -> list[Fault]:
    listed = card.get("CardComponents") if isinstance(card, dict) else None
    types = ("BODY", "HEADER", "BUTTONS")
    parts, faults = read_parts(listed if isinstance(listed, list) else [], path, types)
    for kind in ("HEADER", "BODY"):
        if kind not in parts:
            faults.append(invalid_member(path, f"there is no {kind}", "a card needs one"))
    if faults:
        return faults
    faults += put_header(parts["HEADER"], f"{path}.HEADER", ("IMAGE", "VIDEO"), content)
    faults += put_body(parts["BODY"], f"{path}.BODY", _LONGEST_CARD_BODY, content)
    if "BUTTONS" in parts:
        faults += put_buttons(parts["BUTTONS"], f"{path}.BUTTONS", OF_CARD, content)
    return faults


def _shape(card: Mapping[str, Any]) -> tuple[str, ...]:
    return card["media"]["format"], *(button["kind"] for button in card.get("buttons", ()))


def _put_authentication(parts: Parts, content: dict[str, Any]) -> list[Fault]:
    faults: list[Fault] = []
    for kind in parts:
        path = f"{COMPONENTS}.{kind}"
        if kind == "HEADER":
            faults.append(Fault(codes.HEADER_TYPE_NOT_SUPPORT, path, "AUTHENTICATION has no HEADER"))
        elif kind in ("CAROUSEL", "LIMITED_TIME_OFFER"):
            faults.append(invalid_member(path, "AUTHENTICATION has none"))
        elif kind in ("BODY", "FOOTER") and parts[kind].get("Text"):
            problem = "it must be empty: WhatsApp writes the texts of AUTHENTICATION"
            faults.append(Fault(codes.MESSAGE_INVALID, f"{path}.Text", problem))
    faults += _check_expiration(parts.get("FOOTER", {}).get("CodeExpirationMinutes"))
    if "BUTTONS" not in parts:
        problem = "AUTHENTICATION needs one button: COPY_CODE, ONE_TAP or ZERO_TAP"
        return [*faults, invalid_member(COMPONENTS, problem)]
    content["text"] = CODE_VARIABLE
    return faults + put_buttons(parts["BUTTONS"], f"{COMPONENTS}.BUTTONS", OF_AUTHENTICATION, content)


def _check_expiration(minutes: object) -> list[Fault]:
    if minutes in (None, "") or 1 <= _whole_number(minutes) <= _LONGEST_EXPIRATION:
        return []
    path = f"{COMPONENTS}.FOOTER.CodeExpirationMinutes"
    allowed = f"1 to {_LONGEST_EXPIRATION} minutes are"
    return [invalid_member(path, "is not allowed", allowed, str(minutes))]


def _whole_number(value: object) -> int:
    text = str(value)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
