"""What each MessageType of each channel holds, as one table: a new channel is new rows.

`waypost.model.content` reads the rows and checks a message against them; nothing else knows the rules.
"""

from enum import Enum
from typing import NamedTuple

from waypost.model.codes import CONTENT_ERROR, LINK_NOT_EMPTY, TEXT_NOT_EMPTY

# The unit of fileSize is stated nowhere (send-chatapp-message.md §4.1); bytes is our reading, as in Viber's
# own interface (providers/viber.md §2). A caller that counts in MB stays far below it and is not refused.
MEGABYTE = 1024 * 1024

_VIBER_FILES = "doc docx rtf dot dotx odt odf fodt txt info pdf xps pdax eps xls xlsx ods fods csv xlsm xltx"
VIBER_FILE_TYPES = frozenset(_VIBER_FILES.split())
"""The file types that Viber carries (send-chatapp-message.md §4.2)."""


class Kind(Enum):
    """What the value of a field is, and so how it is read and limited."""

    TEXT = "text"
    """A string; the limit is its length in characters (code points)."""
    URL = "url"
    """An http or https URL; the limit is its length in characters."""
    NUMBER = "number"
    """A number above 0, or a string of one; the limit is the largest value."""
    CHOICE = "choice"
    """One of a few words, in any case, with or without a dot in front; kept in lower case without it."""


class Field(NamedTuple):
    """One field of a message's content.

    Attributes:
        name: as the documentation spells it; a caller may use any case.
        kind: how its value is read.
        limit: the longest text or the largest number; None for no limit of its own.
        unit: what the limit counts, in words, for the error.
        choices: the words a CHOICE allows.
        missing: the code that answers a call without it.
        refuse_invalid: whether an unusable value refuses the call; if not, it is left out.
    """

    name: str
    kind: Kind
    limit: int | None = None
    unit: str = "characters"
    choices: frozenset[str] = frozenset()
    missing: str = CONTENT_ERROR
    refuse_invalid: bool = True


class ContentRule(NamedTuple):
    """What one MessageType of one channel holds.

    Attributes:
        fields: the fields it may have, required ones first; any other member of a content is ignored.
        required: how many of them, from the first, it must have.
        by_spelling: the same fields under their documented name and under that in lower case.
    """

    fields: tuple[Field, ...]
    required: int
    by_spelling: dict[str, Field]


def _row(*required: Field, optional: tuple[Field, ...] = ()) -> ContentRule:
    fields = required + optional
    exact = {field.name: field for field in fields}
    return ContentRule(fields, len(required), exact | {field.name.lower(): field for field in fields})


def _viber() -> dict[str, ContentRule]:
    # Required fields: send-chatapp-message.md §4.1. Limits: §4.2. `caption` is the button's label and
    # `action` its URL. `text_image` is listed in no source; its two parts are our reading.
    text = Field("text", Kind.TEXT, 1000, missing=TEXT_NOT_EMPTY)
    link = Field("link", Kind.URL, missing=LINK_NOT_EMPTY)
    caption = Field("caption", Kind.TEXT, 30)
    action = Field("action", Kind.URL)
    video = (
        Field("thumbnail", Kind.URL, 1000),
        Field("fileSize", Kind.NUMBER, 200 * MEGABYTE, "bytes"),
        Field("duration", Kind.NUMBER, 600, "seconds"),
    )
    document = (
        Field("fileName", Kind.TEXT, 25),
        Field("fileType", Kind.CHOICE, choices=VIBER_FILE_TYPES),
    )
    # The sources contradict each other on whether a video's button may have a URL: it never refuses a call.
    video_action = action._replace(refuse_invalid=False)
    return {
        "text": _row(text),
        "image": _row(link),
        "video": _row(link, *video),
        "document": _row(link, *document),
        "text_button": _row(text, caption, action),
        "text_image_button": _row(text, link, caption, action),
        "text_video": _row(text, link, *video),
        "text_video_button": _row(text, link, *video, caption, optional=(video_action,)),
        "text_image": _row(text, link),
    }


CONTENT: dict[str, dict[str, ContentRule]] = {
    "viber": _viber(),
}
"""Channel to MessageType to rule."""

CHANNELS: dict[str, tuple[str, ...]] = {channel: tuple(rules) for channel, rules in CONTENT.items()}
"""The channels that can be sent on, each with its MessageTypes in the order of the documentation."""

TEXT_ONLY_LABELS: dict[str, frozenset[str]] = {"viber": frozenset({"transaction"})}
"""The labels under which a channel carries MessageType text alone (send-chatapp-message.md §4.2)."""
