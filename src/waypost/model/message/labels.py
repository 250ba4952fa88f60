"""The label of a Viber message: its purpose, which decides the allowed content."""

from enum import StrEnum


class Label(StrEnum):
    """The two labels of Viber, as its own interface spells them (send-chatapp-message.md §2)."""

    PROMOTION = "promotion"
    TRANSACTION = "transaction"


# `pormotion` is printed by many official texts (SDK comments and metadata), so code in use may well send it.
_SPELLINGS = {
    "promotion": Label.PROMOTION,
    "pormotion": Label.PROMOTION,
    "transaction": Label.TRANSACTION,
}


def parse_label(value: str | None) -> Label | None:
    """Decode the parameter `Label`.

    Any case is accepted, and so is the official typo `pormotion`.

    Returns:
        The label, or None when the value is absent, empty or no label.
    """
    if not value:
        return None
    return _SPELLINGS.get(value) or _SPELLINGS.get(value.lower())
