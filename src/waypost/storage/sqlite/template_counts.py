"""Reads the counters of templates from SQLite."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from waypost.model.identifiers import AccountId
from waypost.model.templates.metrics import TemplateCount
from waypost.storage.rows import Row, to_template_count

if TYPE_CHECKING:
    from waypost.storage.statements import Statements

_ABOVE_ALL_TEXTS = chr(0x10FFFF)


def template_counts(
    read: Callable[[str, dict[str, Any]], list[Row]],
    sql: "Statements",
    account_id: AccountId,
    template_code: str | None,
    since: int,
    until: int,
) -> list[TemplateCount]:
    """The counters of one template of an account, or of all, between two times."""
    rows = read(
        sql.template_counts,
        {
            "account_id": account_id,
            "first": template_code or "",
            "last": template_code or _ABOVE_ALL_TEXTS,
            "since": since,
            "until": until,
        },
    )
    return [to_template_count(row) for row in rows]
