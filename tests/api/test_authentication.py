"""Authentication: the account of a signed call, or the code with which it is refused."""

from collections.abc import Callable
from urllib.parse import parse_qs

import msgspec
import pytest

from tests.api.signed_calls import DATE, NOW_S, Authenticator, v1_call, v1_params, v3_call
from tests.api.vectors import (
    ACCESS_KEY_ID,
    PERMANENT_KEYS,
    SECRET,
    TEMPORARY_KEYS,
    Vector,
    signing_key,
    vector,
)
from waypost.api.authentication import prepare_key
from waypost.api.errors.catalogue import ApiError
from waypost.api.request import Call
from waypost.api.signatures.checks import parse_timestamp
from waypost.api.signatures.scheme import Scheme

V3_DATE = {"a": DATE, "c": "2026-11-23T04:04:47Z"}


def time_of(letter: str) -> int:
    return parse_timestamp({"c": "2026-11-23T04:04:47Z", "i": "2026-11-23T03:46:48Z"}.get(letter, DATE))


def refusal(call: Call, authenticator: Authenticator | None = None, now_s: float = NOW_S) -> ApiError:
    with pytest.raises(ApiError) as refused:
        (authenticator or Authenticator()).authenticate(call, now_s)
    return refused.value


def altered(expected: Vector, **changed: object) -> Call:
    """Makes the vector's call with parts of its request changed."""
    return Call.from_request(msgspec.structs.replace(expected.request, **changed))


@pytest.mark.parametrize("letter", PERMANENT_KEYS)
def test_vectors_enter_once(letter: str) -> None:
    authenticator = Authenticator()
    call = vector(letter).call
    entered = authenticator.authenticate(call, time_of(letter))
    assert entered.key.access_key_id == ACCESS_KEY_ID
    assert entered.key is authenticator.keys.by_id[ACCESS_KEY_ID]
    assert entered.scheme is (Scheme.V3 if letter in V3_DATE else Scheme.V1)
    assert refusal(call, authenticator, time_of(letter)).code == "SignatureNonceUsed"


@pytest.mark.parametrize("letter", TEMPORARY_KEYS)
def test_vectors_with_temporary_credentials_enter_with_their_token(letter: str) -> None:
    authenticator = Authenticator(signing_key(), signing_key("STS.testId"))
    call = vector(letter).call
    authenticator.authenticate(call, time_of(letter))
    assert authenticator.keys.tokens == ["testSecurityToken"]


def test_a_temporary_key_is_over_at_its_end() -> None:
    key = prepare_key("STS.id", SECRET, True, None, ends_at=int(NOW_S))
    authenticator = Authenticator(key)
    call = v3_call(access_key_id="STS.id")
    assert refusal(call, authenticator, NOW_S).code == "InvalidSecurityToken.Expired"
    assert authenticator.authenticate(call, NOW_S - 1).key is key


def test_bearer_vector_is_refused() -> None:
    error = refusal(vector("j").call)
    assert error.code == "InvalidSecurityToken.Malformed"
    assert "Bearer tokens are not supported" in error.message


@pytest.mark.parametrize("letter", PERMANENT_KEYS)
def test_one_changed_byte_in_the_query_is_refused(letter: str) -> None:
    expected = vector(letter)
    query = expected.request.query
    changed = query.replace(b"viber", b"vibes").replace(b"hi!", b"ho!").replace(b"RegionId", b"RegionIe")
    if changed == query:
        changed = query + b"&More=1"
    error = refusal(altered(expected, query=changed), now_s=time_of(letter))
    assert error.code == "SignatureDoesNotMatch"


@pytest.mark.parametrize("letter", ["c", "e", "i"])
def test_one_changed_byte_in_the_body_is_refused(letter: str) -> None:
    expected = vector(letter)
    body = expected.request.body.replace(b"From=20009", b"From=20008")
    assert body != expected.request.body
    error = refusal(altered(expected, body=body), now_s=time_of(letter))
    assert error.code == "SignatureDoesNotMatch"
    assert ("x-acs-content-sha256" in error.message) == (letter == "c")


def test_a_body_added_to_a_call_without_one_is_refused() -> None:
    assert refusal(altered(vector("a"), body=b"From=1")).code == "SignatureDoesNotMatch"
    assert refusal(altered(vector("d"), body=b"From=1")).code == "SignatureDoesNotMatch"


