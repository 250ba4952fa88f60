"""Every documented reply and what it means."""

import asyncio

import pytest

from tests.connectors.providers import Canned, canned
from tests.connectors.test_viber_requests import SUBMISSION
from waypost.connectors.viber.connector import ViberConnector
from waypost.model.message.failures import SendFailure
from waypost.model.message.outcomes import Accepted, Outcome, Refused, Unknown
from waypost.outbound.client import HttpClient

F = SendFailure

STATUSES: dict[int, tuple[str, SendFailure]] = {
    1: ("SRVC_INTERNAL_FAILURE", F.BUSY),
    2: ("SRVC_BAD_SERVICE_ID", F.NOT_CONFIGURED),
    3: ("SRVC_BAD_DATA", F.BAD_REQUEST),
    4: ("SRVC_BLOCKED_MESSAGE_TYPE", F.NOT_CONFIGURED),
    5: ("SRVC_BAD_MESSAGE_TYPE", F.BAD_REQUEST),
    6: ("SRVC_BAD_PARAMETERS", F.BAD_REQUEST),
    8: ("SRVC_USER_BLOCKED", F.OPTED_OUT),
    9: ("SRVC_NOT_VIBER_USER", F.NOT_ON_CHANNEL),
    10: ("SRVC_NO_SUITABLE_DEVICE", F.NO_DEVICE),
    11: ("SRVC_UNAUTHORIZED_IP", F.NOT_CONFIGURED),
    13: ("SRVC_NOT_PERMITTED", F.NOT_CONFIGURED),
    14: ("SRVC_BILLING_FAILURE", F.NOT_CONFIGURED),
    17: ("SRVC_NO_MORE_MESSAGES", F.NOT_CONFIGURED),
    18: ("SRVC_BAD_LABEL", F.BAD_REQUEST),
    20: ("SRVC_INVALID_TTL", F.BAD_REQUEST),
    21: ("SRVC_WAIT_FOR_USER_RESPONSE", F.WAITING_FOR_USER),
    27: ("SRVC_INVALID_PHONE_NUMBER", F.BAD_NUMBER),
    28: ("SRVC_FILE_NOT_PERMITTED", F.BAD_REQUEST),
    29: ("SRVC_BAD_FILE_NAME_LENGTH", F.BAD_REQUEST),
    30: ("SRVC_BAD_THUMBNAIL", F.BAD_REQUEST),
    31: ("SRVC_BAD_FILE_SIZE", F.BAD_REQUEST),
    32: ("SRVC_BAD_DURATION", F.BAD_REQUEST),
    38: ("SRVC_TEMPLATE_NOT_FOUND", F.TEMPLATE_FAULT),
    39: ("SRVC_TEMPLATE_VALIDATION_ERROR", F.TEMPLATE_FAULT),
    40: ("SRVC_SURVEY_VALIDATION_ERROR", F.BAD_REQUEST),
    41: ("SRVC_CAROUSEL_VALIDATION_ERROR", F.BAD_REQUEST),
    43: ("SRVC_SERVICE_BLOCKED", F.NOT_CONFIGURED),
    401: ("SRVC_UNAUTHORIZED_IP", F.NOT_CONFIGURED),
}

DATED = {"Date": "Wed, 19 Jul 2023 10:00:00 GMT", "Retry-After": "Wed, 19 Jul 2023 10:00:09 GMT"}

REPLIES: dict[str, tuple[Canned, Outcome]] = {
    "token as text": (
        Canned(body='{"status":0,"seq":1,"message_token":"5379697806260881548"}'),
        Accepted("5379697806260881548"),
    ),
    "token as a number": (
        Canned(body='{"status":0,"message_token":4727481224105516513}'),
        Accepted("4727481224105516513"),
    ),
    "token above 63 bits": (
        Canned(body='{"status":0,"message_token":18446744073709551615}'),
        Accepted("18446744073709551615"),
    ),
    "no token": (Canned(body='{"status":0}'), Accepted(None)),
    "further members": (Canned(body='{"status":0,"message_token":"5","session_id":"x"}'), Accepted("5")),
    "status 7": (Canned(body='{"status":7}'), Unknown("SRVC_TIMEOUT (Viber status 7)")),
    "status 12": (Canned(body='{"status":12}'), Unknown("SRVC_ALREADY_SENT (Viber status 12)")),
    "an unheard-of status": (
        Canned(body='{"status":99}'),
        Refused(F.BAD_REQUEST, "SRVC_99", "Viber status 99, not documented"),
    ),
    "not JSON": (Canned(body="<html>"), Unknown("unreadable answer: <html>")),
    "no status": (Canned(body='{"seq":1}'), Unknown('unreadable answer: {"seq":1}')),
    # It was taken; an id that is not readable is none.
    "not UTF-8": (Canned(body=b'{"status":0,"message_token":"\xff"}'), Accepted(None)),
    "HTTP 400": (Canned(400, "bad"), Refused(F.BAD_REQUEST, "", "HTTP 400: bad")),
    "HTTP 401": (Canned(401, "no"), Refused(F.NOT_CONFIGURED, "", "HTTP 401: no")),
    "HTTP 403": (Canned(403, "no"), Refused(F.NOT_CONFIGURED, "", "HTTP 403: no")),
    "HTTP 404": (Canned(404, "no"), Refused(F.NOT_CONFIGURED, "", "HTTP 404: no")),
    "HTTP 429": (Canned(429, ""), Refused(F.RATE_LIMITED, "", "HTTP 429: ")),
    "HTTP 429 in seconds": (
        Canned(429, "", {"Retry-After": "7"}),
        Refused(F.RATE_LIMITED, "", "HTTP 429: ", 7000),
    ),
    "HTTP 429 with a date": (Canned(429, "", DATED), Refused(F.RATE_LIMITED, "", "HTTP 429: ", 9000)),
    "HTTP 500": (Canned(500, "oops"), Unknown("HTTP 500: oops")),
    "HTTP 503": (Canned(503, "oops"), Refused(F.BUSY, "", "HTTP 503: oops")),
}
REPLIES |= {
    f"status {status}": (
        Canned(body=f'{{"status":{status}}}'),
        Refused(failure, name, f"Viber status {status}"),
    )
    for status, (name, failure) in STATUSES.items()
}


@pytest.mark.parametrize(("reply", "outcome"), REPLIES.values(), ids=REPLIES)
def test_reply(reply: Canned, outcome: Outcome) -> None:
    async def main() -> Outcome:
        async with canned(reply) as provider, HttpClient() as client:
            seen = await ViberConnector("viber-1", client, url=provider.url).send(SUBMISSION)
            assert len(provider.requests) == 1
            return seen

    assert asyncio.run(main()) == outcome
