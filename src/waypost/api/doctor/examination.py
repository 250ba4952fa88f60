"""Examines a call of any signature scheme, away from the event loop."""

import asyncio
from typing import Any

from waypost.api.doctor.diagnosis import Diagnosis, diagnose_queue, diagnose_v1, diagnose_v3
from waypost.api.errors.catalogue import ApiError
from waypost.api.request import Call, parameters
from waypost.api.signatures.checks import parse_timestamp
from waypost.clock import steady_seconds

LONGEST_EXAMINED = 64 * 1024
"""Longer requests, in bytes, are not examined: each mistake that is tried encodes and hashes them again."""
_QUEUE_SCHEME = "MNS "
_V3_SCHEME = "ACS3-"
_NOT_SIGNED = "The request is not signed: it has neither an Authorization header nor the parameter Signature."


class BusyError(Exception):
    """Too many wait to have a signature examined."""


class Examiner:
    """Examines one call at a time, in a thread, since it takes some 40 ms of a processor.

    Args:
        most_waiting: how many calls may wait.
        share: the part of the time that it examines, at most; it rests after each call.
    """

    def __init__(self, most_waiting: int, share: float = 1) -> None:
        self._most_waiting = most_waiting
        self._rests = 1 / share - 1
        self._rested_at = 0.0
        self._waiting = 0
        self._turn = asyncio.Lock()

    async def examine(self, call: Call, secret: str, now_s: float) -> Diagnosis:
        """Why the signature of a call is wrong.

        Args:
            now_s: when it came, Unix seconds.

        Raises:
            BusyError: too many calls wait.
        """
        if self._waiting >= self._most_waiting:
            raise BusyError
        self._waiting += 1
        try:
            async with self._turn:
                await asyncio.sleep(self._rested_at - steady_seconds())
                began = steady_seconds()
                diagnosis = await asyncio.to_thread(diagnose, call, secret, now_s)
                ended = steady_seconds()
                self._rested_at = ended + (ended - began) * self._rests
                return diagnosis
        finally:
            self._waiting -= 1


def diagnose(call: Call, secret: str, now_s: float) -> Diagnosis:
    """Why the signature of a call of any scheme is wrong; what cannot be examined has that as its cause."""
    authorization = call.headers.get("authorization", "")
    try:
        if authorization.startswith(_QUEUE_SCHEME):
            return diagnose_queue(call, secret)
        if authorization.startswith(_V3_SCHEME):
            return diagnose_v3(call, secret, now_s)
        if "Signature" not in parameters(call):
            return Diagnosis([_NOT_SIGNED], [])
        return diagnose_v1(call, secret, now_s)
    except ApiError as error:
        return Diagnosis([error.message], [])
    except ValueError as error:
        text = str(error)
        return Diagnosis([f"{text[:1].upper()}{text[1:]}."], [])


def named_key(call: Call) -> str:
    """The AccessKeyId that a call names; empty if it names none."""
    authorization = call.headers.get("authorization", "")
    if authorization.startswith(_QUEUE_SCHEME):
        return authorization.removeprefix(_QUEUE_SCHEME).partition(":")[0].strip()
    if authorization:
        return authorization.partition("Credential=")[2].partition(",")[0].strip()
    try:
        return parameters(call).get("AccessKeyId", "")
    except ApiError:
        return ""


def signed_at(call: Call) -> float | None:
    """When a call was signed by its own clock, Unix seconds; None if it does not say so in the right form."""
    try:
        text = call.headers.get("x-acs-date") or parameters(call).get("Timestamp", "")
        return parse_timestamp(text)
    except (ApiError, ValueError):
        return None


def diagnosis_fields(diagnosis: Diagnosis) -> dict[str, Any]:
    """A diagnosis as JSON members: the causes, and each step with ours, theirs and where they differ."""
    return {
        "causes": list(diagnosis.causes),
        "steps": [
            {"name": step.name, "ours": step.ours, "theirs": step.theirs, "difference": step.difference}
            for step in diagnosis.steps
        ],
    }
