"""The pushes that wait for a place of a customer's host: a line for each lane, and the lines in turns."""

import asyncio
from bisect import bisect_right
from collections import Counter, defaultdict, deque
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate, groupby, islice
from operator import attrgetter

import msgspec
from yarl import URL

from waypost.delivery.dispatcher import Release
from waypost.delivery.options import CallbackOptions
from waypost.model.identifiers import AccountId
from waypost.model.message.lanes import parse_callback_lane
from waypost.storage.records import Callback, Work

callbacks_of = attrgetter("callbacks")
_kind_of = attrgetter("kind")


class PushClaim:
    """The pushes of one claim, whose places are freed as they end; whoever claimed them waits for all.

    Args:
        release: frees the places of rows.
    """

    __slots__ = ("_ended", "_error", "_open", "_release")

    def __init__(self, release: Release) -> None:
        self._release = release
        self._open = 0
        self._error: Exception | None = None
        self._ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def begin(self, pushes: int) -> None:
        """Notes that so many more pushes will end."""
        self._open += pushes

    def end(self, works: Sequence[Work]) -> None:
        """Frees the places of pushes whose outcome is written."""
        self._release(*works)
        self._count(len(works))

    def fail(self, pushes: int, error: Exception) -> None:
        """Notes why the outcome of pushes is not written; `wait` raises the first such error."""
        self._error = self._error or error
        self._count(pushes)

    async def wait(self) -> None:
        """Returns when all pushes have ended."""
        if self._open:
            await self._ended
        if self._error is not None:
            raise self._error

    def _count(self, pushes: int) -> None:
        self._open -= pushes
        # It is done before if the wait was cancelled.
        if not self._open and not self._ended.done():
            self._ended.set_result(None)


class Push(msgspec.Struct, frozen=True):
    """A claimed row, with the callbacks that wait for it in order.

    Attributes:
        kind: the kind of its callbacks.
    """

    work: Work
    callbacks: list[Callback]
    kind: str
    claim: PushClaim


class Line:
    """The pushes that wait in a lane, in order."""

    __slots__ = ("account_id", "host", "lane", "pushes", "url")

    def __init__(self, lane: str) -> None:
        self.lane = lane
        self.account_id, self.url = parse_callback_lane(lane)
        self.host = host_of(self.url)
        self.pushes: list[Push] = []


class PushLines:
    """The lines of all hosts, and how many pushes to each host are under way."""

    def __init__(self, options: CallbackOptions) -> None:
        self._options = options
        self._lines: dict[str, Line] = {}
        # The lines that have pushes, by host and in turns.
        self._hosts: defaultdict[str, deque[Line]] = defaultdict(deque)
        # Pushes under way by host, and by host and account.
        self._under_way: Counter[str] = Counter()
        self._of_account: Counter[tuple[str, AccountId]] = Counter()

    def add(self, lane: str, pushes: Sequence[Push]) -> str:
        """Lets pushes of a lane wait for a place of their host, which is returned."""
        line = self._lines.get(lane)
        if line is None:
            line = self._lines[lane] = Line(lane)
            self._hosts[line.host].append(line)
        line.pushes += pushes
        return line.host

    def begin(self, host: str) -> tuple[Line, list[Push]] | None:
        """Takes a place of a host for those that are next, as one POST; None if nothing waits that may have
        one."""
        lines = self._hosts[host]
        line = self._next_line(host, lines)
        if line is None:
            if not lines:
                del self._hosts[host]
            return None
        lines.remove(line)
        pushes = self._next_pushes(line)
        if line.pushes:
            lines.append(line)
        else:
            del self._lines[line.lane]
        self._under_way[host] += 1
        self._of_account[host, line.account_id] += 1
        return line, pushes

    def end(self, line: Line) -> None:
        """Frees the place of a POST."""
        account = line.host, line.account_id
        self._under_way[line.host] -= 1
        self._of_account[account] -= 1
        if not self._of_account[account]:
            del self._of_account[account]

    def _next_line(self, host: str, lines: Sequence[Line]) -> Line | None:
        """The line that has the next place of a host; None if there is none.

        The last quarter of the places is for accounts that have no push under way to the host: a slow URL of
        one account cannot hold up another one's at the same host.
        """
        places = self._options.concurrency_per_url
        free = places - self._under_way[host]
        if free <= 0:
            return None
        is_open = free > places // 4
        for line in lines:
            if is_open or not self._of_account[host, line.account_id]:
                return line
        return None

    def _next_pushes(self, line: Line) -> list[Push]:
        """Takes as many pushes as fit into one POST, all of one kind."""
        most = self._options.batch
        _, of_one_kind = next(groupby(islice(line.pushes, most), _kind_of))
        sizes = accumulate(map(len, map(callbacks_of, of_one_kind)))
        number = bisect_right(list(sizes), most)
        taken = line.pushes[:number]
        del line.pushes[:number]
        return taken


@lru_cache(1024)
def host_of(url: str) -> str:
    """The host and port of a URL, by which the requests under way are counted; of no URL the text itself."""
    try:
        return URL(url).authority
    except ValueError:
        return url
