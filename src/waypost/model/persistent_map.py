"""A map that never changes: changing it makes another one, which shares all parts that stay as they are.

A map is a tree by the digits of the keys' hashes, whose leaves are dicts. A change copies the leaf of its key
and the nodes above it, so that its cost does not grow with the map. A map of up to `WIDEST_LEAF` keys is one
dict.
"""

from collections.abc import ItemsView, Iterable, Iterator, Mapping, ValuesView
from functools import partial
from typing import Any, Generic, Protocol, TypeVar, overload

K = TypeVar("K")
V = TypeVar("V", covariant=True)
K_contra = TypeVar("K_contra", contravariant=True)
T = TypeVar("T")
G = TypeVar("G")
E = TypeVar("E")

WIDEST_LEAF = 512
"""Keys in a leaf, beyond which it is split; copying so many takes a few microseconds."""
_DIGIT_BITS = 6
_DIGIT = (1 << _DIGIT_BITS) - 1
# The digits of a 64-bit hash; keys whose whole hashes are the same stay in one leaf, whatever its width.
_DEEPEST = 60
_REMOVED = object()

_Leaf = dict[Any, Any]
_Node = _Leaf | tuple[Any, ...]
_Change = tuple[int, Any, Any]


class _Get(Protocol[K_contra, V]):
    @overload
    def __call__(self, key: K_contra, /) -> V | None: ...

    @overload
    def __call__(self, key: K_contra, /, default: V | T) -> V | T: ...


class PersistentMap(Mapping[K, V]):
    """An immutable mapping, in no particular order.

    Attributes:
        get: returns the value of a key, or `default`. It is the dict's own where the map is one: several of
            these look-ups are made for each API call.
    """

    __slots__ = ("_root", "get")

    get: _Get[K, V]

    def __init__(self, items: Mapping[K, V] | None = None) -> None:
        self._set_root({})
        if items:
            self._set_root(self.changed((), items)._root)

    def _set_root(self, root: _Node) -> None:
        self._root = root
        get: Any = root.get if isinstance(root, dict) else partial(_get_from_leaf, root)
        self.get = get

    def changed(self, removed: Iterable[K], added: Mapping[K, V]) -> "PersistentMap[K, V]":
        """The map without the keys `removed` and with the items `added`; a removed key need not be there."""
        changes: dict[K, Any] = dict.fromkeys(removed, _REMOVED)
        changes.update(added)
        if not changes:
            return self
        made: PersistentMap[K, V] = PersistentMap()
        made._set_root(_changed(self._root, [(hash(key), key, value) for key, value in changes.items()], 0))
        return made

    def __getitem__(self, key: K) -> V:
        value: V = _leaf(self._root, key)[key]
        return value

    def __contains__(self, key: object) -> bool:
        return key in _leaf(self._root, key)

    def __iter__(self) -> Iterator[K]:
        for leaf in _leaves(self._root):
            yield from leaf

    def __len__(self) -> int:
        return sum(map(len, _leaves(self._root)))

    def values(self) -> ValuesView[V]:
        """The values, in the order of the keys."""
        return _Values(self)

    def items(self) -> ItemsView[K, V]:
        """The keys with their values, in the order of the keys."""
        return _Items(self)


# The views of `Mapping` look each key up again.
class _Values(ValuesView[V]):
    _mapping: PersistentMap[Any, V]

    def __iter__(self) -> Iterator[V]:
        for leaf in _leaves(self._mapping._root):
            yield from leaf.values()


class _Items(ItemsView[K, V]):
    _mapping: PersistentMap[K, V]

    def __iter__(self) -> Iterator[tuple[K, V]]:
        for leaf in _leaves(self._mapping._root):
            yield from leaf.items()


def _leaf(node: _Node, key: object) -> _Leaf:
    """The leaf in which a key is if it is in the map."""
    digits = hash(key)
    while node.__class__ is not dict:
        node = node[digits & _DIGIT]
        digits >>= _DIGIT_BITS
    return node


def _get_from_leaf(root: _Node, key: object, default: object = None) -> Any:
    return _leaf(root, key).get(key, default)


def _leaves(node: _Node) -> Iterator[_Leaf]:
    if isinstance(node, dict):
        yield node
    else:
        for child in node:
            yield from _leaves(child)


def _changed(node: _Node, changes: list[_Change], depth: int) -> _Node:
    """A node with changes, each the hash of a key, the key, and its new value or `_REMOVED`.

    Args:
        depth: how many bits of the hashes led to the node.
    """
    if isinstance(node, dict):
        return _changed_leaf(node, changes, depth)
    children = list(node)
    for digit, of_child in _by_digit(changes, depth).items():
        children[digit] = _changed(children[digit], of_child, depth + _DIGIT_BITS)
    return tuple(children)


def _changed_leaf(leaf: _Leaf, changes: list[_Change], depth: int) -> _Node:
    made = dict(leaf)
    for _, key, value in changes:
        if value is _REMOVED:
            made.pop(key, None)
        else:
            made[key] = value
    if len(made) <= WIDEST_LEAF or depth >= _DEEPEST:
        return made
    empty: tuple[_Node, ...] = ({},) * (_DIGIT + 1)
    return _changed(empty, [(hash(key), key, value) for key, value in made.items()], depth)


def _by_digit(changes: Iterable[_Change], depth: int) -> dict[int, list[_Change]]:
    grouped: dict[int, list[_Change]] = {}
    for change in changes:
        grouped.setdefault(change[0] >> depth & _DIGIT, []).append(change)
    return grouped


_EMPTY: PersistentMap[Any, Any] = PersistentMap()


class PersistentGroups(Generic[G, K, E]):
    """Immutable groups of items: a mapping of each group's name to a mapping of its own."""

    __slots__ = ("_groups",)

    def __init__(self) -> None:
        self._groups: PersistentMap[G, PersistentMap[K, E]] = _EMPTY

    def of(self, group: G) -> PersistentMap[K, E]:
        """The items of a group; the same object until the group changes."""
        return self._groups.get(group, _EMPTY)

    def changed(
        self, removed: Iterable[tuple[G, K]], added: Iterable[tuple[G, K, E]]
    ) -> "PersistentGroups[G, K, E]":
        """The groups without some items and with others.

        Args:
            removed: each the group and the key.
            added: each the group, the key and the value.
        """
        changes: dict[G, tuple[list[K], dict[K, E]]] = {}
        for group, key in removed:
            changes.setdefault(group, ([], {}))[0].append(key)
        for group, key, value in added:
            changes.setdefault(group, ([], {}))[1][key] = value
        if not changes:
            return self
        groups = {group: self.of(group).changed(*change) for group, change in changes.items()}
        made: PersistentGroups[G, K, E] = PersistentGroups()
        made._groups = self._groups.changed(
            (group for group, items in groups.items() if not items),
            {group: items for group, items in groups.items() if items},
        )
        return made
