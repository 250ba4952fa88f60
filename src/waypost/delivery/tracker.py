"""The receipt stage: follows receipts on the legs that they are about, and accepts users' messages.

A report is followed in the transaction that makes it durable. Only a receipt that fits no attempt waits in
the journal: it may have overtaken the response with its id.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence

import msgspec
import structlog

from waypost.delivery.batch import decide_batch, postpone_failed
from waypost.delivery.context import DecisionContext, DeliveryContext
from waypost.delivery.dispatcher import Release
from waypost.delivery.inbound import receive
from waypost.delivery.matching import Match, match, messages_answered
from waypost.delivery.message_progress import MessageProgress
from waypost.model.fallback.decision import Trigger
from waypost.model.foreign_numbers import not_ahead
from waypost.model.identifiers import NO_MESSAGE, MessageId
from waypost.model.masking import mask_number
from waypost.model.message.failures import SendFailure
from waypost.model.message.leg import Attempt, AttemptOutcome, Leg, LegEvent
from waypost.model.message.outcomes import Inbound, Receipt, ReceiptKind
from waypost.model.message.statuses import NO_IDS, UserIds
from waypost.model.message.work import ReceiptWork, decode_receipt, encode
from waypost.storage.changes import Change, Command, Enqueue, Finish, Postpone, Refusal
from waypost.storage.contract import Store, StoreUnavailableError
from waypost.storage.records import MessageRecord, Stage, Work

log = structlog.get_logger()

# The event of a leg; for a receipt of a failure also the failure, unless it names one, and what can start a
# step of the fallback.
_EFFECTS: dict[ReceiptKind, tuple[LegEvent, SendFailure | None, Trigger | None]] = {
    ReceiptKind.SENT: (LegEvent.RECEIPT_SENT, None, None),
    ReceiptKind.DELIVERED: (LegEvent.RECEIPT_DELIVERED, None, None),
    ReceiptKind.READ: (LegEvent.RECEIPT_READ, None, None),
    ReceiptKind.FAILED: (LegEvent.RECEIPT_FAILED, SendFailure.UNDELIVERABLE, Trigger.FAILED_RECEIPT),
    ReceiptKind.EXPIRED: (LegEvent.RECEIPT_EXPIRED, SendFailure.EXPIRED, Trigger.EXPIRED_RECEIPT),
}
_ARRIVALS = (ReceiptKind.DELIVERED, ReceiptKind.READ)
_NOT_WRITTEN = (Exception, Refusal)


class Report(msgspec.Struct):
    """A report of a provider on its way.

    Attributes:
        work: its row of the journal, if it has waited there.
    """

    content: Receipt | Inbound
    work: Work | None = None


class Tracker:
    """Follows reports, as they arrive by webhook or wait in the journal."""

    def __init__(self, store: Store, context: DeliveryContext) -> None:
        self._store = store
        self._context = context
        self._arrived: list[tuple[list[Report], asyncio.Future[None]]] = []
        self._following: asyncio.Task[None] | None = None

    def receive(self, reports: Iterable[Receipt | Inbound]) -> asyncio.Future[None]:
        """Follows the reports of a webhook, in order; the future is done once they are durable.

        What arrives while others are being followed is followed together.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        now = self._context.clock.now()
        self._arrived.append(([Report(_within_time(report, now)) for report in reports], future))
        if self._following is None:
            self._following = loop.create_task(self._follow_arrived())
        return future

    async def process(self, works: Sequence[Work], release: Release) -> None:
        """Follows the receipts of claimed rows."""
        reports: list[Report] = []
        failed: list[Work] = []
        for work in works:
            try:
                body = decode_receipt(work.body)
                content = body.receipt if body.receipt is not None else body.inbound
                assert content is not None
                reports.append(Report(content, work))
            except Exception:
                log.exception("receipt.failed", route=work.lane)
                failed.append(work)
        failed += [report.work for report in await self._follow_each(reports) if report.work is not None]
        if failed:
            await postpone_failed(self._store, failed, self._context.clock.now())
        for work in works:
            release(work)

    async def _follow_arrived(self) -> None:
        try:
            while self._arrived:
                arrived, self._arrived = self._arrived, []
                await self._follow_or_fail(arrived)
        finally:
            self._following = None

    async def _follow_or_fail(self, arrived: Sequence[tuple[list[Report], asyncio.Future[None]]]) -> None:
        """Follows the reports of webhooks together; one that fails by a fault of ours is kept in the journal,
        so that the provider need not repeat those that it came with."""
        try:
            reports = [report for reports, _ in arrived for report in reports]
            if failed := await self._follow_each(reports):
                await self._keep_failed([report.content for report in failed])
        except Exception as error:  # noqa: BLE001 - it is the answer of those who wait
            for _, future in arrived:
                if not future.done():
                    future.set_exception(error)
        else:
            for _, future in arrived:
                if not future.done():
                    future.set_result(None)

    async def _follow_each(self, reports: Sequence[Report]) -> list[Report]:
        """Follows reports together; if that fails by a fault of ours, each by itself. Returns those that
        failed.

        Raises:
            StoreUnavailableError: not all of it was written.
        """
        if not reports:
            return []
        try:
            await self._follow(reports)
        except StoreUnavailableError:
            raise
        except Exception:
            if len(reports) == 1:
                log.exception("receipt.failed", route=reports[0].content.route)
                return list(reports)
        else:
            return []
        return [failed for report in reports for failed in await self._follow_each([report])]

    async def _follow(self, reports: Sequence[Report]) -> None:
        """Follows reports, and returns once what they come to is durable."""
        present = self._context.present()
        changes: list[Change] = []
        receipts = [(report, report.content) for report in reports if isinstance(report.content, Receipt)]
        if len(receipts) < len(reports):
            changes += await self._inbound_changes(reports, present)
        matches = await match(self._store, self._context.recent, [receipt for _, receipt in receipts])
        events: dict[MessageId, list[tuple[Report, Receipt, Attempt]]] = {}
        for (report, receipt), found in zip(receipts, matches, strict=True):
            for attempt in found.attempts:
                events.setdefault(attempt.message_id, []).append((report, receipt, attempt))
            if not found.attempts:
                changes.append(self._unmatched(report, receipt, found, present))
        if changes:
            await self._write(changes)
        if events:
            await self._apply_receipts(events)

    async def _inbound_changes(self, reports: Sequence[Report], present: DecisionContext) -> list[Change]:
        """What the users' messages among the reports come to."""
        inbounds = [(each, each.content) for each in reports if isinstance(each.content, Inbound)]
        answered = await messages_answered(
            self._store, self._context.recent, [inbound for _, inbound in inbounds]
        )
        return [
            _inbound_change(
                report, inbound, present, answered.get((inbound.route, inbound.context_id), NO_MESSAGE)
            )
            for report, inbound in inbounds
        ]

    async def _write(self, changes: Sequence[Change]) -> None:
        outcomes = await self._store.apply(changes)
        repeated = [
            work
            for change, outcome in zip(changes, outcomes, strict=True)
            if outcome is Refusal.REPEATED
            for work in change.works
        ]
        if repeated:
            await self._store.apply([Change([Finish(work)], [work]) for work in repeated])
        for outcome in outcomes:
            if isinstance(outcome, Exception):
                raise outcome

    async def _apply_receipts(
        self, events: Mapping[MessageId, Sequence[tuple[Report, Receipt, Attempt]]]
    ) -> None:
        results = await decide_batch(self._store, self._context, events, _apply_receipts)
        works: dict[int, Work] = {}
        failed: dict[int, Work] = {}
        for message_id, of_message in events.items():
            is_written = not isinstance(results.get(message_id), _NOT_WRITTEN)
            for report, receipt, _ in of_message:
                if report.work is not None:
                    group = works if is_written else failed
                    group[report.work.seq] = report.work
                elif not is_written:
                    await self._keep_failed([receipt])
        # A receipt with a watermark is about several messages, so its row is removed after all of them.
        if finished := [work for seq, work in works.items() if seq not in failed]:
            await self._store.apply([Change([Finish(work)], [work]) for work in finished])
        if failed:
            await postpone_failed(self._store, list(failed.values()), self._context.clock.now())

    async def _keep_failed(self, reports: Sequence[Receipt | Inbound]) -> None:
        """Keeps reports that failed by a fault of ours in the journal, to be followed later."""
        due = self._context.clock.now() + 60_000
        await self._store.apply([Change([_enqueue(report, due)]) for report in reports])

    def _unmatched(self, report: Report, receipt: Receipt, found: Match, present: DecisionContext) -> Change:
        """Lets a receipt that matches no leg wait, if it may have overtaken the response with its id. After
        the last retry it is logged and dropped."""
        schedule = present.settings.unmatched_receipt_schedule
        work = report.work
        tries = 1 + work.tries if work is not None else 0
        if found.may_precede and tries < len(schedule):
            due = present.now + int(schedule[tries] * 1000)
            if work is None:
                return Change([_enqueue(receipt, due)])
            return Change([Postpone(work, due)], [work])
        if receipt.watermark is None:
            log.warning(
                "receipt.unmatched",
                route=receipt.route,
                kind=receipt.kind.value,
                provider_id=receipt.provider_id,
                recipient=mask_number(receipt.recipient or ""),
            )
        return Change([Finish(work)], [work]) if work is not None else Change([])


