"""The phones that something reached last are those of the whole list, however many messages there are."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from waypost.sandbox import sandbox_store
from waypost.sandbox.sandbox_store import Arrival, SandboxStore

NOW = 50


def arrival(recipient: str, at: int | None) -> Arrival:
    return Arrival(
        channel="viber",
        sender="20001",
        recipient=recipient,
        text="",
        media="",
        seq=None,
        reference=None,
        token="t",
        tracking_data="",
        received_at=at,
        delivered_at=None,
        read_at=None,
    )


@given(
    messages=st.lists(st.tuples(st.sampled_from("abcdefgh"), st.none() | st.integers(0, 60)), max_size=40),
    looked_at=st.integers(1, 45),
    limit=st.integers(1, 9),
)
@settings(max_examples=150, deadline=None)
def test_they_are_the_first_of_all(
    messages: list[tuple[str, int | None]], looked_at: int, limit: int
) -> None:
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        store = SandboxStore(Path(folder) / "phones.db")
        patch.setattr(sandbox_store, "_LATEST", looked_at)
        for recipient, at in messages:
            store.add(arrival(recipient, at), ())
        every = store.phones(NOW)
        assert store.latest_phones(NOW, limit) == every[:limit]
        for place, (number, _, at) in enumerate(every, 1):
            assert store.latest_phones(NOW, limit, (at, number)) == every[place : place + limit]
        store.close()
