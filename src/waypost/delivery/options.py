"""The options of delivery: the sections [delivery] and [callbacks] of the settings."""

import msgspec


class DeliveryOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How legs are submitted, retried and given up; times in seconds.

    Attributes:
        concurrency: the number of concurrent requests of one route; three quarters of them of one account.
        promotion_share: the share of promotions of what starts while transactions take all of a route.
        breaker_threshold: the share of failed requests from which a route rests; 0: none does.
        breaker_window: how long the outcome of a request counts for that.
        breaker_least: the least number of outcomes that count for it.
        breaker_probes: the delays before the first, second, ... probe of a route that rests.
        retry_schedule: the delays before the second, third, ... attempt; the last one repeats.
        in_doubt_wait: how long to wait for a receipt of an unanswered attempt before it is repeated.
        resend_in_doubt: the channels on which an unanswered attempt of a transaction is repeated, once.
        no_route_wait: how long a transaction waits while none of its routes may be used, before it falls
            back.
        receipt_grace: how long to wait for a receipt after a leg's time to live.
        unmatched_receipt_schedule: the delays before a receipt that matches no leg is matched again.
        sms_ttl: the time to live of a fallback leg.
        promotion_after_opt_out: whether a promotion falls back if the recipient has blocked the sender.
        stop_words, start_words: the words by which a user opts out of promotions, and in again.
    """

    concurrency: int
    promotion_share: float
    breaker_threshold: float
    breaker_window: float
    breaker_least: int
    breaker_probes: tuple[float, ...]
    retry_schedule: tuple[float, ...]
    in_doubt_wait: float
    resend_in_doubt: tuple[str, ...]
    no_route_wait: float
    receipt_grace: float
    unmatched_receipt_schedule: tuple[float, ...]
    sms_ttl: int
    promotion_after_opt_out: bool
    stop_words: tuple[str, ...]
    start_words: tuple[str, ...]


class CallbackOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How callbacks are pushed; times in seconds.

    Attributes:
        timeout: the timeout of a push.
        retry_schedule: the delays before the second, third, ... push; after the last it is a dead letter.
        batch: the maximum number of objects in a push.
        concurrency_per_url: the number of concurrent pushes to one host.
        allow_private: whether a URL that was set by an API call may lead to a private address.
        proxy: the egress proxy of pushes: its URL, empty for none, or `environment`.
    """

    timeout: float
    retry_schedule: tuple[float, ...]
    batch: int
    concurrency_per_url: int
    allow_private: bool
    proxy: str = ""
