"""Builds the JSON of a message of the Send API: `POST /me/messages` with a page's token.

Source: Meta, Messenger Platform, "Send API" and "Message templates"; Instagram Messaging has the same form.
"""

from typing import Any

from waypost.connectors.contract import Submission

ATTACHMENTS = {"image": "image", "video": "video", "audio": "audio", "document": "file"}
"""MessageType to the type of the attachment."""

TEMPLATES = {"couponTemplate": "coupon", "regularTemplate": "generic", "buttonTemplate": "button"}
"""MessageType to `template_type`."""


def build_request(
    submission: Submission, *, template_tag: str = "", echo_reference: bool = True
) -> dict[str, Any]:
    """The JSON object of the request.

    Args:
        template_tag: the message tag that lets a template be sent outside the 24 hours; empty for none.
        echo_reference: whether to send our reference, which the echo of the message then carries.
    """
    message = _message(submission.message_type, submission.content)
    if echo_reference:
        message["metadata"] = submission.reference
    body: dict[str, Any] = {
        # A free message is a reply, within 24 hours after the user's last message.
        "messaging_type": "UPDATE" if submission.templated else "RESPONSE",
        "recipient": {"id": submission.recipient},
        "message": message,
    }
    if submission.templated and template_tag:
        body |= {"messaging_type": "MESSAGE_TAG", "tag": template_tag}
    replied_to = submission.extras.context_message_id.removeprefix(f"{submission.recipient}:")
    if replied_to:
        body["reply_to"] = {"mid": replied_to}
    return body


def _message(kind: str, content: dict[str, Any]) -> dict[str, Any]:
    if kind in ATTACHMENTS:
        return {"attachment": {"type": ATTACHMENTS[kind], "payload": {"url": content["link"]}}}
    if kind in TEMPLATES:
        # The call's MessageType overrides a type in the content.
        payload = content | {"template_type": TEMPLATES[kind]}
        return {"attachment": {"type": "template", "payload": payload}}
    return dict(content)
