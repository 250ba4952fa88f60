"""Whether a provider knows a route's credentials, found out by requests that reach no person."""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import NamedTuple

from waypost.connectors.contract import CredentialRequest, RouteSettings
from waypost.connectors.redaction import Redaction, secrets_of_url
from waypost.connectors.registry import PROVIDERS
from waypost.model.foreign_json import UnreadableJsonError, foreign_decoder
from waypost.outbound.client import HttpClient
from waypost.outbound.reply import Reply

# Of these a provider says that it does not know who asks, or that it may not be asked about that.
_WRONG = (400, 401, 403, 404)

_decode = foreign_decoder(dict[str, object], tolerant=True)


class Verdict(Enum):
    """What is known of credentials."""

    RIGHT = "right"
    WRONG = "wrong"
    UNKNOWN = "unknown"


class Check(NamedTuple):
    """What came of asking about some credentials of a route.

    Attributes:
        subject: which, such as the number or the page that a token is for.
        text: in words why they are wrong, or not known.
    """

    subject: str
    verdict: Verdict
    text: str


async def check_credentials(settings: RouteSettings, client: HttpClient) -> Sequence[Check]:
    """Asks the provider of a route about each of its credentials."""
    provider = next(row for row in PROVIDERS.values() if row.settings is type(settings))
    if provider.credentials is None:
        return [Check("", Verdict.UNKNOWN, provider.unchecked)]
    return [await _ask(request, settings, client) for request in provider.credentials(settings)]


async def _ask(request: CredentialRequest, settings: RouteSettings, client: HttpClient) -> Check:
    endpoint = client.endpoint("GET", request.url, timeout_s=settings.timeout, headers=request.headers)
    reply = await endpoint.exchange()
    if not isinstance(reply, Reply):
        return Check(request.subject, Verdict.UNKNOWN, f"no answer: {reply.text}")
    redaction = Redaction([*secrets_of_url(settings.url), request.secret])
    try:
        answer: Mapping[str, object] = _decode(reply.body, reply)
    except UnreadableJsonError:
        answer = {}
    words = redaction.apply(_words(answer) or reply.text)
    if 200 <= reply.status < 300 and answer:
        if request.id and answer.get("id") != request.id:
            owner = redaction.apply(str(answer.get("id")))
            return Check(request.subject, Verdict.WRONG, f"they are of {owner}, not of it")
        return Check(request.subject, Verdict.RIGHT, "")
    verdict = Verdict.WRONG if reply.status in _WRONG else Verdict.UNKNOWN
    return Check(request.subject, verdict, f"the provider answers HTTP {reply.status}: {words}")


def _words(answer: Mapping[str, object]) -> str:
    """The sentence of an error, by the member that each provider has it in."""
    error = answer.get("error")
    if isinstance(error, dict):
        return str(error.get("message", ""))
    return str(answer.get("description") or answer.get("message") or "")
