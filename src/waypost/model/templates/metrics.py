"""How often a template was sent, delivered and read: counted by half-hours, listed by them or by days."""

from collections.abc import Iterable

import msgspec

from waypost.model.identifiers import AccountId

SLOT_MS = 1_800_000
PERIODS = {"DAILY": 86_400_000, "HALF_HOUR": SLOT_MS}
"""Granularity to its milliseconds (other-operations.md, GetChatappTemplateMetric)."""


class TemplateCount(msgspec.Struct, frozen=True, kw_only=True):
    """How many messages of one language of a template reached each status in one period.

    Attributes:
        start: of the stretch, milliseconds UTC.
        sent, delivered, read: how many messages came so far in it, on their own channel.
    """

    account_id: AccountId
    template_code: str
    language: str
    start: int
    sent: int = 0
    delivered: int = 0
    read: int = 0

    def __add__(self, other: "TemplateCount") -> "TemplateCount":
        """The sum of two counts of the same period."""
        return msgspec.structs.replace(
            self,
            sent=self.sent + other.sent,
            delivered=self.delivered + other.delivered,
            read=self.read + other.read,
        )


_COUNTED = {"Sent": "sent", "Delivered": "delivered", "Read": "read"}


def counted(
    account_id: AccountId, template_code: str, language: str, at: int, statuses: Iterable[str]
) -> TemplateCount | None:
    """The count for a message that reaches these statuses at a moment; None if it counts for nothing."""
    reached = {_COUNTED[status]: 1 for status in statuses if status in _COUNTED}
    if not reached:
        return None
    return TemplateCount(
        account_id=account_id,
        template_code=template_code,
        language=language,
        start=at - at % SLOT_MS,
        **reached,
    )


def by_period(counts: Iterable[TemplateCount], length: int) -> list[TemplateCount]:
    """The counts of half-hours added up to longer periods, by start, template and language."""
    sums: dict[tuple[int, str, str], TemplateCount] = {}
    for one in counts:
        period = msgspec.structs.replace(one, start=one.start - one.start % length)
        key = period.start, one.template_code, one.language
        sums[key] = sums[key] + period if key in sums else period
    return [sums[key] for key in sorted(sums)]
