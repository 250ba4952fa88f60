"""The contract of a connector (all that delivery knows of a provider), and a provider's registry row."""

from collections.abc import Callable, Mapping
from typing import Generic, NamedTuple, Protocol, TypeVar, runtime_checkable

import aiohttp
import msgspec

from waypost.model.content.rules import Value
from waypost.model.message.extras import Extras, TemplateCall
from waypost.model.message.outcomes import Inbound, Outcome, Receipt


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt to hand one leg to a provider.

    Attributes:
        reference: names this attempt for life (`<MessageId>-<leg>-<attempt>`), for providers that echo it.
        number: the same as a positive integer below 2**53, for providers that echo only numbers.
        sender, recipient: the channel's own identifiers; a phone number is E.164 digits without `+`.
        message_type: a MessageType of the channel (`text`, `text_button`); `text` for SMS.
        content: the content members, variables already filled in.
        label: `promotion` or `transaction`, or empty where the channel has none.
        ttl: seconds the provider may try to deliver.
        tag, tracking_data: passed through as the customer gave them.
        templated: the content came from a template, which may be sent at any time.
        template: that template, for providers that hold templates themselves.
        extras: what the call said beyond its content.
        receipt_url: where the provider is to send what it learns, for providers that are told per message.
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
    """A request a provider made to us.

    Attributes:
        method: `GET` or `POST`.
        query: the decoded query.
        headers: names in lower case.
        body: as received, bytes.
    """

    method: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


class MalformedWebhookError(Exception):
    """The request is not of the provider's documented form; it is answered 400 and logged."""


class InvalidSignatureError(MalformedWebhookError):
    """The request does not carry the provider's signature; it is answered 403 and logged."""


@runtime_checkable
class WebhookChallenge(Protocol):
    """A connector whose provider first asks whether an address is ours."""

    def answer_challenge(self, webhook: Webhook) -> str | None:
        """The text that proves it; None for a request that asks nothing.

        Raises:
            InvalidSignatureError: it asks with another token than ours.
        """
        ...


class Connector(Protocol):
    """One provider with one set of credentials.

    Attributes:
        removes_duplicates: sending the same submission twice reaches the person once.
    """

    removes_duplicates: bool

    async def send(self, submission: Submission) -> Outcome:
        """Hands one leg over. Never raises for what a provider or the network does: that is an outcome."""
        ...

    def parse_webhook(self, webhook: Webhook) -> list[Receipt | Inbound]:
        """The receipts and messages of a webhook, in its order; an empty list for what needs nothing done.

        Raises:
            MalformedWebhookError: not of the provider's form.
        """
        ...


class RouteSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`[routes.<name>]` of the settings, but for its `kind`: what an operator can set for every provider.

    Attributes:
        url: where the provider is.
        secret: the unguessable end of the address that its webhooks come to.
        timeout: seconds for the connection, and for each silence while waiting for an answer.
    """

    url: str
    secret: str
    timeout: float = 10.0

    def errors(self) -> list[str]:
        """What types alone cannot say: each value that cannot be used, with what is allowed."""
        found = []
        if not self.url.startswith(("http://", "https://")):
            found.append(f"url is {self.url!r}; it must begin with http:// or https://")
        if not 0 < self.timeout <= LONGEST_TIMEOUT_S:
            found.append(
                f"timeout is {self.timeout:g}; allowed are seconds above 0, at most {LONGEST_TIMEOUT_S}"
            )
        return found


LONGEST_TIMEOUT_S = 600

S = TypeVar("S", bound=RouteSettings)


class Provider(NamedTuple, Generic[S]):
    """A provider: a row of the registry.

    Attributes:
        kind: the `kind` of its routes in the settings.
        settings: what an operator can set for a route to it.
        connect: the connector of a route: its name, its settings, and the session whose connections it uses.
    """

    kind: str
    settings: type[S]
    connect: Callable[[str, S, aiohttp.ClientSession], Connector]
