"""The queues that an account's receipts can be read from, one for each kind (receipts.md, section 1)."""

from waypost.model.message.statuses import INBOUND_KIND, STATUS_KIND
from waypost.model.templates.review import AUDIT_KIND

QUEUE_KINDS = (STATUS_KIND, INBOUND_KIND, AUDIT_KIND)
"""The kinds of callbacks, each of which has a queue of its own."""

_PREFIX = "Alicom-Queue-"


def queue_name(account_id: str, kind: str) -> str:
    """The name of an account's queue: `Alicom-Queue-<account id>-ChatAppStatus`."""
    return f"{_PREFIX}{account_id}-{kind}"


def queue_names(account_id: str) -> tuple[str, ...]:
    """All queues of an account, sorted by name as they are listed."""
    return tuple(sorted(queue_name(account_id, kind) for kind in QUEUE_KINDS))
