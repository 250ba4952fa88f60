"""The simulated Viber: takes `POST /vibersrvc/1/send_message` as the partner API does.

It always answers HTTP 200 and says the outcome in `status`. Its message tokens are bare numbers every other
time, and it removes no duplicates: each of these has surprised a client of the real one.
"""

import hashlib
from collections.abc import Collection
from itertools import cycle
from typing import Any

import msgspec
from aiohttp import web

from waypost.sandbox.loopback import Loopback
from waypost.sandbox.phone_network import PhoneNetwork, new_token, viber_reply
from waypost.sandbox.sandbox_store import Arrival, ScheduledCallback
from waypost.sandbox.scenarios import ReceiptStep, Scenario, scenario_of
from waypost.sandbox.viber_rules import BAD_DATA, DEFAULT_TTL_S, check

SEND_PATH = "/vibersrvc/1/send_message"

BUSY = 1
REPLIES_AFTER_MS = 2_000

_MESSAGE_STATUS = {"delivered": 0, "seen": 1, "expired": 2}


class ViberServer:
    """Viber on a loopback socket.

    Args:
        network: where messages go and callbacks come from.
        services: the service ids that may send; looked at for every request, so it may change.
    """

    def __init__(self, network: PhoneNetwork, services: Collection[int]) -> None:
        self._network = network
        self._services = services
        self._bare = cycle((False, True))
        app = web.Application()
        app.router.add_post(SEND_PATH, self._send_message)
        self._loopback = Loopback(app)

    @property
    def url(self) -> str:
        """The address to send to, once started."""
        return self._loopback.address + SEND_PATH

    async def start(self, port: int = 0) -> None:
        """Begins to listen; port 0 is any free one.

        Raises:
            OSError: the port is taken.
        """
        await self._loopback.start(port)

    async def close(self) -> None:
        """Stops listening."""
        await self._loopback.close()

    async def _send_message(self, request: web.Request) -> web.Response:
        try:
            body = msgspec.json.decode(await request.read())
        except (msgspec.DecodeError, UnicodeDecodeError):
            return _answer({"status": BAD_DATA})
        status = check(body, self._services)
        if status:
            return _answer({"status": status, **_echo(body)})
        scenario = scenario_of(body["dest"])
        if scenario.viber_status:
            return _answer({"status": scenario.viber_status, **_echo(body)})
        fingerprint = _fingerprint(body) if scenario.busy_answers else ""
        if fingerprint and self._network.busy(fingerprint, scenario.busy_answers):
            return _answer({"status": BUSY, **_echo(body)})
        number = new_token()
        token: int | str = number if next(self._bare) else str(number)
        self._accept(body, scenario, token, fingerprint)
        if scenario.drops_answer and request.transport is not None:
            request.transport.abort()
        return _answer({"status": 0, **_echo(body), "message_token": token})

    def _accept(self, body: dict[str, Any], scenario: Scenario, token: int | str, fingerprint: str) -> None:
        now = self._network.now()
        ttl_ms = body.get("ttl", DEFAULT_TTL_S) * 1000
        message = body.get("message", {})
        occurs_at = {step.what: now + _occurs_after(step, ttl_ms) for step in scenario.receipts}
        tracking_data = message.get("#tracking_data", "")
        callbacks = [_status(body, token, step, now, ttl_ms) for step in scenario.receipts]
        if scenario.reply_text:
            at = now + REPLIES_AFTER_MS
            callbacks.append(
                viber_reply(body["service_id"], body["dest"], scenario.reply_text, tracking_data, at)
            )
        arrival = Arrival(
            channel="viber",
            sender=str(body["service_id"]),
            recipient=body["dest"],
            text=message.get("#txt") or str(body.get("templateId", "")),
            media=_media(message),
            seq=body.get("seq"),
            reference=None,
            token=str(token),
            tracking_data=tracking_data,
            received_at=None if scenario.received is None else now + scenario.received,
            delivered_at=occurs_at.get("delivered"),
            read_at=occurs_at.get("seen"),
        )
        self._network.accept(arrival, callbacks, fingerprint)


def _status(
    body: dict[str, Any], token: int | str, step: ReceiptStep, now: int, ttl_ms: int
) -> ScheduledCallback:
    callback = {
        "message_token": token,
        "message_status": _MESSAGE_STATUS[step.what],
        "message_time": now + _occurs_after(step, ttl_ms),
        "phone_number": body["dest"],
        "service_id": body["service_id"],
    }
    return ScheduledCallback(
        due=now + (ttl_ms if step.after is None else step.after),
        recipient=body["dest"],
        service_id=body["service_id"],
        body=msgspec.json.encode(callback).decode(),
    )


def _occurs_after(step: ReceiptStep, ttl_ms: int) -> int:
    if step.occurs_after is not None:
        return step.occurs_after
    return ttl_ms if step.after is None else step.after


def _media(message: dict[str, str]) -> str:
    # For a file and for most films the action is the medium; elsewhere it is the button's address.
    in_action = "#fileName" in message or ("#thumbnail" in message and "#media" not in message)
    return message.get("#img") or message.get("#media") or (message["#action"] if in_action else "")


def _fingerprint(body: dict[str, Any]) -> str:
    # A later attempt has another seq, and may have less of its time to live left.
    same = {name: value for name, value in body.items() if name not in ("seq", "ttl")}
    return hashlib.sha256(msgspec.json.encode(same, order="deterministic")).hexdigest()


def _echo(body: Any) -> dict[str, Any]:
    return {"seq": body["seq"]} if isinstance(body, dict) and "seq" in body else {}


def _answer(members: dict[str, Any]) -> web.Response:
    return web.Response(body=msgspec.json.encode(members), content_type="application/json")
