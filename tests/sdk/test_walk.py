"""Accounts are isolated: every operation is called with the identifiers of another account's objects.

What is another account's is answered exactly like what does not exist, and lists do not show it.
"""

import json
from typing import Any

import pytest

from tests.sdk.callers import Raw, Sandbox
from tests.sdk.walk import (
    IDENTIFIERS,
    KINDS,
    NEIGHBOUR,
    ROWS,
    STRANGER,
    Foreign,
    Listed,
    Nothing,
    call,
    filled,
)
from waypost.api.operations.catalogue import EVERY

_ADD = (
    "tests/sdk/walk.py: add to ROWS a Foreign(kind, parameters) for every parameter with which {} can name "
    "something of an account, a Listed(kind) if it lists what an account has, or one Nothing(why) if it "
    "names nothing"
)
FOREIGN = [
    pytest.param(operation, row, id=f"{operation}-{row.kind}".replace(" ", "-"))
    for operation, rows in ROWS.items()
    for row in rows
    if isinstance(row, Foreign)
]
LISTED = [
    pytest.param(operation, row, id=operation)
    for operation, rows in ROWS.items()
    for row in rows
    if isinstance(row, Listed)
]


def comparable(answer: Raw, id_: str) -> tuple[int, Any]:
    """An answer without what is another in every call, and without the identifier that it repeats."""
    body = {name: value for name, value in answer.json.items() if name not in ("RequestId", "Recommend")}
    if isinstance(data := body.get("Data"), dict):
        data.pop("CancelId", None)
    return answer.status, json.loads(json.dumps(body).replace(id_, "-"))


@pytest.mark.parametrize("operation", EVERY)
def test_every_operation_is_walked(operation: str) -> None:
    rows = ROWS.get(operation, ())
    assert rows, _ADD.format(operation)
    if any(isinstance(row, Nothing) for row in rows):
        assert len(rows) == 1
        return
    walked = {
        name
        for row in rows
        if isinstance(row, Foreign)
        for name, value in row.params.items()
        if "<id>" in value
    }
    described = EVERY[operation].operation
    naming = {row.name for row in described.parameters if not row.ignored}
    naming &= IDENTIFIERS[described.product.name]
    assert naming <= walked, f"{sorted(naming - walked)} of {operation}: {_ADD.format(operation)}"


def test_the_walk_knows_no_operation_that_is_gone() -> None:
    assert ROWS.keys() <= EVERY.keys()


@pytest.mark.parametrize(("operation", "row"), FOREIGN)
def test_what_is_a_neighbours_is_answered_like_what_does_not_exist(
    sandbox: Sandbox, operation: str, row: Foreign
) -> None:
    kind = KINDS[row.kind]
    theirs = kind.make(sandbox, NEIGHBOUR)
    foreign = comparable(
        call(sandbox, operation, row.by, filled(sandbox, row.by, row.params, theirs)), theirs
    )
    absent = comparable(
        call(sandbox, operation, row.by, filled(sandbox, row.by, row.params, kind.nobodys)), kind.nobodys
    )
    assert foreign == absent
    if row.proof:
        own = comparable(
            call(sandbox, operation, NEIGHBOUR, filled(sandbox, NEIGHBOUR, row.params, theirs)), theirs
        )
        assert own[0] == 200 or own[1]["Code"] != absent[1]["Code"], own
        assert own != absent


@pytest.mark.parametrize(("operation", "row"), LISTED)
def test_what_is_a_neighbours_is_listed_for_nobody_else(
    sandbox: Sandbox, operation: str, row: Listed
) -> None:
    theirs = KINDS[row.kind].make(sandbox, NEIGHBOUR)
    listed = {
        key: call(sandbox, operation, key, filled(sandbox, key, row.params)) for key in (NEIGHBOUR, STRANGER)
    }
    assert theirs in str(listed[NEIGHBOUR].body)
    assert theirs not in str(listed[STRANGER].body)