def _within_time(report: Receipt | Inbound, now: int) -> Receipt | Inbound:
    """A report as it is followed, whenever that is: what a provider says of the future is not believed."""
    if isinstance(report, Inbound):
        return report
    at, watermark = report.at, report.watermark
    if watermark is None and at is not None and 0 <= at <= now:
        return report
    if at is not None:
        at = not_ahead(at, now)
    if watermark is not None:
        watermark = min(watermark, now)
    if at == report.at and watermark == report.watermark:
        return report
    return msgspec.structs.replace(report, at=at, watermark=watermark)


def _enqueue(report: Receipt | Inbound, due: int) -> Enqueue:
    work = ReceiptWork(receipt=report) if isinstance(report, Receipt) else ReceiptWork(inbound=report)
    return Enqueue(Stage.RECEIPT, report.route, NO_MESSAGE, encode(work), due)


def _inbound_change(
    report: Report, inbound: Inbound, present: DecisionContext, answered: MessageId
) -> Change:
    commands: list[Command] = receive(inbound, present, answered)
    if not commands:
        log.warning("inbound.unknown_sender", route=inbound.route, sender=inbound.sender)
    if report.work is None:
        return Change(commands)
    return Change([*commands, Finish(report.work)], [report.work])


def _apply_receipts(
    progress: MessageProgress,
    receipts: Sequence[tuple[Report, Receipt, Attempt]],
    _: DecisionContext,
    __: Mapping[MessageId, MessageRecord],
) -> None:
    for _report, receipt, attempt in receipts:
        apply_receipt(progress, attempt, receipt)


