"""A fast enumeration is one like any other."""

import copy
import pickle

import msgspec
import pytest

from waypost.model.fast_enum import FastEnum
from waypost.model.message.leg import AttemptOutcome, LegEvent, LegState
from waypost.model.message.outcomes import ReceiptKind


@pytest.mark.parametrize("kind", [LegState, LegEvent, AttemptOutcome, ReceiptKind])
def test_its_members_are_written_and_read_by_their_values(kind: type[FastEnum]) -> None:
    assert len(kind) > 1
    for member in kind:
        assert kind(member.value) is member
        assert msgspec.json.decode(msgspec.json.encode(member), type=kind) is member
        assert msgspec.json.encode(member) == msgspec.json.encode(member.value)
        assert copy.deepcopy(member) is pickle.loads(pickle.dumps(member)) is member


def test_its_members_are_keys_of_their_own() -> None:
    names = {state: state.name for state in LegState}
    assert [names[LegState(state.value)] for state in LegState] == [state.name for state in LegState]
    assert LegState.QUEUED.value == "queued"
