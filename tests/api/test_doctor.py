"""Broken requests, each with one mistake of a client, and the cause that must be named."""

import base64
import hashlib
import hmac
from datetime import timedelta
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.api.flawed_clients import (
    FORM,
    KEY,
    NOW,
    PARAMETERS,
    SECRET,
    pairs_of,
    queue_request,
    sha256_hex,
    v1_request,
    v3_request,
)
from waypost.api.doctor.diagnosis import WRONG_SECRET, diagnose_queue, diagnose_v1, diagnose_v3

RIGHT = pairs_of(PARAMETERS)
UNSORTED = "&".join(f"{quote(n, safe='')}={quote(v, safe='')}" for n, v in PARAMETERS.items())
BODY = b"Content=%7B%7D"
FORM_QUERY = pairs_of({**PARAMETERS, "Content": "{}"})


def at(hours: float, form: str = "%Y-%m-%dT%H:%M:%SZ") -> str:
    return (NOW + timedelta(hours=hours)).strftime(form)


def lower_hex(text: str) -> str:
    return quote(text, safe="").replace("%7B", "%7b").replace("%2A", "%2a").replace("%7D", "%7d")


V3: dict[str, tuple[dict[str, Any], str]] = {
    "+ for a blank": ({"query": RIGHT.replace("%20", "+")}, "A blank was written as +"),
    "* as it is": ({"query": RIGHT.replace("%2A", "*")}, "A * was left as it is"),
    "~ escaped": ({"query": RIGHT.replace("~", "%7E")}, "A ~ was written as %7E"),
    "URLEncoder": (
        {"query": RIGHT.replace("%20", "+").replace("%2A", "*").replace("~", "%7E")},
        "as URLEncoder does",
    ),
    "encodeURIComponent": (
        {"query": pairs_of(PARAMETERS, lambda text: quote(text, safe="!'()*"))},
        "as encodeURIComponent does",
    ),
    "/ as it is": ({"query": RIGHT.replace("%2F", "/")}, "A / was left as it is"),
    "escaped twice": ({"query": pairs_of(PARAMETERS, lambda t: quote(quote(t, safe=""), safe=""))}, "twice"),
    "not escaped": ({"query": pairs_of(PARAMETERS, str)}, "were not percent-encoded"),
    "quote_plus": ({"query": pairs_of(PARAMETERS, quote_plus)}, "A blank was written as +"),
    "unsorted": ({"query": UNSORTED, "sent_query": UNSORTED}, "were not sorted"),
    "sorted without case": (
        {"query": pairs_of(PARAMETERS, key=lambda pair: pair[0].lower())},
        "without regard to case",
    ),
    "empty values left out": (
        {"query": pairs_of({n: v for n, v in PARAMETERS.items() if v})},
        "empty value were left out",
    ),
    "query left out": ({"query": ""}, "query were left out"),
    "query with ?": ({"query": f"?{RIGHT}"}, "has a ? in front"),
    "form in the query": (
        {"query": FORM_QUERY, "sent_query": pairs_of({n: v for n, v in PARAMETERS.items() if n != "Content"})}
        | {"body": BODY, "content_type": FORM},
        "form body were signed as a part of the query",
    ),
    "wrong method": ({"signed_method": "GET"}, "method that was signed"),
    "method in lower case": ({"signed_method": "post"}, "method was written in lower case"),
    "no path": ({"path": ""}, "path is empty"),
    "host without port": ({"value_of": lambda value: value.replace(":8080", "")}, "without its port"),
    "names in capitals": (
        {"name_of": lambda name: "-".join(word.capitalize() for word in name.split("-"))},
        "not written in lower case",
    ),
    "blank behind the colon": ({"header": "{name}: {value}\n"}, "blank between the name"),
    "lines unsorted": ({"lines": lambda n: sorted(n, reverse=True)}, "the other way round"),
    "lines as listed": ({"lines": list, "listed": list}, "are not sorted by name"),
    "no empty line": ({"between": ""}, "must be an empty line"),
    "two empty lines": ({"between": "\n\n"}, "two empty lines"),
    "names sorted in one place": (
        {
            "listed": list,
            "names": ";".join(
                sorted(
                    [
                        "host",
                        *(
                            f"x-acs-{n}"
                            for n in ("action", "content-sha256", "date", "signature-nonce", "version")
                        ),
                    ]
                )
            ),
        },
        "are sorted in the canonical request",
    ),
    "hash of an empty body": (
        {"body": BODY, "content_type": FORM, "payload": sha256_hex(b"")},
        "hash of an empty body",
    ),
    "the body itself": (
        {"body": BODY, "content_type": FORM, "payload": BODY.decode()},
        "body itself was signed",
    ),
    "payload hash in capitals": ({"payload": sha256_hex(b"").upper()}, "hash was signed in capitals"),
    "unsigned payload": ({"payload": "UNSIGNED-PAYLOAD"}, "UNSIGNED-PAYLOAD"),
    "another body came": (
        {"body": BODY, "payload": sha256_hex(b"{}"), "sent_payload": sha256_hex(b"{}")},
        "is not the hash of the body that came",
    ),
    "trailing newline": ({"end": "\n"}, "line break at its end"),
    "no algorithm": ({"begins": ""}, "does not begin with ACS3-HMAC-SHA256"),
    "not hashed": ({"hashed": bytes.decode}, "canonical request itself was signed"),
    "hash in capitals": ({"hashed": lambda c: sha256_hex(c).upper()}, "hash was written in capitals"),
    "CRLF": ({"hashed": lambda c: sha256_hex(c.replace(b"\n", b"\r\n"))}, r"end with \r\n"),
    "newline behind the string": ({"text_end": "\n"}, "string to sign has a line break"),
    "SHA1": ({"digest": lambda key, text: hmac.new(key, text, "sha1").digest()}, "HMAC-SHA1"),
    "no HMAC": ({"digest": lambda key, text: hashlib.sha256(key + text).digest()}, "not an HMAC"),
    "base64": ({"spelled": lambda digest: base64.b64encode(digest).decode()}, "in base64"),
    "secret with &": ({"secret": f"{SECRET}&"}, "as in V1"),
    "secret with a newline": ({"secret": f"{SECRET}\n"}, "line break at its end; read it without"),
    "secret in quotes": ({"secret": f'"{SECRET}"'}, "double quotes"),
    "key as secret": ({"secret": KEY}, "AccessKeyId was used as the secret"),
    "another secret": ({"secret": "another"}, WRONG_SECRET),
    "local time": ({"stamp": at(8)}, "local time (UTC+8:00)"),
    "local time in India": ({"stamp": at(5.5)}, "local time (UTC+5:30)"),
    "a wrong clock": ({"stamp": at(-0.7)}, "Set the clock"),
    "another form of the time": ({"stamp": at(0, "%Y-%m-%d %H:%M:%S")}, "must be written as"),
}

