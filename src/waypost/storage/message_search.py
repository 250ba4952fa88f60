"""What messages are searched by, and by which index a search goes.

An index has the rows of one value by their MessageIds, which begin with their time: a stretch of time is a
part of it, and a page begins where the one before ended. A search goes along one index, the most selective
one by the table below, and looks at each message that it finds there for the other filters.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from waypost.model.channels import CHANNELS
from waypost.model.identifiers import NO_MESSAGE, NO_SPACE, AccountId, MessageId, SpaceId
from waypost.model.message.leg import Leg, LegState
from waypost.model.message.message import Message

NO_ACCOUNT = AccountId("")
_ABOVE_ALL = MessageId("~")
"""Above all MessageIds."""


class MessageFilter(NamedTuple):
    """Which messages are meant; what is empty is not looked at.

    Attributes:
        channel, sender, recipients: of one leg; `recipients` are the spellings of one person's address.
        own_leg: whether that has to be leg 0, the message's own channel; else it may be a fallback, too.
        own_states: the states that leg 0 may be in.
        states: the states that the message as a whole may be in (`LegState`, of the best leg, or the last).
        after, before: MessageIds between which its own is, both exclusive.
    """

    account_id: AccountId = NO_ACCOUNT
    space_id: SpaceId = NO_SPACE
    channel: str = ""
    sender: str = ""
    recipients: tuple[str, ...] = ()
    own_leg: bool = False
    own_states: tuple[LegState, ...] = ()
    states: tuple[LegState, ...] = ()
    template_code: str = ""
    task_id: str = ""
    tag: str = ""
    group_id: str = ""
    request_id: str = ""
    after: MessageId = NO_MESSAGE
    before: MessageId = _ABOVE_ALL

    def without(self, names: Sequence[str]) -> "MessageFilter":
        """The filter without some of its members."""
        return self._replace(**{name: self._field_defaults[name] for name in names})

    def behind(self, message_id: MessageId, *, newest_first: bool) -> "MessageFilter":
        """The filter for what comes behind a message, in one of the two orders."""
        return self._replace(before=message_id) if newest_first else self._replace(after=message_id)

    @property
    def is_open(self) -> bool:
        """Whether every message between `after` and `before` matches."""
        return self.without(("after", "before", "own_leg")) == MessageFilter()


class FoundMessage(NamedTuple):
    """A message and its legs, leg 0 first."""

    message: Message
    legs: list[Leg]


class SearchPage(NamedTuple):
    """A part of what a search finds.

    Attributes:
        found: in the order of the search.
        skipped: how many messages that match were passed over before these, as was asked for.
        reached: the MessageId behind which the search goes on; None if there is nothing more. A page that is
            not full and has one looked at as many messages as a page may.
    """

    found: list[FoundMessage]
    skipped: int
    reached: MessageId | None


class MessageSearcher(Protocol):
    """Finds messages."""

    async def page(
        self, filters: MessageFilter, *, limit: int, skip: int = 0, newest_first: bool = True
    ) -> SearchPage:
        """The first messages that match, by their MessageIds; looks at a bounded number of messages.

        Args:
            limit: how many at most.
            skip: how many that match are passed over first.
        """
        ...


class Way(NamedTuple):
    """A way along an index.

    Attributes:
        index_name: empty for the table's own key.
        table: `message` or `leg`.
        columns: those that are the same in all rows of a part of the index.
        parts: their values, for each part that the way goes along; None stands for each value that there is.
        covers: the members of the filter that all it finds match; the others have to be looked at.
        own_leg: whether it goes along rows of leg 0 alone.
        beside: another way that is gone along at the same time; what is found is on one of the two.
    """

    index_name: str
    table: str
    columns: tuple[str, ...]
    parts: tuple[tuple[str | None, ...], ...]
    covers: tuple[str, ...]
    own_leg: bool = False
    beside: "Way | None" = None


NOT_IN_INDEX = frozenset({LegState.QUEUED, LegState.SUBMITTING})
"""States of legs that no provider has yet. The index of states is without them; a message that has one and is
not settled has a timer."""
# Few messages stay in these; the others are where most messages are in the end.
_RARE_STATES = frozenset(LegState) - {LegState.SENT, LegState.DELIVERED, LegState.READ}


def ways(filters: MessageFilter) -> list[Way]:
    """The ways that a search can go, the one first that most likely has the fewest messages."""
    possible = (
        _by_message("message_by_request", filters, "request_id"),
        _by_recipient(filters),
        _by_message("message_by_group", filters, "group_id"),
        _by_message("message_by_task", filters, "task_id"),
        _by_state(filters) if _is_rare(filters) else None,
        _by_message("message_by_tag", filters, "tag"),
        _by_message("message_by_template", filters, "template_code"),
        _by_sender(filters),
        _by_space(filters) if filters.space_id else None,
        _by_state(filters),
        _by_space(filters) if filters.account_id else None,
        _by_channel(filters),
    )
    return [way for way in dict.fromkeys(possible) if way is not None] or [EVERY_MESSAGE]


EVERY_MESSAGE = Way("", "message", (), ((),), ())


def _by_message(index: str, filters: MessageFilter, name: str) -> Way | None:
    value = getattr(filters, name)
    return Way(index, "message", (name,), ((value,),), (name,)) if value else None


def _by_recipient(filters: MessageFilter) -> Way | None:
    if not filters.recipients:
        return None
    # Of several things about one leg each way knows one.
    covers = () if filters.channel or filters.sender else ("recipients",)
    parts = tuple((recipient,) for recipient in filters.recipients)
    return Way("leg_by_recipient", "leg", ("recipient",), parts, covers, filters.own_leg)


def _by_sender(filters: MessageFilter) -> Way | None:
    if not filters.sender:
        return None
    channels = (filters.channel,) if filters.channel else tuple(CHANNELS)
    covers = () if filters.recipients else ("channel", "sender")
    parts = tuple((channel, filters.sender) for channel in channels)
    return Way("leg_by_sender", "leg", ("channel", "sender"), parts, covers, filters.own_leg)


def _by_channel(filters: MessageFilter) -> Way | None:
    if not filters.channel or filters.sender:
        return None
    covers = () if filters.recipients else ("channel",)
    parts = ((filters.channel, None),)
    return Way("leg_by_sender", "leg", ("channel", "sender"), parts, covers, filters.own_leg)


def _by_space(filters: MessageFilter) -> Way:
    parts = ((filters.account_id or None, filters.space_id or None),)
    covers = ("account_id", "space_id")
    return Way("message_by_space", "message", covers, parts, covers)


def _by_state(filters: MessageFilter) -> Way | None:
    states = filters.own_states or filters.states
    if not states:
        return None
    parts = tuple((state.value,) for state in states if state not in NOT_IN_INDEX)
    along_timers = Way("journal_timer", "journal", (), ((),), ()) if len(parts) < len(states) else None
    if not parts:
        return along_timers
    own = bool(filters.own_states)
    # A message as a whole is in the state of one of its legs, but not of each.
    covers = ("own_states",) if own and along_timers is None else ()
    return Way("leg_by_state", "leg", ("state",), parts, covers, own, along_timers)


def _is_rare(filters: MessageFilter) -> bool:
    return _RARE_STATES.issuperset(filters.own_states or filters.states)
