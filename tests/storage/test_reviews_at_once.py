"""Two nodes review the same template or request at once: it has one outcome, which is published once."""

import msgspec
import pytest

from tests.storage.databases import NOW, Database
from tests.storage.stored_entries import insert, replace
from tests.storage.test_configuration_handles import ReplacesBlindly
from waypost.clock import SystemClock
from waypost.messaging.sender_review import SenderReviewer
from waypost.messaging.template_review import TemplateReviewer
from waypost.model.configuration import Account, Entry, Space
from waypost.model.identifiers import AccountId, SpaceId
from waypost.model.senders.viber_senders import ViberRequest
from waypost.model.templates.template import Template
from waypost.storage import transaction
from waypost.storage.contract import Store
from waypost.storage.live_configuration import LiveConfiguration

ONE = AccountId("1")
TEMPLATE = Template(
    code="t",
    name="t",
    language="en",
    account_id=ONE,
    space_id=SpaceId("cams-1"),
    status="unaudit",
    channel="viber",
    message_type="text",
    content={"text": "Hi"},
    components=({"Type": "BODY", "Text": "Hi"},),
    created_at=1,
    updated_at=1,
)
REQUEST = ViberRequest(
    id="7",
    account_id=ONE,
    space_id=SpaceId("cams-1"),
    type="open",
    record={"BusinessAccountName": "Acme"},
    created_at=1,
    updated_at=1,
)
Reviewer = TemplateReviewer | SenderReviewer


async def reviewers(database: Database, entry: Entry) -> tuple[list[Store], list[Reviewer]]:
    """Two nodes' reviewers, which have seen the entry unreviewed."""
    stores = [database.open(), database.open()]
    await insert(stores[0], Account(id=ONE), Space(id=SpaceId("cams-1"), account_id=ONE, default=True), entry)
    made: list[Reviewer] = []
    for store in stores:
        configuration = LiveConfiguration(store, lambda *_: None)
        await configuration.refresh()
        current, refresh = configuration.current, configuration.refresh
        if isinstance(entry, Template):
            made.append(TemplateReviewer(store, SystemClock(), current, refresh))
        else:
            made.append(SenderReviewer(store, SystemClock(), current, "viber", refresh))
    return stores, made


async def outcomes(database: Database, entry: Entry) -> int:
    """How many outcomes of a review by both are published."""
    stores, both = await reviewers(database, entry)
    for reviewer in both:
        await reviewer.review_due()
    published = await stores[0].list_callbacks()
    for store in stores:
        await store.close()
    return len(published)


each_entry = pytest.mark.parametrize("entry", [TEMPLATE, REQUEST], ids=["template", "request"])


@each_entry
async def test_one_outcome_is_published(database: Database, entry: Entry) -> None:
    assert await outcomes(database, entry) == 1


async def test_a_review_that_compares_nothing_is_caught(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transaction, "ConfigurationChanges", ReplacesBlindly)
    assert await outcomes(database, TEMPLATE) == 2


@each_entry
async def test_what_its_owner_changed_meanwhile_is_not_reviewed_as_it_was(
    database: Database, entry: Template | ViberRequest
) -> None:
    stores, both = await reviewers(database, entry)
    changed = msgspec.structs.replace(entry, updated_at=NOW)
    await replace(stores[1], entry, changed)
    await both[0].review_due()
    assert changed in await stores[0].configuration.entries()
    assert await stores[0].list_callbacks() == []
    for store in stores:
        await store.close()
