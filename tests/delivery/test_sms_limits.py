"""SMS pumping: how many SMS go out, and where to, is limited before a provider is asked."""

from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from tests.delivery.stages import Stages
from tests.model.messages import fallback
from waypost.model.message.failures import SendFailure
from waypost.model.message.leg import LegState
from waypost.model.message.message import Message
from waypost.model.message.outcomes import Refused
from waypost.model.message.sms_limits import SmsLimits

NOT_ON_VIBER = Refused(SendFailure.NOT_ON_CHANNEL, "6", "not on Viber")


@pytest.fixture
def log() -> Iterator[list[Any]]:
    with structlog.testing.capture_logs() as entries:
        yield entries


def limit(stages: Stages, **limits: Any) -> None:
    stages.limit_sms(SmsLimits(**limits))


async def pumped(stages: Stages, count: int, recipient: str = "380501112{:03}") -> list[Message]:
    """So many messages that fall back to SMS at once."""
    messages = []
    for number in range(count):
        stages.viber.answers.append(NOT_ON_VIBER)
        messages.append(await stages.send(recipient=recipient.format(number), fallback=fallback()))
    return messages


async def ended(stages: Stages, message: Message) -> tuple[LegState, SendFailure | None]:
    leg = (await stages.legs(message))[1]
    return leg.state, leg.failure


async def test_the_account_sends_as_many_as_it_may_and_again_in_the_next_hour(stages: Stages) -> None:
    limit(stages, per_account=3)
    messages = await pumped(stages, 5)
    assert len(stages.sms.taken) == 3
    assert await ended(stages, messages[3]) == (LegState.FAILED, SendFailure.SMS_LIMIT)
    bodies = await stages.callback_bodies(messages[4])
    assert (bodies[-1]["Status"], bodies[-1]["ErrorCode"]) == ("Failed", "SMS_LIMIT_REACHED")
    await stages.pass_time(3600)
    await pumped(stages, 5)
    assert len(stages.sms.taken) == 6


async def test_one_number_and_one_block_of_numbers_have_limits_of_their_own(stages: Stages) -> None:
    limit(stages, per_recipient=2, per_prefix=4)
    await pumped(stages, 5, "380501112233")
    assert len(stages.sms.taken) == 2
    await pumped(stages, 5, "38050222777{:01}")
    assert len(stages.sms.taken) == 2 + 4
    await pumped(stages, 2, "38067111222{:01}")
    assert len(stages.sms.taken) == 2 + 4 + 2


async def test_a_country_that_is_not_allowed_gets_none(stages: Stages) -> None:
    limit(stages, countries=("DE", "UA"))
    [abroad] = await pumped(stages, 1, "881612345678")
    await pumped(stages, 1)
    assert [taken.submission.recipient for taken in stages.sms.taken] == ["380501112000"]
    assert await ended(stages, abroad) == (LegState.FAILED, SendFailure.SMS_COUNTRY)
    assert (await stages.callback_bodies(abroad))[-1]["ErrorCode"] == "SMS_COUNTRY_NOT_ALLOWED"


async def test_limits_outlast_a_restart(stages: Stages) -> None:
    limit(stages, per_account=2)
    await pumped(stages, 2)
    await stages.restart()
    await pumped(stages, 2)
    assert len(stages.sms.taken) == 2


async def test_another_attempt_of_an_sms_costs_nothing_more(stages: Stages) -> None:
    limit(stages, per_account=1)
    stages.viber.answers.append(NOT_ON_VIBER)
    stages.sms.answers += [Refused(SendFailure.BUSY, "", "later")] * 2
    await stages.send(fallback=fallback())
    await stages.pass_time(600)
    assert len(stages.sms.taken) == 3


async def test_the_channel_of_the_call_is_not_limited(stages: Stages) -> None:
    limit(stages, per_account=1, countries=("SG",))
    for _ in range(5):
        await stages.send()
    assert len(stages.viber.taken) == 5


async def test_refusals_are_one_line_a_minute(stages: Stages, log: list[Any]) -> None:
    limit(stages, per_account=1)
    await pumped(stages, 20)
    await stages.pass_time(61)
    await pumped(stages, 1)
    lines = [entry for entry in log if entry["event"] == "sms.limit_reached"]
    assert [(line["account"], line["refused"]) for line in lines] == [("1", 1), ("1", 19)]
    assert stages.sms_refusals.recent(stages.clock.now()) == ["1"]
    await stages.pass_time(3600)
    assert stages.sms_refusals.recent(stages.clock.now()) == []
