"""The message objects of one LINE push. Source: LINE's OpenAPI, `Message` and its kinds."""

from typing import Any

from waypost.connectors.contract import Submission

_TEMPLATES = {
    "buttons": "buttons",
    "confirm": "confirm",
    "carousel": "carousel",
    "imageCarousel": "image_carousel",
}
_LONGEST_ALT_TEXT = 1500


def messages(submission: Submission) -> list[dict[str, Any]]:
    """The messages of a submission: one, or up to five of LINE's own form."""
    kind, content = submission.message_type, submission.content
    if kind == "interactive":
        many = content.get("messages")
        return many if isinstance(many, list) else [content]
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
    """What a phone shows that cannot show the template; LINE needs it and ChatApp does not ask for it."""
    text = content.get("altText") or content.get("text")
    columns = content.get("columns")
    if not text and columns:
        text = columns[0].get("text")
    return str(text or kind)[:_LONGEST_ALT_TEXT]
