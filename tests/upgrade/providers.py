"""The providers of all channels at `<url>/<channel>`: they answer by plan and keep the submissions."""

import hashlib
import hmac
import itertools
import json
import threading
from collections import deque
from typing import Any, NamedTuple
from urllib.parse import parse_qs

from tests.upgrade.listening import Got, Listening, Reply

APP_SECRET = "app-secret"
# What a provider may answer beside taking the message: refused for good, because the person has blocked the
# sender, for now, with the outcome open; or nothing at all.
REFUSE, BLOCK, BUSY, LOSE, HANG = "refuse", "block", "busy", "lose", "hang"

_VIBER = {REFUSE: 9, BLOCK: 8, BUSY: 1, LOSE: 7}


class Submission(NamedTuple):
    """A message that was submitted to a provider.

    Attributes:
        content: the part of the request that the person gets to see, as JSON.
        id: the provider's name of it, by which receipts name it; empty when there was no answer.
        reference: what the provider echoes in receipts; for an SMS the path and query that they go to.
    """

    channel: str
    sender: str
    recipient: str
    content: Any
    id: str
    reference: str


class Webhook(NamedTuple):
    """A request that a provider makes: with a body it is a POST."""

    path: str
    body: bytes | None
    headers: dict[str, str]


class Providers:
    """All of them.

    Args:
        first: where their numbering begins, so that no id of an earlier run is used again.

    Attributes:
        plans: by channel and recipient, the answers to come; a message is taken when there is none.
        asked: all submissions, those refused too, oldest first (the name in `tests/data/9fc7a0b/make`).
    """

    def __init__(self, first: int) -> None:
        self.plans: dict[tuple[str, str], deque[str]] = {}
        self.asked: list[tuple[Submission, str]] = []
        self._numbers = itertools.count(first)
        self._lock = threading.Lock()
        self._release = threading.Event()
        self._server = Listening(self._answer)

    @property
    def url(self) -> str:
        return self._server.url

    @property
    def taken(self) -> list[Submission]:
        """The submissions that were answered as taken."""
        return [submission for submission, answer in self.asked if not answer]

    def close(self) -> None:
        self._release.set()
        self._server.close()

    def _answer(self, got: Got) -> Reply | None:
        channel = got.path.split("/")[1]
        sender, recipient, content, reference = _READ[channel](got)
        with self._lock:
            plan = self.plans.get((channel, recipient))
            answer = plan.popleft() if plan else ""
            number = str(next(self._numbers))
            id_ = "" if answer in (HANG, LOSE) else number
            self.asked.append((Submission(channel, sender, recipient, content, id_, reference), answer))
        if answer == HANG:
            self._release.wait()
            return None
        return _ANSWERS[channel](number, answer)


def _viber(got: Got) -> tuple[str, str, Any, str]:
    body = json.loads(got.body)
    return str(body["service_id"]), body["dest"], {"type": body["type"], **body["message"]}, ""


def _sms(got: Got) -> tuple[str, str, Any, str]:
    query = {name: values[0] for name, values in parse_qs(got.query, keep_blank_values=True).items()}
    path = "/" + query["dlr-url"].split("/", 3)[3]
    return query["from"], query["to"], query["text"], path


def _whatsapp(got: Got) -> tuple[str, str, Any, str]:
    body = json.loads(got.body)
    return got.path.split("/")[2], body["to"], body[body["type"]], body.get("biz_opaque_callback_data", "")


def _page(got: Got) -> tuple[str, str, Any, str]:
    body = json.loads(got.body)
    message = {name: value for name, value in body["message"].items() if name != "metadata"}
    return "", body["recipient"]["id"], message, ""


def _telegram(got: Got) -> tuple[str, str, Any, str]:
    body = json.loads(got.body)
    return "", str(body.pop("chat_id")), {"method": got.path.split("/")[-1], **body}, ""


def _line(got: Got) -> tuple[str, str, Any, str]:
    body = json.loads(got.body)
    return "", body["to"], body["messages"], ""


_READ = {
    "viber": _viber,
    "sms": _sms,
    "whatsapp": _whatsapp,
    "messenger": _page,
    "instagram": _page,
    "telegram": _telegram,
    "line": _line,
}


def _json(status: int, body: Any) -> Reply:
    return Reply(status, json.dumps(body).encode())


def _by_viber(number: str, answer: str) -> Reply:
    if answer:
        return _json(200, {"status": _VIBER[answer]})
    return _json(200, {"status": 0, "message_token": number})


def _by_sms(_: str, answer: str) -> Reply:
    if answer == BUSY:
        return Reply(503, b"Temporal failure, try again later.")
    return Reply(500) if answer else Reply(202, b"0: Accepted for delivery")


