"""Four calls that show what the service does, sent from the page of a sandbox that has nothing yet."""

from collections.abc import Callable, Mapping, Sequence
from urllib.parse import quote, urlencode

from waypost.api.http_messages import HttpRequest, Reply
from waypost.api.product import CAMS
from waypost.api.signatures.signed_headers import signed_headers
from waypost.sandbox.seed import Seed

_SEND = "SendChatappMessage"
_POLICY = "S_000001"
_VIBER = {"ChannelType": "viber", "Type": "message", "MessageType": "text", "From": "20001"}

STORIES: Sequence[Mapping[str, str]] = (
    # Delivered and read.
    {
        "ChannelType": "viber",
        "Type": "template",
        "TemplateCode": "sandbox_welcome",
        "Language": "en",
        "TemplateParams": '{"name":"Zoe","code":"1234"}',
        "From": "20001",
        "To": "4915112345678",
        "Label": "transaction",
    },
    # Not on Viber: an SMS at once.
    _VIBER
    | {
        "Content": '{"text":"Your parcel is here."}',
        "To": "4915112340001",
        "Label": "promotion",
        "FallBackId": _POLICY,
    },
    # No receipt: an SMS when the clock is two minutes ahead.
    _VIBER
    | {
        "Content": '{"text":"Your table is free at eight."}',
        "To": "4915112340002",
        "Label": "promotion",
        "Ttl": "3600",
        "FallBackId": _POLICY,
        "FallBackContent": "Your table is free at 8 pm.",
        "FallBackDuration": "120",
    },
    # Refused, with three errors in one answer.
    _VIBER | {"Content": '{"text":"Hello"}', "From": "Acme", "To": "+4915112345678", "Label": "news"},
)


def stories_of(seed: Seed) -> Sequence[Mapping[str, str]]:
    """The stories, if the first account of a seed has what they are sent with; else none."""
    account = seed.accounts[seed.keys[0].account_id]
    has_sender = any((one.channel, one.id) == ("viber", "20001") for one in account.senders)
    has_policy = any(policy.id == _POLICY for policy in account.fallbacks)
    has_template = any(template.code == "sandbox_welcome" for template in account.templates)
    return STORIES if has_sender and has_policy and has_template else ()


def send_stories(seed: Seed, host: str, handle: Callable[[HttpRequest, Reply], None], reply: Reply) -> None:
    """Makes the calls, signed as a program's are.

    Args:
        host: `host:port` of the sandbox.
        handle: answers a call.
        reply: called with each answer.
    """
    key = seed.keys[0]
    for parameters in stories_of(seed):
        query = urlencode(parameters, quote_via=quote)
        headers = signed_headers(_SEND, CAMS.version, query, host, key.id, key.secret)
        fields = [(name.encode(), value.encode()) for name, value in headers.items()]
        handle(HttpRequest("POST", "/", query.encode(), fields, peer="127.0.0.1"), reply)
