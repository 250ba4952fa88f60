"""Builds the message objects of a LINE push. Source: LINE's OpenAPI, `Message` and its subtypes."""

from typing import Any

from waypost.connectors.contract import Submission

_TEMPLATES = {
    "buttons": "buttons",
    "confirm": "confirm",
    "carousel": "carousel",
    "imageCarousel": "image_carousel",
}
_MAX_ALT_TEXT_LENGTH = 1500


def build_messages(submission: Submission) -> list[dict[str, Any]]:
    """The LINE messages of a submission: one, or up to five for `interactive`."""
    kind, content = submission.message_type, submission.content
    if kind == "interactive":
        objects = content.get("messages")
        return objects if isinstance(objects, list) else [content]
    if kind in _TEMPLATES:
        template = {name: value for name, value in content.items() if name != "altText"}
        return [
            {
                "type": "template",
                "altText": _alt_text(kind, content),
                "template": {"type": _TEMPLATES[kind], **template},
            }
        ]
    match kind:
        case "image" | "video":
            preview = content["previewImageUrl"]
            return [{"type": kind, "originalContentUrl": content["link"], "previewImageUrl": preview}]
        case "audio":
            return [{"type": kind, "originalContentUrl": content["link"], "duration": content["duration"]}]
        case "quickReply":
            items = [{"type": "action", **item} for item in content["items"]]  # type: ignore[union-attr, dict-item]
            return [{"type": "text", "text": content["text"], "quickReply": {"items": items}}]
        case "sticker":
            return [{"type": kind, **{name: str(value) for name, value in content.items()}}]
        case _:
            return [{"type": kind, **content}]


def _alt_text(kind: str, content: dict[str, Any]) -> str:
    """The text for phones that cannot show the template. LINE requires it; in ChatApp it is optional."""
    text = content.get("altText") or content.get("text")
    columns = content.get("columns")
    if not text and columns:
        text = columns[0].get("text")
    return str(text or kind)[:_MAX_ALT_TEXT_LENGTH]
