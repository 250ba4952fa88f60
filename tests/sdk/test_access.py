"""Authentication and authorization of calls: each way to be accepted or refused, by the official SDK."""

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

import pytest
from alibabacloud_tea_openapi.exceptions import (
    AlibabaCloudException,
    ClientException,
    ThrottlingException,
)

from tests.processes import start_sandbox, until
from tests.sdk.callers import FREE, FREE_BY_NAME, Phones, Raw, Sandbox, exchange, signed_headers

LIMIT = 20


def test_an_unknown_key(sandbox: Sandbox, phones: Phones) -> None:
    refusal = sandbox.refused(key="nobody", to=phones.new(), **FREE)
    assert (refusal.status, refusal.code) == (404, "InvalidAccessKeyId.NotFound")
    assert "nobody" in refusal.message
    assert isinstance(refusal.error, ClientException)


def test_an_account_without_the_service(sandbox: Sandbox, phones: Phones) -> None:
    refusal = sandbox.refused(key="unsubscribed", to=phones.new(), **FREE)
    assert (refusal.status, refusal.code) == (400, "Product.Unsubscript")
    assert refusal.message == "You have not subscribed to the specified product."


def test_a_user_without_permission(sandbox: Sandbox, phones: Phones) -> None:
    refusal = sandbox.refused(key="denied", to=phones.new(), **FREE)
    assert (refusal.status, refusal.code) == (400, "Ram.PermissionDeny")
    assert refusal.message == "You are not authorized to perform the operation."
    detail = refusal.error.access_denied_detail
    assert detail["AuthAction"] == "cams:SendChatappMessage"
    assert detail["AuthPrincipalType"] == "SubUser"
    assert detail["AuthPrincipalOwnerId"] == "1"
    assert detail["NoPermissionType"] == "ImplicitDeny"


def test_permission_is_checked_before_parameters(sandbox: Sandbox) -> None:
    assert sandbox.refused(key="denied").code == "Ram.PermissionDeny"
    assert sandbox.refused(key="unsubscribed").code == "Product.Unsubscript"


def test_a_wrong_secret(sandbox: Sandbox, phones: Phones) -> None:
    refusal = sandbox.refused(secret="guess", to=phones.new(), **FREE)
    assert (refusal.status, refusal.code) == (400, "SignatureDoesNotMatch")
    assert "server string to sign is:ACS3-HMAC-SHA256\n" in refusal.message


@pytest.mark.parametrize(
    ("ago", "words"),
    [(timedelta(minutes=16), "behind this service"), (timedelta(minutes=-16), "ahead of this service")],
)
def test_a_time_too_far_from_ours(sandbox: Sandbox, phones: Phones, ago: timedelta, words: str) -> None:
    target, headers = signed_headers(sandbox, {**FREE_BY_NAME, "To": phones.new()}, ago=ago)
    answer = exchange(sandbox, target, headers)
    assert (answer.status, answer.json["Code"]) == (400, "InvalidTimeStamp.Expired")
    assert words in answer.json["Message"]


def test_the_sandboxs_moved_clock_does_not_expire_calls(sandbox: Sandbox, phones: Phones) -> None:
    sandbox.advance(12 * 3600)
    sandbox.send(**FREE, to=phones.new())


def test_a_nonce_is_used_once(sandbox: Sandbox, phones: Phones) -> None:
    number = phones.new()
    target, headers = signed_headers(sandbox, {**FREE_BY_NAME, "To": number})
    assert exchange(sandbox, target, headers).json["Code"] == "OK"
    again = exchange(sandbox, target, headers)
    assert (again.status, again.json["Code"]) == (400, "SignatureNonceUsed")
    sandbox.advance(1)
    assert len(sandbox.shown(number)) == 1


def test_the_nonce_of_a_refused_call_is_used_too(sandbox: Sandbox) -> None:
    target, headers = signed_headers(sandbox, FREE_BY_NAME)
    assert exchange(sandbox, target, headers).json["Code"] == "MissingTo"
    assert exchange(sandbox, target, headers).json["Code"] == "SignatureNonceUsed"


def test_a_changed_body(sandbox: Sandbox, phones: Phones) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    target, headers = signed_headers(sandbox, FREE_BY_NAME, b"To=8613900000000", more=form)
    answer = exchange(sandbox, target, headers, b"To=8613900000001")
    assert (answer.status, answer.json["Code"]) == (400, "SignatureDoesNotMatch")
    assert "The body's SHA-256 is not x-acs-content-sha256" in answer.json["Message"]