def apply_receipt(progress: MessageProgress, attempt: Attempt, receipt: Receipt) -> None:
    """Applies a receipt to the leg that an attempt is of."""
    leg = progress.legs[attempt.leg]
    attempts = progress.attempts(leg)
    attempt = attempts[attempt.attempt - 1]
    if attempt.provider_id is None and receipt.provider_id is not None:
        attempt = msgspec.structs.replace(attempt, provider_id=receipt.provider_id)
        progress.put_attempt(attempt)
    if receipt.text and not attempt.text:
        attempt = msgspec.structs.replace(attempt, text=receipt.text)
        progress.put_attempt(attempt)
    code = f" ({receipt.code})" if receipt.code else ""
    progress.note(leg, "receipt", f"receipt: {receipt.kind.value}{code}")
    kind = receipt.kind
    if receipt.part is not None and kind is ReceiptKind.DELIVERED:
        kind = _delivered_part(progress, leg, attempt, receipt.part)
    event, failure, trigger = _EFFECTS[kind]
    if failure is not None and attempt.outcome is AttemptOutcome.REFUSED and attempt.route != leg.route:
        # The provider says once more that it did not take what another attempt carries now.
        progress.note(leg, "receipt", f"{kind.value} for attempt {attempt.attempt}, which was refused anyway")
        return
    if kind in _ARRIVALS and len(attempts) > 1 and _another_route_has_it(attempts, attempt.route):
        leg = msgspec.structs.replace(leg, double_delivery=True)
        progress.note(leg, "note", "double delivery: another route had accepted this leg, too")
    has_ids = receipt.user_id or receipt.parent_user_id
    leg = progress.apply(
        leg,
        event,
        at=receipt.at,
        failure=receipt.failure or failure,
        code=receipt.code,
        user=UserIds(receipt.user_id, receipt.parent_user_id) if has_ids else NO_IDS,
    )
    if trigger is not None and not leg.state.delivered and not progress.next_leg_exists(leg):
        progress.fall_back(leg, trigger)


def _another_route_has_it(attempts: Sequence[Attempt], route: str) -> bool:
    """Whether the provider of another route accepted the same leg."""
    return any(each.outcome is AttemptOutcome.ACCEPTED and each.route != route for each in attempts)


def _delivered_part(progress: MessageProgress, leg: Leg, attempt: Attempt, part: str) -> ReceiptKind:
    """Counts a delivered part of an SMS: it is delivered when all are, and until then it is sent."""
    segments = progress.segments(leg)
    if segments <= 1:
        return ReceiptKind.DELIVERED
    parts = attempt.delivered_parts
    if part not in parts and len(parts) < segments:
        parts = (*parts, part)
        progress.put_attempt(msgspec.structs.replace(attempt, delivered_parts=parts))
    progress.note(leg, "receipt", f"{len(parts)} of {segments} parts are delivered")
    return ReceiptKind.DELIVERED if len(parts) >= segments else ReceiptKind.SENT
