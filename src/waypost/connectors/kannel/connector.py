"""SMS over plain HTTP as Kannel's smsbox takes it (`GET /cgi-bin/sendsms`), a form many gateways imitate.

Sources: the Kannel user guide, "SMS push with HTTP sendsms" and "Delivery reports"; the answers are those
of Kannel's own smsbox. The answer names no message, so receipts come back by our reference.
"""

import re
from collections.abc import Callable
from urllib.parse import quote, urlencode

import aiohttp
from yarl import URL

from waypost.connectors.contract import MalformedWebhookError, Submission, Webhook
from waypost.connectors.unaccepted_log import log_unaccepted
from waypost.model.message.failures import SendFailure
from waypost.model.message.outcomes import Accepted, Inbound, Outcome, Receipt, ReceiptKind, Refused, Unknown
from waypost.outbound.http import Reply, exchange, retry_after

DLR_MASK = 31
"""Ask for every receipt there is: delivered 1, failed 2, buffered 4, accepted 8, rejected 16."""

DLR_KINDS = {
    1: ReceiptKind.DELIVERED,
    2: ReceiptKind.FAILED,
    4: None,
    8: ReceiptKind.SENT,
    16: ReceiptKind.FAILED,
}
"""`%d` of a delivery report to what it says; buffered says nothing a customer could use."""

_TAKEN = frozenset({"0", "3"})

# What the body of a refusal says, first match first; the HTTP status decides where none matches.
_PHRASES = (
    ("temporal failure", SendFailure.BUSY),
    ("not routable", SendFailure.UNDELIVERABLE),
    ("black-list", SendFailure.UNDELIVERABLE),
    ("blacklist", SendFailure.UNDELIVERABLE),
    ("authorization failed", SendFailure.NOT_CONFIGURED),
    ("sender missing", SendFailure.NOT_CONFIGURED),
    ("receiver", SendFailure.BAD_NUMBER),
)

_STATUSES = {
    401: SendFailure.NOT_CONFIGURED,
    402: SendFailure.NOT_CONFIGURED,
    403: SendFailure.NOT_CONFIGURED,
    404: SendFailure.NOT_CONFIGURED,
    405: SendFailure.NOT_CONFIGURED,
    429: SendFailure.RATE_LIMITED,
    503: SendFailure.BUSY,
}


class KannelConnector:
    """One route to a gateway that speaks Kannel's HTTP.

    Args:
        route: the route's name, put on every receipt.
        session: whose connections are used; it is not closed here.
        url: the gateway's `sendsms` address, without a query.
        username, password: of the gateway's `sendsms-user`.
        is_gsm: whether a text can go in the 7-bit default alphabet; otherwise it goes as UCS-2.
        timeout_s: seconds for the connection, and for each silence while waiting for the answer.
    """

    removes_duplicates = False

    def __init__(
        self,
        route: str,
        session: aiohttp.ClientSession,
        *,
        url: str,
        username: str,
        password: str,
        is_gsm: Callable[[str], bool],
        timeout_s: float = 10.0,
    ) -> None:
        self._route = route
        self._session = session
        self._url = url
        self._username = username
        self._password = password
        self._is_gsm = is_gsm
        self._timeout_s = timeout_s

    async def send(self, submission: Submission) -> Outcome:
        """Hands one SMS over, once. Its text is the content's `text`."""
        text = str(submission.content.get("text", ""))
        if not text:
            return Refused(SendFailure.BAD_REQUEST, "", "the content has no text")
        query = {
            "username": self._username,
            "password": self._password,
            "from": submission.sender,
            "to": submission.recipient,
            "text": text,
            "coding": "0" if self._is_gsm(text) else "2",
            "charset": "UTF-8",
            "validity": str(max(1, -(-submission.ttl // 60))),
        }
        if submission.receipt_url:
            query["dlr-mask"] = str(DLR_MASK)
            query["dlr-url"] = _dlr_url(submission)
        url = URL(f"{self._url}?{urlencode(query, quote_via=quote)}", encoded=True)
        answer = await exchange(self._session, "GET", url, timeout_s=self._timeout_s)
        outcome = _outcome(answer) if isinstance(answer, Reply) else answer
        log_unaccepted("kannel", self._route, submission, outcome)
        return outcome

    def parse_webhook(self, webhook: Webhook) -> list[Receipt | Inbound]:
        """What a delivery report says: a GET of the `dlr-url` this connector made.

        Raises:
            MalformedWebhookError: no reference, or no status of Kannel's.
        """
        query = webhook.query
        reference, status = query.get("reference", ""), query.get("status", "")
        if not reference or not status.isdecimal() or int(status) not in DLR_KINDS:
            raise MalformedWebhookError(
                "not a delivery report: it needs a reference and a status of 1, 2, 4, 8 or 16"
            )
        kind = DLR_KINDS[int(status)]
        if kind is None:
            return []
        failed = kind is ReceiptKind.FAILED
        return [
            Receipt(
                route=self._route,
                kind=kind,
                provider_id=query.get("id") or None,
                reference=reference,
                failure=SendFailure.UNDELIVERABLE if failed else None,
                text=query.get("answer", ""),
            )
        ]


def _dlr_url(submission: Submission) -> str:
    """Where the report goes; Kannel fills in %d (status), %F (its id) and %A (the SMSC's answer)."""
    # Kannel would read a percent sign of ours as one of its own escapes; it writes %% as %.
    ours = f"{submission.receipt_url}{'&' if '?' in submission.receipt_url else '?'}"
    ours += f"reference={quote(submission.reference, safe='')}"
    return ours.replace("%", "%%") + "&status=%d&id=%F&answer=%A"


def _outcome(reply: Reply) -> Outcome:
    """What the gateway's answer means."""
    seen = f"HTTP {reply.status}: {reply.text}"
    if 200 <= reply.status < 300:
        number = re.match(r"(\d+)\s*:", reply.text)
        if number is None:
            # 202 alone is Kannel's word for "taken" (older ones say `Sent.`); 200 may be any proxy's page.
            return Accepted(None) if reply.status == 202 else Unknown(seen)
        return Accepted(None) if number[1] in _TAKEN else Unknown(seen)
    text = reply.text.lower()
    by_phrase = next((failure for phrase, failure in _PHRASES if phrase in text), None)
    if reply.status in (429, 503):
        failure = _STATUSES[reply.status]
    elif (
        reply.status < 400
        or reply.status == 408
        or (reply.status >= 500 and by_phrase is not SendFailure.BUSY)
    ):
        return Unknown(seen)
    else:
        failure = by_phrase or _STATUSES.get(reply.status, SendFailure.BAD_REQUEST)
    return Refused(failure, "", seen, retry_after(reply))
