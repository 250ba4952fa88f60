"""The simulated chat providers other than Viber: a server for each channel."""

from collections.abc import Callable, Mapping, Sequence

from waypost.model.identifiers import AccountId
from waypost.model.templates.template import Template
from waypost.sandbox.chat_server import ChatServer, WireFormat
from waypost.sandbox.line_wire import LineChannel, LineWireFormat
from waypost.sandbox.loopback import Loopback
from waypost.sandbox.page_wire import Channel, PageWireFormat
from waypost.sandbox.phone_network import PhoneNetwork
from waypost.sandbox.simulated_senders import APP_SECRET, RECEIPTS_SECRET, TOKEN, SimulatedSender
from waypost.sandbox.telegram_wire import Bot, TelegramWireFormat
from waypost.sandbox.whatsapp_wire import WhatsAppWireFormat

_PAGES: tuple[Channel, ...] = ("messenger", "instagram")


class ChatProviders:
    """One server for each channel.

    Args:
        address: `http://host:port` of the service that webhooks are sent to.
        template: finds an approved template by account, name and language.
        senders: the senders that the providers know.
    """

    def __init__(
        self,
        network: PhoneNetwork,
        address: str,
        template: Callable[[AccountId, str, str], Template | None],
        senders: Sequence[SimulatedSender],
    ) -> None:
        def of(channel: str) -> list[SimulatedSender]:
            return [sender for sender in senders if sender.channel == channel]

        def webhook_url(channel: str) -> str:
            return f"{address}/receipts/sandbox-{channel}/{RECEIPTS_SECRET}"

        accounts = {sender.id: sender.account_id for sender in of("whatsapp")}
        formats: list[WireFormat] = [
            WhatsAppWireFormat(
                TOKEN,
                {sender.id: sender.phone_number_id for sender in of("whatsapp")},
                lambda sender, name, language: template(accounts[sender], name, language),
                "sandbox-whatsapp",
                webhook_url("whatsapp"),
                APP_SECRET,
            ),
            *(
                PageWireFormat(
                    channel,
                    {sender.id: sender.token for sender in of(channel)},
                    f"sandbox-{channel}",
                    webhook_url(channel),
                    APP_SECRET,
                )
                for channel in _PAGES
            ),
            TelegramWireFormat(
                {
                    sender.id: Bot(sender.token, sender.route, sender.webhook_url(address))
                    for sender in of("telegram")
                },
                TOKEN,
            ),
            LineWireFormat(
                {
                    sender.id: LineChannel(sender.token, sender.route, sender.webhook_url(address))
                    for sender in of("line")
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

    def retry_keys(self) -> dict[str, dict[str, str]]:
        """The keys of accepted messages by channel, each with the message's token."""
        return {
            channel: dict(server.accepted_tokens)
            for channel, server in self._servers.items()
            if server.accepted_tokens
        }

    def restore_retry_keys(self, keys: Mapping[str, Mapping[str, str]]) -> None:
        """Takes over what `retry_keys` returned."""
        for channel, tokens in keys.items():
            if channel in self._servers:
                self._servers[channel].accepted_tokens.update(tokens)

    def loopbacks(self) -> dict[str, Loopback]:
        """Where the server of each channel listens."""
        return {channel: server.loopback for channel, server in self._servers.items()}

    def url_of(self, channel: str) -> str:
        """The URL of a channel's server; valid after `start`."""
        return self._servers[channel].address
