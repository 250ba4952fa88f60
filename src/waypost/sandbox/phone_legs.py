"""Which leg of which message it is that a phone shows."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from waypost.model.configuration import Configuration
from waypost.model.identifiers import parse_reference
from waypost.model.message.leg import Attempt, AttemptOutcome
from waypost.sandbox.phone_network import PhoneMessage
from waypost.storage.contract import Store
from waypost.storage.records import Correspondents

# How often, and at which interval in real seconds, an answer that is on its way is looked for.
_MOST_LOOKS = 250
_LOOK_INTERVAL_S = 0.02


class PhoneLegs:
    """Finds the legs of messages on phones.

    Args:
        store: the store of the service under test.
        configuration: returns the current snapshot of the service under test.
    """

    def __init__(self, store: Store, configuration: Callable[[], Configuration]) -> None:
        self._store = store
        self._configuration = configuration

    async def find(
        self, number: str, message: PhoneMessage, *, most_looks: int = _MOST_LOOKS
    ) -> tuple[str | None, int | None]:
        """The message id and leg of a message on a phone, by our reference, the number that Viber echoes or
        the provider's id; None if it is not one of ours.

        Args:
            most_looks: how often an answer that is on its way is looked for.
        """
        if message.reference is not None:
            # A client can also call a provider directly, with a reference that is not ours.
            with suppress(ValueError):
                message_id, leg, _ = parse_reference(message.reference)
                return message_id, leg
        if message.seq is not None:
            attempt = await self._store.find_attempt_by_number(message.seq)
            if attempt is not None:
                return attempt.message_id, attempt.leg
        sender = self._configuration().sender_by_id(message.channel, message.from_)
        route = sender.route if sender is not None else ""
        sent_to = Correspondents(route, message.from_, number)
        by_provider_id = await self._find_attempt(sent_to, message.token, most_looks)
        return (None, None) if by_provider_id is None else (by_provider_id.message_id, by_provider_id.leg)

    async def _find_attempt(self, sent_to: Correspondents, token: str, most_looks: int) -> Attempt | None:
        """The attempt that the provider answered with an id; while one to the same person is under way, its
        end is waited for."""
        key = sent_to.route, token
        for _ in range(most_looks):
            # In this order: an attempt that is answered between the two reads is among the second.
            unanswered = (await self._store.unanswered_attempts([sent_to])).get(sent_to, ())
            attempts = await self._store.attempts_by_provider_id([key])
            if attempts or all(each.outcome is not AttemptOutcome.UNDER_WAY for each in unanswered):
                return attempts.get(key)
            await asyncio.sleep(_LOOK_INTERVAL_S)
        return None
