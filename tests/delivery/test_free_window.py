"""A step of a fallback by a channel with a window for free messages reaches only who has written lately."""

import pytest

from tests.delivery.stages import Stages
from tests.model.messages import SMS
from tests.storage.databases import write
from waypost.model.channels import DAY_MS
from waypost.model.configuration import Sender
from waypost.model.fallback.chain import Fallback, FallbackStep
from waypost.model.identifiers import AccountId, SpaceId
from waypost.model.message.failures import SendFailure
from waypost.model.message.leg import LegState
from waypost.model.message.outcomes import Refused
from waypost.storage.changes import AddInbound
from waypost.storage.records import InboundMessage

NOT_ON_VIBER = Refused(SendFailure.NOT_ON_CHANNEL, "6", "not on Viber")
SENDER, PERSON = "15550001111", "380501112233"
CHAIN = Fallback(
    "S_1", "undelivered", None, (FallbackStep(channel="whatsapp", sender=SENDER, text="hello"), SMS)
)


async def wrote(stages: Stages, at: int) -> None:
    """The person writes to the sender."""
    inbound = InboundMessage(
        account_id=AccountId("1"),
        space_id=SpaceId(""),
        channel="whatsapp",
        sender=SENDER,
        user=PERSON,
        provider_id="wamid.1",
        at=at,
        type="TEXT",
        text="hi",
    )
    await write(stages.store, AddInbound(inbound, at))


@pytest.mark.parametrize(
    ("ago_ms", "reached"), [(0, True), (DAY_MS, True), (DAY_MS + 1, False), (None, False)]
)
async def test_a_fallback_by_whatsapp(stages: Stages, ago_ms: int | None, reached: bool) -> None:
    whatsapp = Sender(channel="whatsapp", id=SENDER, account_id=AccountId("1"), route="viber")
    stages.configuration = stages.configuration.with_changes([whatsapp])
    if ago_ms is not None:
        await wrote(stages, stages.clock.now() - ago_ms)
    stages.viber.answers.append(NOT_ON_VIBER)
    sent = await stages.send(recipient=PERSON, fallback=CHAIN)
    carried = [taken.submission.sender for taken in stages.viber.taken]
    if reached:
        assert carried == ["20001", SENDER]
        assert stages.sms.taken == []
        return
    assert carried == ["20001"]
    assert len(stages.sms.taken) == 1
    legs = await stages.legs(sent)
    assert (legs[1].state, legs[1].failure) == (LegState.FAILED, SendFailure.WAITING_FOR_USER)
    assert "a free message only after the person has written" in legs[1].text
    assert (1, "Failed") in await stages.statuses(sent)