def _by_graph(number: str, answer: str) -> Reply:
    if answer == REFUSE:
        return _json(400, {"error": {"code": 131026, "message": "not on this channel"}})
    name = f"wamid.{number}"
    return _json(200, {"messages": [{"id": name}], "message_id": name})


def _by_telegram(number: str, _: str) -> Reply:
    return _json(200, {"ok": True, "result": {"message_id": int(number)}})


def _by_line(number: str, _: str) -> Reply:
    return _json(200, {"sentMessages": [{"id": number}]})


_ANSWERS = {
    "viber": _by_viber,
    "sms": _by_sms,
    "whatsapp": _by_graph,
    "messenger": _by_graph,
    "instagram": _by_graph,
    "telegram": _by_telegram,
    "line": _by_line,
}


def receipt(of: Submission, kind: str, now: int) -> Webhook:
    """What the provider reports when a message that it has was delivered, read or came to nothing.

    Args:
        kind: `delivered`, `read` or `failed`.
        now: milliseconds UTC.
    """
    match of.channel:
        case "viber":
            # By the number that the message was lost with, where no answer had one.
            body = {
                "message_token": of.id or f"lost{of.recipient}",
                "message_status": {"delivered": 0, "read": 1}[kind],
                "message_time": now,
                "phone_number": of.recipient,
                "service_id": of.sender,
            }
            return _posted("viber", body)
        case "sms":
            status = {"delivered": "1", "failed": "2"}[kind]
            filled = of.reference.replace("%d", status).replace("%F", f"report{of.id}").replace("%A", "")
            return Webhook(filled.replace("%%", "%"), None, {})
        case "whatsapp":
            status_row: dict[str, Any] = {
                "id": of.id and f"wamid.{of.id}",
                "status": kind,
                "timestamp": str(now // 1000),
                "recipient_id": of.recipient,
                "biz_opaque_callback_data": of.reference,
            }
            if kind == "failed":
                status_row["errors"] = [{"code": 131026, "title": "Message undeliverable"}]
            value = {"metadata": {"phone_number_id": of.sender}, "statuses": [status_row]}
            return _whatsapp_webhook(value)
        case "messenger" | "instagram":
            name = f"wamid.{of.id}"
            # Instagram names the message that was read, Messenger the time until which all were.
            read = {"mid": name} if of.channel == "instagram" else {"watermark": now}
            what: dict[str, Any] = {"delivery": {"mids": [name]}} if kind == "delivered" else {"read": read}
            return _page_webhook(of.channel, of.recipient, {"timestamp": now, **what})
    raise AssertionError(f"{of.channel} has no receipts")


def inbound(channel: str, sender: str, user: str, text: str, now: int) -> Webhook:
    """What the provider sends when a person writes to a sender."""
    name = f"in.{channel}.{user}.{now}"
    match channel:
        case "viber":
            written = {"text": text, "tracking_data": "asked"}
            body = {"message_token": name, "phone_number": user, "time": now, "service_id": sender}
            return _posted("viber", {**body, "message": written})
        case "whatsapp":
            message = {
                "from": user,
                "id": name,
                "timestamp": str(now // 1000),
                "type": "text",
                "text": {"body": text},
            }
            return _whatsapp_webhook({"metadata": {"phone_number_id": sender}, "messages": [message]})
        case "messenger" | "instagram":
            event = {"timestamp": now, "message": {"mid": name, "text": text}}
            return _page_webhook(channel, user, event)
    raise AssertionError(f"nobody writes on {channel} here")


def _path(channel: str) -> str:
    return f"/receipts/{channel}-main/{channel}-receipts"


def _posted(channel: str, body: Any) -> Webhook:
    return Webhook(_path(channel), json.dumps(body).encode(), {"Content-Type": "application/json"})


def _signed(channel: str, body: Any) -> Webhook:
    webhook = _posted(channel, body)
    assert webhook.body is not None
    digest = hmac.new(APP_SECRET.encode(), webhook.body, hashlib.sha256).hexdigest()
    return webhook._replace(headers={**webhook.headers, "X-Hub-Signature-256": f"sha256={digest}"})


def _whatsapp_webhook(value: Any) -> Webhook:
    change = {"field": "messages", "value": value}
    return _signed("whatsapp", {"object": "whatsapp_business_account", "entry": [{"changes": [change]}]})


def _page_webhook(channel: str, user: str, event: Any) -> Webhook:
    page = {"messenger": "20004", "instagram": "20005"}[channel]
    what = {"sender": {"id": user}, "recipient": {"id": page}, **event}
    kind = {"messenger": "page", "instagram": "instagram"}[channel]
    return _signed(channel, {"object": kind, "entry": [{"messaging": [what]}]})
