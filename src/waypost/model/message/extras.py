"""What a call says beyond its content: WhatsApp's buttons, flows and products, and what is replied to."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from waypost.model.faults import Fault
from waypost.model.quoting import quoted

MOST_PAYLOADS = 3
MOST_SECTIONS = 10
MOST_PRODUCTS = 30


class Media(msgspec.Struct, frozen=True, omit_defaults=True):
    """The file of a template's header.

    Attributes:
        format: `image`, `video` or `document`.
        link: its URL.
        file_name: of a document.
    """

    format: str
    link: str
    file_name: str = ""


class ButtonCall(msgspec.Struct, frozen=True, omit_defaults=True):
    """A button of a template.

    Attributes:
        kind: its Type (`URL`, `QUICK_REPLY`, `COPY_CODE`), or `OTP` for that of a one-time password.
        value: what the message says for it: the end of a URL, a code; empty for nothing.
    """

    kind: str
    value: str = ""


class CardCall(msgspec.Struct, frozen=True, omit_defaults=True):
    """A card of a template's carousel."""

    media: Media
    values: tuple[tuple[str, str], ...] = ()
    buttons: tuple[ButtonCall, ...] = ()


class TemplateCall(msgspec.Struct, frozen=True, omit_defaults=True):
    """A template as a provider that holds it is asked for it.

    Attributes:
        name: the provider's name of it.
        language: its language code.
        values: (variable, value) of the body, in the order of the variables' first use.
        header: the same of a header of text.
        media: the file of any other header.
        buttons: all of them, in their order; none when it is not known which there are.
        cards: of a carousel.
        expires_at: when a limited-time offer ends, milliseconds UTC.
    """

    name: str
    language: str
    values: tuple[tuple[str, str], ...] = ()
    header: tuple[tuple[str, str], ...] = ()
    media: Media | None = None
    buttons: tuple[ButtonCall, ...] = ()
    cards: tuple[CardCall, ...] = ()
    expires_at: int | None = None


class Extras(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The parameters, read (send-chatapp-message.md §2).

    Attributes:
        payloads: what the quick-reply buttons of a template send back, in the order of the buttons.
        flow_token, flow_data: of a template's flow button; None without FlowAction.
        thumbnail_product: the product whose picture stands for a catalogue or product list.
        sections: (title, product ids) of a multi-product template.
        context_message_id: the message that is replied to, by its provider's id.
        recipient_type: `individual`, `group` or `userId`; empty when not given.
    """

    payloads: tuple[str, ...] = ()
    flow_token: str | None = None
    flow_data: dict[str, Any] | None = None
    thumbnail_product: str = ""
    sections: tuple[tuple[str, tuple[str, ...]], ...] = ()
    context_message_id: str = ""
    recipient_type: str = ""


class _FlowAction(msgspec.Struct, rename="pascal"):
    flow_token: str | None = None
    flow_action_data: dict[str, Any] | None = None


class _ProductItem(msgspec.Struct, rename="pascal"):
    product_retailer_id: str


class _Section(msgspec.Struct, rename="pascal"):
    title: str = ""
    product_items: list[_ProductItem] | None = None


class _ProductAction(msgspec.Struct, rename="pascal"):
    thumbnail_product_retailer_id: str | None = None
    sections: list[_Section] | None = None


_payloads = msgspec.json.Decoder(list[str]).decode
_flow_action = msgspec.json.Decoder(_FlowAction).decode
_product_action = msgspec.json.Decoder(_ProductAction).decode

_NONE = Extras()


def read_extras(texts: Mapping[str, str]) -> tuple[Extras, list[Fault]]:
    """Read them out of a call's parameters.

    Returns:
        The extras, and everything that is wrong, as `Invalid<Parameter>`.
    """
    if _READ.keys().isdisjoint(texts):
        return _NONE, []
    fields: dict[str, Any] = {}
    faults: list[Fault] = []
    for name, read in _READ.items():
        if name not in texts:
            continue
        try:
            fields |= read(texts[name])
        except ValueError as wrong:
            faults.append(Fault(f"Invalid{name}", name, f"{name} is {quoted(texts[name])}; {wrong}."))
    return Extras(**fields), faults


def _of_payload(text: str) -> dict[str, Any]:
    payloads = _read(_payloads, text, 'a JSON array of strings is needed, like ["yes","no"]')
    if len(payloads) > MOST_PAYLOADS:
        raise ValueError(f"it has {len(payloads)} items and at most {MOST_PAYLOADS} are allowed")
    return {"payloads": tuple(payloads)}


def _of_flow(text: str) -> dict[str, Any]:
    flow = _read(_flow_action, text, "a JSON object with FlowToken and FlowActionData is needed")
    return {"flow_token": flow.flow_token or "", "flow_data": flow.flow_action_data}


def _of_products(text: str) -> dict[str, Any]:
    needed = "a JSON object with ThumbnailProductRetailerId and Sections is needed"
    action = _read(_product_action, text, needed)
    sections = tuple(
        (section.title, tuple(item.product_retailer_id for item in section.product_items or ()))
        for section in action.sections or ()
    )
    products = sum(len(items) for _, items in sections)
    if len(sections) > MOST_SECTIONS or products > MOST_PRODUCTS:
        said = f"it has {len(sections)} sections with {products} products"
        raise ValueError(f"{said} and at most {MOST_SECTIONS} with {MOST_PRODUCTS} are allowed")
    return {"thumbnail_product": action.thumbnail_product_retailer_id or "", "sections": sections}


def _read(decode: Callable[[str], Any], text: str, needed: str) -> Any:
    if "\\u0000" in text or "\0" in text:
        raise ValueError("it holds the character NUL; any other character is allowed")
    try:
        return decode(text)
    except (ValueError, RecursionError):
        raise ValueError(needed) from None


_READ: dict[str, Callable[[str], dict[str, Any]]] = {
    "Payload": _of_payload,
    "FlowAction": _of_flow,
    "ProductAction": _of_products,
    "ContextMessageId": lambda text: {"context_message_id": text},
    "RecipientType": lambda text: {"recipient_type": text},
}
