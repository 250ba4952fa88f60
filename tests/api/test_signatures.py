"""The two signatures against what official clients sent, and canonical queries against a plain reference."""

import hmac
import re
from urllib.parse import parse_qsl, quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.api.vectors import ACCESS_KEY_ID, SECRET, V1, V3, vector
from waypost.api.errors.catalogue import ApiError
from waypost.api.request import Call, parameters
from waypost.api.signatures import v1, v3
from waypost.api.signatures.canonical import canonical_query
from waypost.api.signatures.keyed_hash import KeyedHash


@pytest.mark.parametrize("letter", V3)
def test_v3_vectors(letter: str) -> None:
    expected = vector(letter)
    call = expected.call
    authorization = v3.parse_authorization(call.headers["authorization"])
    canonical = v3.canonical_request(call, authorization.signed, v3.body_hash(call))
    text = v3.string_to_sign(canonical)
    assert canonical == expected.canonical
    assert text == expected.string_to_sign
    assert v3.sign(v3.prepare(SECRET), text) == expected.signature == authorization.signature
    assert v3.body_hash(call) == call.headers["x-acs-content-sha256"]
    assert v3.mismatch(call, authorization, v3.prepare(SECRET)) is None
    assert authorization.access_key_id == ACCESS_KEY_ID
    v3.require_signed_headers(call, authorization.signed)


@pytest.mark.parametrize("letter", V1)
def test_v1_vectors(letter: str) -> None:
    expected = vector(letter)
    call = expected.call
    canonical = v1.signed_parameters(call)
    text = v1.string_to_sign(call.method, canonical)
    assert canonical == expected.canonical
    assert text == expected.string_to_sign
    assert v1.sign(v1.prepare(SECRET), text) == expected.signature == parameters(call)["Signature"]
    assert v1.mismatch(call, expected.signature, v1.prepare(SECRET)) is None
    v1.require_fields(parameters(call))


@pytest.mark.parametrize("letter", V3)
def test_v3_returns_the_string_to_sign_when_the_secret_is_another(letter: str) -> None:
    expected = vector(letter)
    authorization = v3.parse_authorization(expected.call.headers["authorization"])
    assert v3.mismatch(expected.call, authorization, v3.prepare("another")) == expected.string_to_sign


@pytest.mark.parametrize("letter", V1)
def test_v1_returns_the_string_to_sign_when_the_secret_is_another(letter: str) -> None:
    expected = vector(letter)
    assert v1.mismatch(expected.call, expected.signature, v1.prepare("another")) == expected.string_to_sign


def reference_query(raw: str, without: str | None = None) -> str:
    decoded = parse_qsl(raw, keep_blank_values=True, errors="strict")
    return "&".join(
        f"{quote(name, safe='')}={value}"
        for name, value in sorted((name, quote(value, safe="")) for name, value in decoded if name != without)
    )


pieces = st.one_of(
    st.sampled_from(
        ["+", "%20", "%2B", "%7E", "~", "%2A", "*", "!", "'", "()", "%c3%a9", "%C3%A9", "é", "%3D", "%"]
    ),
    st.sampled_from(["a", "Z", "0", "-", "_", ".", "%41", "%2D", "%25", "%0A", "%7B%22", "/", ":", "="]),
)
raw_parts = st.one_of(
    st.builds(
        lambda n, v: f"{n}={v}", st.text("To.1-A", max_size=4), st.lists(pieces, max_size=6).map("".join)
    ),
    st.lists(pieces, max_size=3).map("".join),
)


@given(st.lists(raw_parts, max_size=6).map("&".join))
@example("To=1&To.1=2&To-=3&To1=4")
@example("To=b&To=a&To=a%20&To=")
@example("A=1&&B=2&")
@example("A=%7e")
@example("%54o=1&To=2&To1=3")
def test_canonical_query_agrees_with_a_plain_reference(raw: str) -> None:
    if re.search("%(?![0-9A-Fa-f]{2})", raw):
        with pytest.raises(ApiError, match="InvalidParameter"):
            canonical_query(raw)
        return
    try:
        expected = reference_query(raw)
    except UnicodeDecodeError:
        with pytest.raises(ApiError, match="InvalidParameter"):
            canonical_query(raw)
        return
    assert canonical_query(raw) == expected
    assert canonical_query(raw, without="To") == reference_query(raw, without="To")


