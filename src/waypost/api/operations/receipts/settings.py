"""Receipt settings of a sender or space: whether and where its receipts are pushed.

Settings made by API calls take precedence over those of the operator (`waypost.model.message.destinations`).
"""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Annotated, Any

import msgspec

from waypost.api.description import Parameter
from waypost.api.members import Answer
from waypost.api.operations.endpoint import Request, Result
from waypost.api.operations.entry_changes import inserts, relies_on, replaces
from waypost.model import codes
from waypost.model.configuration import ReceiptSettings, Sender, Space
from waypost.model.entries import entry_key
from waypost.model.entry_changes import EntryChange
from waypost.model.faults import Fault
from waypost.model.identifiers import SpaceId
from waypost.model.message.callback_urls import url_error

LONGEST_URL = 1024


class Flag(Enum):
    """Y or N: whether receipts are pushed over HTTP, or into the queue."""

    YES = "Y"
    NO = "N"


SPACE = Parameter(
    "CustSpaceId",
    "The space.",
    "cams-8x1k0aq4m2zd",
    required=True,
    invalid=codes.UNKNOWN_RESOURCE_OWNER,
)

CustSpaceId = Annotated[SpaceId, SPACE]
HttpFlag = Annotated[
    Flag | None,
    Parameter(
        "HttpFlag",
        "Y: receipts are pushed to the URLs. N: nothing is pushed. Left out: as before.",
        "Y",
    ),
]
QueueFlag = Annotated[
    Flag | None,
    Parameter(
        "QueueFlag",
        "Y: receipts are put in the account's queues. N: they are not. Left out: as before. Both ways may be "
        "on at once.",
        "N",
    ),
]
StatusCallbackUrl = Annotated[
    str,
    Parameter(
        "StatusCallbackUrl",
        "Where statuses and reviews are pushed: http or https, to an address of the public internet.",
        "https://shop.example.com/status",
        required_when=("HttpFlag", "Y"),
        longest=LONGEST_URL,
    ),
]


class NothingAnswer(Answer, frozen=True):
    """The answer of an operation without members of its own."""


def url_faults(parameter: str, url: str) -> list[Fault]:
    """The faults of a URL for receipts; none for an empty URL."""
    error = url_error(url) if url else None
    if error is None:
        return []
    return [Fault(codes.invalid(parameter), parameter, "is not allowed", error, url)]


def settings_change(
    request: Request[Any],
    unset: Sequence[ReceiptSettings],
    subjects: Sequence[Space | Sender | None],
    http_flag: Flag | None,
    queue_flag: Flag | None,
    status_url: str,
    inbound_url: str = "",
) -> Result[NothingAnswer]:
    """The result that changes receipt settings; arguments that are None or empty leave theirs unchanged.

    Args:
        unset: the settings of the senders or the space with every field at its default.
        subjects: the senders or the space, and what else must still be there.
    """
    changes: dict[str, Any] = {
        field: flag is Flag.YES
        for field, flag in (("http", http_flag), ("queue", queue_flag))
        if flag is not None
    }
    urls = {"status_url": status_url, "inbound_url": inbound_url}
    changes |= {field: url for field, url in urls.items() if url}
    written = [_written(request, one, changes) for one in unset]
    return Result(NothingAnswer(), changes=[*written, *relies_on(*subjects)])


def _written(request: Request[Any], unset: ReceiptSettings, changes: Mapping[str, Any]) -> EntryChange:
    stored = request.configuration.entry(entry_key(unset))
    if stored is None:
        return inserts(msgspec.structs.replace(unset, **changes))
    # Nothing is kept of what another account set, which had the sender before.
    own = isinstance(stored, ReceiptSettings) and stored.account_id == unset.account_id
    return replaces(stored, msgspec.structs.replace(stored if own else unset, **changes))
