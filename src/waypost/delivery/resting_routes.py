"""What of a claim may be sent while a route rests: one message as a probe, and none while it is paused.

After an outage many of those that waited have ended: a probe passes over them, some dozens at a time.
"""

from collections.abc import Mapping, Sequence

from waypost.delivery.batch import by_message, decide_batch
from waypost.delivery.context import DecisionContext, DeliveryContext
from waypost.delivery.lanes import lane_of
from waypost.delivery.message_progress import MessageProgress
from waypost.delivery.route_controls import RouteControl, RouteControls
from waypost.delivery.submission import end_if_obsolete
from waypost.model.identifiers import MessageId
from waypost.model.message.lanes import parse_dispatch_lane
from waypost.storage.changes import Change, Postpone
from waypost.storage.contract import Store
from waypost.storage.records import MessageRecord, Work


async def hold_back(
    store: Store, context: DeliveryContext, controls: RouteControls, works: Sequence[Work]
) -> Sequence[Work]:
    """The rows that may be sent now. Of the others those whose message has ended are finished, and the rest
    waits as before.

    Raises:
        StoreUnavailableError: the rest is not written.
    """
    resting: dict[str, list[Work]] = {}
    for lane in set(map(lane_of, works)):
        route = parse_dispatch_lane(lane).route
        if not controls.of(route).is_free:
            resting.setdefault(route, []).extend(work for work in works if work.lane == lane)
    held: set[int] = set()
    for route, rows in resting.items():
        control = controls.of(route)
        if len(rows) > 1 or not control.breaker.is_probing:
            probe = await _choose_probe(store, context, control, rows)
            held.update(work.seq for work in rows if work is not probe)
    return [work for work in works if work.seq not in held] if held else works


async def _choose_probe(
    store: Store, context: DeliveryContext, control: RouteControl, rows: Sequence[Work]
) -> Work | None:
    """The row that is sent as a probe, if one may be; the claims on all others end."""

    def decide(
        progress: MessageProgress,
        works: Sequence[Work],
        _: DecisionContext,
        __: Mapping[MessageId, MessageRecord],
    ) -> list[Work]:
        return [work for work in works if not end_if_obsolete(progress, work)]

    groups = by_message(rows)
    results = await decide_batch(store, context, groups, decide)
    waiting: list[Work] = []
    for message_id, works in groups.items():
        result = results.get(message_id)
        # What could not be decided about is decided about like any other when its time comes.
        waiting += result if isinstance(result, list) else works
    probe = waiting.pop(0) if waiting and control.breaker.is_probing else None
    await store.apply([Change([Postpone(work, work.visible_at, tried=False)], [work]) for work in waiting])
    return probe
