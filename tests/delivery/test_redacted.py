"""What a provider reports late about a message whose content was removed leads to nothing that is sent."""

import msgspec
import pytest

from tests.delivery.stages import DEFAULTS, Stages
from tests.model.messages import fallback
from waypost.messaging.erasure import erase_person
from waypost.messaging.person_key import use_person_key
from waypost.model.message.leg import LegState
from waypost.model.message.message import Message
from waypost.model.message.outcomes import ReceiptKind
from waypost.storage.secrets import SecretBox

TTL, GRACE = 120, DEFAULTS.delivery.receipt_grace
NUMBER = "380501112233"


async def erase(stages: Stages) -> int:
    await use_person_key(stages.store, SecretBox(b"k" * 32))
    return (await erase_person(stages.store, NUMBER, None)).messages


async def erased(stages: Stages) -> Message:
    """A message that expired, with a fallback that its failure would start, of a person who was erased."""
    sent = await stages.send(fallback=fallback(None))
    await stages.pass_time(TTL + GRACE)
    assert await stages.states(sent) == [LegState.EXPIRED]
    assert await erase(stages) == 1
    return sent


@pytest.mark.parametrize("restarted", [False, True])
@pytest.mark.parametrize("by_reference", [False, True])
async def test_a_late_failure_starts_no_fallback(stages: Stages, by_reference: bool, restarted: bool) -> None:
    sent = await erased(stages)
    if restarted:
        await stages.restart()
    [taken] = stages.viber.taken
    receipt = stages.receipt_of(taken, ReceiptKind.FAILED)
    if by_reference:
        receipt = msgspec.structs.replace(receipt, reference=taken.submission.reference)
    await stages.hear(receipt)
    await stages.pass_time(3600)
    assert stages.sms.taken == []
    [leg] = await stages.legs(sent)
    assert leg.recipient == "", "the decision was not made on the message as memory had it"
    assert all(NUMBER not in str(body) for body in await stages.callback_bodies(sent))
    assert await stages.journal_rows() == 0


async def test_a_late_failure_of_a_message_that_is_not_redacted_does(stages: Stages) -> None:
    await stages.send(fallback=fallback(None))
    await stages.pass_time(TTL + GRACE)
    await stages.receipt(stages.viber.taken[0], ReceiptKind.FAILED)
    assert len(stages.sms.taken) == 1
