"""The situations that a sandbox can begin in, by name: what goes wrong in each, and who has opted out."""

from typing import NamedTuple

import msgspec

from waypost.model.message.suppression import OptOutReason, Suppression
from waypost.sandbox.disruptions import CallDisruption, Disruption, Disruptions, ProviderDisruption
from waypost.sandbox.phone_network import PhoneNetwork
from waypost.sandbox.seed import Seed
from waypost.storage.changes import Change, Suppress
from waypost.storage.contract import Store

_SEED = 1
_LATE_S = 600.0

STOPPED = "491511117701"
"""Who has answered STOP to every Viber sender, in `opt-outs`."""
BLOCKED = "491511117702"
"""Who has blocked every Viber sender, in `opt-outs`."""
_CHANNEL = "viber"


class NamedScenario(NamedTuple):
    """A situation.

    Attributes:
        summary: what it is, in a line.
        disruptions: what goes wrong in it.
        has_opt_outs: whether people have opted out.
    """

    summary: str
    disruptions: tuple[Disruption, ...] = ()
    has_opt_outs: bool = False


NAMED_SCENARIOS = {
    "outage": NamedScenario(
        "Viber refuses connections", (ProviderDisruption(kind="down", channel=_CHANNEL),)
    ),
    "busy": NamedScenario(
        "half of what Viber gets is answered busy, and every fifth call is throttled",
        (
            ProviderDisruption(kind="busy", channel=_CHANNEL, share=0.5, seed=_SEED),
            CallDisruption(kind="throttle", share=0.2, seed=_SEED),
        ),
    ),
    "opt-outs": NamedScenario(
        f"{STOPPED} has answered STOP, and {BLOCKED} has blocked the sender", has_opt_outs=True
    ),
    "late-receipts": NamedScenario(
        "receipts of Viber and of SMS come ten minutes late",
        (
            ProviderDisruption(kind="receipts_late", channel=_CHANNEL, seconds=_LATE_S),
            ProviderDisruption(kind="receipts_late", channel="sms", seconds=_LATE_S),
        ),
    ),
}


async def begin_scenario(
    name: str, disruptions: Disruptions, network: PhoneNetwork, store: Store, seed: Seed, now: int
) -> None:
    """Puts a sandbox that has just begun into a situation.

    Args:
        name: one of `NAMED_SCENARIOS`.
        now: milliseconds UTC.
    """
    scenario = NAMED_SCENARIOS[name]
    for disruption in scenario.disruptions:
        # Each sandbox uses up its own.
        disruptions.add(msgspec.structs.replace(disruption))
    if not scenario.has_opt_outs:
        return
    senders = [sender for sender in seed.senders if sender.channel == _CHANNEL]
    for sender in senders:
        network.set_blocked(_CHANNEL, BLOCKED, sender.id)
    entries = [
        Suppression(
            account_id=sender.account_id,
            channel=_CHANNEL,
            sender=sender.id,
            recipient=STOPPED,
            reason=OptOutReason.STOP_WORD,
            detail="STOP",
            at=now,
        )
        for sender in senders
    ]
    if entries:
        await store.apply([Change([Suppress(entry) for entry in entries])])
