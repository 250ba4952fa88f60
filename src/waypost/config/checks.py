"""Checks of the settings beyond their types: ranges, and references between sections."""

import re
from ipaddress import ip_address, ip_network

from waypost.api.limits import LONGEST_BODY, LONGEST_HEAD
from waypost.config.settings import Settings, SettingsError
from waypost.model.channels import CHANNELS
from waypost.model.fallback.chain import step_error, unread_error
from waypost.model.message.sms_limits import unknown_countries
from waypost.outbound.proxy import proxy_error

_LONGEST_RETENTION_DAYS = 36_500
_LONGEST_DELAY_S = 2_592_000
_MOST_DELAYS = 1000
# Names are parts of URLs and of lanes.
_NAME = re.compile(r"[A-Za-z0-9._~@-]{1,64}")


def check_settings(settings: Settings) -> None:
    """Checks ranges and references.

    Raises:
        SettingsError: a value is not allowed; the message has the key, the value and what is allowed.
    """
    bounds = (
        ("server.port", settings.server.port, 0, 65535),
        ("server.stop_timeout", settings.server.stop_timeout, 0, 3600),
        ("server.max_webhook", settings.server.max_webhook, 1024, 16_777_216),
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
        ("sms.per_recipient", settings.sms.per_recipient, 0, 1_000_000_000),
        ("sms.per_prefix", settings.sms.per_prefix, 0, 1_000_000_000),
        ("sms.max_segments", settings.sms.max_segments, 1, 255),
        ("sms.per_account", settings.sms.per_account, 0, 1_000_000_000),
        ("callbacks.timeout", settings.callbacks.timeout, 0.05, 60),
        ("callbacks.batch", settings.callbacks.batch, 1, 1000),
        ("callbacks.concurrency_per_url", settings.callbacks.concurrency_per_url, 1, 1000),
        ("queues.retention", settings.queues.retention, 60, 31_536_000),
        ("queues.visibility_timeout", settings.queues.visibility_timeout, 1, 43_200),
        ("queues.token_duration", settings.queues.token_duration, 900, 43_200),
        *(
            (f"retention.{name}", getattr(settings.retention, name), 0, _LONGEST_RETENTION_DAYS)
            for name in settings.retention.__struct_fields__
        ),
    )
    for key, value, low, high in bounds:
        if not low <= value <= high:
            raise SettingsError(f"{key} is {value}; allowed is {low} to {high}")
    if unknown := unknown_countries(settings.sms.countries):
        raise SettingsError(
            f"sms.countries has {unknown[0]!r}; a code of ISO 3166 in capitals is needed, like DE"
        )
    for nameserver in settings.outbound.nameservers:
        if not _is_address(nameserver):
            raise SettingsError(
                f"outbound.nameservers has {nameserver!r}; an address is needed, with a port or without"
            )
    for key, schedule in (
        ("delivery.retry_schedule", settings.delivery.retry_schedule),
        ("delivery.unmatched_receipt_schedule", settings.delivery.unmatched_receipt_schedule),
        ("callbacks.retry_schedule", settings.callbacks.retry_schedule),
    ):
        for delay in schedule:
            if not 0 <= delay <= _LONGEST_DELAY_S:
                raise SettingsError(f"{key} has {delay}; allowed is 0 to {_LONGEST_DELAY_S}")
        if len(schedule) > _MOST_DELAYS:
            raise SettingsError(f"{key} has {len(schedule)} delays; allowed are {_MOST_DELAYS}")
    for account_id, account in settings.accounts.items():
        if account.limit is not None and not 0 <= account.limit <= 1_000_000:
            raise SettingsError(f"accounts.{account_id}.limit is {account.limit}; allowed is 0 to 1000000")
    for network in settings.server.trusted_proxies:
        if not _is_network(network):
            raise SettingsError(
                f"server.trusted_proxies: {network!r} is no network; write one as 10.0.0.0/8 or 127.0.0.1/32"
            )
    if error := proxy_error(settings.callbacks.proxy, "https://192.0.2.1"):
        raise SettingsError(f"callbacks.proxy is not allowed: {error}")
    for section, names in (("routes", settings.routes), ("accounts", settings.accounts)):
        for name in names:
            if not _NAME.fullmatch(name):
                raise SettingsError(
                    f"{section}.{name[:80]!r}: a name has 1 to 64 letters, digits and any of . _ ~ @ -"
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
            before = ""
            for rule in fallback.rules:
                if (rule.channel, rule.sender) not in account_senders:
                    raise SettingsError(
                        f"accounts.{account_id}.fallbacks: {fallback.id} names the {rule.channel} sender "
                        f"{rule.sender!r}, which the account does not have"
                    )
                error = step_error(rule.condition, rule.wait)
                if before and not error:
                    error = unread_error(rule.condition, before)
                if error:
                    raise SettingsError(f"accounts.{account_id}.fallbacks: {fallback.id}: {error}")
                before = rule.channel


def _is_address(text: str) -> bool:
    """Whether a text is `192.0.2.53`, `192.0.2.53:5353`, `2001:db8::53` or `[2001:db8::53]:5353`."""
    address, port = text, "53"
    if text.startswith("[") or text.count(":") == 1:
        address, _, port = text.rpartition(":")
        address = address.removeprefix("[").removesuffix("]")
    try:
        ip_address(address)
    except ValueError:
        return False
    return port.isascii() and port.isdecimal() and 0 < int(port) < 65536


def _is_network(text: str) -> bool:
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True
