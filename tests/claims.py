"""Claims of tests: what is due in all lanes of a stage, as the service's workers would claim it."""

from waypost.storage.contract import Store
from waypost.storage.records import Stage, Work

LEASE = 3600.0


async def claim_due(store: Store, stage: Stage, limit: int, now: int) -> list[Work]:
    """Claims up to `limit` rows that are due, in the lanes' order."""
    works: list[Work] = []
    for lane, due in await store.lanes(stage):
        if due is not None and due <= now and len(works) < limit:
            works += await store.claim(stage, {lane: limit - len(works)}, now, LEASE)
    return works
