"""Quotes a caller's value in an error: short, on one line, never a whole message."""

QUOTED_LENGTH = 40
"""The most characters of a caller's value that an error shows."""

SHOWN_LENGTH = 128
"""The most characters of a name, an address or a list that an error shows."""


def shown(text: str) -> str:
    """A caller's name, address or list in the form in which errors show it, without quotes: at most 128
    characters."""
    return text if len(text) <= SHOWN_LENGTH else f"{text[: SHOWN_LENGTH - 1]}…"


def quoted(value: object) -> str:
    """A value from a caller's text or JSON in the form in which every error quotes.

    A string is put in quotes, its control characters escaped and anything past 40 characters cut off: it may
    be the text of a message, which belongs neither in a log nor in an error as a whole. A number or a boolean
    is shown as JSON writes it, an object or a list is only named, since it may be as large as the call.
    """
    if isinstance(value, str):
        return f"'{_shortened(value)}'"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(value)
    if isinstance(value, int):
        return str(value) if abs(value) < 10**QUOTED_LENGTH else "a number too large to show"
    if value is None:
        return "null"
    return "an object" if isinstance(value, dict) else "a list"


def _shortened(text: str) -> str:
    shown = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text[:QUOTED_LENGTH])
    if len(text) > QUOTED_LENGTH or len(shown) > QUOTED_LENGTH:
        return shown[: QUOTED_LENGTH - 1] + "…"
    return shown
