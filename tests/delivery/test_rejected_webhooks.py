"""Webhooks that were not understood, replayed by a version that understands them."""

from collections.abc import Sequence
from typing import Any

from tests.delivery.stages import Stages
from waypost.messaging.rejected_webhooks import WebhookReplay, replay_webhooks
from waypost.model.message.leg import LegState
from waypost.model.message.outcomes import Inbound, ReceiptKind, RejectedItem, Report
from waypost.storage.contract import Transaction
from waypost.storage.rejected_webhooks import RejectedPart, RejectedWebhook


async def kept(stages: Stages) -> int:
    webhook = RejectedWebhook(
        route="viber",
        at=stages.clock.now(),
        method="POST",
        query="",
        content_type="",
        body=b"{}",
        items=[RejectedPart("events[0]", "no type")],
    )

    def change(transaction: Transaction) -> None:
        transaction.rejected_webhooks.add(webhook)

    await stages.store.transact(change)
    return (await stages.store.rejected_webhooks.page())[-1].id


async def replayed(stages: Stages, id_: int, *reports: Report) -> WebhookReplay:
    def parse(_: RejectedWebhook) -> Sequence[Report]:
        return reports

    [result] = await replay_webhooks(stages.store, [id_], parse, stages.clock.now())
    await stages.settle()
    return result


async def test_what_is_understood_now_is_followed_and_kept_no_longer(stages: Stages) -> None:
    accepted = await stages.send()
    [taken] = stages.viber.taken
    id_ = await kept(stages)
    result = await replayed(stages, id_, stages.receipt_of(taken, ReceiptKind.DELIVERED))
    assert result == WebhookReplay(id_, 1)
    assert await stages.states(accepted) == [LegState.DELIVERED]
    assert await stages.store.rejected_webhooks.page() == []


async def test_what_was_taken_before_is_not_taken_twice(stages: Stages) -> None:
    message = Inbound(
        route="viber",
        channel="viber",
        sender="20001",
        user="380501112233",
        at=stages.clock.now(),
        provider_id="in-1",
        type="TEXT",
        text="hi",
    )
    await stages.hear(message)
    id_ = await kept(stages)
    await replayed(stages, id_, message)
    callbacks = await stages.store.list_callbacks()
    assert [callback.kind for callback in callbacks] == ["ChatAppInbound"]


async def test_what_is_still_not_understood_is_still_kept(stages: Stages) -> None:
    id_ = await kept(stages)
    rejected = RejectedItem(route="viber", place="events[0]", error="no type")
    assert await replayed(stages, id_, rejected) == WebhookReplay(
        id_, 0, "still not understood: events[0] (no type)"
    )
    assert [webhook.id for webhook in await stages.store.rejected_webhooks.page()] == [id_]


async def test_a_webhook_that_cannot_be_parsed_or_is_not_there(stages: Stages) -> None:
    id_ = await kept(stages)

    def parse(_: RejectedWebhook) -> Any:
        raise LookupError("the settings have no route viber")

    results = await replay_webhooks(stages.store, [id_, id_ + 1], parse, stages.clock.now())
    assert results == [
        WebhookReplay(id_, 0, "LookupError: the settings have no route viber"),
        WebhookReplay(id_ + 1, 0, "there is no such webhook"),
    ]
    assert len(await stages.store.rejected_webhooks.page()) == 1