V1: dict[str, tuple[dict[str, Any], str]] = {
    "no & behind the secret": ({"secret": SECRET}, "the & is missing"),
    "+ for a blank": ({"signed": lambda p: pairs_of(p).replace("%20", "+")}, "A blank was written as +"),
    "* as it is": ({"signed": lambda p: pairs_of(p).replace("%2A", "*")}, "A * was left as it is"),
    ": as it is": ({"signed": lambda p: pairs_of(p).replace("%3A", ":")}, "A : was left as it is"),
    "unsorted": (
        {
            "signed": lambda p: "&".join(f"{quote(n, safe='')}={quote(v, safe='')}" for n, v in p.items()),
            "sent": lambda p: "&".join(f"{quote(n, safe='')}={quote(v, safe='')}" for n, v in p.items()),
        },
        "were not sorted",
    ),
    "not escaped again": ({"escape": str}, "once more"),
    "path not escaped": ({"path": "/"}, "must be written as %2F"),
    "wrong method": ({"method": "POST"}, "method that was signed"),
    "SHA256": ({"digest": lambda key, text: hmac.new(key, text, "sha256").digest()}, "HMAC-SHA256"),
    "hex": ({"spelled": bytes.hex}, "in hexadecimal digits"),
    "trailing newline": ({"text_end": "\n"}, "line break at its end"),
    "form body not signed": (
        {"in_body": True, "method": "POST", "signed_method": "POST"}
        | {"signed": lambda p: pairs_of({n: v for n, v in p.items() if n not in ("Content", "To")})},
        "form body were not signed",
    ),
    "key as secret": ({"secret": f"{KEY}&"}, "AccessKeyId was used as the secret"),
    "secret with a newline": ({"secret": f"{SECRET}\n&"}, "line break at its end; read it without"),
    "local time": ({"stamp": at(8)}, "local time (UTC+8:00)"),
    "another secret": ({"secret": "another&"}, WRONG_SECRET),
}

