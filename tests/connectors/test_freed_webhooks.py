"""A webhook is freed once it is answered: nothing waits for the collector, which runs rarely under load.

An error that a function keeps in a variable keeps the function's variables in turn, by its traceback: with
webhooks of a megabyte each the process grew by 200 MB in seconds.
"""

import asyncio
import gc
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from random import Random
from types import TracebackType
from typing import Any

import pytest

from tests.connectors.mutations import mutate
from tests.connectors.test_foreign_bytes import ANSWERS, SUBMISSION, WEBHOOKS, CannedClient, connected
from waypost.connectors.contract import MalformedWebhookError, Webhook
from waypost.outbound.reply import Reply

UNREADABLE = [b" " * 1000, b"[" * 100, b'{"a":' * 100, b"[]", b"1", b'"\xff', b"<html>", b'{"entry":[1]}']


@pytest.fixture
def garbage() -> Iterator[list[Any]]:
    """What the collector finds, and nobody else."""
    gc.collect()
    gc.disable()
    gc.freeze()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        yield gc.garbage
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.unfreeze()
        gc.enable()


def kept_errors(garbage: list[Any], work: Callable[[], object]) -> int:
    work()
    gc.collect()
    kept = sum(isinstance(each, TracebackType) for each in garbage)
    garbage.clear()
    return kept


def test_an_error_that_is_kept_is_found(garbage: list[Any]) -> None:
    def keep() -> None:
        try:
            raise ValueError
        except ValueError as error:
            kept = error
        assert kept

    assert kept_errors(garbage, keep)


@pytest.mark.parametrize("kind", WEBHOOKS)
def test_no_webhook_waits_for_the_collector(kind: str, garbage: list[Any]) -> None:
    connector = connected(kind, CannedClient())
    random = Random(7)
    mutated = [mutate(random, document).document for document in WEBHOOKS[kind] for _ in range(40)]
    for body in (*UNREADABLE, *(json.dumps(document).encode() for document in mutated)):

        def parse(body: bytes = body) -> None:
            with suppress(MalformedWebhookError):
                connector.parse_webhook(Webhook("POST", {}, {}, body))

        assert not kept_errors(garbage, parse), body


@pytest.mark.parametrize("kind", ANSWERS)
def test_no_answer_waits_for_the_collector(kind: str, garbage: list[Any]) -> None:
    client = CannedClient()
    connector = connected(kind, client)
    random = Random(7)
    mutated = [mutate(random, document).document for document in ANSWERS[kind] for _ in range(40)]
    for body in (*UNREADABLE, *(json.dumps(document).encode() for document in mutated)):
        client.reply = Reply(random.choice([200, 400, 503]), [], body)
        assert not kept_errors(garbage, lambda: asyncio.run(connector.send(SUBMISSION))), body
