"""Cancellations: which messages of an account are not to be sent any more."""

import msgspec

from waypost.model.identifiers import NO_SPACE, AccountId, MessageId, SpaceId


class CancelFilter(msgspec.Struct, frozen=True, kw_only=True):
    """The messages that a cancellation is about: those of the account that match each filter.

    Attributes:
        space_id, task_id, group_id, template_code: an empty one matches every message.
    """

    account_id: AccountId
    space_id: SpaceId = NO_SPACE
    task_id: str = ""
    group_id: str = ""
    template_code: str = ""

    @property
    def narrowed(self) -> bool:
        """Whether it is about less than everything of the account."""
        return bool(self.space_id or self.task_id or self.group_id or self.template_code)


class Cancellation(msgspec.Struct, frozen=True, kw_only=True):
    """A cancellation, and how far it has come.

    Attributes:
        filter: the messages that it is about.
        before: only messages with ids below this, those that were accepted before it.
        who: the access key, or the user of the operating system, that asked for it.
        at: when it was asked for, milliseconds UTC.
        cancelled: the legs that it ended.
        with_provider: the legs that a provider had, or may have had, when all others had ended.
        ended_at: when every leg had ended that no provider had; None before.
        done_at: when that was published, too; None before.
    """

    id: int
    filter: CancelFilter
    before: MessageId
    who: str
    at: int
    cancelled: int = 0
    with_provider: int = 0
    ended_at: int | None = None
    done_at: int | None = None

    @property
    def state(self) -> str:
        """`ending` while legs end, `publishing` when all have ended, `done` when that is published."""
        if self.done_at is not None:
            return "done"
        return "ending" if self.ended_at is None else "publishing"
