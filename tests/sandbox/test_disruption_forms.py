"""The forms for what goes wrong: they make what the control endpoint makes, and say which field is wrong."""

import re
from collections.abc import Iterator
from typing import Any, get_args
from urllib.parse import urlencode

import msgspec
import pytest

from tests.processes import Running, start_sandbox
from tests.sandbox.test_view_page import ask
from waypost.sandbox.disruption_forms import FORMS, RefusedFormError, add_from_form, in_force
from waypost.sandbox.disruptions import CallbackKind, CallKind, Disruptions, ProviderKind

KINDS = {"calls": CallKind, "providers": ProviderKind, "callbacks": CallbackKind}
SENT: list[tuple[str, dict[str, str], dict[str, Any]]] = [
    ("calls", {"kind": "refuse", "code": "MissingTo", "count": "2"}, {"code": "MissingTo", "count": 2}),
    ("calls", {"kind": "refuse", "code": "MissingTo", "count": ""}, {"count": None, "share": 1.0}),
    ("calls", {"kind": "throttle", "share": "0.2"}, {"code": "System.LimitControl", "share": 0.2}),
    # A field that the kind does not have has no effect.
    ("calls", {"kind": "throttle", "code": "MissingTo"}, {"code": "System.LimitControl"}),
    ("calls", {"kind": "timeout", "seconds": "1.5", "operation": " SendChatappMessage "}, {"seconds": 1.5}),
    ("calls", {"kind": "drop", "operation": "ListMessages"}, {"operation": "ListMessages"}),
    ("providers", {"kind": "down", "target": "channel viber", "count": "3"}, {"channel": "viber"}),
    (
        "providers",
        {"kind": "slow", "target": "route viber", "seconds": "3"},
        {"route": "viber", "seconds": 3.0},
    ),
    ("providers", {"kind": "error", "target": "channel sms", "status": "502"}, {"status": 502}),
    ("callbacks", {"kind": "answer", "status": "500", "code": "0", "url": "http://x/"}, {"url": "http://x/"}),
    ("callbacks", {"kind": "answer", "status": "200", "code": "7", "count": "3"}, {"code": 7, "count": 3}),
    ("callbacks", {"kind": "refuse_connection", "status": "nonsense"}, {"kind": "refuse_connection"}),
]
WRONG = [
    ("calls", {"kind": "dance"}, "kind", "kind must be one of: refuse, throttle"),
    ("calls", {}, "kind", "kind must be one of"),
    ("calls", {"kind": "refuse"}, "code", "code must be there for the kind refuse"),
    ("calls", {"kind": "refuse", "code": "Nope"}, "code", "code 'Nope' is none of /errors"),
    ("calls", {"kind": "drop", "count": "0"}, "count", "count must be from 1 to"),
    ("calls", {"kind": "drop", "count": "two"}, "count", "count must be a whole number"),
    ("calls", {"kind": "drop", "count": "9" * 5000}, "count", "count must have at most 500 characters"),
    ("calls", {"kind": "drop", "share": "nan"}, "share", "share must be a number"),
    ("calls", {"kind": "drop", "share": "2"}, "share", "share must be more than 0"),
    ("calls", {"kind": "timeout", "seconds": "inf"}, "seconds", "seconds must be more than 0"),
    ("providers", {"kind": "slow", "seconds": "2"}, "target", "channel or route must be there"),
    ("providers", {"kind": "slow", "target": "channel fax"}, "target", "channel must be one of"),
    ("providers", {"kind": "slow", "target": "fax"}, "target", "target must be a channel or a route"),
    ("providers", {"kind": "down", "target": "route viber"}, "kind", "down refuses connections"),
    ("providers", {"kind": "error", "target": "channel sms", "status": "200"}, "status", "from 500 to 599"),
    ("callbacks", {"kind": "answer", "status": "99"}, "status", "status must be from 200 to 599"),
    ("callbacks", {"kind": "answer", "code": "x"}, "code", "code must be a whole number"),
]


@pytest.mark.parametrize("about", FORMS)
def test_a_form_has_every_kind_there_is_and_fields_that_are_members(about: str) -> None:
    form = FORMS[about]
    assert set(form.kinds) == set(form.fields) == set(_literals(KINDS[about]))
    members = {field.name for field in msgspec.structs.fields(form.disruption)}
    assert {name for names in form.fields.values() for name in names} - {"target"} <= members
    assert form.usual["kind"] in form.kinds


def _literals(kinds: Any) -> Iterator[str]:
    for each in get_args(kinds):
        yield from [each] if isinstance(each, str) else _literals(each)


