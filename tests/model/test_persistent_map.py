"""The persistent map: it behaves like a dict, never changes, and shares what a change leaves as it is."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waypost.model import persistent_map
from waypost.model.persistent_map import WIDEST_LEAF, PersistentGroups, PersistentMap


class Key:
    """Equal by its name; keys of one hash meet in one leaf, however deep."""

    def __init__(self, name: int, hash_: int) -> None:
        self.name = name
        self.hash = hash_

    def __hash__(self) -> int:
        return self.hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Key) and other.name == self.name

    def __repr__(self) -> str:
        return f"Key({self.name}, {self.hash})"


# With two bits a digit: the first four part at the first, some of the others at the second or third only.
HASHES = [0, 1, -1, 2, 4, 16, 20, 1 << 60]
KEYS = st.integers(0, 30).map(lambda name: Key(name, HASHES[name % len(HASHES)]))
CHANGES = st.lists(st.tuples(st.lists(KEYS, max_size=5), st.dictionaries(KEYS, st.integers(), max_size=9)))


@pytest.fixture(params=[1, 3, WIDEST_LEAF])
def small_nodes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nodes of four children, at most four deep, with leaves of that many keys."""
    narrow = {"WIDEST_LEAF": request.param, "_DIGIT_BITS": 2, "_DIGIT": 3, "_DEEPEST": 6}
    for name, value in narrow.items():
        monkeypatch.setattr(persistent_map, name, value)


@pytest.mark.usefixtures("small_nodes")
@given(CHANGES)
def test_it_behaves_like_a_dict(changes: list[tuple[list[Key], dict[Key, int]]]) -> None:
    like: dict[Key, int] = {}
    made: PersistentMap[Key, int] = PersistentMap()
    for removed, added in changes:
        before, like_before = made, dict(like)
        made = made.changed(removed, added)
        for key in removed:
            like.pop(key, None)
        like |= added
        assert made == like == dict(made.items())
        assert (len(made), set(made), bool(made)) == (len(like), set(like), bool(like))
        assert sorted(made.values()) == sorted(like.values())
        assert before == like_before
        for key in (Key(name, HASHES[name % len(HASHES)]) for name in range(31)):
            assert (key in made, made.get(key), made.get(key, -1)) == (
                key in like,
                like.get(key),
                like.get(key, -1),
            )


def test_a_key_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError):
        PersistentMap({1: 2})[2]


def leaves(made: PersistentMap[str, int]) -> Iterator[int]:
    return (id(leaf) for leaf in persistent_map._leaves(made._root))


@pytest.mark.parametrize("size", [WIDEST_LEAF + 1, 20_000, 100_000])
def test_a_change_copies_one_leaf_however_many_keys_there_are(size: int) -> None:
    before = PersistentMap({f"key {number}": number for number in range(size)})
    kept = set(leaves(before))
    for removed, added in (([], {"key 7": 0}), (["key 7"], {}), ([], {"new": 1})):
        after = before.changed(removed, added)
        copied = [leaf for leaf in persistent_map._leaves(after._root) if id(leaf) not in kept]
        assert len(copied) == 1
        assert len(copied[0]) <= WIDEST_LEAF


def test_without_a_change_it_is_itself() -> None:
    made = PersistentMap({1: 2})
    assert made.changed((), {}) is made


def test_a_group_is_the_same_object_until_it_changes() -> None:
    groups: PersistentGroups[str, int, str] = PersistentGroups()
    groups = groups.changed((), [("a", 1, "one"), ("a", 2, "two"), ("b", 1, "one")])
    after = groups.changed([("a", 1)], [("c", 3, "three")])
    assert (dict(groups.of("a")), dict(after.of("a"))) == ({1: "one", 2: "two"}, {2: "two"})
    assert after.of("b") is groups.of("b")
    assert dict(after.of("c")) == {3: "three"}
    assert dict(after.changed([("c", 3), ("b", 9)], ()).of("c")) == {}
    assert after.changed([("c", 3)], ())._groups.keys() == {"a", "b"}
    assert groups.changed((), ()) is groups
