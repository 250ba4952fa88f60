"""A callback event is written to each of its destinations in one transaction, and once."""

from pathlib import Path

import pytest

from tests.delivery.stages import RepeatingStore
from tests.storage.databases import FIRST, NOW
from tests.storage.stored_entries import insert, replace
from waypost.messaging.publishing import publication
from waypost.messaging.replay import replay_callbacks
from waypost.model.configuration import Account, CallbackTarget, Configuration, Entry, ReceiptSettings, Space
from waypost.model.identifiers import AccountId, MessageId, SpaceId
from waypost.model.message.destinations import Subject
from waypost.storage.changes import Change
from waypost.storage.live_configuration import load_configuration
from waypost.storage.records import CallbackState, Stage

STATUS = "ChatAppStatus"
QUEUE = "Alicom-Queue-1-ChatAppStatus"
URL = "https://a/status"
WAITING, STORED = CallbackState.WAITING, CallbackState.STORED


def entries(url: str, **settings: object) -> list[Entry]:
    return [
        Account(id=AccountId("1"), callbacks=CallbackTarget(url)),
        Space(id=SpaceId("cams-1"), account_id=AccountId("1"), default=True),
        ReceiptSettings(account_id="1", space_id="cams-1", **settings),  # type: ignore[arg-type]
    ]


@pytest.mark.parametrize(
    ("url", "settings", "state", "queued"),
    [
        (URL, {}, WAITING, 0),
        ("", {}, STORED, 0),
        (URL, {"queue": True}, WAITING, 1),
        ("", {"queue": True}, STORED, 1),
        (URL, {"http": False}, STORED, 0),
        ("", {"status_url": URL}, WAITING, 0),
    ],
)
async def test_a_push_and_a_message_of_a_queue(
    tmp_path: Path, url: str, settings: dict[str, object], state: CallbackState, queued: int
) -> None:
    store = RepeatingStore(tmp_path / "waypost.db")
    configuration = Configuration(entries(url, **settings))
    subject = Subject(AccountId("1"), SpaceId("cams-1"))
    command = publication(configuration, subject, STATUS, '{"a":1}', now=NOW, message_id=MessageId(FIRST))
    await store.apply([Change([command])])
    [callback] = await store.list_callbacks()
    assert (callback.state, callback.kind, callback.body) == (state, STATUS, '{"a":1}')
    assert callback.url == (URL if state is WAITING else "")
    assert (await store.backlog())[Stage.CALLBACK] == (1 if state is WAITING else 0)
    messages = await store.queues.peek(QUEUE, 9, now=NOW, expired=0)
    assert [message.body for message in messages] == ['{"a":1}'] * queued
    await store.close()


async def test_what_was_stored_is_replayed_to_the_url_that_a_call_has_set_since(tmp_path: Path) -> None:
    store = RepeatingStore(tmp_path / "waypost.db")
    await insert(store, *entries(""))
    configuration = await load_configuration(store)
    audit = '{"TemplateCode":"1","WaypostChannel":"viber"}'
    command = publication(configuration, Subject(AccountId("1")), "ChatAppAudit", audit, now=NOW)
    await store.apply([Change([command])])
    [stored] = await store.list_callbacks()
    assert (await replay_callbacks(store, [stored.id], NOW))[0].error
    await replace(store, entries("")[-1], entries("", status_url=URL)[-1], "api")
    assert not (await replay_callbacks(store, [stored.id], NOW))[0].error
    [waiting] = await store.list_callbacks()
    assert (waiting.state, waiting.url) == (WAITING, URL)
    await store.close()
