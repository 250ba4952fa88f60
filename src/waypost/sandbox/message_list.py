"""The query of the sandbox's list of messages."""

from collections.abc import Mapping

from waypost.messaging.message_search import between
from waypost.model.identifiers import AccountId, MessageId, SpaceId, is_message_id
from waypost.model.message.leg import LegState
from waypost.model.people import addresses_of
from waypost.storage.message_search import MessageFilter

_NAMES = (
    *("account", "space", "channel", "from", "to", "template", "task", "tag", "group", "request", "state"),
    *("since", "until", "before", "limit"),
)
_STATES = tuple(state.value for state in LegState)
_USUAL_LIMIT, _HIGHEST_LIMIT = 50, 1000
# The last millisecond of the year 9999: a MessageId has four digits for the year.
_LATEST = 253_402_300_799_999


def listed_messages(params: Mapping[str, str]) -> tuple[MessageFilter, int]:
    """What the list has, and how much of it at most.

    Args:
        params: as in the query; times are milliseconds UTC.

    Raises:
        ValueError: a parameter is unknown or not understood; the text says which, and what is allowed.
    """
    for name in params:
        if name not in _NAMES:
            raise ValueError(f"there is no parameter {name}; there are: {', '.join(_NAMES)}")

    def text(name: str) -> str:
        return params.get(name, "")

    before = text("before")
    if before and not is_message_id(before):
        raise ValueError("before must be a MessageId: 25 digits")
    if text("state") not in ("", *_STATES):
        raise ValueError(f"state must be one of: {', '.join(_STATES)}")
    filters = MessageFilter(
        account_id=AccountId(text("account")),
        space_id=SpaceId(text("space")),
        channel=text("channel"),
        sender=text("from"),
        recipients=tuple(addresses_of(text("to"))) if text("to") else (),
        states=(LegState(text("state")),) if text("state") else (),
        template_code=text("template"),
        task_id=text("task"),
        tag=text("tag"),
        group_id=text("group"),
        request_id=text("request").upper(),
    )
    since, until = (_number(params, name, 0, _LATEST) for name in ("since", "until"))
    limit = _number(params, "limit", 1, _HIGHEST_LIMIT)
    return between(filters, since, until, MessageId(before)), _USUAL_LIMIT if limit is None else limit


def _number(params: Mapping[str, str], name: str, lowest: int, highest: int) -> int | None:
    text = params.get(name)
    if text is None:
        return None
    # Longer texts are numbers, too, and take long to read.
    if not text.isascii() or not text.isdecimal() or len(text) > 15 or not lowest <= int(text) <= highest:
        raise ValueError(f"{name} must be a whole number from {lowest} to {highest}")
    return int(text)
