"""What goes wrong on demand with a submission to a simulated provider, and with receipts of its messages."""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

import msgspec
from aiohttp import web

from waypost.sandbox.disruptions import Disruptions
from waypost.sandbox.sandbox_store import ScheduledCallback


class DisruptedSubmission(NamedTuple):
    """What happens to a submission.

    Attributes:
        response: what it is answered with instead; None if the provider takes it.
        loses_answer: whether the provider takes it, and its answer is lost.
    """

    response: web.Response | None = None
    loses_answer: bool = False


async def disrupted(
    disruptions: Disruptions,
    request: web.Request,
    channel: str,
    sender: str,
    recipient: str,
    busy: web.Response,
) -> DisruptedSubmission:
    """What happens to a submission, once it has been as slow as it is to be.

    Args:
        busy: the provider's own answer while it is busy.
    """
    response, loses_answer = None, False
    for disruption in disruptions.next_of_submission(channel, sender, recipient):
        match disruption.kind:
            case "slow":
                await asyncio.sleep(disruption.seconds)
            case "busy":
                response = busy
            case "error":
                response = web.Response(status=disruption.status, text="The sandbox was to answer this.")
            case "drop":
                response = cut_off(request)
            case "lose_answer":
                loses_answer = True
    return DisruptedSubmission(response, loses_answer)


def cut_off(request: web.Request) -> web.Response:
    """Closes the connection of a request; the response goes nowhere."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def disrupted_receipts(
    disruptions: Disruptions,
    channel: str,
    sender: str,
    recipient: str,
    receipts: Sequence[ScheduledCallback],
) -> list[ScheduledCallback]:
    """The receipts of a message as they are sent: lost, doubled, late or out of order on demand."""
    disruption = disruptions.next_of_receipts(channel, sender, recipient) if receipts else None
    if disruption is None:
        return list(receipts)
    replace = msgspec.structs.replace
    match disruption.kind:
        case "receipts_lost":
            return []
        case "receipts_doubled":
            return [receipt for receipt in receipts for _ in range(2)]
        case "receipts_late":
            late_ms = int(disruption.seconds * 1000)
            return [replace(receipt, due=receipt.due + late_ms) for receipt in receipts]
        case _:
            # All at the time of the last one, which is sent first.
            last = max(receipt.due for receipt in receipts)
            return [replace(receipt, due=last) for receipt in reversed(receipts)]