@pytest.mark.parametrize("letter", PERMANENT_KEYS)
def test_another_method_is_refused(letter: str) -> None:
    method = "POST" if letter == "f" else "GET"
    error = refusal(altered(vector(letter), method=method), now_s=time_of(letter))
    assert error.code == "SignatureDoesNotMatch"


@pytest.mark.parametrize(
    "name",
    ["accept", "host", "user-agent", "x-acs-action", "x-acs-credentials-provider", "x-acs-signature-nonce"],
)
def test_one_changed_byte_in_a_signed_header_is_refused(name: str) -> None:
    expected = vector("a")
    fields = expected.request.headers
    changed = [(n, v + b"x" if n == name.encode() else v) for n, v in fields]
    assert refusal(altered(expected, headers=changed)).code == "SignatureDoesNotMatch"


def test_an_unsigned_header_may_change() -> None:
    expected = vector("a")
    fields = expected.request.headers
    assert Authenticator().authenticate(
        altered(expected, headers=[*fields, (b"x-forwarded-for", b"192.0.2.2")])
    )


@pytest.mark.parametrize("letter", PERMANENT_KEYS)
def test_python_core_finds_our_string_to_sign_after_the_first_colon(letter: str) -> None:
    authenticator = Authenticator(prepare_key(ACCESS_KEY_ID, "another secret", True, None))
    expected = vector(letter)
    error = refusal(expected.call, authenticator, time_of(letter))
    assert error.status == 400
    assert error.message.endswith(f" server string to sign is:{expected.string_to_sign}")
    assert error.message.split(":")[1] == expected.string_to_sign


def test_a_changed_body_is_refused_with_the_same_form_of_message() -> None:
    call = v3_call(body=b"A=1", headers={"x-acs-content-sha256": "0" * 64})
    error = refusal(call)
    before, _, text = error.message.partition(":")
    assert before.endswith("; server string to sign is")
    assert text.startswith("ACS3-HMAC-SHA256\n")


Made = Callable[[], Call]

REFUSALS: list[tuple[str, Made]] = [
    ("MissingAccessKeyId", lambda: Call("POST", "/", "To=1", {}, b"", "")),
    ("MissingSignature", lambda: v1_call(v1_params(), signed=False)),
    ("IncompleteSignature", lambda: Call("POST", "/", "", {"authorization": "acs a:b"}, b"", "")),
    ("IncompleteSignature", lambda: Call("POST", "/", "", {"authorization": "ACS3-HMAC-SHA256"}, b"", "")),
    ("InvalidSecurityToken.Malformed", lambda: v1_call(v1_params(SignatureType="BEARERTOKEN"))),
    (
        "IncompleteSignature",
        lambda: v3_call(headers={"x-acs-security-token": "t"}, unsigned=["x-acs-security-token"]),
    ),
    ("IncompleteSignature", lambda: v3_call(without=["x-acs-date"])),
    ("IncompleteSignature", lambda: v3_call(unsigned=["host"])),
    ("IncompleteSignature", lambda: v3_call(unsigned=["x-acs-action"])),
    ("IncompleteSignature", lambda: v3_call(without=["x-acs-content-sha256"])),
    ("InvalidAccessKeyId.NotFound", lambda: v3_call(access_key_id="nobody")),
    ("InvalidAccessKeyId.NotFound", lambda: v1_call(v1_params(AccessKeyId="nobody"))),
    ("InvalidTimeStamp.Format", lambda: v3_call(headers={"x-acs-date": "20261123T034608Z"})),
    ("InvalidTimeStamp.Format", lambda: v3_call(headers={"x-acs-date": "2026-02-30T03:46:08Z"})),
    ("InvalidTimeStamp.Format", lambda: v1_call(v1_params(Timestamp="2026-11-23 03:46:08 "))),
    ("InvalidTimeStamp.Format", lambda: v1_call(v1_params(Timestamp="2026-11-23T03:46:0٣Z"))),
    ("InvalidTimeStamp.Expired", lambda: v3_call(headers={"x-acs-date": "2026-11-23T03:31:07Z"})),
    ("InvalidTimeStamp.Expired", lambda: v1_call(v1_params(Timestamp="2026-11-23T04:01:09Z"))),
    ("SignatureDoesNotMatch", lambda: v3_call(secret="another")),
    ("MissingAccessKeyId", lambda: v1_call(v1_params(AccessKeyId=""))),
    ("MissingSignatureMethod", lambda: v1_call(v1_params(SignatureMethod=None))),
    ("MissingSignatureVersion", lambda: v1_call(v1_params(SignatureVersion=None))),
    ("MissingTimestamp", lambda: v1_call(v1_params(Timestamp=None))),
    ("MissingSignatureNonce", lambda: v1_call(v1_params(SignatureNonce=None))),
    ("InvalidSignatureMethod", lambda: v1_call(v1_params(SignatureMethod="HMAC-SHA256"))),
    ("InvalidSignatureVersion", lambda: v1_call(v1_params(SignatureVersion="2.0"))),
    ("InvalidSignatureType", lambda: v1_call(v1_params(SignatureType="PRIVATEKEY"))),
]


