"""What goes wrong on demand: with calls, at the simulated providers, and at customers' URLs.

A disruption hits a number of times, or a share of what it is about, or all until it is removed. Which ones of
a share it hits follows from its seed and from what they are about, not from who comes first: the same seed
and the same calls hit the same calls.
"""

import hashlib
import secrets
from collections.abc import Callable, Iterable
from typing import Any, Literal, TypeVar, get_args

import msgspec

from waypost.api.errors.catalogue import error_code
from waypost.model.channels import CHANNELS
from waypost.model.codes import LIMIT_CONTROL

MOST_DISRUPTIONS = 1000
"""How many may be in force at once."""
_HIGHEST_COUNT = 1_000_000
_LONGEST_S = 600.0
_LONGEST_DELAY_S = 400 * 86_400.0
# How many different things a disruption counts the occurrences of; the ones that came first are forgotten.
_MOST_KEYS = 100_000
_HIGHEST_SEED = 2**53
_UNIT = 2**64

CallKind = Literal["refuse", "throttle", "timeout", "drop", "lose_answer"]
SubmissionKind = Literal["slow", "busy", "error", "drop", "lose_answer"]
ReceiptKind = Literal["receipts_lost", "receipts_doubled", "receipts_late", "receipts_out_of_order"]
ProviderKind = Literal[SubmissionKind, ReceiptKind, "down"]
CallbackKind = Literal["answer", "timeout", "refuse_connection"]

SUBMISSION_KINDS = ("busy", "error", "drop", "lose_answer")
RECEIPT_KINDS: tuple[str, ...] = get_args(ReceiptKind)


class InvalidDisruptionError(Exception):
    """A disruption cannot be; the text says which member is wrong and what is allowed."""


