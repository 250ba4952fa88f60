"""The bodies of the journal's rows: the work of each stage."""

import msgspec

from waypost.model.fast_enum import FastEnum
from waypost.model.message.outcomes import Inbound, Receipt


class TimerKind(FastEnum):
    """The purpose of a timer."""

    FALLBACK = "fallback"
    EXPIRY = "expiry"


class DispatchWork(msgspec.Struct, frozen=True, omit_defaults=True):
    """Submit leg `leg` of the row's message to its provider."""

    leg: int = 0


class TimerWork(msgspec.Struct, frozen=True):
    """Check leg `leg` of the row's message, whose timer is due."""

    kind: TimerKind
    leg: int


class ReceiptWork(msgspec.Struct, frozen=True, omit_defaults=True):
    """A receipt or an inbound message of a provider: exactly one of the two."""

    receipt: Receipt | None = None
    inbound: Inbound | None = None


def encode(work: DispatchWork | TimerWork | ReceiptWork) -> str:
    """The journal's JSON text of a body."""
    return msgspec.json.encode(work).decode()


decode_dispatch = msgspec.json.Decoder(DispatchWork).decode
decode_timer = msgspec.json.Decoder(TimerWork).decode
decode_receipt = msgspec.json.Decoder(ReceiptWork).decode
