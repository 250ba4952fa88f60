"""The simulated SMS gateway: accepts `GET /cgi-bin/sendsms` as Kannel's smsbox does.

Its responses and the escapes of a `dlr-url` are those of Kannel (user guide, "SMS push with HTTP sendsms" and
"Delivery reports"). It supports no messages from phones.
"""

import re
import uuid
from urllib.parse import parse_qs, quote, urlsplit

from aiohttp import web

from waypost.model.content.segments import segment
from waypost.sandbox.disrupted_providers import cut_off, disrupted, disrupted_receipts
from waypost.sandbox.loopback import Loopback, refusing_browsers
from waypost.sandbox.phone_network import PhoneNetwork
from waypost.sandbox.sandbox_store import Arrival, ScheduledCallback
from waypost.sandbox.scenarios import DELIVERED_MS, scenario_of

SEND_PATH = "/cgi-bin/sendsms"

_BUSY = "Temporal failure, try again later."
_DELIVERED, _FAILED = 1, 2
_ANSWERS = {_DELIVERED: "stat:DELIVRD err:000", _FAILED: "stat:UNDELIV err:001"}


class SmsGateway:
    """An SMS gateway on a loopback socket.

    Args:
        network: the phones, which messages are delivered to and delivery reports come from.
        username, password: the credentials of requests.

    Attributes:
        loopback: where it listens.
    """

    def __init__(self, network: PhoneNetwork, username: str, password: str) -> None:
        self._network = network
        self._credentials = (username, password)
        app = web.Application()
        app.router.add_get(SEND_PATH, refusing_browsers(self._handle_sendsms))
        self.loopback = Loopback(app)

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

    async def _handle_sendsms(self, request: web.Request) -> web.Response:
        query = request.query
        if (query.get("username"), query.get("password")) != self._credentials:
            return web.Response(status=403, text="Authorization failed for sendsms")
        to, text = query.get("to", "").removeprefix("+"), query.get("text", "")
        error = _error_text(
            to, text, query.get("from", ""), query.get("coding", "0"), query.get("validity", "1")
        )
        if error:
            return web.Response(status=400, text=error)
        sender = query.get("from", "")
        instead, loses_answer = await disrupted(
            self._network.disruptions, request, "sms", sender, to, web.Response(status=503, text=_BUSY)
        )
        if instead is not None:
            return instead
        self._accept(sender, to, text, query.get("dlr-url", ""), query.get("dlr-mask", "0"))
        if loses_answer:
            return cut_off(request)
        return web.Response(status=202, text="0: Accepted for delivery")

    def _accept(self, sender: str, to: str, text: str, dlr_url: str, dlr_mask: str) -> None:
        now = self._network.now()
        due = now + DELIVERED_MS
        fails = scenario_of(to).sms_fails
        status = _FAILED if fails else _DELIVERED
        token = str(uuid.uuid4())
        report = report_url(dlr_url, status, token)
        callbacks = []
        if report and dlr_mask.isdecimal() and int(dlr_mask) & status:
            # Each part of a long text has an id and a report of its own.
            ids = [token, *(f"{token}-{part}" for part in range(2, len(segment(text).parts) + 1))]
            urls = [report_url(dlr_url, status, id_) for id_ in ids]
            receipts = [ScheduledCallback(due=due, recipient=to, url=url) for url in urls]
            callbacks = disrupted_receipts(self._network.disruptions, "sms", sender, to, receipts)
        arrival = Arrival(
            channel="sms",
            sender=sender,
            recipient=to,
            text=text,
            media="",
            seq=None,
            reference=parse_qs(urlsplit(report).query).get("reference", [None])[0],
            token=token,
            tracking_data="",
            received_at=None if fails else now,
            delivered_at=None if fails else due,
            read_at=None,
        )
        self._network.accept(arrival, callbacks)


def report_url(dlr_url: str, status: int, message_id: str) -> str:
    """The URL of a delivery report.

    Args:
        dlr_url: has Kannel's escapes: %d the status, %F the gateway's id, %A the SMSC's answer, %% a percent
            sign. Any other escape is removed, as by Kannel if it has no value.
        status: 1 delivered, 2 failed.
        message_id: the gateway's id of the message.
    """
    values = {
        "d": str(status),
        "F": quote(message_id, safe=""),
        "A": quote(_ANSWERS[status], safe=""),
        "%": "%",
    }
    return re.sub(r"%(.)", lambda escape: values.get(escape[1], ""), dlr_url)


def _error_text(to: str, text: str, sender: str, coding: str, validity: str) -> str:
    if not to:
        return "Missing receiver number, rejected"
    if not (to.isascii() and to.isdecimal()):
        return "Garbage 'to' field, rejected."
    if not sender:
        return "Sender missing and no global set, rejected"
    if not text:
        return "Empty text not allowed, rejected"
    if coding not in ("0", "2"):
        return "Coding invalid, rejected"
    if not validity.isdecimal() or int(validity) < 1:
        return "Validity invalid, rejected"
    return ""