class Disruption(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What all have in common.

    Attributes:
        id: by which it is removed; set when it is added.
        count: how many more times it hits; None for no limit.
        share: the share that it hits of what it is about, more than 0 to 1.
        seed: by which the share is chosen; a new one is drawn if there is none.
        hits: how often it has hit.
    """

    id: int = 0
    count: int | None = None
    share: float = 1.0
    seed: int | None = None
    hits: int = 0

    def check(self) -> None:
        """Raises `InvalidDisruptionError` if it cannot be."""
        if self.count is not None and not 0 < self.count <= _HIGHEST_COUNT:
            raise InvalidDisruptionError(f"count must be from 1 to {_HIGHEST_COUNT}")
        if not 0 < self.share <= 1:
            raise InvalidDisruptionError("share must be more than 0 and at most 1, such as 0.2")
        if self.seed is not None and not 0 <= self.seed < _HIGHEST_SEED:
            raise InvalidDisruptionError(f"seed must be a whole number from 0 to {_HIGHEST_SEED - 1}")


class CallDisruption(Disruption, kw_only=True, forbid_unknown_fields=True):
    """What happens to calls of the API.

    Attributes:
        kind: `refuse` with `code`; `throttle` as above the limit of calls a second; `timeout`: it is not
            carried out and never answered; `drop`: not carried out, and the connection is closed;
            `lose_answer`: carried out, and the connection is closed instead of an answer.
        operation: of which operation; empty for any.
        seconds: of a `timeout`, after how many real seconds the connection is closed.
    """

    kind: CallKind
    code: str = ""
    operation: str = ""
    seconds: float = 60.0

    def check(self) -> None:
        """Raises `InvalidDisruptionError` if it cannot be."""
        super().check()
        if self.kind == "throttle":
            self.code = LIMIT_CONTROL
        if (self.kind in ("refuse", "throttle")) != bool(self.code):
            raise InvalidDisruptionError("code must be there for the kind refuse, and for no other")
        if not 0 < self.seconds <= _LONGEST_S:
            raise InvalidDisruptionError(f"seconds must be more than 0 and at most {_LONGEST_S:g}")
        try:
            if self.code:
                error_code(self.code)
        except LookupError:
            raise InvalidDisruptionError(f"code {self.code!r} is none of /errors") from None


class ProviderDisruption(Disruption, kw_only=True, forbid_unknown_fields=True):
    """What happens at a simulated provider, to submissions or to the receipts of messages.

    Attributes:
        kind: of submissions `slow` (answered after `seconds` of real time), `busy` (in the provider's own
            form), `error` (HTTP `status`), `drop` (not taken, the connection is closed), `lose_answer`
            (taken, the connection is closed); `down`: connections are refused; of receipts `receipts_lost`,
            `receipts_doubled`, `receipts_late` (by `seconds` of the sandbox's time) and
            `receipts_out_of_order`.
        channel: whose provider; empty if `route` is there.
        route: of senders on this route alone; empty for all of the channel.
        seconds: see above.
        status: from 500 to 599.
    """

    kind: ProviderKind
    channel: str = ""
    route: str = ""
    seconds: float = 2.0
    status: int = 503

    def check(self) -> None:
        """Raises `InvalidDisruptionError` if it cannot be."""
        super().check()
        if not (self.channel or self.route):
            raise InvalidDisruptionError("channel or route must be there")
        if self.channel and self.channel not in CHANNELS:
            raise InvalidDisruptionError(f"channel must be one of: {', '.join(CHANNELS)}")
        longest = _LONGEST_DELAY_S if self.kind == "receipts_late" else _LONGEST_S
        if not 0 < self.seconds <= longest:
            raise InvalidDisruptionError(f"seconds must be more than 0 and at most {longest:g}")
        if not 500 <= self.status <= 599:
            raise InvalidDisruptionError("status must be from 500 to 599")
        if self.kind == "down" and (self.route or self.count is not None or self.share < 1):
            raise InvalidDisruptionError(
                "down refuses connections, of which nobody knows what they would bring: it takes a channel, "
                "and no route, count or share; for these there is error"
            )

    def is_about(self, channel: str, route: str) -> bool:
        """Whether it is about what goes by a channel and route."""
        return self.channel in ("", channel) and self.route in ("", route)


class CallbackDisruption(Disruption, kw_only=True, forbid_unknown_fields=True):
    """How pushes to customers' URLs are answered, which nothing leaves the sandbox for then.

    Attributes:
        kind: `answer` with `status` and `code`, `timeout` (which counts at once), or `refuse_connection`.
        url: what the URL begins with; empty for any.
        status: the HTTP status.
        code: of the JSON that it is answered with; 0 accepts the push.
    """

    kind: CallbackKind = "answer"
    url: str = ""
    status: int = 200
    code: int = 0

    def check(self) -> None:
        """Raises `InvalidDisruptionError` if it cannot be."""
        super().check()
        if not 200 <= self.status <= 599:
            raise InvalidDisruptionError("status must be from 200 to 599")


D = TypeVar("D", bound=Disruption)


class DisruptionState(msgspec.Struct, kw_only=True):
    """All disruptions, for a file.

    Attributes:
        last_id: of the one that was added last.
        occurrences: how often each has met what it is about, by its id.
    """

    calls: list[CallDisruption] = []
    providers: list[ProviderDisruption] = []
    callbacks: list[CallbackDisruption] = []
    last_id: int = 0
    occurrences: dict[int, dict[str, int]] = {}


class Disruptions:
    """The disruptions of one sandbox, in the order in which they were added; the first one that fits hits.

    Args:
        route_of: returns the route of a channel's sender; empty if it is not known.

    Attributes:
        calls, providers, callbacks: those in force; to be read.
    """

    def __init__(self, route_of: Callable[[str, str], str] = lambda channel, sender: "") -> None:
        self.calls: list[CallDisruption] = []
        self.providers: list[ProviderDisruption] = []
        self.callbacks: list[CallbackDisruption] = []
        self._route_of = route_of
        self._last_id = 0
        self._occurrences: dict[int, dict[str, int]] = {}

    def add(self, disruption: Disruption) -> None:
        """Puts one in force; its id, and its seed if it has a share, are set.

        Raises:
            InvalidDisruptionError: it cannot be, or there are too many.
        """
        disruption.check()
        if len(list(self.all())) >= MOST_DISRUPTIONS:
            raise InvalidDisruptionError(f"{MOST_DISRUPTIONS} are in force; remove one of them")
        if disruption.share < 1 and disruption.seed is None:
            disruption.seed = secrets.randbelow(_HIGHEST_SEED)
        self._last_id += 1
        disruption.id, disruption.hits = self._last_id, 0
        self._list_of(disruption).append(disruption)

    def all(self) -> Iterable[Disruption]:
        """Those in force, by what they are about."""
        return (*self.calls, *self.providers, *self.callbacks)

    def remove(self, id_: int) -> bool:
        """Removes the one with an id; False if there is none."""
        for disruption in self.all():
            if disruption.id == id_:
                self._drop(disruption)
                return True
        return False

    def clear(self, which: Callable[[Disruption], bool] = lambda _: True) -> None:
        """Removes all, or those that are chosen."""
        for disruption in self.all():
            if which(disruption):
                self._drop(disruption)

    def next_of_call(self, operation: str, key: str) -> CallDisruption | None:
        """What happens to a call; None if nothing does.

        Args:
            key: what the call is about.
        """
        fitting = (one for one in self.calls if one.operation in ("", operation))
        return self._first(fitting, f"{operation} {key}")

    def next_of_submission(self, channel: str, sender: str, recipient: str) -> list[ProviderDisruption]:
        """What happens to a submission: it may be slow, and one more thing."""
        fitting = self._of_provider(channel, sender)
        key = f"{channel} {sender} {recipient}"
        slow = self._first((one for one in fitting if one.kind == "slow"), key)
        other = self._first((one for one in fitting if one.kind in SUBMISSION_KINDS), key)
        return [one for one in (slow, other) if one is not None]

    def next_of_receipts(self, channel: str, sender: str, recipient: str) -> ProviderDisruption | None:
        """What happens to the receipts of a message; None if nothing does."""
        fitting = (one for one in self._of_provider(channel, sender) if one.kind in RECEIPT_KINDS)
        return self._first(fitting, f"{channel} {sender} {recipient}")

    def next_of_callback(self, url: str, key: str) -> CallbackDisruption | None:
        """How a push to a customer's URL is answered; None if it is made.

        Args:
            key: what the push is about.
        """
        return self._first((one for one in self.callbacks if url.startswith(one.url)), key)

    def is_down(self, channel: str) -> bool:
        """Whether the provider of a channel refuses connections."""
        return any(one.kind == "down" and one.channel == channel for one in self.providers)

    def state(self) -> DisruptionState:
        """All that there is, as a value."""
        return DisruptionState(
            calls=self.calls,
            providers=self.providers,
            callbacks=self.callbacks,
            last_id=self._last_id,
            occurrences=self._occurrences,
        )

    def restore(self, state: DisruptionState) -> None:
        """Takes over all that there was."""
        self.calls, self.providers = list(state.calls), list(state.providers)
        self.callbacks = list(state.callbacks)
        self._last_id, self._occurrences = state.last_id, dict(state.occurrences)

    def _of_provider(self, channel: str, sender: str) -> list[ProviderDisruption]:
        if not self.providers:
            return []
        route = self._route_of(channel, sender)
        return [one for one in self.providers if one.is_about(channel, route)]

    def _first(self, fitting: Iterable[D], key: str) -> D | None:
        for disruption in list(fitting):
            if self._hits(disruption, key):
                disruption.hits += 1
                if disruption.count is not None:
                    disruption.count -= 1
                    if not disruption.count:
                        self._drop(disruption)
                return disruption
        return None

    def _hits(self, disruption: Disruption, key: str) -> bool:
        if disruption.share == 1:
            return True
        occurrences = self._occurrences.setdefault(disruption.id, {})
        nth = occurrences.pop(key, 0)
        occurrences[key] = nth + 1
        if len(occurrences) > _MOST_KEYS:
            del occurrences[next(iter(occurrences))]
        drawn = hashlib.blake2b(f"{disruption.seed} {nth} {key}".encode(), digest_size=8).digest()
        return int.from_bytes(drawn) < disruption.share * _UNIT

    def _list_of(self, disruption: Disruption) -> list[Any]:
        lists: dict[type[Disruption], list[Any]] = {
            CallDisruption: self.calls,
            ProviderDisruption: self.providers,
            CallbackDisruption: self.callbacks,
        }
        return lists[type(disruption)]

    def _drop(self, disruption: Disruption) -> None:
        self._list_of(disruption).remove(disruption)
        self._occurrences.pop(disruption.id, None)
