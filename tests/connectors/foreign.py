"""Foreign values for property tests: what providers may send instead of what is documented."""

import json
from typing import Any

import msgspec
from hypothesis import strategies as st

EXTREMES: list[Any] = [
    0,
    -1,
    True,
    None,
    "",
    2**31,
    2**63,
    2**64,
    -(2**63) - 1,
    10**30,
    10**400,
    1e308,
    -1e308,
    0.5,
    "NaN",
    "Infinity",
    "9" * 5000,
    "１２３",
    "\0",
    "x" * 2000,
    "\U0001f600",
    [],
    {},
    [[]],
]
"""What stands where something else is expected."""

LITERALS = [b"NaN", b"Infinity", b"-Infinity", b"1e400", b"9" * 5000, b'"\\ud800"', b'"\xff"', b"01", b"-"]
"""What no JSON encoder writes."""

NESTED = [b"[" * 60_000, b'{"a":' * 60_000, b"[" * 900 + b"]" * 900, b'{"a":' * 900 + b"1" + b"}" * 900]
"""Deep nesting, closed and not."""

values = st.recursive(
    st.sampled_from(EXTREMES) | st.integers() | st.text(max_size=8) | st.floats(allow_nan=False, width=16),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@st.composite
def changed(draw: st.DrawFn, valid: Any) -> bytes:
    """The JSON of a valid document in which one place, or a few, have something else."""
    document = msgspec.json.decode(json.dumps(valid))
    marks: dict[str, bytes] = {}
    for number in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(_paths(document)))
        mark = f"mark-{number}"
        raw = st.sampled_from(LITERALS + NESTED[2:])
        marks[mark] = draw(values.map(lambda value: json.dumps(value).encode()) | raw)
        document = _with(document, path, mark)
    body = json.dumps(document).encode()
    for mark, literal in marks.items():
        body = body.replace(json.dumps(mark).encode(), literal)
    return body


def bodies(*valid: Any) -> st.SearchStrategy[bytes]:
    """Bodies near valid documents, and others."""
    return st.one_of(
        *(changed(document) for document in valid),
        st.sampled_from(NESTED),
        st.sampled_from(LITERALS),
        st.binary(max_size=64),
        values.map(lambda value: json.dumps(value).encode()),
    )


def _paths(document: Any) -> list[tuple[Any, ...]]:
    members = (
        document.items()
        if isinstance(document, dict)
        else enumerate(document)
        if isinstance(document, list)
        else ()
    )
    return [(), *((key, *path) for key, member in members for path in _paths(member))]


def _with(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    key, *rest = path
    copied = dict(document) if isinstance(document, dict) else list(document)
    copied[key] = _with(copied[key], tuple(rest), value)
    return copied
