"""What an older Waypost left unfinished in its folder is found, migrated and finished as it was promised.

`tests/data/9fc7a0b` says what is in the folder, how it was made, and what must become of it. The service that
is tested runs on a copy, in a process of its own; providers and customer are real servers on loopback.
"""

import asyncio
import json
import sqlite3
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import pytest
from alibabacloud_cams20200606 import models

from tests.sdk.access import Credentials, cams, refused, sts
from tests.sdk.callers import FREE
from tests.sdk.operations import own
from tests.sdk.queues import STATUS, object_of, queue_account, received
from tests.upgrade.driving import Driver
from tests.upgrade.folder import REVISION, Folder, counts, finish, promised, unpacked
from tests.upgrade.inventory import KEY, Caller, inventory, lost
from waypost.model.access.principals import AccessKey
from waypost.model.entries import entry_key
from waypost.model.identifiers import MessageId
from waypost.model.message.leg import Leg
from waypost.storage.migrations import HEAD
from waypost.storage.migrations.backup import backup_path
from waypost.storage.records import Callback, CallbackState, Stage
from waypost.storage.secrets import SecretBox
from waypost.storage.sqlite import SqliteStore

T = TypeVar("T")
SERVICE = ["-m", "tests.upgrade.service"]
QUEUE = f"Alicom-Queue-acme-{STATUS}"
ALL, NONE, DEAD = "all", "none", "dead"
Statuses = dict[str, list[list[Any]]]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    with unpacked(tmp_path) as folder:
        yield folder


def read(folder: Folder, what: Callable[[SqliteStore], Awaitable[T]]) -> T:
    """Opens the database, which migrates it, and reads something."""

    async def opened() -> T:
        store = SqliteStore(folder.database)
        try:
            return await what(store)
        finally:
            await store.close()

    return asyncio.run(opened())


def test_it_is_still_the_folder_that_was_made(folder: Folder) -> None:
    made = folder.manifest["counts"]
    assert counts(folder.database) == made
    assert set(made["journal"]) == {"dispatch", "fallback", "receipt", "timer", "callback"}
    assert len(made["leg"]) == 8, "legs in every state"
    assert len(made["configuration"]) == 13, "every kind of entry"
    assert {"dead", "kept", "waiting"} < set(made["callback"])


def test_a_copy_of_the_database_is_written_beside_it_before_any_migration(folder: Folder) -> None:
    read(folder, lambda store: store.configuration.entries())
    copies = {path.name for path in folder.path.iterdir() if ".before-" in path.name}
    if HEAD == REVISION:
        assert copies == set(), "nothing was migrated"
        return
    assert copies == {f"waypost.db.before-{REVISION}"}
    assert counts(backup_path(folder.database, REVISION)) == folder.manifest["counts"]


def test_all_work_and_all_callbacks_are_found(folder: Folder) -> None:
    made = folder.manifest["counts"]
    journal = dict(made["journal"])
    # Fallback legs wait in lanes of the dispatch stage, the callbacks of a message to one URL are one push,
    # and a message that was not sent yet has its first leg with an expiry timer.
    journal["dispatch"] += journal.pop("fallback")
    journal["timer"] += sum(not message["left"] for message in folder.messages)
    journal["callback"] = len(pushes(folder.database))
    backlog = read(folder, SqliteStore.backlog)
    assert {stage.value: rows for stage, rows in backlog.items()} == journal
    callbacks = read(folder, lambda store: store.list_callbacks())
    assert len(callbacks) == sum(made["callback"].values())
    # The names of before; 0007 renamed two of them.
    states = {"kept": CallbackState.STORED, "told": CallbackState.DELIVERED}
    for name, rows in made["callback"].items():
        state = states.get(name) or CallbackState(name)
        assert sum(callback.state is state for callback in callbacks) == rows


def pushes(database: Path) -> set[tuple[object, ...]]:
    """Message (or callback, for none) and URL of the callbacks that wait in a database of 9fc7a0b."""
    with closing(sqlite3.connect(database)) as connection:
        return set(
            connection.execute(
                "SELECT iif(journal.message_id = '', callback.id, journal.message_id), callback.url"
                " FROM journal JOIN callback ON callback.id = CAST(journal.body AS INTEGER)"
                " WHERE journal.stage = 'callback'"
            )
        )


