"""Replays webhooks with items that were not understood, for a version of Waypost that understands them."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from waypost.model.identifiers import NO_MESSAGE
from waypost.model.message.outcomes import Receipt, RejectedItem, Report
from waypost.model.message.work import ReceiptWork, encode
from waypost.storage.changes import Enqueue
from waypost.storage.contract import Store, Transaction
from waypost.storage.records import Stage
from waypost.storage.rejected_webhooks import RejectedWebhook


class WebhookReplay(NamedTuple):
    """The result of replaying a webhook.

    Attributes:
        webhook_id: its id.
        taken: how many receipts and users' messages it has.
        error: why some or all of it is still not taken; empty if all of it is, and it is not kept any more.
    """

    webhook_id: int
    taken: int = 0
    error: str = ""


async def replay_webhooks(
    store: Store,
    webhook_ids: Sequence[int],
    parse: Callable[[RejectedWebhook], Sequence[Report]],
    now: int,
) -> list[WebhookReplay]:
    """Parses webhooks again and lets a running service follow all that they have, which it does for what it
    followed before, too: as of a provider that repeats itself, nothing comes of that.

    Args:
        parse: the reports of a webhook by its route's connector; raises an exception without such a route.
        now: milliseconds UTC.
    """
    results = []
    for webhook_id in sorted(set(webhook_ids)):
        webhook = await store.rejected_webhooks.find(webhook_id)
        if webhook is None:
            results.append(WebhookReplay(webhook_id, error="there is no such webhook"))
            continue
        try:
            reports = parse(webhook)
        except Exception as error:  # noqa: BLE001 - the operator reads why
            results.append(WebhookReplay(webhook_id, error=f"{type(error).__name__}: {error}"))
            continue
        rejected = [report for report in reports if isinstance(report, RejectedItem)]
        taken = [_enqueue(report, now) for report in reports if not isinstance(report, RejectedItem)]

        def change(
            transaction: Transaction,
            webhook_id: int = webhook_id,
            taken: Sequence[Enqueue] = taken,
            is_done: bool = not rejected,
        ) -> None:
            transaction.write(*taken)
            if is_done:
                transaction.rejected_webhooks.remove(webhook_id)

        await store.transact(change)
        places = ", ".join(f"{item.place or 'all of it'} ({item.error})" for item in rejected)
        remaining = f"still not understood: {places}" if rejected else ""
        results.append(WebhookReplay(webhook_id, len(taken), remaining))
    return results


def _enqueue(report: Report, now: int) -> Enqueue:
    assert not isinstance(report, RejectedItem)
    work = ReceiptWork(receipt=report) if isinstance(report, Receipt) else ReceiptWork(inbound=report)
    return Enqueue(Stage.RECEIPT, report.route, NO_MESSAGE, encode(work), now)