@pytest.mark.parametrize(("about", "sent", "expected"), SENT)
def test_what_a_form_puts_in_force(about: str, sent: dict[str, str], expected: dict[str, Any]) -> None:
    disruptions = Disruptions()
    add_from_form(disruptions, about, sent)
    (made,) = disruptions.all()
    members = msgspec.structs.asdict(made)
    assert members | expected | {"kind": sent["kind"]} == members
    (listed,) = in_force(disruptions)
    assert (listed.about, listed.words) == (about, FORMS[about].kinds[sent["kind"]])


@pytest.mark.parametrize(("about", "sent", "field", "words"), WRONG)
def test_what_is_wrong_is_at_its_field(about: str, sent: dict[str, str], field: str, words: str) -> None:
    disruptions = Disruptions()
    with pytest.raises(RefusedFormError) as refused:
        add_from_form(disruptions, about, sent)
    form = refused.value.form
    assert (form.about, form.field, words in form.error, form.values) == (about, field, True, sent)
    assert list(disruptions.all()) == []


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with start_sandbox() as process:
        yield process


def post(running: Running, path: str, fields: dict[str, str], *, part: bool = False) -> tuple[int, str, str]:
    headers = {"Origin": running.address} | ({"HX-Request": "true"} if part else {})
    return ask(running, path, headers, urlencode(fields))


@pytest.mark.parametrize("root", ["", "/@faulty"])
def test_a_form_and_the_endpoint_make_the_same_and_the_page_ends_it(running: Running, root: str) -> None:
    listed = f"{root}/sandbox/disruptions"
    running.post(f"{listed}/providers", {"kind": "slow", "channel": "viber", "seconds": 3})
    slow = {"kind": "slow", "target": "channel viber", "seconds": "3"}
    assert post(running, f"{root}/view/disruptions/providers", slow)[:2] == (303, f"{root}/")
    by_endpoint, by_form = running.get(listed)["providers"]
    assert {**by_endpoint, "id": 0} == {**by_form, "id": 0}
    text = ask(running, f"{root}/", {})[2]
    assert re.findall(r'<li id="in-force-(\d+)">', text) == [str(by_endpoint["id"]), str(by_form["id"])]
    assert post(running, f"{root}/view/disruptions/end", {"id": str(by_endpoint["id"])})[0] == 303
    assert running.get(listed)["providers"] == [by_form]
    status, _, text = post(running, f"{root}/view/disruptions/end", {"id": str(by_endpoint["id"])})
    assert (status, "it is not in force any more" in text) == (400, True)
    post(running, f"{root}/view/disruptions/callbacks", {"kind": "answer", "status": "500"})
    assert post(running, f"{root}/view/disruptions/end", {"id": "all"})[0] == 303
    assert running.get(listed) == {"calls": [], "providers": [], "callbacks": []}


def test_a_refused_form_comes_back_as_it_was_sent_with_the_reason(running: Running) -> None:
    fields = {"kind": "refuse", "code": "<Nope>", "count": "7"}
    status, _, text = post(running, "/view/disruptions/calls", fields)
    assert (status, '<details class="disruptions" open>' in text) == (400, True)
    _, _, part = post(running, "/view/disruptions/calls", fields, part=True)
    assert "<html" not in part
    for found in (text, part):
        assert re.search(r'id="calls-code"[^>]*value="&lt;Nope&gt;"[^>]*aria-invalid="true"', found)
        assert re.search(
            r'id="wrong-calls-code" role="alert"[^>]*>code &#39;&lt;Nope&gt;&#39; is none', found
        )
        assert re.search(r'id="calls-count"[^>]*value="7"', found)
    assert running.get("/sandbox/disruptions")["calls"] == []


def test_a_reason_is_in_the_language_of_the_page(running: Running) -> None:
    for path, fields, reason in (
        ("/view/disruptions/calls", {"kind": "refuse", "count": "x"}, "count 必须是整数"),
        ("/view/disruptions/end", {"id": "7"}, "它已不再生效"),
        ("/view/phone", {"action": "reply", "number": "4915100000000"}, "还没有人给这部手机发过消息"),
    ):
        headers = {"Origin": running.address, "Accept-Language": "zh"}
        text = ask(running, path, headers, urlencode(fields))[2]
        assert f">{reason}</" in text


def test_a_form_of_too_many_fields_is_refused(running: Running) -> None:
    many = {f"f{n}": "1" for n in range(30)}
    status, _, text = post(running, "/view/disruptions/calls", many)
    assert (status, "a form has at most 20 fields" in text) == (400, True)