QUEUES: dict[str, tuple[dict[str, Any], str]] = {
    "query not signed": ({"target": "/queues/a/messages"}, "query of the address"),
    "no / in front": ({"target": "queues/a/messages?waitseconds=3"}, "without its /"),
    "own headers not signed": ({"own": ""}, "x-mns- headers were not signed"),
    "own headers unsorted": (
        {"own": "x-mns-version:2015-06-06\nx-mns-date:1\n"},
        "x-mns- headers are not sorted",
    ),
    "no content type": ({"content_type": ""}, "Content-Type was sent and not signed"),
    "secret with &": ({"secret": f"{SECRET}&"}, "the queues have none"),
    "hex": ({"spelled": bytes.hex}, "in hexadecimal digits"),
    "another secret": ({"secret": "another"}, WRONG_SECRET),
}


def test_there_are_fifty() -> None:
    assert len(V3) + len(V1) + len(QUEUES) >= 50


@pytest.mark.parametrize("case", V3)
def test_v3(case: str) -> None:
    flaw, cause = V3[case]
    found = diagnose_v3(v3_request(**flaw), SECRET, NOW.timestamp())
    assert any(cause in one for one in found.causes), found.causes
    assert len(found.causes) == 1


@pytest.mark.parametrize("case", V1)
def test_v1(case: str) -> None:
    flaw, cause = V1[case]
    found = diagnose_v1(v1_request(**flaw), SECRET, NOW.timestamp())
    assert any(cause in one for one in found.causes), found.causes
    assert len(found.causes) == 1


@pytest.mark.parametrize("case", QUEUES)
def test_queues(case: str) -> None:
    flaw, cause = QUEUES[case]
    found = diagnose_queue(queue_request(**flaw), SECRET)
    assert any(cause in one for one in found.causes), found.causes
    assert len(found.causes) == 1


def test_a_right_signature_has_no_cause() -> None:
    now = NOW.timestamp()
    for found in (
        diagnose_v3(v3_request(), SECRET, now),
        diagnose_v3(v3_request(body=BODY, content_type=FORM), SECRET, now),
        diagnose_v1(v1_request(), SECRET, now),
        diagnose_v1(v1_request(in_body=True, method="POST", signed_method="POST"), SECRET, now),
        diagnose_queue(queue_request(), SECRET),
    ):
        assert found.causes == []
        assert all(step.theirs is None and step.difference is None for step in found.steps)


def test_a_plus_in_the_signature_that_was_not_escaped_is_named() -> None:
    now = NOW.timestamp()
    calls = (v1_request(nonce=str(number), quoted=str) for number in range(200))
    [call, *_] = [call for call in calls if "+" in call.raw_query.rpartition("Signature=")[2]]
    assert diagnose_v1(call, SECRET, now).causes == [
        "A + in Signature was not percent-encoded, and reads as a blank; it must be %2B."
    ]


def test_theirs_stands_beside_ours_with_the_first_difference() -> None:
    found = diagnose_v3(v3_request(query=RIGHT.replace("%20", "+")), SECRET, NOW.timestamp())
    canonical, to_sign = found.steps
    assert canonical.difference is not None
    assert canonical.theirs is not None
    assert canonical.ours[canonical.difference :].startswith("%20")
    assert canonical.theirs[canonical.difference :].startswith("+")
    assert to_sign.difference == len("ACS3-HMAC-SHA256\n")


def test_two_mistakes_are_both_named() -> None:
    request = v3_request(query=RIGHT.replace("%20", "+"), secret=f"{SECRET}\n")
    causes = diagnose_v3(request, SECRET, NOW.timestamp()).causes
    assert len(causes) == 2
    assert "A blank was written as +" in causes[0]
    assert "line break" in causes[1]


def test_of_a_long_request_single_mistakes_are_found() -> None:
    query = pairs_of({**PARAMETERS, "Content": "a b" * 20_000})
    flaw: dict[str, Any] = {"query": query.replace("%20", "+"), "sent_query": query}
    [cause] = diagnose_v3(v3_request(**flaw), SECRET, NOW.timestamp()).causes
    assert "A blank was written as +" in cause
    two = v3_request(**flaw, secret=f"{SECRET}\n")
    assert diagnose_v3(two, SECRET, NOW.timestamp()).causes == [WRONG_SECRET]


@settings(max_examples=20, deadline=None)
@given(st.text(min_size=1), st.text())
def test_the_secret_is_in_no_answer(value: str, secret: str) -> None:
    """What is shown is what was signed; the secret is only what signs it."""
    mark = "5ecret-0f-the-key"
    call = v3_request(sent_query=pairs_of({"Content": value}), secret=secret)
    assert mark not in str(diagnose_v3(call, mark, NOW.timestamp()))
