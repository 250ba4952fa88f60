"""A snapshot after changes is one built anew, by every look-up, and the one before it stays as it was."""

import random
from collections.abc import Sequence
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.model.configuration_entries import ACCOUNTS, CHANNELS, ENTRIES, NAMES, SPACES, lookups
from waypost.model import persistent_map
from waypost.model.configuration import Account, Configuration, Entry, Sender, Space
from waypost.model.entries import EntryKey, entry_key
from waypost.model.identifiers import NO_SPACE, AccountId, SpaceId

# What is put, and from where on of the present keys which are removed.
Change = tuple[list[Entry], list[int]]
CHANGES = st.lists(
    st.tuples(st.lists(ENTRIES, max_size=6, unique_by=entry_key), st.lists(st.integers(0, 20), max_size=3)),
    min_size=1,
    max_size=8,
)


@pytest.fixture(params=[1, persistent_map.WIDEST_LEAF], ids=["trees", "dicts"])
def small_nodes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Maps that are trees of small leaves, and maps that are one dict each."""
    narrow = {"WIDEST_LEAF": request.param, "_DIGIT_BITS": 1, "_DIGIT": 1, "_DEEPEST": 4}
    for name, value in narrow.items():
        monkeypatch.setattr(persistent_map, name, value)


def removed_keys(stored: dict[EntryKey, Entry], put: Sequence[Entry], places: list[int]) -> list[EntryKey]:
    kept = set(map(entry_key, put))
    present = sorted(key for key in stored if key not in kept)
    return list(
        dict.fromkeys(present[place] if place < len(present) else ("user", "gone") for place in places)
    )


@pytest.mark.usefixtures("small_nodes")
@settings(max_examples=100, deadline=None)
@given(CHANGES, st.randoms(use_true_random=False))
def test_any_changes_make_the_snapshot_that_is_built_of_what_is_stored_then(
    changes: list[Change], order: random.Random
) -> None:
    stored: dict[EntryKey, Entry] = {}
    snapshot = Configuration()
    for put, places in changes:
        removed = removed_keys(stored, put, places)
        before, found_before = snapshot, lookups(snapshot)
        snapshot = snapshot.with_changes(put, removed)
        assert lookups(before) == found_before
        for key in removed:
            stored.pop(key, None)
        stored |= {entry_key(entry): entry for entry in put}
        entries = list(stored.values())
        order.shuffle(entries)
        assert lookups(snapshot) == lookups(Configuration(entries))
        assert all(snapshot.entry(key) == entry for key, entry in stored.items())
        assert not any(snapshot.entry(key) for key in removed)


@settings(max_examples=50, deadline=None)
@given(st.lists(ENTRIES, max_size=12, unique_by=entry_key))
def test_a_standing_is_what_single_look_ups_find_the_first_time_and_later(
    entries: list[Entry],
) -> None:
    found = Configuration(entries)
    for owner, space_id, channel, sender_id in [*product(ACCOUNTS, (NO_SPACE, *SPACES), CHANNELS, NAMES)] * 2:
        space, sender = found.space(owner, space_id), found.sender(owner, channel, sender_id)
        is_usable = sender is not None and sender.is_of(space.id if space is not None else NO_SPACE)
        standing = found.standing(owner, space_id, channel, sender_id)
        assert (standing.space, standing.sender) == (space, sender if is_usable else None)
        is_paused = standing.service is not None and standing.service.paused(1)
        assert is_paused == found.suspended(owner, channel, sender_id, 1)


def test_no_standing_of_an_invented_name_is_kept() -> None:
    owner, shared = AccountId("1"), Sender(channel="viber", id="20001", account_id=AccountId("1"), route="r")
    found = Configuration([Account(id=owner), shared])
    for number in range(3):
        assert found.standing(owner, SpaceId(f"s{number}"), "viber", "20001").space is None
        assert found.standing(owner, NO_SPACE, "viber", str(number)).sender is None
    assert found.standing(owner, NO_SPACE, "viber", "20001").sender is shared
    assert list(found._standings) == [(owner, NO_SPACE, "viber", "20001")]


def test_a_snapshot_has_the_version_that_it_was_made_with() -> None:
    snapshot = Configuration([], 7)
    assert (snapshot.version, snapshot.with_changes([], []).version) == (7, 7)
    assert (snapshot.with_changes([], [], 9).version, snapshot.version) == (9, 7)


def test_what_is_not_touched_by_a_change_is_the_same_object() -> None:
    """So what was derived of it need not be derived again."""
    account = Account(id=AccountId("1"))
    before = Configuration([account])
    after = before.with_changes([Space(id=SpaceId("s"), account_id=AccountId("1"))])
    assert after.accounts is before.accounts
    assert after.accounts["1"] is account
