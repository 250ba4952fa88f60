"""What anybody can make the service do before it is known who calls: little, whatever size the call has."""

import asyncio
import base64
import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import quote

import pytest

from tests.api.signed_calls import FakeNonceLog, Keys
from waypost.api.authentication import authenticate, prepare_key
from waypost.api.errors.catalogue import ApiError
from waypost.api.limits import LONGEST_BODY, LONGEST_HEAD, MOST_PARAMETERS
from waypost.api.nonces import NonceGuard
from waypost.api.request import Call, parameters, signing_parameters
from waypost.api.signatures import long_calls
from waypost.api.signatures.canonical import canonical_pieces, canonical_query, percent_encoded, sorted_query
from waypost.api.signatures.long_calls import LongCalls, is_long
from waypost.api.signatures.scheme import scheme_of
from waypost.api.throttle import FailedSignatures

MOST_MS = 10.0
RUNS = 10
SAFE = "!'()*~"
_FORM = {"content-type": "application/x-www-form-urlencoded"}
_NOW = datetime.now(UTC)
_V1 = (
    "AccessKeyId=known&Signature=wrong&SignatureMethod=HMAC-SHA1&SignatureVersion=1.0&SignatureNonce=n"
    f"&Timestamp={quote(_NOW.strftime('%Y-%m-%dT%H:%M:%SZ'))}&"
)
_SIGNED = "host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-version"
_V3 = {
    "authorization": f"ACS3-HMAC-SHA256 Credential=known,SignedHeaders={_SIGNED},Signature=0",
    "host": "h",
    "x-acs-action": "SendChatappMassMessage",
    "x-acs-version": "2020-06-06",
    "x-acs-date": _NOW.strftime("%Y-%m-%dT%H:%M:%SZ"),
    "x-acs-content-sha256": "0",
}
_KEYS = Keys(prepare_key("known", "secret", True, None))
# Each is repeated to the size in question.
_CONTENTS = {
    "pairs": "%41=%42&",
    "short pairs": "a=b&",
    "empty parts": "&",
    "names": "a&",
    "one value": "%41",
    "pluses": "+",
    "stars": "*",
    "quotes": "'",
    "tildes": "%7E",
    "NULs": "%00",
    "line ends": "%0A\n",
    "not UTF-8": "%FF",
    "other letters": "é",
    "equals signs": "=",
    "broken": "%4",
    "values": "Name=" + "%41" * 40 + "&",
}


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two pieces the loop turns once, so that a check can be driven by hand."""
    monkeypatch.setattr(long_calls, "_PAUSE_S", 0)


def _repeated(content: str, size: int) -> str:
    return (content * (size // len(content) + 1))[:size]


def _calls(text: str) -> Iterator[Call]:
    """A text in every place where a call can have it, of a key that is known and one that is not."""
    query, body = text[: LONGEST_HEAD - 1000], text[:LONGEST_BODY].encode()
    for headers in ({}, _V3):
        yield Call("POST", "/", query, headers, b"", "")
        yield Call("POST", "/", _V1 + query, headers, b"", "")
        yield Call("POST", "/", _V1, {**_FORM, **headers}, body, "")
        yield Call("POST", "/", "", {**_FORM, **headers}, (_V1 + text).encode()[:LONGEST_BODY], "")
        yield Call("POST", "/", _V1, headers, body, "")


def _longest_ms(call: Call) -> float:
    """The CPU time of the longest step of a check. Each step is at its best of several runs once one is too
    long, since the machine is shared."""
    best = list(_steps_ms(call))
    for _ in range(RUNS - 1):
        if max(best) < MOST_MS:
            break
        best = [min(both) for both in zip(best, _steps_ms(call), strict=True)]
    return max(best)


def _steps_ms(call: Call) -> Iterator[float]:
    """The CPU time of each step, between which the event loop serves others."""
    check, is_refused = _check(call), False
    while not is_refused:
        start = time.thread_time()
        try:
            check.send(None)
        except ApiError:
            is_refused = True
        yield (time.thread_time() - start) * 1000


async def _check(call: Call) -> None:
    """Checks a call as the gateway does."""
    params, failed, now_s = signing_parameters(call), FailedSignatures(), time.time()
    if is_long(call):
        # The gateway begins a task here.
        await asyncio.sleep(0)
        await LongCalls().verify(call, params, scheme_of(call, params), _KEYS, failed, now_s)
    else:
        authenticate(call, params, _KEYS, NonceGuard(FakeNonceLog()), failed, now_s)


@pytest.mark.parametrize("content", _CONTENTS)
def test_no_unsigned_call_takes_long(content: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # The steps are taken without an event loop, which a pause would need.
    monkeypatch.setattr(long_calls, "_PAUSE_S", 0)
    slow = [
        (cpu_ms, size, place)
        for size in (8_000, 60_000, LONGEST_BODY)
        for place, call in enumerate(_calls(_repeated(_CONTENTS[content], size)))
        if (cpu_ms := _longest_ms(call)) >= MOST_MS
    ]
    assert not slow


def test_too_many_parameters_are_refused_wherever_they_are() -> None:
    most = "&".join(["a=b"] * MOST_PARAMETERS)
    for headers in ({}, _V3, _FORM):
        assert parameters(Call("POST", "/", most, headers, b"", "")) == {"a": "b"}
        for call in (
            Call("POST", "/", f"{most}&a=b", headers, b"", ""),
            Call("POST", "/", "a=b", _FORM | headers, most.encode(), ""),
        ):
            with pytest.raises(ApiError, match=f"more than {MOST_PARAMETERS} parameters"):
                parameters(call)


def test_escaping_is_that_of_urllib() -> None:
    chance = random.Random(1)
    samples = [bytes(range(256)), b"\r\n.\r\n.", b". \n", b"x" * 200]
    samples += [chance.randbytes(chance.randrange(300)) for _ in range(300)]
    samples += [bytes(chance.choices(b".=\r\n\t ~_-", k=chance.randrange(200))) for _ in range(300)]
    for sample in samples:
        assert percent_encoded(sample) == quote(sample, safe="")


def test_a_long_call_of_node_has_its_canonical_form() -> None:
    texts = {f"Name{number:04d}": f"it's (here)! ~ * {number} {'x' * 100}" for number in range(1500)}
    canonical = "&".join(f"{name}={quote(text, safe='')}" for name, text in texts.items())
    sent = "&".join(f"{name}={quote(text, safe=SAFE)}" for name, text in texts.items())
    assert sorted_query(sent) != canonical
    assert canonical_query(sent) == canonical


def test_base64_is_not_mistaken() -> None:
    text = base64.b64encode(b"=%&+").decode()
    assert canonical_query(f"b={quote(text)}&a==") == f"a=%3D&b={quote(text, safe='')}"


@pytest.mark.parametrize("sent", ["%41", "a b*c~'(d)!%7E+", "é", "%C3%A9=", "%"])
def test_pieces_have_the_same_form_as_the_whole(sent: str) -> None:
    raw = f"b={quote(sent, safe=SAFE) * 20_000}&a={sent * 20_000}"
    whole = sorted_query(raw)
    for char in "!'()":
        whole = whole.replace(char, quote(char, safe=""))
    pieces = list(canonical_pieces(raw))
    assert len(pieces) > 2
    assert "".join(pieces) == whole
