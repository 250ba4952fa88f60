"""The query of the sandbox's list of messages."""

from collections.abc import Mapping

from waypost.messaging.message_search import between
from waypost.model.identifiers import AccountId, MessageId, SpaceId, is_message_id
from waypost.model.message.leg import LegState
from waypost.model.people import addresses_of
from waypost.sandbox.list_pages import InvalidQueryError, PageQuery, number, page_query
from waypost.storage.message_search import MessageFilter

_NAMES = (
    *("account", "space", "channel", "from", "to", "template", "task", "tag", "group", "request", "state"),
    *("since", "until"),
)
_STATES = tuple(state.value for state in LegState)
_USUAL_LIMIT, _HIGHEST_LIMIT = 50, 1000
# The last millisecond of the year 9999: a MessageId has four digits for the year.
_LATEST = 253_402_300_799_999


def listed_messages(params: Mapping[str, str]) -> tuple[MessageFilter, PageQuery]:
    """What the list has, and which page of it.

    Args:
        params: as in the query; times are milliseconds UTC.

    Raises:
        InvalidQueryError: a parameter is unknown or not understood.
    """
    page = page_query(params, _NAMES, usual_limit=_USUAL_LIMIT, highest=_HIGHEST_LIMIT)

    def text(name: str) -> str:
        return params.get(name, "")

    for name in ("before", "after"):
        if text(name) and not is_message_id(text(name)):
            raise InvalidQueryError(f"{name} must be a MessageId: 25 digits")
    if text("state") not in ("", *_STATES):
        raise InvalidQueryError(f"state must be one of: {', '.join(_STATES)}")
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
    since, until = (number(params, name, 0, _LATEST) for name in ("since", "until"))
    filters = between(filters, since, until, MessageId(page.before))
    return filters._replace(after=max(filters.after, MessageId(page.after))), page
