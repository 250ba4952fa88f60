"""The interface between delivery and the providers: a connector, and a provider's row of the registry."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Generic, NamedTuple, Protocol, TypeVar, runtime_checkable
from urllib.parse import urlsplit

import msgspec

from waypost.model.content.rules import Value
from waypost.model.faults import NO_VALUE
from waypost.model.foreign_documents import charset_of
from waypost.model.message.extras import Extras, TemplateCall
from waypost.model.message.outcomes import Inbound, Outcome, Receipt, Report
from waypost.model.quoting import quoted
from waypost.outbound.proxy import proxy_error

if TYPE_CHECKING:
    from waypost.outbound.client import HttpClient


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt to submit a leg to a provider.

    Attributes:
        reference: the id of the attempt (`<MessageId>-<leg>-<attempt>`), for providers that echo it.
        number: the id of the attempt as a positive integer below 2**53, for providers that echo only numbers.
        sender, recipient: the channel's own identifiers; a phone number is E.164 digits without `+`.
        message_type: a MessageType of the channel (`text`, `text_button`); `text` for SMS.
        content: the content members, with all variables replaced.
        label: `promotion` or `transaction`; empty if the channel has no labels.
        ttl: how long the provider may try to deliver, in seconds.
        tag, tracking_data: the customer's values, passed on unchanged.
        templated: whether the content is from a template, which may be sent at any time.
        template: the template, for providers that hold templates themselves.
        extras: the parameters of the call other than its content.
        receipt_url: the URL for receipts, for providers that need it in each request.
    """

    reference: str
    number: int
    sender: str
    recipient: str
    message_type: str
    content: dict[str, Value]
    label: str = ""
    ttl: int
    tag: str = ""
    tracking_data: str = ""
    templated: bool = False
    template: TemplateCall | None = None
    extras: Extras = Extras()
    receipt_url: str = ""


class Webhook(msgspec.Struct, frozen=True):
    """A request that a provider made to Waypost.

    Attributes:
        method: `GET` or `POST`.
        query: the decoded query parameters.
        headers: names in lower case.
        body: the body as received.
        is_verified: whether its signature was checked before, when it came in.
    """

    method: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    is_verified: bool = False

    @property
    def charset(self) -> str:
        """The encoding that it declares; empty if it declares none."""
        return charset_of(self.headers.get("content-type", ""))


class MalformedWebhookError(Exception):
    """The request does not have the provider's documented form; it is answered 400 and logged."""


class InvalidSignatureError(MalformedWebhookError):
    """The request has no valid signature of the provider; it is answered 403 and logged."""


@runtime_checkable
class WebhookChallenge(Protocol):
    """A connector whose provider verifies a webhook URL with a challenge before it uses it."""

    def answer_challenge(self, webhook: Webhook) -> str | None:
        """The response to a challenge; None if the request is no challenge.

        Raises:
            InvalidSignatureError: the challenge does not have the verify token of the route.
        """
        ...


@runtime_checkable
class Acknowledging(Protocol):
    """A connector whose provider expects an acknowledgement of some reports."""

    async def acknowledge(self, reports: Sequence[Receipt | Inbound]) -> None:
        """Tells the provider, once; what comes of it is nobody's concern."""
        ...


class Connector(Protocol):
    """Sends to one provider with one set of credentials, and parses its webhooks.

    Attributes:
        removes_duplicates: whether a submission that is sent twice is delivered once.
    """

    removes_duplicates: bool

    async def send(self, submission: Submission) -> Outcome:
        """Submits a leg, once. An error of the provider or the network is an outcome, never an exception."""
        ...

    def parse_webhook(self, webhook: Webhook) -> Sequence[Report]:
        """The receipts and users' messages of a webhook, in its order, and what of it was skipped; may be
        empty.

        Raises:
            MalformedWebhookError: it does not have the provider's form, or no valid signature.
        """
        ...


class RouteError(NamedTuple):
    """What is wrong with a value of a route's settings.

    Attributes:
        key: the key of the value.
        problem: what follows the key in a sentence; `{value}` stands for the value.
        allowed: what is allowed.
        value: the value, if the problem quotes it.
    """

    key: str
    problem: str
    allowed: str
    value: object = NO_VALUE

    @property
    def sentence(self) -> str:
        """The error as a sentence."""
        return f"{self.key} {self.problem.replace('{value}', quoted(self.value))}; {self.allowed}"


class RouteSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The section `[routes.<name>]` of the settings without its `kind`: the keys that all providers have.

    Attributes:
        url: the URL of the provider.
        secret: the secret last part of the URL of its webhooks.
        timeout: seconds to connect, and between any two reads of a response.
        proxy: the egress proxy: its URL, empty for none, or `environment`.
        rate: how many messages may start in any second; 0 for any number.
    """

    url: str
    secret: str
    timeout: float = 10.0
    proxy: str = ""
    rate: int = 0

    def errors(self) -> list[RouteError]:
        """An error for each value that is out of range, which types cannot check."""
        errors = []
        if not self.url.startswith(("http://", "https://")):
            errors.append(RouteError("url", "is {value}", "it must begin with http:// or https://", self.url))
        elif not _has_host(self.url):
            allowed = "it must have a host, and no port above 65535"
            errors.append(RouteError("url", "is {value}", allowed, self.url))
        elif error := proxy_error(self.proxy, self.url):
            errors.append(RouteError("proxy", "is not allowed", error))
        if not 0 < self.timeout <= MAX_TIMEOUT_S:
            allowed = f"allowed are seconds above 0, at most {MAX_TIMEOUT_S}"
            errors.append(RouteError("timeout", f"is {self.timeout:g}", allowed))
        if not 0 <= self.rate <= MAX_RATE:
            errors.append(RouteError("rate", f"is {self.rate}", f"allowed is 0 to {MAX_RATE}"))
        return errors

    def sender_table(self) -> tuple[str, frozenset[str]] | None:
        """The key of the table that has an entry for each sender, and its senders; None for none."""
        return None


MAX_TIMEOUT_S = 600
MAX_RATE = 100_000


def _has_host(url: str) -> bool:
    try:
        parts = urlsplit(url)
        # The port is parsed when it is read.
        return bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


S = TypeVar("S", bound=RouteSettings)


class CredentialRequest(NamedTuple):
    """A GET request that a provider answers only to who has the right credentials, and that reaches nobody.

    Attributes:
        subject: whose credentials, such as a sender; empty if the route has no others.
        secret: the credential, which is in nothing that anybody reads.
        id: the `id` that the answer has if they are of the subject; empty if it says no such thing.
    """

    subject: str
    url: str
    headers: Mapping[str, str]
    secret: str
    id: str = ""


class Provider(NamedTuple, Generic[S]):
    """A provider: a row of the registry.

    Attributes:
        kind: the `kind` of its routes in the settings.
        settings: the type of the settings of its routes.
        connect: creates the connector of a route from its name, its settings and the HTTP client to use.
        channels: the channels that it carries.
        names_senders: whether its webhooks say which sender they are about; else a route has one sender.
        credentials: returns a request for each of a route's credentials, by which they are checked; None if
            only a message shows whether they are right.
        unchecked: why that is so.
    """

    kind: str
    settings: type[S]
    connect: "Callable[[str, S, HttpClient], Connector]"
    channels: tuple[str, ...]
    names_senders: bool = True
    credentials: Callable[[S], Sequence[CredentialRequest]] | None = None
    unchecked: str = ""
