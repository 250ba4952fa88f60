"""The senders of a sandbox as its simulated providers know them: routes, tokens and numbers."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from waypost.model.identifiers import AccountId

# The secret part of the webhook URLs. It protects nothing: they are on the loopback address.
RECEIPTS_SECRET = "sandbox"
TOKEN = "sandbox-token"
APP_SECRET = "sandbox-app-secret"
SMS_USERNAME = "waypost"
SMS_PASSWORD = "sandbox"
# Providers of these have one account with all senders; of the others each sender has its own.
_SHARED_ROUTES = ("viber", "whatsapp", "messenger", "instagram", "sms")
_FIRST_PHONE_NUMBER_ID = 100_000


class SimulatedSender(NamedTuple):
    """A sender.

    Attributes:
        id: the `From` of its messages.
        number: the how manieth of its channel it is, from 1.
    """

    channel: str
    id: str
    account_id: AccountId
    number: int

    @property
    def route(self) -> str:
        """The name of its route."""
        suffix = "" if self.channel in _SHARED_ROUTES else f"-{self.number}"
        return f"sandbox-{self.channel}{suffix}"

    @property
    def token(self) -> str:
        """The token that its requests are authenticated by, on channels where each sender has one."""
        return f"{TOKEN}-{self.number}"

    @property
    def phone_number_id(self) -> str:
        """The id of a WhatsApp number."""
        return str(_FIRST_PHONE_NUMBER_ID + self.number)

    def webhook_url(self, address: str) -> str:
        """Where its provider reports to a service."""
        return f"{address}/receipts/{self.route}/{RECEIPTS_SECRET}"


def numbered(senders: Iterable[tuple[AccountId, str, str]]) -> Iterator[SimulatedSender]:
    """Senders by account, channel and id, with their numbers."""
    counts: Counter[str] = Counter()
    for account_id, channel, id_ in senders:
        counts[channel] += 1
        yield SimulatedSender(channel, id_, account_id, counts[channel])


def route_tables(
    senders: Sequence[SimulatedSender], url_of: Callable[[str], str]
) -> Mapping[str, dict[str, Any]]:
    """The routes of senders as tables of the settings.

    Args:
        url_of: returns the URL of a channel's simulated provider.
    """
    tables: dict[str, dict[str, Any]] = {}
    for sender in senders:
        of_channel = [other for other in senders if other.channel == sender.channel]
        members = _MEMBERS.get(sender.channel)
        if members is not None and sender.route not in tables:
            common = {"url": url_of(sender.channel), "secret": RECEIPTS_SECRET}
            tables[sender.route] = common | members(sender, of_channel)
    return tables


def _page(sender: SimulatedSender, of_channel: Sequence[SimulatedSender]) -> dict[str, Any]:
    return {
        "kind": sender.channel,
        "tokens": {other.id: other.token for other in of_channel},
        "app_secret": APP_SECRET,
        "verify_token": TOKEN,
    }


_MEMBERS: Mapping[str, Callable[[SimulatedSender, Sequence[SimulatedSender]], dict[str, Any]]] = {
    "viber": lambda _, __: {"kind": "viber"},
    "sms": lambda _, __: {"kind": "kannel", "username": SMS_USERNAME, "password": SMS_PASSWORD},
    "whatsapp": lambda _, of_channel: {
        "kind": "whatsapp",
        "token": TOKEN,
        "numbers": {other.id: other.phone_number_id for other in of_channel},
        "app_secret": APP_SECRET,
        "verify_token": TOKEN,
    },
    "messenger": _page,
    "instagram": _page,
    "telegram": lambda sender, _: {"kind": "telegram", "token": sender.token, "secret_token": TOKEN},
    "line": lambda sender, _: {"kind": "line", "token": sender.token, "channel_secret": APP_SECRET},
}
