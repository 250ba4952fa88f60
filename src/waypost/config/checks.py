"""Checks of the settings beyond their types: ranges, and references between sections."""

from ipaddress import ip_network

from waypost.api.limits import LONGEST_BODY, LONGEST_HEAD
from waypost.config.settings import Settings, SettingsError
from waypost.model.channels import CHANNELS
from waypost.model.fallback.chain import step_error


def check_settings(settings: Settings) -> None:
    """Checks ranges and references.

    Raises:
        SettingsError: a value is not allowed; the message has the key, the value and what is allowed.
    """
    bounds = (
        ("server.port", settings.server.port, 0, 65535),
        ("server.stop_timeout", settings.server.stop_timeout, 0, 3600),
        ("store.min_free", settings.store.min_free, 0, 1_000_000_000),
        ("server.max_head", settings.server.max_head, 4096, LONGEST_HEAD),
        ("server.max_headers", settings.server.max_headers, 20, 10_000),
        ("server.max_body", settings.server.max_body, 4096, LONGEST_BODY),
        ("server.max_large_body", settings.server.max_large_body, 4096, 64 * 1024 * 1024),
        ("server.head_timeout", settings.server.head_timeout, 0.1, 3600),
        ("server.body_timeout", settings.server.body_timeout, 0.1, 3600),
        ("server.min_rate", settings.server.min_rate, 0, 1_000_000_000),
        ("server.idle_timeout", settings.server.idle_timeout, 0.1, 86_400),
        ("server.max_connections", settings.server.max_connections, 1, 1_000_000),
        ("server.max_connections_per_address", settings.server.max_connections_per_address, 1, 1_000_000),
        ("server.max_unfinished_bytes", settings.server.max_unfinished_bytes, 1_000_000, 1 << 40),
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
    for network in settings.server.trusted_proxies:
        if not _is_network(network):
            raise SettingsError(
                f"server.trusted_proxies: {network!r} is no network; write one as 10.0.0.0/8 or 127.0.0.1/32"
            )
    if not settings.delivery.retry_schedule:
        raise SettingsError("delivery.retry_schedule is empty; give at least one number of seconds")
    for channel in settings.delivery.resend_in_doubt:
        if channel not in CHANNELS:
            raise SettingsError(
                f"delivery.resend_in_doubt names {channel!r}; the channels are: {', '.join(CHANNELS)}"
            )
    if settings.viber.automatic_route not in ("", *settings.routes):
        raise SettingsError(f"viber.automatic_route is {settings.viber.automatic_route!r}, which is no route")
    for account_id, account in settings.accounts.items():
        for sender in account.senders:
            if sender.route not in settings.routes:
                routes = ", ".join(sorted(settings.routes)) or "none"
                raise SettingsError(
                    f"accounts.{account_id}.senders: sender {sender.id} names the route {sender.route!r}; "
                    f"the routes are: {routes}"
                )
        account_senders = {(sender.channel, sender.id) for sender in account.senders}
        for fallback in account.fallbacks:
            for rule in fallback.rules:
                if (rule.channel, rule.sender) not in account_senders:
                    raise SettingsError(
                        f"accounts.{account_id}.fallbacks: {fallback.id} names the {rule.channel} sender "
                        f"{rule.sender!r}, which the account does not have"
                    )
                if error := step_error(rule.condition, rule.wait):
                    raise SettingsError(f"accounts.{account_id}.fallbacks: {fallback.id}: {error}")


def _is_network(text: str) -> bool:
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True
