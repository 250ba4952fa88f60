"""What people do with what is on their phones: they reply, tap a button, read, and block a sender."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

import msgspec

from waypost.sandbox.sandbox_store import Arrival, ScheduledCallback

TEXT, URL = "text", "url"
"""Kinds of buttons: one that sends its data as a text, and one that opens something and sends nothing."""


class Button(msgspec.Struct, frozen=True):
    """A button of a message, or what can be chosen in it.

    Attributes:
        text: what stands on it.
        kind: `text`, `url`, or the provider's name of what a tap of it sends.
        data: what a tap of it sends.
    """

    text: str
    kind: str
    data: str = ""


class ActionRefusedError(Exception):
    """A person cannot do something; the text says why."""


class ChannelActions(Protocol):
    """What a channel's provider reports of what people do. Times are milliseconds UTC."""

    def reply(self, arrival: Arrival, text: str, at: int) -> ScheduledCallback:
        """The webhook of a reply to a message."""
        ...

    def tap(self, arrival: Arrival, button: Button, at: int) -> ScheduledCallback | None:
        """The webhook of a tap of a button; None if the provider reports none of its kind."""
        ...

    def read(self, arrival: Arrival, at: int) -> ScheduledCallback | None:
        """The receipt of a message that is read; None if the provider reports no reading."""
        ...

    def block(self, arrival: Arrival, blocks: bool, at: int) -> ScheduledCallback | None:
        """The webhook of a sender that is blocked, or not any more; None if the provider sends none."""
        ...


def encode_buttons(buttons: Iterable[Button]) -> str:
    """Buttons as a text; empty for none."""
    listed = list(buttons)
    return msgspec.json.encode(listed).decode() if listed else ""


def buttons_of(arrival: Arrival) -> list[Button]:
    """The buttons of a message."""
    return msgspec.json.decode(arrival.buttons, type=list[Button]) if arrival.buttons else []


def tapped(arrivals: Iterable[Arrival], text: str) -> tuple[Arrival, Button]:
    """The button with a text, of the latest message that has it.

    Args:
        arrivals: the messages on the phone, oldest first.

    Raises:
        ActionRefusedError: there is none, or a tap of it sends nothing; the text says what there is.
    """
    latest_first = list(arrivals)[::-1]
    for arrival in latest_first:
        for button in buttons_of(arrival):
            if button.text == text:
                if button.kind == URL:
                    raise ActionRefusedError(
                        f"the button {text!r} opens {button.data or 'something'} and sends nothing"
                    )
                return arrival, button
    there_are = [button.text for arrival in latest_first for button in buttons_of(arrival)]
    listed = ", ".join(map(repr, dict.fromkeys(there_are))) or "none"
    raise ActionRefusedError(f"no message on this phone has a button {text!r}; there are: {listed}")


def meta_buttons(message: Mapping[str, Any]) -> list[Button]:
    """The buttons of a message of Messenger or Instagram: of its template, and its quick replies."""
    payload = (message.get("attachment") or {}).get("payload") or {}
    elements = payload.get("elements") or ()
    found = [button for part in (payload, *elements) for button in part.get("buttons") or ()]
    return [
        *(
            Button(button["title"], "postback", button["payload"])
            if button["type"] == "postback"
            else Button(button.get("title", ""), URL, button.get("url", ""))
            for button in found
        ),
        *(
            Button(reply["title"], "quick_reply", reply.get("payload", ""))
            for reply in message.get("quick_replies") or ()
            if reply.get("content_type") == "text"
        ),
    ]


def telegram_buttons(markup: Mapping[str, Any]) -> list[Button]:
    """The buttons of a `reply_markup`: inline ones, and those of a keyboard, which send their text."""
    inline = [button for row in markup.get("inline_keyboard") or () for button in row]
    keyboard = [button for row in markup.get("keyboard") or () for button in row]
    texts = [button if isinstance(button, str) else button["text"] for button in keyboard]
    return [
        *(
            Button(button["text"], "callback_query", button["callback_data"])
            if "callback_data" in button
            else Button(button["text"], URL, button.get("url", ""))
            for button in inline
        ),
        *(Button(text, TEXT, text) for text in texts),
    ]


def line_buttons(message: Mapping[str, Any]) -> list[Button]:
    """The buttons of a LINE message: the actions of its template and its columns, and its quick replies."""
    template = message.get("template") or {}
    columns = template.get("columns") or ()
    actions = [action for part in (template, *columns) for action in part.get("actions") or ()]
    actions += [part["action"] for part in columns if "action" in part]
    actions += [item["action"] for item in (message.get("quickReply") or {}).get("items") or ()]
    return [_line_button(action) for action in actions]


def _line_button(action: Mapping[str, Any]) -> Button:
    label = action.get("label") or action.get("text") or action.get("displayText") or ""
    match action["type"]:
        case "message":
            return Button(label, TEXT, action["text"])
        case "postback":
            return Button(label, "postback", action["data"])
        case _:
            return Button(label, URL, action.get("uri", ""))


def whatsapp_buttons(interactive: Mapping[str, Any]) -> list[Button]:
    """The buttons of an interactive message, and the rows of its list."""
    action = interactive.get("action") or {}
    replies = [button["reply"] for button in action.get("buttons") or () if "reply" in button]
    rows = [row for section in action.get("sections") or () for row in section.get("rows") or ()]
    return [
        *(Button(reply["title"], "button_reply", reply["id"]) for reply in replies),
        *(Button(row["title"], "list_reply", row["id"]) for row in rows),
    ]
