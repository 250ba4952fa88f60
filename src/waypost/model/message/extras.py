"""A call's parameters beside its content: WhatsApp's buttons, flows and products, and a reply's message."""

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from waypost.model import codes
from waypost.model.faults import Fault

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
        value: what the message has for it: the end of a URL, a code; empty for nothing.
    """

    kind: str
    value: str = ""


class CardCall(msgspec.Struct, frozen=True, omit_defaults=True):
    """A card of a template's carousel."""

    media: Media
    values: tuple[tuple[str, str], ...] = ()
    buttons: tuple[ButtonCall, ...] = ()


class TemplateCall(msgspec.Struct, frozen=True, omit_defaults=True):
    """A template of a provider by name, with the values of one message.

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
    """The parameters beside the content, decoded (send-chatapp-message.md §2).

    Attributes:
        payloads: what the quick-reply buttons of a template send back, in the order of the buttons.
        flow_token, flow_data: of a template's flow button; None without FlowAction.
        thumbnail_product: the product whose picture stands for a catalogue or product list.
        sections: (title, product ids) of a multi-product template.
        context_message_id: the message that is replied to, by its provider's id.
        recipient_type: `individual`, `group` or `userId`; empty without that parameter.
    """

    payloads: tuple[str, ...] = ()
    flow_token: str | None = None
    flow_data: dict[str, Any] | None = None
    thumbnail_product: str = ""
    sections: tuple[tuple[str, tuple[str, ...]], ...] = ()
    context_message_id: str = ""
    recipient_type: str = ""


class FlowAction(msgspec.Struct, frozen=True):
    """The parameter FlowAction: the data of a template's flow button.

    Attributes:
        token: empty when the parameter has none.
        data: None when it has none.
    """

    token: str = ""
    data: dict[str, Any] | None = None


class ProductAction(msgspec.Struct, frozen=True):
    """The parameter ProductAction: the products of a template.

    Attributes:
        thumbnail_product: the product whose picture stands for all; empty for none.
        sections: (title, product ids).
    """

    thumbnail_product: str = ""
    sections: tuple[tuple[str, tuple[str, ...]], ...] = ()


class _FlowActionText(msgspec.Struct, rename="pascal"):
    flow_token: str | None = None
    flow_action_data: dict[str, Any] | None = None


class _ProductItem(msgspec.Struct, rename="pascal"):
    product_retailer_id: str


class _Section(msgspec.Struct, rename="pascal"):
    title: str = ""
    product_items: list[_ProductItem] | None = None


class _ProductActionText(msgspec.Struct, rename="pascal"):
    thumbnail_product_retailer_id: str | None = None
    sections: list[_Section] | None = None


_decode_payload_text = msgspec.json.Decoder(list[str]).decode
_decode_flow_text = msgspec.json.Decoder(_FlowActionText).decode
_decode_product_text = msgspec.json.Decoder(_ProductActionText).decode

_NO_EXTRAS = Extras()


def extras_of(
    payloads: tuple[str, ...] = (),
    flow: FlowAction | None = None,
    products: ProductAction | None = None,
    context_message_id: str = "",
    recipient_type: str = "",
) -> Extras:
    """The extras of a call, from its parameters; absent ones are None or empty."""
    if not (payloads or flow or products or context_message_id or recipient_type):
        return _NO_EXTRAS
    return Extras(
        payloads=payloads,
        flow_token=flow.token if flow is not None else None,
        flow_data=flow.data if flow is not None else None,
        thumbnail_product=products.thumbnail_product if products is not None else "",
        sections=products.sections if products is not None else (),
        context_message_id=context_message_id,
        recipient_type=recipient_type,
    )


def decode_payload(text: str) -> tuple[tuple[str, ...], list[Fault]]:
    """Reads the parameter Payload: up to three strings, and what is wrong with it."""
    needed = 'a JSON array of strings is needed, like ["yes","no"]'
    payloads, faults = _decode("Payload", _decode_payload_text, text, needed)
    if payloads is None:
        return (), faults
    if len(payloads) > MOST_PAYLOADS:
        problem = f"it has {len(payloads)} items and at most {MOST_PAYLOADS} are allowed"
        return (), [_fault("Payload", problem, text)]
    return tuple(payloads), []


def decode_flow_action(text: str) -> tuple[FlowAction, list[Fault]]:
    """Reads the parameter FlowAction, and what is wrong with it."""
    needed = "a JSON object with FlowToken and FlowActionData is needed"
    flow, faults = _decode("FlowAction", _decode_flow_text, text, needed)
    return FlowAction() if flow is None else FlowAction(flow.flow_token or "", flow.flow_action_data), faults


def decode_product_action(text: str) -> tuple[ProductAction, list[Fault]]:
    """Reads the parameter ProductAction: at most 10 sections with 30 products, and what is wrong with it."""
    needed = "a JSON object with ThumbnailProductRetailerId and Sections is needed"
    action, faults = _decode("ProductAction", _decode_product_text, text, needed)
    if action is None:
        return ProductAction(), faults
    sections = tuple(
        (section.title, tuple(item.product_retailer_id for item in section.product_items or ()))
        for section in action.sections or ()
    )
    products = sum(len(items) for _, items in sections)
    if len(sections) > MOST_SECTIONS or products > MOST_PRODUCTS:
        counted = f"it has {len(sections)} sections with {products} products"
        problem = f"{counted} and at most {MOST_SECTIONS} with {MOST_PRODUCTS} are allowed"
        return ProductAction(), [_fault("ProductAction", problem, text)]
    return ProductAction(action.thumbnail_product_retailer_id or "", sections), []


T = TypeVar("T")


def _decode(
    parameter: str, decode: Callable[[str], T], text: str, needed: str
) -> tuple[T | None, list[Fault]]:
    if "\\u0000" in text or "\0" in text:
        return None, [_fault(parameter, "it holds the character NUL; any other character is allowed", text)]
    try:
        return decode(text), []
    # Lone surrogates and deep nesting raise errors of their own.
    except (ValueError, RecursionError):
        return None, [_fault(parameter, needed, text)]


def _fault(parameter: str, allowed: str, text: str) -> Fault:
    return Fault(codes.invalid(parameter), parameter, parameter + " is {value}", allowed, text)
