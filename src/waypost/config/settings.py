"""The types of the settings. `waypost.default.toml` documents every key, with its default and unit."""

from typing import Any, Literal

import msgspec

from waypost.connectors.contract import RouteSettings
from waypost.delivery.options import CallbackOptions, DeliveryOptions
from waypost.model.fallback.chain import StepCondition
from waypost.model.identifiers import AccountId, SpaceId
from waypost.model.message.sms_limits import SmsLimits
from waypost.model.retention import RetentionAges


class SettingsError(Exception):
    """The settings are invalid; the message has a line for each mistake, with the key and the remedy.

    Args:
        sentences: one a mistake.
    """

    def __init__(self, *sentences: str) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A section of the settings; unknown keys are refused."""


class ServerSettings(Section, frozen=True, kw_only=True):
    """[server]: the address of the service, how it stops, and what clients may take of it."""

    host: str
    port: int
    public_url: str
    certificate: str
    certificate_key: str
    stop_timeout: float
    status_token: str
    explorer: bool
    max_webhook: int
    max_head: int
    max_headers: int
    max_body: int
    max_large_body: int
    head_timeout: float
    body_timeout: float
    min_rate: int
    idle_timeout: float
    max_connections: int
    max_connections_per_address: int
    max_unfinished_bytes: int
    trusted_proxies: tuple[str, ...]


class StoreSettings(Section, frozen=True, kw_only=True):
    """[store]: the data folder, and the file of the key that encrypts secrets."""

    data: str
    key_file: str
    min_free: int


class LimitSettings(Section, frozen=True, kw_only=True):
    """[limits]: how many calls a second are accepted."""

    calls_per_second: int
    failed_signatures_per_second: int


class CallSettings(Section, frozen=True, kw_only=True):
    """[calls]: how many calls are kept on record."""

    per_account: int
    unauthenticated: int


class ViberSettings(Section, frozen=True, kw_only=True):
    """[viber]: the default time to live, and the review of Viber sender requests."""

    default_ttl: int
    automatic_route: str


class TemplateReviewSettings(Section, frozen=True, kw_only=True):
    """[templates]: how new templates are reviewed."""

    review: Literal["automatic", "manual"]
    check_header_url: bool
    private_header_urls: bool


class OutboundSettings(Section, frozen=True, kw_only=True):
    """[outbound]: requests to URLs that customers chose."""

    nameservers: tuple[str, ...]


class QueueSettings(Section, frozen=True, kw_only=True):
    """[queues]: how long messages are kept, and hidden after a receive; how long tokens last."""

    retention: int
    visibility_timeout: int
    token_duration: int


class LogSettings(Section, frozen=True, kw_only=True):
    """[log]: the level and the format of the log."""

    level: Literal["debug", "info", "warning", "error"]
    format: Literal["console", "json"]


class MetricsSettings(Section, frozen=True, kw_only=True):
    """[metrics]: the groups of accounts that are counted together."""

    groups: dict[str, tuple[AccountId, ...]]


class RouteChoiceSettings(Section, frozen=True, kw_only=True):
    """[[accounts.<id>.senders.routes]]: one of several routes of a sender, and what it is for."""

    route: str
    label: str = ""
    prefixes: tuple[str, ...] = ()


class SenderSettings(Section, frozen=True, kw_only=True):
    """[[accounts.<id>.senders]]: a sender of an account, its routes and, if they differ, callback URLs."""

    channel: str
    id: str
    route: str = ""
    routes: tuple[RouteChoiceSettings, ...] = ()
    status_url: str | None = None
    inbound_url: str | None = None
    callback_secret: str | None = None


class RuleSettings(Section, frozen=True, kw_only=True):
    """[[accounts.<id>.fallbacks.rules]]: a step of a fallback policy."""

    name: str
    channel: str
    sender: str
    wait: int | None = None
    condition: StepCondition = StepCondition.UNDELIVERED


class FallbackSettings(Section, frozen=True, kw_only=True):
    """[[accounts.<id>.fallbacks]]: a fallback policy of an account."""

    id: str
    name: str = ""
    rules: tuple[RuleSettings, ...]


class TemplateSettings(Section, frozen=True, kw_only=True):
    """[[accounts.<id>.templates]]: an approved template of an account, in one language."""

    code: str
    name: str
    language: str
    channel: str
    message_type: str
    content: dict[str, Any]


class UserSettings(Section, frozen=True, kw_only=True):
    """[accounts.<id>.users.<id>]: a user of an account, with access policies."""

    policies: dict[str, dict[str, Any]] = {}


class KeySettings(Section, frozen=True, kw_only=True):
    """[[accounts.<id>.keys]]: an access key of one's own, which a sandbox begins with."""

    id: str
    secret: str
    user: str = ""


class AccountSettings(Section, frozen=True, kw_only=True):
    """[accounts.<id>]: an account, its limits, its callback URLs, and all that belongs to it."""

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
    keys: tuple[KeySettings, ...] = ()


class Settings(Section, frozen=True, kw_only=True):
    """All settings of the service; `routes` and `accounts` by name."""

    server: ServerSettings
    store: StoreSettings
    limits: LimitSettings
    calls: CallSettings
    viber: ViberSettings
    templates: TemplateReviewSettings
    delivery: DeliveryOptions
    sms: SmsLimits
    callbacks: CallbackOptions
    outbound: OutboundSettings
    queues: QueueSettings
    retention: RetentionAges
    log: LogSettings
    metrics: MetricsSettings
    routes: dict[str, RouteSettings]
    accounts: dict[AccountId, AccountSettings]
