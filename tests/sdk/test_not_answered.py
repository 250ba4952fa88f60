"""The error of an operation that is not answered: not yet, not in this version, or not anywhere."""

import re

import pytest

from tests.sdk.callers import Raw, Sandbox, exchange, signed_headers
from waypost.api.operations.catalogue import OPERATIONS, RAM_OPERATIONS
from waypost.api.reference.official_operations import OFFICIAL_OPERATIONS


def called(sandbox: Sandbox, action: str, version: str = "2020-06-06") -> Raw:
    more = {"x-acs-action": action, "x-acs-version": version}
    return exchange(sandbox, *signed_headers(sandbox, {}, more=more))


def message(answer: Raw) -> str:
    assert (answer.status, answer.json["Code"]) == (404, "InvalidAction.NotFound")
    return str(answer.json["Message"])


@pytest.mark.parametrize("action", sorted(OFFICIAL_OPERATIONS - OPERATIONS.keys()))
def test_an_official_operation_is_not_answered_yet(sandbox: Sandbox, action: str) -> None:
    text = message(called(sandbox, action))
    assert f"'{action}' is an operation of the official API that Waypost does not answer yet" in text
    assert "/coverage" in text
    assert "not an operation" not in text


@pytest.mark.parametrize("action", ["SendPigeon", "sendchatappmessage", "ModifyPhoneMessageQrdl<b>"])
def test_a_name_that_no_product_has(sandbox: Sandbox, action: str) -> None:
    text = message(called(sandbox, action))
    assert "is not an operation of the version 2020-06-06; the page /reference lists them" in text
    assert "official" not in text


@pytest.mark.parametrize(
    ("action", "version", "right"),
    [
        ("CreateUser", "2020-06-06", "ram; its Version is 2015-05-01"),
        ("AssumeRole", "2015-05-01", "sts; its Version is 2015-04-01"),
        ("SendChatappMessage", "2015-05-01", "cams; its Version is 2020-06-06"),
    ],
)
def test_an_operation_of_another_version(sandbox: Sandbox, action: str, version: str, right: str) -> None:
    assert f"'{action}' is an operation of {right}" in message(called(sandbox, action, version))


def test_an_official_name_is_one_of_its_own_version_only(sandbox: Sandbox) -> None:
    action = min(OFFICIAL_OPERATIONS - OPERATIONS.keys() - RAM_OPERATIONS.keys())
    assert "is not an operation of the version 2015-05-01" in message(called(sandbox, action, "2015-05-01"))


def test_the_page_that_is_named_has_every_official_operation(sandbox: Sandbox) -> None:
    html = exchange(sandbox, "/coverage", {"accept": "text/html"}, method="GET").body.decode()
    for name in OFFICIAL_OPERATIONS:
        link = f'<a href="/reference/{name}">{name}</a>'
        [row] = re.findall(rf'<tr id="{name}">(.*?)</tr>', html)
        assert row.startswith(f"<td>{link if name in OPERATIONS else name}</td>")
        assert row.endswith(f">{'yes' if name in OPERATIONS else 'no'}</td>")
    for name in OPERATIONS.keys() - OFFICIAL_OPERATIONS:
        assert f'<li><a href="/reference/{name}">{name}</a></li>' in html