@pytest.mark.parametrize(
    ("code", "make"), REFUSALS, ids=[f"{n}-{code}" for n, (code, _) in enumerate(REFUSALS)]
)
def test_each_way_to_be_refused_has_its_code_and_uses_up_no_nonce(code: str, make: Made) -> None:
    authenticator = Authenticator()
    assert refusal(make(), authenticator).code == code
    assert authenticator.authenticate(v3_call()).key.access_key_id == ACCESS_KEY_ID


def test_disabled_key_is_refused() -> None:
    assert refusal(v3_call(), Authenticator(signing_key(enabled=False))).code == "InvalidAccessKeyId.Inactive"


@pytest.mark.parametrize("seconds", [-900, 0, 900])
def test_time_may_be_a_quarter_of_an_hour_away(seconds: int) -> None:
    assert Authenticator().authenticate(v3_call(), NOW_S + seconds)


@pytest.mark.parametrize(
    "call",
    [
        v3_call(headers={"authorization-info": "x"}),
        v3_call(body=b"Ttl=50", headers={"content-type": "application/x-www-form-urlencoded"}),
        v3_call("A=x+y!&B=%c3%a9", canonical_query="A=x%20y%21&B=%C3%A9"),
        v3_call(""),
        v1_call(v1_params()),
        v1_call(v1_params(), method="POST"),
        v1_call(v1_params(SignatureType="", SignatureMethod="hmac-sha1")),
    ],
)
def test_well_signed_calls_enter(call: Call) -> None:
    assert Authenticator().authenticate(call).claim.slice == NOW_S // 900


def test_v1_may_be_signed_in_the_form_body() -> None:
    query = v1_call(v1_params(), method="POST")
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert parse_qs(query.raw_query)["AccessKeyId"] == [ACCESS_KEY_ID]
    assert Authenticator().authenticate(Call("POST", "/", "", form, query.raw_query.encode(), ""))


def test_v1_signs_repeated_parameters_too() -> None:
    call = v1_call(v1_params())
    doubled = Call(call.method, "/", f"To=1&{call.raw_query}", call.headers, b"", "")
    assert refusal(doubled).code == "SignatureDoesNotMatch"


def test_v3_without_a_nonce_is_known_by_its_signature() -> None:
    authenticator = Authenticator()
    call = v3_call(without=["x-acs-signature-nonce"])
    assert authenticator.authenticate(call)
    assert refusal(call, authenticator).code == "SignatureNonceUsed"
    in_capitals = dict(call.headers)
    start, _, signature = in_capitals["authorization"].rpartition("=")
    in_capitals["authorization"] = f"{start}={signature.upper()}"
    assert (
        refusal(Call("POST", "/", call.raw_query, in_capitals, b"", ""), authenticator).code
        == "SignatureNonceUsed"
    )
    assert authenticator.authenticate(v3_call("To=2", without=["x-acs-signature-nonce"]))


def test_a_nonce_is_used_up_for_both_schemes_but_for_one_key_only() -> None:
    authenticator = Authenticator(signing_key(), signing_key("other"))
    assert authenticator.authenticate(v3_call())
    assert refusal(v1_call(v1_params()), authenticator).code == "SignatureNonceUsed"
    assert authenticator.authenticate(v3_call(access_key_id="other"))


def test_guessing_is_limited_and_never_locks_the_owner_out() -> None:
    authenticator = Authenticator(failures_per_second=2)
    codes = [refusal(v3_call(secret="guess"), authenticator).code for _ in range(4)]
    assert codes == ["SignatureDoesNotMatch"] * 2 + ["System.LimitControl"] * 2
    assert refusal(v3_call(secret="guess"), authenticator).headers == {"x-acs-retry-after": "1000"}
    assert authenticator.authenticate(v3_call())


def test_a_key_does_not_show_its_secret() -> None:
    assert "testAccessKeySecret" not in repr(signing_key())
