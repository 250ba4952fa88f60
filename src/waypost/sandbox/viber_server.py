"""The simulated Viber: accepts `POST /vibersrvc/1/send_message` as the partner API does.

It always responds with HTTP 200 and has the outcome in `status`. Every other message token is a JSON number
instead of a string, and it removes no duplicates: each of these has surprised a client of the real Viber.
"""

from collections.abc import Collection
from itertools import cycle
from typing import Any

import msgspec
from aiohttp import web

from waypost.sandbox.disrupted_providers import cut_off, disrupted, disrupted_receipts
from waypost.sandbox.loopback import Loopback, json_response, refusing_browsers
from waypost.sandbox.phone_actions import URL, Button, encode_buttons
from waypost.sandbox.phone_network import PhoneNetwork, fingerprint_of, new_viber_token, viber_reply
from waypost.sandbox.sandbox_store import Arrival, ScheduledCallback
from waypost.sandbox.scenarios import REPLIES_AFTER_MS, ReceiptStep, Scenario, scenario_of
from waypost.sandbox.viber_rules import BAD_DATA, DEFAULT_TTL_S, check

SEND_PATH = "/vibersrvc/1/send_message"

BUSY = 1
_BLOCKED = 8

_MESSAGE_STATUS = {"delivered": 0, "seen": 1, "expired": 2}


class ViberServer:
    """The simulated Viber on a loopback socket.

    Args:
        network: the phones, which messages are delivered to and callbacks come from.
        services: the service ids that may send; looked up for every request.

    Attributes:
        loopback: where it listens.
    """

    def __init__(self, network: PhoneNetwork, services: Collection[int]) -> None:
        self._network = network
        self._services = services
        self._numeric_tokens = cycle((False, True))
        app = web.Application()
        app.router.add_post(SEND_PATH, refusing_browsers(self._send_message))
        self.loopback = Loopback(app)
        network.add_channel("viber", ViberActions(), {})

    @property
    def url(self) -> str:
        """The URL of the send request; valid after `start`."""
        return self.loopback.address + SEND_PATH

    async def start(self, port: int = 0) -> None:
        """Starts listening; port 0 is any free one.

        Raises:
            OSError: the port is in use.
        """
        await self.loopback.start(port)

    async def close(self) -> None:
        """Stops listening."""
        await self.loopback.close()

    async def _send_message(self, request: web.Request) -> web.Response:
        try:
            body = msgspec.json.decode(await request.read())
        except (msgspec.DecodeError, UnicodeDecodeError):
            return json_response({"status": BAD_DATA})
        status = check(body, self._services)
        if status:
            return json_response({"status": status, **_echoed_seq(body)})
        busy = json_response({"status": BUSY, **_echoed_seq(body)})
        disruptions, sender = self._network.disruptions, str(body["service_id"])
        instead, loses_answer = await disrupted(disruptions, request, "viber", sender, body["dest"], busy)
        if instead is not None:
            return instead
        scenario = scenario_of(body["dest"])
        if self._network.is_blocked("viber", body["dest"], sender):
            return json_response({"status": _BLOCKED, **_echoed_seq(body)})
        if scenario.viber_status:
            return json_response({"status": scenario.viber_status, **_echoed_seq(body)})
        fingerprint = _fingerprint_of(body) if scenario.busy_answers else ""
        if fingerprint and self._network.claim_busy_answer(fingerprint, scenario.busy_answers):
            return busy
        number = new_viber_token()
        token: int | str = number if next(self._numeric_tokens) else str(number)
        self._accept(body, scenario, token, fingerprint)
        if scenario.drops_answer or loses_answer:
            return cut_off(request)
        return json_response({"status": 0, **_echoed_seq(body), "message_token": token})

    def _accept(self, body: dict[str, Any], scenario: Scenario, token: int | str, fingerprint: str) -> None:
        now = self._network.now()
        ttl_ms = body.get("ttl", DEFAULT_TTL_S) * 1000
        scenario = scenario.within(ttl_ms)
        message = body.get("message", {})
        occurs_at = {step.what: now + step.occurs_ms(ttl_ms) for step in scenario.receipts}
        tracking_data = message.get("#tracking_data", "")
        receipts = [_status_callback(body, token, step, now, ttl_ms) for step in scenario.receipts]
        sender, disruptions = str(body["service_id"]), self._network.disruptions
        callbacks = disrupted_receipts(disruptions, "viber", sender, body["dest"], receipts)
        if scenario.reply_text:
            at = now + REPLIES_AFTER_MS
            callbacks.append(
                viber_reply(body["service_id"], body["dest"], scenario.reply_text, tracking_data, at)
            )
        arrival = Arrival(
            channel="viber",
            sender=sender,
            recipient=body["dest"],
            text=message.get("#txt") or str(body.get("templateId", "")),
            media=_media_url(message),
            seq=body.get("seq"),
            reference=None,
            token=str(token),
            tracking_data=tracking_data,
            received_at=None if scenario.received is None else now + scenario.received,
            delivered_at=occurs_at.get("delivered"),
            read_at=occurs_at.get("seen"),
            buttons=encode_buttons(_buttons(message)),
        )
        self._network.accept(arrival, callbacks, fingerprint)


