"""What an operator can set for a route: where its provider is, with which credentials."""

import msgspec


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of the settings; a key it does not have is a fault."""


class ViberRoute(Section, frozen=True, kw_only=True, tag="viber", tag_field="kind"):
    """[routes.<name>] with kind = "viber"."""

    url: str
    secret: str
    headers: dict[str, str] = {}
    timeout: float = 10.0


class KannelRoute(Section, frozen=True, kw_only=True, tag="kannel", tag_field="kind"):
    """[routes.<name>] with kind = "kannel"."""

    url: str
    username: str
    password: str
    secret: str
    timeout: float = 10.0


class WhatsAppRoute(Section, frozen=True, kw_only=True, tag="whatsapp", tag_field="kind"):
    """[routes.<name>] with kind = "whatsapp"."""

    url: str = "https://graph.facebook.com/v23.0"
    token: str
    numbers: dict[str, str]
    app_secret: str
    verify_token: str
    secret: str
    timeout: float = 10.0


class MessengerRoute(Section, frozen=True, kw_only=True, tag="messenger", tag_field="kind"):
    """[routes.<name>] with kind = "messenger"."""

    url: str = "https://graph.facebook.com/v23.0"
    tokens: dict[str, str]
    app_secret: str
    verify_token: str
    template_tag: str = ""
    secret: str
    timeout: float = 10.0


class InstagramRoute(Section, frozen=True, kw_only=True, tag="instagram", tag_field="kind"):
    """[routes.<name>] with kind = "instagram"."""

    url: str = "https://graph.facebook.com/v23.0"
    tokens: dict[str, str]
    app_secret: str
    verify_token: str
    template_tag: str = ""
    accepted_is_delivered: bool = True
    secret: str
    timeout: float = 10.0


class TelegramRoute(Section, frozen=True, kw_only=True, tag="telegram", tag_field="kind"):
    """[routes.<name>] with kind = "telegram"."""

    url: str = "https://api.telegram.org"
    token: str
    secret_token: str
    accepted_is_delivered: bool = True
    secret: str
    timeout: float = 10.0


class LineRoute(Section, frozen=True, kw_only=True, tag="line", tag_field="kind"):
    """[routes.<name>] with kind = "line"."""

    url: str = "https://api.line.me"
    token: str
    channel_secret: str
    accepted_is_delivered: bool = True
    secret: str
    timeout: float = 10.0


RouteSettings = (
    ViberRoute | KannelRoute | WhatsAppRoute | MessengerRoute | InstagramRoute | TelegramRoute | LineRoute
)
