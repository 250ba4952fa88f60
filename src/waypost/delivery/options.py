"""What can be set about sending and pushing: the sections [delivery] and [callbacks] of the settings."""

import msgspec


class DeliveryOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How legs are sent, tried again and given up; times in seconds.

    Attributes:
        concurrency: legs under way at the same time, of first legs and of fallback legs each.
        retry_schedule: waits before the second, third, ... attempt; the last one repeats.
        in_doubt_wait: in which a receipt may settle whether a provider has a leg.
        receipt_grace: beyond its time to live that a leg waits for a receipt.
        unmatched_receipt_schedule: after which a receipt that fits no leg is looked up again.
        sms_ttl: how long a leg of the fallback may take.
        promotion_after_opt_out: whether a promotion may follow a person who blocked the sender.
        stop_words, start_words: what takes a person off promotions, and back.
    """

    concurrency: int
    retry_schedule: tuple[float, ...]
    in_doubt_wait: float
    receipt_grace: float
    unmatched_receipt_schedule: tuple[float, ...]
    sms_ttl: int
    promotion_after_opt_out: bool
    stop_words: tuple[str, ...]
    start_words: tuple[str, ...]


class CallbackOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How callbacks are pushed; times in seconds.

    Attributes:
        timeout: for a customer's URL to answer.
        retry_schedule: waits before the second, third, ... push; after the last it is a dead letter.
        batch: objects in one push at most.
        concurrency_per_url: pushes to one URL at the same time.
        allow_private: whether a URL set by call may lead to an address that is not public.
    """

    timeout: float
    retry_schedule: tuple[float, ...]
    batch: int
    concurrency_per_url: int
    allow_private: bool