class ViberActions:
    """What Viber reports of what people do."""

    def reply(self, arrival: Arrival, text: str, at: int) -> ScheduledCallback:
        """The callback of a reply."""
        return viber_reply(int(arrival.sender), arrival.recipient, text, arrival.tracking_data, at)

    def tap(self, arrival: Arrival, button: Button, at: int) -> ScheduledCallback | None:
        """None: a button opens a page."""
        return None

    def read(self, arrival: Arrival, at: int) -> ScheduledCallback | None:
        """The callback of a message that was seen."""
        callback = {
            "message_token": int(arrival.token),
            "message_status": _MESSAGE_STATUS["seen"],
            "message_time": at,
            "phone_number": arrival.recipient,
            "service_id": int(arrival.sender),
        }
        return ScheduledCallback(
            due=at,
            recipient=arrival.recipient,
            service_id=int(arrival.sender),
            body=msgspec.json.encode(callback).decode(),
        )

    def block(self, arrival: Arrival, blocks: bool, at: int) -> ScheduledCallback | None:
        """None: Viber says so when the next message is submitted."""
        return None


def _buttons(message: dict[str, str]) -> list[Button]:
    caption = message.get("#caption", "")
    return [Button(caption, URL, message.get("#action", ""))] if caption else []


def _status_callback(
    body: dict[str, Any], token: int | str, step: ReceiptStep, now: int, ttl_ms: int
) -> ScheduledCallback:
    callback = {
        "message_token": token,
        "message_status": _MESSAGE_STATUS[step.what],
        "message_time": now + step.occurs_ms(ttl_ms),
        "phone_number": body["dest"],
        "service_id": body["service_id"],
    }
    return ScheduledCallback(
        due=now + step.reported_ms(ttl_ms),
        recipient=body["dest"],
        service_id=body["service_id"],
        body=msgspec.json.encode(callback).decode(),
    )


def _media_url(message: dict[str, str]) -> str:
    # For a file and for most videos `#action` is the media URL; elsewhere it is the button's URL.
    in_action = "#fileName" in message or ("#thumbnail" in message and "#media" not in message)
    return message.get("#img") or message.get("#media") or (message["#action"] if in_action else "")


def _fingerprint_of(body: dict[str, Any]) -> str:
    # A later attempt has another seq, and may have less of its time to live left.
    return fingerprint_of({name: value for name, value in body.items() if name not in ("seq", "ttl")})


def _echoed_seq(body: Any) -> dict[str, Any]:
    return {"seq": body["seq"]} if isinstance(body, dict) and "seq" in body else {}
