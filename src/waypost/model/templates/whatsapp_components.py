"""What a WhatsApp template is made of: the components of a call, checked and turned into a message's content.

The rules of ChatApp: other-operations.md, CreateChatappTemplate, and the SDK's notes on `Components`. What
ChatApp leaves open is Meta's ("Template components", "Authentication templates", "Media card carousel
templates", "Limited-time offer templates"). The content is what a message says: `text` for the BODY, `header`
or `media`, `buttons`, `cards`, `expiration`; each string in it may hold variables.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from waypost.model.content.whatsapp import LONGEST_BODY
from waypost.model.faults import Fault
from waypost.model.quoting import quoted
from waypost.model.templates.components import BODY_INVALID, COMPONENTS, HEADER_NOT_SUPPORTED, INVALID, Made
from waypost.model.templates.whatsapp_buttons import CODE_VARIABLE, OF_AUTHENTICATION, OF_CARD, OF_TEMPLATE
from waypost.model.templates.whatsapp_parts import (
    MEDIA,
    Parts,
    check_footer,
    put_body,
    put_buttons,
    put_header,
    read_parts,
    too_long,
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
    """Checks the Name: it is Meta's name of the template, too."""
    if _NAME.fullmatch(name):
        return []
    text = f"{quoted(name)} is not allowed for WhatsApp; small letters, digits and _ are, at most 512."
    return [Fault("InvalidName", "Name", text)]


def check_terms(category: str, send_ttl: int | None) -> list[Fault]:
    """Checks Category and MessageSendTtlSeconds, None when it is not given."""
    if category not in CATEGORIES:
        text = f"{quoted(category)} is not allowed for WhatsApp; allowed are {', '.join(CATEGORIES)}."
        return [Fault("InvalidCategory", "Category", text)]
    least, most = SEND_TTL.get(category, (0, 0))
    if send_ttl is None or least <= send_ttl <= most:
        return []
    allowed = "; ".join(f"{name}: {low} to {high}" for name, (low, high) in SEND_TTL.items())
    text = f"{send_ttl} is not allowed for {category}; allowed are {allowed}."
    return [Fault("InvalidMessageSendTtlSeconds", "MessageSendTtlSeconds", text)]


def read_whatsapp_components(
    components: Sequence[Mapping[str, Any]], category: str
) -> tuple[Made, list[Fault]]:
    """Checks the components of a WhatsApp template.

    Members that the SDK sends empty (`""`, `[]`, null) count as absent.

    Returns:
        What they come to, and everything that is wrong; the first is complete only without faults.
    """
    parts, faults = read_parts(components, COMPONENTS, _TYPES)
    if not components:
        faults.append(Fault("MissingComponents", COMPONENTS, "it is empty; a template needs a BODY."))
    elif "BODY" not in parts:
        faults.append(Fault(INVALID, COMPONENTS, "there is no BODY; a template needs one."))
    if faults:
        return Made(), faults
    content: dict[str, Any] = {}
    faults = (
        _authentication(parts, content) if category == "AUTHENTICATION" else _usual(parts, category, content)
    )
    return (Made(), faults) if faults else (Made("text", content), [])


def _usual(parts: Parts, category: str, content: dict[str, Any]) -> list[Fault]:
    faults = _of_marketing(parts, category)
    longest = _LONGEST_OFFER_BODY if "LIMITED_TIME_OFFER" in parts else LONGEST_BODY
    faults += put_body(parts["BODY"], f"{COMPONENTS}.BODY", longest, content)
    if "HEADER" in parts:
        faults += put_header(parts["HEADER"], f"{COMPONENTS}.HEADER", ("TEXT", *MEDIA), content)
    if "FOOTER" in parts:
        faults += check_footer(parts["FOOTER"])
    if "LIMITED_TIME_OFFER" in parts:
        faults += _offer(parts, content)
    if "BUTTONS" in parts:
        faults += put_buttons(parts["BUTTONS"], f"{COMPONENTS}.BUTTONS", OF_TEMPLATE, content)
    if "CAROUSEL" in parts:
        faults += _carousel(parts, content)
    return faults


def _of_marketing(parts: Parts, category: str) -> list[Fault]:
    return [
        Fault(INVALID, f"{COMPONENTS}.{kind}", f"it is not allowed for {category}; MARKETING may have it.")
        for kind in ("CAROUSEL", "LIMITED_TIME_OFFER")
        if kind in parts and category != "MARKETING"
    ]


