"""What an operator can set. `waypost.default.toml` is the manual: every key, its default, its unit."""

import os
import re
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import msgspec

from waypost.config.route_settings import RouteSettings, Section
from waypost.model.fallback.chain import StepCondition, step_error

_PREFIX = "WAYPOST_"
_FROM_ENVIRONMENT = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


class SettingsError(Exception):
    """The settings cannot be used; the message says which key and what to change."""


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


class DeliverySettings(Section, frozen=True, kw_only=True):
    """[delivery]"""

    concurrency: int
    retry_schedule: tuple[float, ...]
    in_doubt_wait: float
    receipt_grace: float
    unmatched_receipt_schedule: tuple[float, ...]
    sms_ttl: int
    promotion_after_opt_out: bool
    stop_words: tuple[str, ...]
    start_words: tuple[str, ...]


class CallbackSettings(Section, frozen=True, kw_only=True):
    """[callbacks]"""

    timeout: float
    retry_schedule: tuple[float, ...]
    batch: int
    concurrency_per_url: int
    allow_private: bool


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
    spaces: tuple[str, ...] = ()
    senders: tuple[SenderSettings, ...] = ()
    fallbacks: tuple[FallbackSettings, ...] = ()
    templates: tuple[TemplateSettings, ...] = ()
    users: dict[str, UserSettings] = {}


class Settings(Section, frozen=True, kw_only=True):
    """All of it."""

    server: ServerSettings
    store: StoreSettings
    limits: LimitSettings
    viber: ViberSettings
    templates: TemplateReviewSettings
    delivery: DeliverySettings
    callbacks: CallbackSettings
    queues: QueueSettings
    log: LogSettings
    routes: dict[str, RouteSettings]
    accounts: dict[str, AccountSettings]


def load(path: Path | None, environment: Mapping[str, str] = os.environ) -> Settings:
    """The defaults, the file at `path` over them, and the environment over both.

    Raises:
        SettingsError: a file that cannot be read, an unknown key, a value of the wrong kind or out of range.
    """
    layered = _toml(files("waypost.config").joinpath("waypost.default.toml").read_text(), "the defaults")
    if path is not None:
        try:
            text = path.read_text()
        except OSError as error:
            raise SettingsError(f"{path}: cannot be read: {error.strerror}") from None
        layered = _merged(layered, _toml(text, str(path)))
    for name, value in environment.items():
        if name.startswith(_PREFIX) and "__" in name:
            layered = _merged(layered, _from_environment(name, value))
    try:
        settings = msgspec.convert(_filled_in(layered, environment, ""), Settings, strict=False)
    except msgspec.ValidationError as error:
        raise SettingsError(f"{path or 'environment'}: {error}") from None
    _check(settings)
    return settings


def _toml(text: str, origin: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{origin}: not TOML: {error}") from None


def _merged(lower: dict[str, Any], upper: dict[str, Any]) -> dict[str, Any]:
    merged = dict(lower)
    for key, value in upper.items():
        below = merged.get(key)
        merged[key] = _merged(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged


def _from_environment(name: str, value: str) -> dict[str, Any]:
    """`WAYPOST_SERVER__PORT=9000` as {"server": {"port": 9000}}; a list is written as in TOML."""
    *sections, key = name.removeprefix(_PREFIX).lower().split("__")
    setting: Any = value
    if value.startswith(("[", "{")):
        setting = _toml(f"value = {value}", name)["value"]
    nested: dict[str, Any] = {key: setting}
    for section in reversed(sections):
        nested = {section: nested}
    return nested


def _filled_in(value: Any, environment: Mapping[str, str], where: str) -> Any:
    """Replaces ${NAME} in strings by environment variables."""

    def variable(match: re.Match[str]) -> str:
        if match[1] not in environment:
            raise SettingsError(f"{where}: the environment variable {match[1]} is not set")
        return environment[match[1]]

    match value:
        case dict():
            return {
                key: _filled_in(inner, environment, f"{where}.{key}".lstrip("."))
                for key, inner in value.items()
            }
        case list():
            return [_filled_in(inner, environment, where) for inner in value]
        case str():
            return _FROM_ENVIRONMENT.sub(variable, value)
        case _:
            return value


def _check(settings: Settings) -> None:
    """What types alone cannot say.

    Raises:
        SettingsError: naming the key, the value and what is allowed.
    """
    bounds = (
        ("server.port", settings.server.port, 0, 65535),
        ("server.stop_timeout", settings.server.stop_timeout, 0, 3600),
        ("limits.calls_per_second", settings.limits.calls_per_second, 0, 1_000_000),
        ("limits.failed_signatures_per_second", settings.limits.failed_signatures_per_second, 1, 1_000_000),
        ("viber.default_ttl", settings.viber.default_ttl, 30, 1_209_600),
        ("delivery.concurrency", settings.delivery.concurrency, 1, 10_000),
        ("delivery.in_doubt_wait", settings.delivery.in_doubt_wait, 0, 86_400),
        ("delivery.receipt_grace", settings.delivery.receipt_grace, 0, 1_209_600),
        ("delivery.sms_ttl", settings.delivery.sms_ttl, 60, 1_209_600),
        ("callbacks.timeout", settings.callbacks.timeout, 0.05, 60),
        ("callbacks.batch", settings.callbacks.batch, 1, 1000),
        ("callbacks.concurrency_per_url", settings.callbacks.concurrency_per_url, 1, 1000),
        ("queues.retention", settings.queues.retention, 60, 31_536_000),
        ("queues.visibility_timeout", settings.queues.visibility_timeout, 1, 43_200),
    )
    for key, value, low, high in bounds:
        if not low <= value <= high:
            raise SettingsError(f"{key} is {value}; allowed is {low} to {high}")
    if not settings.delivery.retry_schedule:
        raise SettingsError("delivery.retry_schedule is empty; give at least one number of seconds")
    if settings.viber.automatic_route not in ("", *settings.routes):
        raise SettingsError(f"viber.automatic_route is {settings.viber.automatic_route!r}, which is no route")
    for account_id, account in settings.accounts.items():
        for sender in account.senders:
            if sender.route not in settings.routes:
                known = ", ".join(sorted(settings.routes)) or "none"
                raise SettingsError(
                    f"accounts.{account_id}.senders: sender {sender.id} names the route {sender.route!r}; "
                    f"the routes are: {known}"
                )
        own = {(sender.channel, sender.id) for sender in account.senders}
        for fallback in account.fallbacks:
            for rule in fallback.rules:
                if (rule.channel, rule.sender) not in own:
                    raise SettingsError(
                        f"accounts.{account_id}.fallbacks: {fallback.id} names the {rule.channel} sender "
                        f"{rule.sender!r}, which the account does not have"
                    )
                if fault := step_error(rule.condition, rule.wait):
                    raise SettingsError(f"accounts.{account_id}.fallbacks: {fallback.id}: {fault}")