@given(
    st.dictionaries(st.text("To.1-é", min_size=1, max_size=4), st.text(max_size=12), max_size=8), st.randoms()
)
def test_canonical_query_of_a_canonical_query_in_any_order_is_itself(
    params: dict[str, str], random: object
) -> None:
    parts = [f"{quote(n, safe='')}={quote(v, safe='')}" for n, v in sorted(params.items())]
    canonical = "&".join(parts)
    random.shuffle(parts)  # type: ignore[attr-defined]
    assert canonical_query("&".join(parts)) == canonical


def test_every_escape_is_written_in_the_one_canonical_way() -> None:
    for byte in range(128):
        for written in (f"%{byte:02X}", f"%{byte:02x}"):
            assert canonical_query(f"A={written}") == f"A={quote(chr(byte), safe='')}"


@pytest.mark.parametrize(
    "header",
    [
        "ACS3-HMAC-SHA256",
        "ACS3-HMAC-SHA256 Credential=a,SignedHeaders=host",
        "ACS3-HMAC-SHA256 Credential=,SignedHeaders=host,Signature=00",
        "ACS3-HMAC-SHA256 SignedHeaders=host,Credential=a,Signature=00",
        "ACS3-HMAC-SHA256 Credential=a,SignedHeaders=host,Signature=00,More=1",
    ],
)
def test_unreadable_authorization_is_refused(header: str) -> None:
    with pytest.raises(ApiError) as refused:
        v3.parse_authorization(header)
    assert refused.value.code == "IncompleteSignature"


@pytest.mark.parametrize("algorithm", ["ACS3-HMAC-SM3", "ACS3-RSA-SHA256"])
def test_other_algorithms_are_refused_by_name(algorithm: str) -> None:
    with pytest.raises(ApiError) as refused:
        v3.parse_authorization(f"{algorithm} Credential=a,SignedHeaders=host,Signature=00")
    assert refused.value.code == "InvalidSignatureMethod"
    assert algorithm in refused.value.message


def test_authorization_may_have_blanks_after_its_commas() -> None:
    parsed = v3.parse_authorization("ACS3-HMAC-SHA256 Credential=a, SignedHeaders=host;x, Signature=0F")
    assert (parsed.access_key_id, parsed.signed.text, parsed.signature) == ("a", "host;x", "0F")


def headers_of(signed: str) -> Call:
    return Call("POST", "/", "", dict.fromkeys(signed.split(";"), "v"), b"", "")


def test_names_the_required_headers_that_are_not_signed() -> None:
    call = headers_of("host;x-acs-action;x-acs-version;x-acs-date;x-acs-content-sha256;x-acs-security-token")
    with pytest.raises(ApiError) as refused:
        v3.require_signed_headers(call, v3.SignedHeaders("host;x-acs-action;x-acs-version"))
    assert refused.value.code == "IncompleteSignature"
    for name in ("x-acs-date", "x-acs-content-sha256", "x-acs-security-token"):
        assert name in refused.value.message


def test_names_the_signed_headers_that_are_not_there() -> None:
    required = ";".join(sorted(v3.REQUIRED_HEADERS))
    with pytest.raises(ApiError) as refused:
        v3.require_signed_headers(headers_of(required), v3.SignedHeaders(f"{required};x-gone;%s"))
    assert refused.value.code == "IncompleteSignature"
    assert "%s, x-gone" in refused.value.message


@pytest.mark.parametrize("extra", ["x%s", "x" * 2000], ids=["percent", "long"])
def test_odd_header_names_are_signed_as_they_are(extra: str) -> None:
    call = Call("POST", "/", "", {"host": "h", extra: "v%d"}, b"", "")
    expected = f"POST\n/\n\nhost:h\n{extra}:v%d\n\nhost;{extra}\nhash"
    assert v3.canonical_request(call, v3.SignedHeaders(f"host;{extra}"), "hash") == expected


@given(st.binary(max_size=200), st.binary(max_size=200))
@example(b"k" * 64, b"")
@example(b"k" * 65, b"")
def test_a_keyed_hash_is_the_hmac_of_the_library(key: bytes, message: bytes) -> None:
    assert KeyedHash(key).hexdigest(message) == hmac.digest(key, message, "sha256").hex()
