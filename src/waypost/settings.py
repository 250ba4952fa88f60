"""What an operator can set. `waypost.default.toml` is the manual: every key, its default, unit, consequence."""

import msgspec


class DeliverySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[delivery]"""

    concurrency: int
    retry_schedule: tuple[float, ...]
    in_doubt_wait: float
    receipt_grace: float
    unmatched_receipt_schedule: tuple[float, ...]
    sms_ttl: int
    promotion_after_opt_out: bool


class CallbackSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[callbacks]"""

    timeout: float
    retry_schedule: tuple[float, ...]
    batch: int
    concurrency_per_url: int
