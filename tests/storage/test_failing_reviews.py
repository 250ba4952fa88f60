"""A review that fails by a fault of ours holds up no other one."""

import msgspec
import pytest

from tests.storage.databases import Database
from tests.storage.stored_entries import insert
from tests.storage.test_reviews_at_once import ONE, REQUEST, TEMPLATE
from waypost.clock import SystemClock
from waypost.messaging import sender_review, template_review
from waypost.messaging.sender_review import SenderReviewer
from waypost.messaging.template_review import TemplateReviewer
from waypost.model.configuration import Account, Space
from waypost.model.identifiers import SpaceId
from waypost.model.senders.viber_senders import ViberRequest
from waypost.model.templates.template import Template
from waypost.storage.contract import Store
from waypost.storage.live_configuration import LiveConfiguration


def approve_all_but_the_first(reviewed: Template | ViberRequest) -> tuple[str, str]:
    if reviewed in (TEMPLATE, REQUEST):
        raise RecursionError("an error of our own")
    return "pass", ""


async def prepared(store: Store, *entries: Template | ViberRequest) -> LiveConfiguration:
    await insert(store, Account(id=ONE), Space(id=SpaceId("cams-1"), account_id=ONE, default=True), *entries)
    configuration = LiveConfiguration(store, lambda *_: None)
    await configuration.refresh()
    return configuration


async def test_a_template(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(template_review, "review_of", approve_all_but_the_first)
    store = database.open()
    configuration = await prepared(store, TEMPLATE, msgspec.structs.replace(TEMPLATE, code="u", name="u"))
    reviewer = TemplateReviewer(store, SystemClock(), configuration.current, configuration.refresh)
    await reviewer.review_due()
    await reviewer.review_due()
    assert {template.code for template in configuration.current().unreviewed()} == {"t"}
    await store.close()


async def test_a_request_of_a_sender(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender_review, "review_of", approve_all_but_the_first)
    store = database.open()
    configuration = await prepared(store, REQUEST, msgspec.structs.replace(REQUEST, id="8", updated_at=2))
    reviewer = SenderReviewer(store, SystemClock(), configuration.current, "viber", configuration.refresh)
    await reviewer.review_due()
    assert [request.id for request in sender_review.pending_requests(configuration.current())] == ["7"]
    await store.close()