def test_every_message_is_where_it_was(folder: Folder) -> None:
    async def legs(store: SqliteStore) -> dict[str, list[str]]:
        found = {}
        for message in folder.messages:
            id_ = message["id"]
            assert (kept := await store.find_message(id_)) is not None
            assert (kept.account_id, kept.recipient) == (message["account"], message["to"])
            found[id_] = [leg.state.value for leg in await store.find_legs(id_)]
            attempts = await store.find_attempts(id_)
            assert len(attempts) == sum(leg.attempts for leg in await store.find_legs(id_))
        return found

    assert read(folder, legs) == {message["id"]: message["left"] or ["queued"] for message in folder.messages}


def test_every_entry_is_read_and_every_secret_decrypts(folder: Folder) -> None:
    entries = read(folder, lambda store: store.configuration.entries())
    assert Counter(entry_key(entry)[0] for entry in entries) == folder.manifest["counts"]["configuration"]
    secret_box = SecretBox.from_file(folder.path / "secret.key")
    secrets = {
        entry.id: secret_box.decrypt(entry.secret, entry.id)
        for entry in entries
        if isinstance(entry, AccessKey)
    }
    assert secrets == folder.secrets


class Outcome(NamedTuple):
    """What became of the folder.

    Attributes:
        shown: what the operations listed right after the start.
        again: the MessageId that a call got which was made before the death, too, by its ClientToken.
        queued: the statuses that were read from the queue: before its first one was deleted, and after.
        pushed: by MessageId, what the customer acknowledged after the restart, and after a replay.
        sends, contents: what was submitted to the providers.
        legs, callbacks: by MessageId.
        access: what came of calls by keys of each kind.
        exit_code: of a stop by SIGTERM.
    """

    shown: Any
    again: str
    queued: list[Any]
    pushed: Statuses
    replayed: Statuses
    sends: dict[str, dict[str, int]]
    contents: dict[str, Any]
    legs: dict[str, list[Leg]]
    callbacks: dict[str, list[Callback]]
    backlog: dict[Stage, int]
    access: dict[str, str]
    exit_code: int


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outcome]:
    """The service goes on where the older one died, until there is no work left."""
    with unpacked(tmp_path_factory.mktemp("before")) as folder:
        with folder.serving(SERVICE) as (running, driver):
            caller = Caller(running, folder.secrets)
            driver.settle()
            shown = folder.hidden(inventory(caller, folder.manifest["requests"]))
            again = own(caller, "SendChatappMessage", key=KEY, **folder.manifest["token"]["again"])
            queued = read_queue(caller, folder.manifest["token"]["handle"])
            finish(folder, driver)
            pushed, sends, contents = statuses(folder), folder.sends(), folder.said()
            replay(folder, caller, driver)
            access = calls(folder, caller)
            driver.finish()
            exit_code = running.stop()
        yield Outcome(
            shown,
            again["MessageId"],
            queued,
            pushed,
            statuses(folder),
            sends,
            contents,
            read(folder, lambda store: of_each(folder, store.find_legs)),
            read(folder, lambda store: of_each(folder, lambda id_: store.list_callbacks(message_id=id_))),
            read(folder, SqliteStore.backlog),
            access,
            exit_code,
        )


def statuses(folder: Folder) -> Statuses:
    return {message["id"]: folder.customer.statuses(message["id"]) for message in folder.messages}


async def of_each(folder: Folder, find: Callable[[MessageId], Awaitable[T]]) -> dict[str, T]:
    return {message["id"]: await find(MessageId(message["id"])) for message in folder.messages}


def read_queue(caller: Caller, handle: str) -> list[Any]:
    """What is visible of the queue while its first message is still hidden by a receive before the death."""
    queue = queue_account(caller.process.address, KEY, caller.secrets[KEY]).get_queue(QUEUE)
    visible = received(queue)
    queue.delete_message(handle)
    queue.batch_delete_message([message.receipt_handle for message in visible])
    return [object_of(message)["MessageId"] for message in visible]


def replay(folder: Folder, caller: Caller, driver: Driver) -> None:
    for message in folder.messages:
        if message["pushed"] == DEAD:
            own(caller, "ReplayCallbacks", key=KEY, MessageId=message["id"], State="dead")
    driver.settle()


