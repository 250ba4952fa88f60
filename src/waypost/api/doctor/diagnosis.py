"""Finds the mistake in the signature of a call, of those that clients make."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import combinations
from typing import NamedTuple
from urllib.parse import quote

from waypost.api.doctor.mistakes import Mistake, secret_mistakes
from waypost.api.doctor.queue_mistakes import QUEUE_MISTAKES
from waypost.api.doctor.signing import QueueSigning, Signing, V1Signing, V3Signing
from waypost.api.doctor.v1_mistakes import V1_MISTAKES
from waypost.api.doctor.v3_mistakes import V3_MISTAKES
from waypost.api.limits import CLOCK_TOLERANCE_S
from waypost.api.request import Call, parameters
from waypost.api.signatures import mns, v1, v3
from waypost.api.signatures.canonical import canonical_query
from waypost.model.quoting import quoted

WRONG_SECRET = (
    "No mistake that clients make explains the signature: it is made with another secret, or over another "
    "request (a proxy may have changed it on the way)."
)
_QUARTER_S = 900
_NEAR_S = 120
_FARTHEST_S = 14 * 3600
_SHOWN = 12
# Two mistakes at once are some thousand signatures, each over the whole request.
_LONGEST_OF_TWO = 8 * 1024


class Step(NamedTuple):
    """A text on the way to the signature.

    Attributes:
        ours: as the service has it.
        theirs: as the client has it, if its mistake was found; else None.
    """

    name: str
    ours: str
    theirs: str | None

    @property
    def difference(self) -> int | None:
        """The place of the first character that differs; None if there is none."""
        if self.theirs is None or self.theirs == self.ours:
            return None
        same = zip(self.ours, self.theirs, strict=False)
        return next(
            (place for place, (one, other) in enumerate(same) if one != other),
            min(len(self.ours), len(self.theirs)),
        )


class Diagnosis(NamedTuple):
    """Why a signature is wrong.

    Attributes:
        causes: what is wrong, the likeliest first; empty if the signature is right.
        steps: the texts that are signed, theirs beside ours.
    """

    causes: Sequence[str]
    steps: Sequence[Step]


def diagnose_v3(call: Call, secret: str, now_s: float) -> Diagnosis:
    """Examines a call with an `Authorization` header of V3.

    Args:
        now_s: real time, Unix seconds.

    Raises:
        ApiError: the call is not signed by V3, or does not sign what it must.
    """
    authorization = v3.parse_authorization(call.headers.get("authorization", ""))
    v3.require_signed_headers(call, authorization.signed)
    signed_hash = call.headers["x-acs-content-sha256"]
    names = sorted(authorization.signed.names)
    signing = V3Signing(
        method=call.method,
        query=canonical_query(call.raw_query),
        headers="".join(f"{name}:{call.headers[name]}\n" for name in names),
        signed_headers=authorization.signed.text,
        payload_hash=signed_hash,
        secret=secret.encode(),
    )
    mistakes = [*V3_MISTAKES, *secret_mistakes(authorization.access_key_id)]
    found = _explained(call, signing, mistakes, authorization.signature, in_capitals=False)
    causes = [*_time_causes(call.headers["x-acs-date"], now_s), *found.causes]
    if not found.causes and v3.body_hash(call) != signed_hash.lower():
        causes.append(_body_cause(call, signed_hash))
    return found._replace(causes=causes)


def diagnose_v1(call: Call, secret: str, now_s: float) -> Diagnosis:
    """Examines a call that has its V1 signature among the parameters.

    Raises:
        ApiError: the call is not signed by V1.
    """
    params = parameters(call)
    v1.require_fields(params)
    signing = V1Signing(
        method=call.method,
        parameters=v1.signed_parameters(call),
        # Of any text, not of a canonical one alone.
        escaped=partial(quote, safe=""),
        secret=f"{secret}&".encode(),
    )
    sent = params["Signature"]
    times = list(_time_causes(params["Timestamp"], now_s))
    if " " in sent and signing.signature == sent.replace(" ", "+"):
        cause = "A + in Signature was not percent-encoded, and reads as a blank; it must be %2B."
        return Diagnosis([*times, cause], _steps(signing, None))
    mistakes = [*V1_MISTAKES, *secret_mistakes(params["AccessKeyId"], b"&")]
    found = _explained(call, signing, mistakes, sent.replace(" ", "+"))
    return found._replace(causes=[*times, *found.causes])


def diagnose_queue(call: Call, secret: str) -> Diagnosis:
    """Examines a request to the queues.

    Raises:
        ValueError: it has no `Authorization` header of the queues.
    """
    parsed = mns.parse_authorization(call.headers.get("authorization", ""))
    if parsed is None:
        raise ValueError("the Authorization header must read MNS <AccessKeyId>:<signature>")
    access_key_id, sent = parsed
    own = (name for name in sorted(call.headers) if name.startswith("x-mns-"))
    signing = QueueSigning(
        method=call.method,
        md5=call.headers.get("content-md5", ""),
        content_type=call.headers.get("content-type", ""),
        date=call.headers.get("date", ""),
        headers="".join(f"{name}:{call.headers[name]}\n" for name in own),
        target=f"{call.path}?{call.raw_query}" if call.raw_query else call.path,
        secret=secret.encode(),
    )
    return _explained(call, signing, [*QUEUE_MISTAKES, *secret_mistakes(access_key_id)], sent)


def _explained(
    call: Call, signing: Signing, mistakes: Sequence[Mistake], sent: str, *, in_capitals: bool = True
) -> Diagnosis:
    """Tries mistakes until one makes the signature that was sent.

    Args:
        in_capitals: whether capitals matter in a signature.
    """

    def is_sent(made: Signing) -> bool:
        return made.signature == sent or (not in_capitals and made.signature.lower() == sent.lower())

    if is_sent(signing):
        return Diagnosis([], _steps(signing, None))
    length = sum(len(text) for _, text in signing.steps)
    for chosen in _chosen(mistakes, at_once=2 if length <= _LONGEST_OF_TWO else 1):
        theirs = signing
        for mistake in chosen:
            theirs = mistake.applied(call, theirs)
        if is_sent(theirs):
            return Diagnosis([mistake.cause for mistake in chosen], _steps(signing, theirs))
    return Diagnosis([WRONG_SECRET], _steps(signing, None))


def _chosen(mistakes: Sequence[Mistake], at_once: int) -> Iterator[tuple[Mistake, ...]]:
    """Single mistakes first, then two of different parts unless that is one at once too many."""
    for mistake in mistakes:
        yield (mistake,)
    if at_once < 2:
        return
    for one, other in combinations(mistakes, 2):
        if one.part != other.part:
            yield one, other


def _steps(ours: Signing, theirs: Signing | None) -> list[Step]:
    others = dict(theirs.steps) if theirs is not None else {}
    return [Step(name, text, others.get(name)) for name, text in ours.steps]


def _body_cause(call: Call, signed_hash: str) -> str:
    received = v3.body_hash(call)
    return (
        f"x-acs-content-sha256 is not the hash of the body that came, {received[:_SHOWN]}..., "
        f"but {signed_hash[:_SHOWN]}..."
    )


def _time_causes(text: str, now_s: float) -> Iterator[str]:
    try:
        stamp = datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        yield f"The time {quoted(text)} must be written as 2026-01-31T08:00:00Z, in UTC."
        return
    ahead = stamp.timestamp() - now_s
    if abs(ahead) <= CLOCK_TOLERANCE_S:
        return
    quarters = round(ahead / _QUARTER_S)
    if abs(ahead - quarters * _QUARTER_S) <= _NEAR_S and abs(ahead) <= _FARTHEST_S:
        hours = timedelta(seconds=abs(quarters) * _QUARTER_S)
        sign = "+" if ahead > 0 else "-"
        yield f"The time is local time (UTC{sign}{str(hours)[:-3]}) with a Z behind it; it must be UTC."
    elif ahead > 0:
        yield f"The time is {ahead:,.0f} s ahead of the service's; 900 s are allowed. Set the clock."
    else:
        yield f"The time is {-ahead:,.0f} s behind the service's; 900 s are allowed. Set the clock."
