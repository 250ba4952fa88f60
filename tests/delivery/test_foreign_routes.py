"""Who can speak for one route cannot speak for another: receipts, watermarks and users' messages."""

import asyncio

import msgspec
import pytest

from tests.delivery.stages import NO_ANSWER, Stages, Taken
from waypost.model.configuration import Account, Configuration, Sender
from waypost.model.foreign_numbers import LAST_MOMENT
from waypost.model.identifiers import AccountId
from waypost.model.message.leg import AttemptOutcome, LegState
from waypost.model.message.outcomes import Accepted, Inbound, Receipt, ReceiptKind
from waypost.storage.records import Stage

KINDS = list(ReceiptKind)


def forged(stages: Stages, taken: Taken, kind: ReceiptKind, **changed: object) -> Receipt:
    """A receipt about a submission, by a route that did not carry it."""
    receipt = Receipt(route="other", kind=kind, at=stages.clock.now(), provider_id=taken.provider_id)
    return msgspec.structs.replace(receipt, **changed)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_reference_of_another_route_settles_nothing(stages: Stages, kind: ReceiptKind) -> None:
    accepted = await stages.send(label="transaction")
    [taken] = stages.viber.taken
    await stages.hear(forged(stages, taken, kind, reference=taken.submission.reference))
    await stages.pass_time(1)
    assert await stages.states(accepted) == [LegState.SENT]
    [attempt] = await stages.attempts(accepted)
    assert attempt.provider_id == taken.provider_id


@pytest.mark.parametrize("kind", KINDS)
async def test_an_id_or_a_person_of_another_route_settles_nothing(stages: Stages, kind: ReceiptKind) -> None:
    stages.viber.answers.append(NO_ANSWER)
    accepted = await stages.send(label="promotion")
    [taken] = stages.viber.taken
    await stages.hear(
        forged(stages, taken, kind, sender=taken.submission.sender, recipient=taken.submission.recipient),
        forged(stages, taken, kind, reference=taken.submission.reference, provider_id="forged"),
    )
    await stages.pass_time(1)
    assert await stages.states(accepted) == [LegState.IN_DOUBT]
    [attempt] = await stages.attempts(accepted)
    assert (attempt.outcome, attempt.provider_id) == (AttemptOutcome.UNKNOWN, None)


@pytest.mark.parametrize(
    "named", [{"sender": "20002"}, {"recipient": "380509999999"}, {"sender": "", "recipient": ""}]
)
async def test_another_sender_or_recipient_settles_nothing(stages: Stages, named: dict[str, str]) -> None:
    accepted = await stages.send(label="transaction")
    [taken] = stages.viber.taken
    receipt = stages.receipt_of(taken, ReceiptKind.DELIVERED)
    await stages.hear(msgspec.structs.replace(receipt, **named))
    await stages.pass_time(1)
    assert await stages.states(accepted) == [LegState.SENT]
    await stages.hear(msgspec.structs.replace(receipt, sender=None, recipient=None))
    assert await stages.states(accepted) == [LegState.DELIVERED]


async def test_a_watermark_is_only_about_its_own_page(stages: Stages) -> None:
    person = "380500000001"
    # As Messenger's ids are: they begin with the person.
    stages.viber.answers.append(Accepted(f"{person}:m1"))
    accepted = await stages.send(recipient=person)
    read = Receipt(
        route="viber", kind=ReceiptKind.READ, sender="20001", recipient=person, watermark=stages.clock.now()
    )
    await stages.hear(
        msgspec.structs.replace(read, sender="20002"), msgspec.structs.replace(read, route="other")
    )
    assert await stages.states(accepted) == [LegState.SENT]
    await stages.hear(read)
    assert await stages.states(accepted) == [LegState.READ]


async def test_a_watermark_of_the_future_is_only_about_what_was_sent_before_it_came(stages: Stages) -> None:
    person = "380500000001"
    overtook = asyncio.Event()

    async def overtaken(_: Taken) -> None:
        # Its request is out, so that the receipt waits for it.
        stages.viber.on_send = None
        await stages.hear(
            Receipt(
                route="viber",
                kind=ReceiptKind.READ,
                sender="20001",
                recipient=person,
                watermark=stages.clock.now() + 3_600_000,
            )
        )
        overtook.set()

    stages.viber.on_send = overtaken
    stages.viber.answers += [Accepted(f"{person}:m1"), Accepted(f"{person}:m2")]
    await stages.send(recipient=person)
    assert overtook.is_set()
    stages.clock.move_to(stages.clock.now() + 1)
    later = await stages.accept(recipient=person)
    await stages.settle(only=(Stage.DISPATCH,))
    # Now the receipt is looked at again.
    await stages.pass_time(60)
    assert await stages.states(later) == [LegState.SENT]


async def test_a_time_far_ahead_counts_as_now(stages: Stages) -> None:
    accepted = await stages.send()
    [taken] = stages.viber.taken
    receipt = msgspec.structs.replace(stages.receipt_of(taken, ReceiptKind.DELIVERED), at=LAST_MOMENT)
    now = stages.clock.now()
    await stages.hear(receipt)
    assert (await stages.callback_bodies(accepted))[-1]["Timestamp"] == now


def word(stages: Stages, route: str, text: str, sender: str = "20001") -> Inbound:
    return Inbound(
        route=route,
        channel="viber",
        sender=sender,
        user="380500000001",
        at=stages.clock.now(),
        provider_id=f"{route}-{text}",
        type="TEXT",
        text=text,
    )


async def people_who_opted_out(stages: Stages) -> int:
    rows = stages.store.suppressions.page(
        AccountId("1"), channel="", sender="", recipient="", skip=0, limit=10
    )
    return len(await rows)


async def test_a_person_opts_out_by_the_senders_own_route_alone(stages: Stages) -> None:
    stages.configuration = Configuration(
        [
            Account(id=AccountId("1")),
            Account(id=AccountId("2")),
            Sender(channel="viber", id="20001", account_id=AccountId("1"), route="viber"),
            Sender(channel="viber", id="30001", account_id=AccountId("2"), route="other"),
        ]
    )
    await stages.hear(word(stages, "other", "STOP"), word(stages, "sms", "hello"))
    assert await people_who_opted_out(stages) == 0
    assert await stages.store.list_callbacks() == []
    await stages.hear(word(stages, "viber", "STOP"))
    assert len(await stages.store.list_callbacks()) == 1
    assert await people_who_opted_out(stages) == 1
    # Nor does anybody else opt them in again.
    await stages.hear(word(stages, "other", "START"))
    assert await people_who_opted_out(stages) == 1
    assert len(await stages.store.list_callbacks()) == 1
