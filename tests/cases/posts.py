"""The cases of `inbound.jsonl`: what a provider was seen to post or answer, and what is right."""

import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple


class Case(NamedTuple):
    """One case.

    Attributes:
        post: the body of the webhook (of `answer-` and `whole-migrated`: of the answer to a send); NOW and
            NOW_MS stand for the time.
        right: what has to come of it, in words.
    """

    name: str
    channel: str
    post: dict[str, Any]
    right: str


@cache
def cases() -> dict[str, Case]:
    """All cases by name."""
    lines = Path(__file__).with_name("inbound.jsonl").read_text(encoding="utf-8").splitlines()
    return {case.name: case for case in (Case(**json.loads(line)) for line in lines)}
