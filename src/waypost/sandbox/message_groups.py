"""The pages of what was sent together: the messages of a TaskId, and those of a SendChatappMassMessage."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from waypost.console.finding import nothing_found
from waypost.console.rendering import Renderer, is_long_query
from waypost.messaging.history import overall_state
from waypost.messaging.message_search import between, find_messages
from waypost.model.identifiers import NO_MESSAGE, MessageId, is_message_id
from waypost.model.message.message import Message
from waypost.storage.contract import Store
from waypost.storage.message_search import MessageFilter

_ROWS = 50
_LONGEST_ID = 200

GROUP_FINDS = ("a TaskId", "a GroupMessageId")
"""What is found by these pages."""


class GroupRow(NamedTuple):
    """A message of a group.

    Attributes:
        state: of the message as a whole.
    """

    message: Message
    state: str


class MessageGroups:
    """Renders the pages, and finds which one an id leads to.

    Args:
        finds: what the field at the top takes, for an id that leads nowhere.
        texts: functions for the template.
    """

    def __init__(
        self, store: Store, renderer: Renderer, finds: tuple[str, ...], texts: Mapping[str, Any]
    ) -> None:
        self._store, self._renderer, self._finds, self._texts = store, renderer, finds, texts

    def routes(self) -> list[Route]:
        """The URL routes of the pages."""
        return [Route("/tasks/{id:path}", self.task), Route("/groups/{id}", self.group)]

    async def path_of(self, query: str) -> str | None:
        """The path of the page of a TaskId or a GroupMessageId; None if no message has it."""
        if len(query) > _LONGEST_ID:
            return None
        if await self._rows(MessageFilter(group_id=query), 1):
            return f"/groups/{quote(query, safe='')}"
        if await self._rows(MessageFilter(task_id=query), 1):
            return f"/tasks/{quote(query, safe='')}"
        return None

    async def task(self, request: Request) -> Response:
        """The messages with a TaskId, the latest first; `?before=` shows older ones."""
        task_id = request.path_params["id"]
        return await self._page(request, "TaskId", task_id, MessageFilter(task_id=task_id))

    async def group(self, request: Request) -> Response:
        """The messages of a SendChatappMassMessage, the latest first; `?before=` shows older ones."""
        group_id = request.path_params["id"]
        return await self._page(request, "GroupMessageId", group_id, MessageFilter(group_id=group_id))

    async def _page(self, request: Request, kind: str, id_: str, filters: MessageFilter) -> Response:
        before = "" if is_long_query(request) else request.query_params.get("before", "")
        if is_message_id(before):
            filters = between(filters, None, None, MessageId(before))
        else:
            before = NO_MESSAGE
        rows = await self._rows(filters, _ROWS + 1) if 0 < len(id_) <= _LONGEST_ID else []
        if not rows and not before:
            return nothing_found(self._renderer, request, self._finds)
        return self._renderer.page(
            "message_group.html",
            request=request,
            kind=kind,
            id=id_,
            rows=rows[:_ROWS],
            older=rows[_ROWS - 1].message.message_id if len(rows) > _ROWS else "",
            **self._texts,
        )

    async def _rows(self, filters: MessageFilter, limit: int) -> list[GroupRow]:
        return [
            GroupRow(found.message, overall_state(found.legs).value)
            async for found in find_messages(self._store, filters, limit=limit)
        ]
