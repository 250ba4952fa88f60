"""While the database is away nothing of a webhook is taken, and the provider repeats it."""

import sqlite3
from contextlib import closing
from typing import Any

import pytest

from tests.cases.service import SENDERS, FieldService


def webhook(*events: dict[str, Any]) -> dict[str, Any]:
    return {"destination": SENDERS["line"], "events": list(events)}


def message(id_: str) -> dict[str, Any]:
    return {
        "type": "message",
        "timestamp": "NOW_MS",
        "webhookEventId": id_,
        "source": {"type": "user", "userId": "U4af4980629"},
        "message": {"type": "text", "id": "1", "text": f"text of {id_}"},
    }


@pytest.mark.long
def test_a_webhook_is_refused_while_the_database_is_away_and_taken_when_it_is_back(
    service: FieldService,
) -> None:
    odd = {"type": "unheard of"}
    posts = [webhook(message("away-1")), webhook(odd), webhook(message("away-2"), odd)]
    kept = len(_rejected(service))
    with closing(sqlite3.connect(service.config.parent / "data" / "waypost.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        assert [service.post("line", post) for post in posts] == [503, 503, 503]
        other.rollback()
    assert len(_rejected(service)) == kept
    assert not {"away-1", "away-2"} & set(service.customer.callbacks)
    assert [service.post("line", post) for post in posts] == [200, 200, 200]
    for id_ in ("away-1", "away-2"):
        assert service.inbound(id_)["Message"] == f"text of {id_}"
    assert len(_rejected(service)) == kept + 2


def _rejected(service: FieldService) -> list[Any]:
    path = service.config.parent / "data" / "waypost.db"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        return database.execute("SELECT id FROM rejected_webhook").fetchall()
