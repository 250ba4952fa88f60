"""Ids for new rules and policies."""

import secrets

from waypost.api.operations.chosen_ids import IdKind, chosen_id

_IDS = 10**9


def draw_id(prefix: str, kind: IdKind) -> str:
    """Generates an id like those of the official console, `S_000001`, but with nine random digits.

    One that is in use is drawn again, because the call that would insert it is decided again.
    """
    return chosen_id(kind) or f"{prefix}{secrets.randbelow(_IDS):09d}"