def test_a_changed_query(sandbox: Sandbox, phones: Phones) -> None:
    target, headers = signed_headers(sandbox, {**FREE_BY_NAME, "To": phones.new()})
    answer = exchange(sandbox, target + "&Ttl=60", headers)
    assert answer.json["Code"] == "SignatureDoesNotMatch"


def test_temporary_credentials_without_their_token(sandbox: Sandbox) -> None:
    target, headers = signed_headers(sandbox, FREE_BY_NAME, key="STS.abc")
    answer = exchange(sandbox, target, headers)
    assert (answer.status, answer.json["Code"]) == (400, "MissingSecurityToken")


def test_an_unknown_operation(sandbox: Sandbox) -> None:
    target, headers = signed_headers(sandbox, FREE_BY_NAME, more={"x-acs-action": "SendPigeon"})
    answer = exchange(sandbox, target, headers)
    assert (answer.status, answer.json["Code"]) == (404, "InvalidAction.NotFound")
    assert "SendPigeon" in answer.json["Message"]


def test_another_version(sandbox: Sandbox) -> None:
    target, headers = signed_headers(sandbox, FREE_BY_NAME, more={"x-acs-version": "2019-01-01"})
    answer = exchange(sandbox, target, headers)
    assert (answer.status, answer.json["Code"]) == (400, "NoSuchVersion")
    assert "2020-06-06" in answer.json["Message"]


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_another_method(sandbox: Sandbox, method: str) -> None:
    target, headers = signed_headers(sandbox, FREE_BY_NAME, method=method)
    answer = exchange(sandbox, target, headers, method=method)
    assert (answer.status, answer.json["Code"]) == (400, "UnsupportedHTTPMethod")


def test_another_path_as_an_endpoint_with_a_base_path_calls_it(sandbox: Sandbox) -> None:
    target, headers = signed_headers(sandbox, FREE_BY_NAME)
    answer = exchange(sandbox, "/cams" + target, headers)
    assert (answer.status, answer.json["Code"]) == (404, "InvalidApi.NotFound")
    assert "'/cams/'" in answer.json["Message"]
    assert answer.headers["content-type"] == "application/json;charset=utf-8"
    assert answer.json["RequestId"]


@pytest.fixture(scope="module")
def limited() -> Iterator[Sandbox]:
    with start_sandbox(limit=LIMIT) as running:
        yield Sandbox(running)


class Timed(NamedTuple):
    """An answer, with when its call began and ended."""

    began: float
    ended: float
    answer: Raw


def test_a_full_second_keeps_the_account_out_and_nobody_else(limited: Sandbox, phones: Phones) -> None:
    calls = list(_until_refused(limited, phones))
    taken, refused = calls[:-1], calls[-1]
    # Never more than the limit in any second, and refused only when the last second was full.
    for first, beyond in zip(taken, taken[LIMIT:], strict=False):
        assert beyond.ended - first.began >= 1
    assert sum(call.ended > refused.began - 1 for call in taken) >= LIMIT
    assert (refused.answer.status, refused.answer.json["Code"]) == (400, "System.LimitControl")
    assert refused.answer.json["Message"].startswith("The system is under flow control.")
    assert 0 < int(refused.answer.headers["x-acs-retry-after"]) <= 1000
    limited.send(**{**FREE, "from_": "30001"}, to=phones.new(), key="neighbour")
    until(lambda: _call(limited, phones).answer.status == 200, what="a free place after a while")


def test_the_sdk_has_an_exception_of_its_own_for_it(limited: Sandbox, phones: Phones) -> None:
    def refused() -> AlibabaCloudException | None:
        try:
            limited.send(**FREE, to=phones.new())
        except AlibabaCloudException as error:
            return error
        return None

    error = until(refused, what="the limit")
    assert isinstance(error, ThrottlingException)
    assert error.code == "System.LimitControl"
    assert error.retry_after > 0


def test_all_keys_of_an_account_share_its_limit(limited: Sandbox, phones: Phones) -> None:
    def code() -> str:
        list(_until_refused(limited, phones))
        return limited.refused(**FREE, to=phones.new(), key="denied").code

    until(lambda: code() == "System.LimitControl", what="the limit met by another key")


def _until_refused(limited: Sandbox, phones: Phones) -> Iterator[Timed]:
    while True:
        call = _call(limited, phones)
        yield call
        if call.answer.status != 200:
            return


def _call(limited: Sandbox, phones: Phones) -> Timed:
    target, headers = signed_headers(limited, {**FREE_BY_NAME, "To": phones.new()})
    began = time.monotonic()
    answer = exchange(limited, target, headers)
    return Timed(began, time.monotonic(), answer)