def calls(folder: Folder, caller: Caller) -> dict[str, str]:
    """Calls by keys of each kind, and of a sender that was suspended meanwhile; what each is answered."""
    users = folder.manifest["users"]

    def by(key: str) -> Credentials:
        return Credentials(key, folder.secrets[key])

    role = {"role_arn": "acs:ram::acme:role/courier", "role_session_name": "shop"}
    session = sts(caller, "assume_role", by=by(users["clerk"]), **role)["Credentials"]
    temporary = Credentials(session["AccessKeyId"], session["AccessKeySecret"], session["SecurityToken"])
    who = {
        "owner": by(KEY),
        "declared user": by("sender-key"),
        "user": by(users["clerk"]),
        "role": temporary,
        "disabled": by("disabled-key"),
        "inactive": by(users["idle"]),
    }
    answers = {}
    for place, (name, credentials) in enumerate(who.items()):
        request = models.SendChatappMessageRequest(**FREE, to=f"38050000070{place}")
        send = cams(caller, credentials).send_chatapp_message
        known = name not in ("disabled", "inactive")
        answers[name] = send(request).body.code if known else refused(send, request).code
    lists = cams(caller, by("sender-key")).list_chatapp_template
    answers["declared user, lists"] = refused(lists, models.ListChatappTemplateRequest()).code
    stopped = models.SendChatappMessageRequest(**FREE, to="380500000903")
    answers["to who wrote STOP"] = refused(cams(caller, by(KEY)).send_chatapp_message, stopped).code
    return answers


def each(manifest: dict[str, Any], what: Callable[[dict[str, Any]], T]) -> dict[str, T]:
    """Something of each message of the manifest, by its name, so that a failure names it."""
    return {message["name"]: what(message) for message in manifest["messages"]}


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    return promised()


def test_the_configuration_is_what_it_was(outcome: Outcome, manifest: dict[str, Any]) -> None:
    assert lost(manifest["inventory"], outcome.shown) == []


def test_nothing_is_left_to_do(outcome: Outcome) -> None:
    assert (set(outcome.backlog.values()), outcome.exit_code) == ({0}, 0)


def test_every_message_ends_as_promised(outcome: Outcome, manifest: dict[str, Any]) -> None:
    ends = each(manifest, lambda message: [leg.state.value for leg in outcome.legs[message["id"]]])
    assert ends == each(manifest, lambda message: message["ends"])


def test_no_message_is_sent_more_often_than_promised(outcome: Outcome, manifest: dict[str, Any]) -> None:
    """Not again what a provider may have but where that is promised, no fallback twice, and none left out."""
    sends = each(manifest, lambda message: outcome.sends.get(message["to"], {}))
    assert sends == each(manifest, lambda message: message["sends"])


def test_every_message_has_the_content_it_would_have_had(outcome: Outcome, manifest: dict[str, Any]) -> None:
    assert lost(manifest["said"], outcome.contents) == []


def test_every_status_is_pushed_once_and_in_order(outcome: Outcome, manifest: dict[str, Any]) -> None:
    def expected(message: dict[str, Any]) -> list[list[Any]]:
        return message["statuses"] if message["pushed"] == ALL else []

    pushed = each(manifest, lambda message: message["acknowledged"] + outcome.pushed[message["id"]])
    assert pushed == each(manifest, expected)


def test_every_status_is_kept_too(outcome: Outcome, manifest: dict[str, Any]) -> None:
    def kept(message: dict[str, Any]) -> list[list[Any]]:
        bodies = [json.loads(callback.body) for callback in outcome.callbacks[message["id"]]]
        return [[body["WaypostLeg"], body["Status"]] for body in bodies]

    assert each(manifest, kept) == each(manifest, lambda message: message["statuses"])


def test_dead_letters_are_still_there_and_go_out_when_they_are_replayed(
    outcome: Outcome, manifest: dict[str, Any]
) -> None:
    dead = [message for message in manifest["messages"] if message["pushed"] == DEAD]
    assert len(dead) == 2
    for message in dead:
        assert outcome.pushed[message["id"]] == []
        assert outcome.replayed[message["id"]] == message["statuses"]
    others = [message["id"] for message in manifest["messages"] if message["pushed"] != DEAD]
    assert [outcome.replayed[id_] for id_ in others] == [outcome.pushed[id_] for id_ in others]


def test_a_call_made_again_is_answered_as_before(outcome: Outcome, manifest: dict[str, Any]) -> None:
    assert outcome.again == manifest["token"]["message_id"]


def test_what_lay_in_a_queue_is_read_and_a_handle_of_before_deletes(
    outcome: Outcome, manifest: dict[str, Any]
) -> None:
    [_, second] = [message["id"] for message in manifest["messages"] if message["name"].startswith("queued ")]
    assert outcome.queued == [second]


def test_keys_users_and_roles_may_do_what_they_might_before(outcome: Outcome) -> None:
    assert outcome.access == {
        "owner": "OK",
        "declared user": "OK",
        "user": "OK",
        "role": "OK",
        "disabled": "InvalidAccessKeyId.Inactive",
        "inactive": "InvalidAccessKeyId.Inactive",
        "declared user, lists": "Ram.PermissionDeny",
        "to who wrote STOP": "InvalidParameter.ToSuppressed",
    }
