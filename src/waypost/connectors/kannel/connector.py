"""SMS by the HTTP interface of Kannel's smsbox (`GET /cgi-bin/sendsms`), which many gateways imitate.

Sources: the Kannel user guide, "SMS push with HTTP sendsms" and "Delivery reports"; the responses are those
of Kannel's smsbox. A response has no message id, so receipts are matched by our reference.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from urllib.parse import quote, urlencode

from waypost.connectors.answers import Answers
from waypost.connectors.contract import MalformedWebhookError, Submission, Webhook
from waypost.connectors.kannel.inbound import is_inbound, parse_sms
from waypost.connectors.reports import known_id, parse_items
from waypost.model.message.failures import SendFailure
from waypost.model.message.outcomes import Accepted, Outcome, Receipt, ReceiptKind, Refused, Report, Unknown
from waypost.outbound.client import HttpClient
from waypost.outbound.reply import Reply, retry_after

DLR_MASK = 31
"""Requests all kinds of receipts: delivered 1, failed 2, buffered 4, accepted 8, rejected 16."""

_DELIVERED, _FAILED, _ACCEPTED, _REJECTED = 1, 2, 8, 16

_STATUS = re.compile(r"-?[0-9]{1,9}")

_quote = partial(quote, safe="")
_END_OF_DLR_URL = _quote("&status=%d&id=%F&answer=%A")

_ACCEPTED_CODES = frozenset({"0", "3"})

# Phrases in the body of a refusal; the first match counts, and the HTTP status if there is none.
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
    """A route to a gateway with Kannel's HTTP interface.

    Args:
        route: the name of the route, which every receipt carries.
        client: the HTTP client to use; the caller closes it.
        url: the gateway's `sendsms` URL, without a query.
        username, password: the credentials of the gateway's `sendsms-user`.
        is_gsm: whether a text fits the 7-bit default alphabet; otherwise it is sent as UCS-2.
        reports_parts: whether the gateway reports on each part of a long SMS; otherwise a report is about the
            whole message.
        timeout_s: seconds to connect, and between any two reads of the response.
    """

    removes_duplicates = False

    def __init__(
        self,
        route: str,
        client: HttpClient,
        *,
        url: str,
        username: str,
        password: str,
        is_gsm: Callable[[str], bool],
        reports_parts: bool = True,
        timeout_s: float = 10.0,
    ) -> None:
        self._route = route
        self._reports_parts = reports_parts
        self._is_gsm = is_gsm
        self._answers = Answers("kannel", route, url, (username, password))
        credentials = urlencode({"username": username, "password": password}, quote_via=quote)
        self._sendsms = client.endpoint("GET", f"{url}?{credentials}", timeout_s=timeout_s)

    async def send(self, submission: Submission) -> Outcome:
        """Submits an SMS, once. Its text is the content's `text`."""
        text = str(submission.content.get("text", ""))
        if not text:
            return Refused(
                SendFailure.BAD_REQUEST, "", "the content has no text", explanation="the content has no text"
            )
        minutes = max(1, -(-submission.ttl // 60))
        suffix = (
            f"&from={_quote(submission.sender)}&to={_quote(submission.recipient)}&text={_quote(text)}"
            f"&coding={0 if self._is_gsm(text) else 2}&charset=UTF-8&validity={minutes}"
        )
        if submission.receipt_url:
            suffix += f"&dlr-mask={DLR_MASK}&dlr-url={_quoted_dlr_url(submission)}"
        reply = await self._sendsms.exchange(suffix=suffix)
        outcome = _outcome(reply) if isinstance(reply, Reply) else reply
        return self._answers.complete(submission, outcome)

    def parse_webhook(self, webhook: Webhook) -> list[Report]:
        """The receipt of a delivery report, which is a GET of the `dlr-url` of the submission, or a person's
        message, which is one of the `get-url` of the gateway's settings.

        Raises:
            MalformedWebhookError: it has no reference, or a status that is no number.
        """
        query = webhook.query
        if is_inbound(query):
            return parse_items(self._route, [("", query)], lambda each: parse_sms(self._route, each))
        if not query.get("reference") or not _STATUS.fullmatch(query.get("status", "")):
            raise MalformedWebhookError("not a delivery report: it needs a reference and a number as status")
        return parse_items(self._route, [("", query)], self._receipts)

    def _receipts(self, query: Mapping[str, str]) -> list[Receipt]:
        kind = kind_of_status(int(query["status"]))
        if kind is None:
            return []
        failed = kind is ReceiptKind.FAILED
        id_ = known_id(query["id"]) if query.get("id") else None
        return [
            Receipt(
                route=self._route,
                kind=kind,
                provider_id=id_,
                reference=known_id(query["reference"]),
                part=id_ if self._reports_parts else None,
                failure=SendFailure.UNDELIVERABLE if failed else None,
                text=self._answers.redacted(query.get("answer", "")),
            )
        ]


def kind_of_status(status: int) -> ReceiptKind | None:
    """The kind of receipt that `%d` of a delivery report means; None for one that is only buffered.

    The number is a set of bits. Gateways add bits of their own to those that are documented, as in 34 for a
    message that expired (2) and in 36 for an intermediate notification (4).

    Raises:
        ValueError: it has none of the documented bits, or two that contradict each other.
    """
    if status < 0 or not status & DLR_MASK:
        raise ValueError(f"the status {status} has none of the bits 1, 2, 4, 8 and 16")
    failed = status & (_FAILED | _REJECTED)
    if status & _DELIVERED:
        if failed:
            raise ValueError(f"the status {status} is both delivered and failed")
        return ReceiptKind.DELIVERED
    if failed:
        return ReceiptKind.FAILED
    return ReceiptKind.SENT if status & _ACCEPTED else None


def _quoted_dlr_url(submission: Submission) -> str:
    """The URL of reports, percent-encoded as the value of a parameter.

    Kannel replaces %d (status), %F (its id) and %A (the SMSC's answer) in it.
    """
    reference = _quote(submission.reference).replace("%", "%%")
    return f"{_start_of_dlr_url(submission.receipt_url)}{_quote(reference)}{_END_OF_DLR_URL}"


@lru_cache(maxsize=64)
def _start_of_dlr_url(receipt_url: str) -> str:
    url = f"{receipt_url}{'&' if '?' in receipt_url else '?'}reference="
    # A percent sign begins one of Kannel's escapes; %% stands for itself.
    return _quote(url.replace("%", "%%"))


def _outcome(reply: Reply) -> Outcome:
    """The outcome that a response of the gateway means."""
    reply_text = f"HTTP {reply.status}: {reply.text}"
    if 200 <= reply.status < 300:
        number = re.match(r"(\d+)\s*:", reply.text)
        if number is None:
            # Kannel accepts with 202, whatever the body (`Sent.` in old versions); 200 may be a proxy's page.
            return Accepted(None) if reply.status == 202 else Unknown(reply_text)
        return Accepted(None) if number[1] in _ACCEPTED_CODES else Unknown(reply_text)
    text = reply.text.lower()
    by_phrase = next((failure for phrase, failure in _PHRASES if phrase in text), None)
    # A proxy's page has any words.
    if reply.status in (401, 429, 503):
        failure = _STATUSES[reply.status]
    elif (
        reply.status < 400
        or reply.status == 408
        or (reply.status >= 500 and by_phrase is not SendFailure.BUSY)
    ):
        return Unknown(reply_text)
    else:
        failure = by_phrase or _STATUSES.get(reply.status, SendFailure.BAD_REQUEST)
    return Refused(failure, "", reply_text, retry_after(reply))
