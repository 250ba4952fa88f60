"""Errors show at most 128 characters of what a caller sent, wherever they show it."""

import pytest

from tests.api.signed_calls import FakeNonceLog, Keys
from waypost.api.authentication import authenticate, prepare_key
from waypost.api.errors.catalogue import ApiError, error_code, from_faults
from waypost.api.nonces import NonceGuard
from waypost.api.request import Call, parameters, signing_parameters
from waypost.api.throttle import FailedSignatures
from waypost.model.faults import Fault
from waypost.model.quoting import SHOWN_LENGTH, shown

LONG = "q" * 5000
_V1 = {
    "AccessKeyId": "known",
    "Signature": "s",
    "SignatureMethod": "HMAC-SHA1",
    "SignatureVersion": "1.0",
    "SignatureNonce": "n",
    "Timestamp": "2026-11-23T03:46:08Z",
}
_SIGNED = "host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-version"
_V3 = {
    "authorization": f"ACS3-HMAC-SHA256 Credential=known,SignedHeaders={_SIGNED},Signature=0",
    "host": "h",
    "x-acs-action": "a",
    "x-acs-version": "v",
    "x-acs-date": "2026-11-23T03:46:08Z",
    "x-acs-content-sha256": "0",
}
_NOW_S = 1795405568.0


def refusal(params: dict[str, str], headers: dict[str, str]) -> str:
    query = "&".join(f"{name}={value}" for name, value in params.items())
    call = Call("POST", "/", query, headers, b"", "")
    keys = Keys(prepare_key("known", "secret", True, None))
    with pytest.raises(ApiError) as refused:
        authenticate(
            call, signing_parameters(call), keys, NonceGuard(FakeNonceLog()), FailedSignatures(), _NOW_S
        )
    return refused.value.message


@pytest.mark.parametrize("name", [*_V1, "SecurityToken", "SignatureType"])
def test_a_parameter_of_a_v1_signature(name: str) -> None:
    assert LONG[: SHOWN_LENGTH + 1] not in refusal(_V1 | {name: LONG}, {})


@pytest.mark.parametrize("name", [*_V3, "x-acs-security-token", "x-acs-bearer-token"])
def test_a_header_of_a_v3_signature(name: str) -> None:
    assert LONG[: SHOWN_LENGTH + 1] not in refusal({}, _V3 | {name: LONG})


@pytest.mark.parametrize(
    "part", ["Credential=known", "SignedHeaders=host", "ACS3-HMAC-SHA256", "Signature=0"]
)
def test_a_part_of_the_authorization_of_v3(part: str) -> None:
    authorization = _V3["authorization"].replace(part, part + LONG.upper())
    message = refusal({}, _V3 | {"authorization": authorization})
    assert LONG[: SHOWN_LENGTH + 1] not in message.lower()


@pytest.mark.parametrize("query", [f"{LONG}=%4", f"{LONG}=%FF", f"%FF{LONG}=a"])
def test_the_name_of_a_parameter_that_cannot_be_decoded(query: str) -> None:
    with pytest.raises(ApiError) as refused:
        parameters(Call("POST", "/", query, {}, b"", ""))
    assert LONG[: SHOWN_LENGTH + 1] not in refused.value.message


def test_the_parameter_of_a_fault() -> None:
    refused = from_faults([Fault("InvalidParameter", LONG, "is not allowed", "", LONG)])
    assert LONG[: SHOWN_LENGTH + 1] not in refused.message


def test_a_long_code_is_of_no_family() -> None:
    with pytest.raises(KeyError) as unknown:
        error_code(f"Missing{LONG}")
    assert len(str(unknown.value)) < 200


def test_a_short_text_is_shown_whole() -> None:
    assert shown("q" * SHOWN_LENGTH) == "q" * SHOWN_LENGTH
    assert shown("q" * (SHOWN_LENGTH + 1)) == "q" * (SHOWN_LENGTH - 1) + "…"
