"""The simulated chat providers beside Viber: their senders, routes and servers, fixed and documented."""

from waypost.sandbox.chat_server import ChatServer, Form
from waypost.sandbox.whatsapp_form import WhatsAppForm
from waypost.sandbox.world import World
from waypost.settings import RouteSettings, SenderSettings, WhatsAppRoute

# The providers' end of the receipt addresses: they are on loopback, where it keeps nobody out.
RECEIPTS_SECRET = "sandbox"
TOKEN = "sandbox-token"
APP_SECRET = "sandbox-app-secret"

WHATSAPP_ROUTE = "sandbox-whatsapp"
WHATSAPP_TEMPLATE = "sandbox_welcome_whatsapp"
# Account to sender; each sender to its phone number id.
WHATSAPP_SENDERS = {"1": "15550100001", "2": "15550100002"}
WHATSAPP_NUMBERS = {"15550100001": "100001", "15550100002": "100002"}


def senders(account: str) -> tuple[SenderSettings, ...]:
    """The senders of an account."""
    return (SenderSettings(channel="whatsapp", id=WHATSAPP_SENDERS[account], route=WHATSAPP_ROUTE),)


class ChatProviders:
    """The servers.

    Args:
        address: `http://host:port` of the service that webhooks go to.
        templates: the text of each language of the WhatsApp template.
    """

    def __init__(self, world: World, address: str, templates: dict[str, str]) -> None:
        forms: list[Form] = [
            WhatsAppForm(
                TOKEN,
                WHATSAPP_NUMBERS,
                {(WHATSAPP_TEMPLATE, language): text for language, text in templates.items()},
                WHATSAPP_ROUTE,
                _receipts(address, WHATSAPP_ROUTE),
                APP_SECRET,
            ),
        ]
        self._servers = {form.channel: ChatServer(world, form) for form in forms}

    async def start(self) -> None:
        """Begins to listen on free ports."""
        for server in self._servers.values():
            await server.start()

    async def close(self) -> None:
        """Stops listening."""
        for server in self._servers.values():
            await server.close()

    def routes(self) -> dict[str, RouteSettings]:
        """The routes to them, once started."""
        return {
            WHATSAPP_ROUTE: WhatsAppRoute(
                url=self._servers["whatsapp"].address,
                token=TOKEN,
                numbers=WHATSAPP_NUMBERS,
                app_secret=APP_SECRET,
                verify_token=TOKEN,
                secret=RECEIPTS_SECRET,
            ),
        }


def _receipts(address: str, route: str) -> str:
    return f"{address}/receipts/{route}/{RECEIPTS_SECRET}"
