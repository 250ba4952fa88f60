"""What an operator can set. `waypost.default.toml` is the manual: every key, its default, its unit."""

from typing import Any, Literal

import msgspec

from waypost.connectors.contract import RouteSettings
from waypost.delivery.options import CallbackOptions, DeliveryOptions
from waypost.model.fallback.chain import StepCondition
from waypost.model.identifiers import AccountId, SpaceId


class SettingsError(Exception):
    """The settings cannot be used; the message says which key and what to change."""


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of the settings; a key it does not have is refused."""


class ServerSettings(Section, frozen=True, kw_only=True):
    """[server]"""

    host: str
    port: int
    public_url: str
    stop_timeout: float


class StoreSettings(Section, frozen=True, kw_only=True):
    """[store]"""

    data: str
    key_file: str


class LimitSettings(Section, frozen=True, kw_only=True):
    """[limits]"""

    calls_per_second: int
    failed_signatures_per_second: int


class ViberSettings(Section, frozen=True, kw_only=True):
    """[viber]"""

    default_ttl: int
    automatic_route: str


class TemplateReviewSettings(Section, frozen=True, kw_only=True):
    """[templates]"""

    review: Literal["automatic", "manual"]
    check_header_url: bool
    private_header_urls: bool


class QueueSettings(Section, frozen=True, kw_only=True):
    """[queues]"""

    retention: int
    visibility_timeout: int


class LogSettings(Section, frozen=True, kw_only=True):
    """[log]"""

    level: Literal["debug", "info", "warning", "error"]
    format: Literal["console", "json"]


class SenderSettings(Section, frozen=True, kw_only=True):
    """[[accounts.<id>.senders]]"""

    channel: str
    id: str
    route: str
    status_url: str | None = None
    inbound_url: str | None = None
    callback_secret: str | None = None


class RuleSettings(Section, frozen=True, kw_only=True):
    """A rule of [[accounts.<id>.fallbacks]]"""

    name: str
    channel: str
    sender: str
    wait: int | None = None
    condition: StepCondition = StepCondition.UNDELIVERED


class FallbackSettings(Section, frozen=True, kw_only=True):
    """[[accounts.<id>.fallbacks]]"""

    id: str
    name: str = ""
    rules: tuple[RuleSettings, ...]


class TemplateSettings(Section, frozen=True, kw_only=True):
    """[[accounts.<id>.templates]]"""

    code: str
    name: str
    language: str
    channel: str
    message_type: str
    content: dict[str, Any]


class UserSettings(Section, frozen=True, kw_only=True):
    """[accounts.<id>.users.<id>]"""

    policies: dict[str, dict[str, Any]] = {}


class AccountSettings(Section, frozen=True, kw_only=True):
    """[accounts.<id>]"""

    name: str = ""
    subscribed: bool = True
    sms_fallback: bool = True
    limit: int | None = None
    status_url: str = ""
    inbound_url: str = ""
    callback_secret: str = ""
    spaces: tuple[SpaceId, ...] = ()
    senders: tuple[SenderSettings, ...] = ()
    fallbacks: tuple[FallbackSettings, ...] = ()
    templates: tuple[TemplateSettings, ...] = ()
    users: dict[str, UserSettings] = {}


class Settings(Section, frozen=True, kw_only=True):
    """Every setting of the service; `routes` by their names."""

    server: ServerSettings
    store: StoreSettings
    limits: LimitSettings
    viber: ViberSettings
    templates: TemplateReviewSettings
    delivery: DeliveryOptions
    callbacks: CallbackOptions
    queues: QueueSettings
    log: LogSettings
    routes: dict[str, RouteSettings]
    accounts: dict[AccountId, AccountSettings]