def _offer(parts: Parts, content: dict[str, Any]) -> list[Fault]:
    at = f"{COMPONENTS}.LIMITED_TIME_OFFER"
    offer = parts["LIMITED_TIME_OFFER"]
    text = offer.get("Text")
    if not isinstance(text, str) or not text:
        return [Fault("MissingText", f"{at}.Text", "it is missing; a LIMITED_TIME_OFFER needs it.")]
    faults = too_long(text, _LONGEST_OFFER, f"{at}.Text")
    if "FOOTER" in parts:
        faults.append(Fault(INVALID, f"{COMPONENTS}.FOOTER", "a limited-time offer has no FOOTER."))
    if "BUTTONS" not in parts:
        faults.append(Fault(INVALID, at, "it needs BUTTONS."))
    if offer.get("HasExpiration"):
        content["expiration"] = EXPIRATION_VARIABLE
    return faults


def _carousel(parts: Parts, content: dict[str, Any]) -> list[Fault]:
    at = f"{COMPONENTS}.CAROUSEL"
    beside = [kind for kind in parts if kind not in ("BODY", "CAROUSEL")]
    if beside:
        return [Fault(INVALID, at, f"beside it there is a BODY alone, and no {', '.join(beside)}.")]
    cards = parts["CAROUSEL"].get("Cards")
    if not isinstance(cards, list) or not 2 <= len(cards) <= _MOST_CARDS:
        return [Fault(INVALID, f"{at}.Cards", f"a list of 2 to {_MOST_CARDS} cards is needed.")]
    made: list[dict[str, Any]] = []
    faults: list[Fault] = []
    for place, card in enumerate(cards):
        content_of_card: dict[str, Any] = {}
        faults += _card(card, f"{at}.Cards[{place}].CardComponents", content_of_card)
        made.append(content_of_card)
    if not faults and len({_shape(card) for card in made}) > 1:
        text = "all cards must have the same Format of HEADER and the same Types of buttons, in one order."
        faults.append(Fault(INVALID, f"{at}.Cards", text))
    content["cards"] = made
    return faults


def _card(card: object, at: str, content: dict[str, Any]) -> list[Fault]:
    listed = card.get("CardComponents") if isinstance(card, dict) else None
    parts, faults = read_parts(listed if isinstance(listed, list) else [], at, ("BODY", "HEADER", "BUTTONS"))
    for kind in ("HEADER", "BODY"):
        if kind not in parts:
            faults.append(Fault(INVALID, at, f"there is no {kind}; a card needs one."))
    if faults:
        return faults
    faults += put_header(parts["HEADER"], f"{at}.HEADER", ("IMAGE", "VIDEO"), content)
    faults += put_body(parts["BODY"], f"{at}.BODY", _LONGEST_CARD_BODY, content)
    if "BUTTONS" in parts:
        faults += put_buttons(parts["BUTTONS"], f"{at}.BUTTONS", OF_CARD, content)
    return faults


def _shape(card: Mapping[str, Any]) -> tuple[str, ...]:
    return card["media"]["format"], *(button["kind"] for button in card.get("buttons", ()))


def _authentication(parts: Parts, content: dict[str, Any]) -> list[Fault]:
    faults = []
    for kind in parts:
        if kind == "HEADER":
            text = "AUTHENTICATION has no HEADER."
            faults.append(Fault(HEADER_NOT_SUPPORTED, f"{COMPONENTS}.HEADER", text))
        elif kind in ("CAROUSEL", "LIMITED_TIME_OFFER"):
            faults.append(Fault(INVALID, f"{COMPONENTS}.{kind}", "AUTHENTICATION has none."))
        elif kind in ("BODY", "FOOTER") and parts[kind].get("Text"):
            text = "it must be empty: WhatsApp writes the texts of AUTHENTICATION."
            faults.append(Fault(BODY_INVALID, f"{COMPONENTS}.{kind}.Text", text))
    minutes = parts.get("FOOTER", {}).get("CodeExpirationMinutes")
    if minutes not in (None, "") and not 1 <= _whole(minutes) <= _LONGEST_EXPIRATION:
        text = f"{quoted(str(minutes))} is not allowed; 1 to {_LONGEST_EXPIRATION} minutes are."
        faults.append(Fault(INVALID, f"{COMPONENTS}.FOOTER.CodeExpirationMinutes", text))
    if "BUTTONS" not in parts:
        text = "AUTHENTICATION needs one button: COPY_CODE, ONE_TAP or ZERO_TAP."
        return [*faults, Fault(INVALID, COMPONENTS, text)]
    content["text"] = CODE_VARIABLE
    return faults + put_buttons(parts["BUTTONS"], f"{COMPONENTS}.BUTTONS", OF_AUTHENTICATION, content)


def _whole(value: object) -> int:
    text = str(value)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
