"""The bodies of the journal's rows: what each stage is asked to do."""

from enum import Enum

import msgspec

from waypost.model.message.outcomes import Inbound, Receipt


class TimerKind(Enum):
    """What a timer is for."""

    FALLBACK = "fallback"
    EXPIRY = "expiry"


class DispatchWork(msgspec.Struct, frozen=True, omit_defaults=True):
    """Hand leg `leg` of the row's message to its provider."""

    leg: int = 0


class TimerWork(msgspec.Struct, frozen=True):
    """Look at leg `leg` of the row's message, because its time has come."""

    kind: TimerKind
    leg: int


class ReceiptWork(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something a provider told us: exactly one of the two."""

    receipt: Receipt | None = None
    inbound: Inbound | None = None


def encode(work: DispatchWork | TimerWork | ReceiptWork) -> str:
    """The journal's JSON text of a body."""
    return msgspec.json.encode(work).decode()


decode_dispatch = msgspec.json.Decoder(DispatchWork).decode
decode_timer = msgspec.json.Decoder(TimerWork).decode
decode_receipt = msgspec.json.Decoder(ReceiptWork).decode
