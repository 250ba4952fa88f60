"""The JSON of one message of the Send API: `POST /me/messages` with a page's token.

Source: Meta, Messenger Platform, "Send API" and "Message templates"; Instagram Messaging has the same form.
"""

from typing import Any

from waypost.connectors.contract import Submission

ATTACHMENTS = {"image": "image", "video": "video", "audio": "audio", "document": "file"}
"""MessageType to the type of the attachment that takes the link."""

TEMPLATES = {"couponTemplate": "coupon", "regularTemplate": "generic", "buttonTemplate": "button"}
"""MessageType to `template_type`."""


def request(submission: Submission, *, template_tag: str = "", reference_back: bool = True) -> dict[str, Any]:
    """The object to post.

    Args:
        template_tag: with which a template is sent outside the 24 hours; empty for without.
        reference_back: whether our reference is to come back with the echo of the message.
    """
    message = _message(submission.message_type, submission.content)
    if reference_back:
        message["metadata"] = submission.reference
    body: dict[str, Any] = {
        # A free message is sent within 24 hours after the user's, as an answer to it.
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
        # Whatever else the content has, the type is the call's MessageType.
        payload = content | {"template_type": TEMPLATES[kind]}
        return {"attachment": {"type": "template", "payload": payload}}
    return dict(content)
