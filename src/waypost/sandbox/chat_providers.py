"""The simulated chat providers other than Viber: their documented senders, routes and servers."""

from collections.abc import Callable
from typing import Any

from waypost.config.settings import SenderSettings
from waypost.model.identifiers import AccountId
from waypost.model.templates.template import Template
from waypost.sandbox.chat_server import ChatServer, WireFormat
from waypost.sandbox.line_wire import LineChannel, LineWireFormat
from waypost.sandbox.page_wire import Channel, PageWireFormat
from waypost.sandbox.phone_network import PhoneNetwork
from waypost.sandbox.telegram_wire import Bot, TelegramWireFormat
from waypost.sandbox.whatsapp_wire import WhatsAppWireFormat

# The secret part of the webhook URLs. It protects nothing: they are on the loopback address.
RECEIPTS_SECRET = "sandbox"
TOKEN = "sandbox-token"
APP_SECRET = "sandbox-app-secret"

WHATSAPP_ROUTE = "sandbox-whatsapp"
TEMPLATES = {
    "whatsapp": "sandbox_welcome_whatsapp",
    "messenger": "sandbox_welcome_messenger",
    "instagram": "sandbox_welcome_instagram",
}
# Account to sender, and sender to phone number id.
WHATSAPP_SENDERS = {"1": "15550100001", "2": "15550100002"}
WHATSAPP_NUMBERS = {"15550100001": "100001", "15550100002": "100002"}
PAGE_ROUTES: dict[Channel, str] = {"messenger": "sandbox-messenger", "instagram": "sandbox-instagram"}
# Channel to account to the id of its page or Instagram account.
PAGE_SENDERS: dict[Channel, dict[str, str]] = {
    "messenger": {"1": "20004", "2": "30004"},
    "instagram": {"1": "20005", "2": "30005"},
}
# Account to bot id and to LINE channel id; each has its own route and token.
TELEGRAM_SENDERS = {"1": "20002", "2": "30002"}
LINE_SENDERS = {"1": "20003", "2": "30003"}


def senders(account: str) -> tuple[SenderSettings, ...]:
    """The senders of an account."""
    return (
        SenderSettings(channel="whatsapp", id=WHATSAPP_SENDERS[account], route=WHATSAPP_ROUTE),
        *(
            SenderSettings(channel=channel, id=PAGE_SENDERS[channel][account], route=route)
            for channel, route in PAGE_ROUTES.items()
        ),
        SenderSettings(
            channel="telegram", id=TELEGRAM_SENDERS[account], route=_account_route("telegram", account)
        ),
        SenderSettings(channel="line", id=LINE_SENDERS[account], route=_account_route("line", account)),
    )


def _account_route(channel: str, account: str) -> str:
    return f"sandbox-{channel}-{account}"


class ChatProviders:
    """One server for each channel.

    Args:
        address: `http://host:port` of the service that webhooks are sent to.
        template: finds an approved template by account, name and language.
    """

    def __init__(
        self, network: PhoneNetwork, address: str, template: Callable[[AccountId, str, str], Template | None]
    ) -> None:
        accounts = {sender: account for account, sender in WHATSAPP_SENDERS.items()}
        formats: list[WireFormat] = [
            WhatsAppWireFormat(
                TOKEN,
                WHATSAPP_NUMBERS,
                lambda sender, name, language: template(AccountId(accounts[sender]), name, language),
                WHATSAPP_ROUTE,
                _webhook_url(address, WHATSAPP_ROUTE),
                APP_SECRET,
            ),
            *(
                PageWireFormat(
                    channel, _page_tokens(channel), route, _webhook_url(address, route), APP_SECRET
                )
                for channel, route in PAGE_ROUTES.items()
            ),
            TelegramWireFormat(
                {
                    sender: Bot(*_sender_access("telegram", account, address))
                    for account, sender in TELEGRAM_SENDERS.items()
                },
                TOKEN,
            ),
            LineWireFormat(
                {
                    sender: LineChannel(*_sender_access("line", account, address))
                    for account, sender in LINE_SENDERS.items()
                },
                APP_SECRET,
            ),
        ]
        self._servers = {wire.channel: ChatServer(network, wire) for wire in formats}

    async def start(self) -> None:
        """Starts the servers on free ports."""
        for server in self._servers.values():
            await server.start()

    async def close(self) -> None:
        """Stops the servers."""
        for server in self._servers.values():
            await server.close()

    def routes(self) -> dict[str, dict[str, Any]]:
        """The routes to the servers as tables of the settings; valid after `start`."""
        return {
            WHATSAPP_ROUTE: {
                "kind": "whatsapp",
                "url": self._servers["whatsapp"].address,
                "token": TOKEN,
                "numbers": WHATSAPP_NUMBERS,
                "app_secret": APP_SECRET,
                "verify_token": TOKEN,
                "secret": RECEIPTS_SECRET,
            },
            PAGE_ROUTES["messenger"]: {
                "kind": "messenger",
                "url": self._servers["messenger"].address,
                "tokens": _page_tokens("messenger"),
                "app_secret": APP_SECRET,
                "verify_token": TOKEN,
                "secret": RECEIPTS_SECRET,
            },
            PAGE_ROUTES["instagram"]: {
                "kind": "instagram",
                "url": self._servers["instagram"].address,
                "tokens": _page_tokens("instagram"),
                "app_secret": APP_SECRET,
                "verify_token": TOKEN,
                "secret": RECEIPTS_SECRET,
            },
            **{
                _account_route("telegram", account): {
                    "kind": "telegram",
                    "url": self._servers["telegram"].address,
                    "token": _token(account),
                    "secret_token": TOKEN,
                    "secret": RECEIPTS_SECRET,
                }
                for account in TELEGRAM_SENDERS
            },
            **{
                _account_route("line", account): {
                    "kind": "line",
                    "url": self._servers["line"].address,
                    "token": _token(account),
                    "channel_secret": APP_SECRET,
                    "secret": RECEIPTS_SECRET,
                }
                for account in LINE_SENDERS
            },
        }


def _sender_access(channel: str, account: str, address: str) -> tuple[str, str, str]:
    """The token, the route and the webhook URL of an account's sender."""
    route = _account_route(channel, account)
    return _token(account), route, _webhook_url(address, route)


def _page_tokens(channel: Channel) -> dict[str, str]:
    return {sender: _token(account) for account, sender in PAGE_SENDERS[channel].items()}


def _token(account: str) -> str:
    return f"{TOKEN}-{account}"


def _webhook_url(address: str, route: str) -> str:
    return f"{address}/receipts/{route}/{RECEIPTS_SECRET}"
