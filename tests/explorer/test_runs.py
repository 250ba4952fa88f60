"""Calls that the explorer makes: as any other call is, by whoever was shown the form, and by nobody else."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.explorer.form_session import HOSTILE, FormReader, FormSession
from tests.processes import Running, fetch
from waypost.api.forms.example_values import example_parameters
from waypost.api.forms.form_values import fields_of_call, parameters_of_form
from waypost.api.operations.catalogue import EVERY
from waypost.commands.api_call import call_api

SEND = "SendChatappMessage"
MESSAGE = {
    "ChannelType": "viber",
    "Type": "message",
    "MessageType": "text",
    "Content/text": "Hello <b>",
    "From": "20001",
    "To": "4915112345678",
    "Label": "promotion",
}


def calls_of(address: str) -> list[dict[str, Any]]:
    calls: list[dict[str, Any]] = fetch(f"{address}/sandbox/calls")["calls"]
    return calls


def test_every_operation_has_a_form_whose_examples_are_answered_as_any_call(process: Running) -> None:
    # Two sandboxes that are alike: one is called by the explorer, the other by a program.
    session = FormSession(f"{process.address}/@every-form")
    codes: dict[str, tuple[str, str]] = {}
    for name, endpoint in EVERY.items():
        form = session.open(f"/explorer/{name}?example=1")
        assert form.status == 200
        parameters = parameters_of_form(endpoint.operation, form.fields)
        by_form = session.send(f"/explorer/{name}", {**form.fields, "do": "run"})
        key = "every-call@sandbox"
        status, body = call_api(process.address, key, key, name, parameters)
        assert f"HTTP {status}" in by_form.text
        codes[name] = by_form.code, str(body.get("Code", "OK"))
    assert {name: pair for name, pair in codes.items() if pair[0] != pair[1]} == {}
    assert codes[SEND] == ("OK", "OK")
    # What came in is what the form had.
    assert [call["operation"] for call in calls_of(f"{process.address}/@every-form")] == list(EVERY)


def test_a_call_arrives_as_it_was_filled_in(session: FormSession, address: str) -> None:
    text = "two\nlines, ünï & <b>"
    page = session.run(SEND, MESSAGE | {"Content/text": text, "+TemplateParams/name": ""})
    assert page.code == "OK"
    [call] = calls_of(address)
    assert call["parameters"]["Content"] == '{"text":"two\\nlines, ünï & <b>"}'
    assert call["access_key_id"].endswith("@sandbox")
    assert f"/messages/{call['message_id']}" in page.text
    assert f"/calls/{call['request_id']}" in page.text
    # The form is as it was, for the next call.
    assert page.fields["Content/text"] == text


@pytest.mark.parametrize(
    ("change", "headers"),
    [
        ({"token": ""}, None),
        ({"token": "0" * 64}, None),
        ({"token": "ü"}, None),
        ({}, {"origin": "http://evil.example", "sec-fetch-site": "cross-site"}),
        ({}, {"origin": "http://evil.example"}),
        ({}, {"origin": "null"}),
        ({}, {"sec-fetch-site": "same-site"}),
        ({}, {}),
    ],
)
def test_a_form_of_another_page_makes_no_call(
    session: FormSession, address: str, change: Mapping[str, str], headers: Mapping[str, str] | None
) -> None:
    form = session.open(f"/explorer/{SEND}")
    fields = {**form.fields, **MESSAGE, "do": "run", **change}
    page = session.send(f"/explorer/{SEND}", fields, headers)
    assert page.status == 403
    assert calls_of(address) == []
    if headers is None:
        # What was filled in is still there, to be sent again by whoever was wronged.
        assert 'role="alert"' in page.text
        assert page.fields["Content/text"] == "Hello <b>"
        assert session.send(f"/explorer/{SEND}", {**page.fields, "do": "run"}).code == "OK"


def test_a_token_belongs_to_its_browser(session: FormSession, address: str) -> None:
    other = FormSession(address)
    token = other.open(f"/explorer/{SEND}").fields["token"]
    form = session.open(f"/explorer/{SEND}")
    page = session.send(f"/explorer/{SEND}", {**form.fields, **MESSAGE, "do": "run", "token": token})
    assert page.status == 403
    session.cookie = ""
    page = session.send(f"/explorer/{SEND}", {**form.fields, **MESSAGE, "do": "run"})
    assert page.status == 403
    assert calls_of(address) == []


def test_a_refused_call_is_explained_and_its_parameter_marked(session: FormSession) -> None:
    page = session.run(SEND, MESSAGE | {"To": "+49"})
    assert page.code == "InvalidParameter.ToOnlyNumeric"
    assert '<input id="f-To" name="To" aria-describedby="f-To-about" aria-invalid="true"' in page.text
    assert page.text.count("aria-invalid") == 1
    link = page.text.partition('">About this error')[0].rpartition('href="')[2].replace("&amp;", "&")
    assert link.startswith(f"{session.root}/errors?q=InvalidParameter.ToOnlyNumeric&requestId=")
    assert "refused with" in session.open(link.removeprefix(session.root)).text


def test_a_wrong_secret_is_a_wrong_signature(session: FormSession) -> None:
    own = {"key": "", "own-key": "somebody", "secret": "no such secret"}
    page = session.run(SEND, MESSAGE, **own)
    assert page.code == "InvalidAccessKeyId.NotFound"
    assert page.fields["own-key"] == "somebody"
    assert "no such secret" not in page.text
    assert page.fields["secret"] == ""


@pytest.mark.parametrize(
    ("own", "notice"), [("", "AccessKeyId is missing"), ("nobody", "secret of the access")]
)
def test_without_key_or_secret_nothing_is_sent(
    session: FormSession, address: str, own: str, notice: str
) -> None:
    page = session.run(SEND, MESSAGE, key="", **{"own-key": own})
    assert page.status == 400
    assert notice in page.text
    assert calls_of(address) == []


def test_the_other_keys_of_a_sandbox_sign_by_being_chosen(session: FormSession, address: str) -> None:
    made = session.run("CreateAccessKey", {"UserName": "alice"})
    form = session.open(f"/explorer/{SEND}")
    choices = form.text.partition('<select id="key"')[2].partition("</select>")[0]
    [user] = [part.partition('"')[0] for part in choices.split('<option value="')[1:] if "user" in part][:1]
    page = session.run(SEND, MESSAGE, key=user)
    assert made.status == page.status == 200
    assert calls_of(address)[-1]["access_key_id"] == user


def test_what_goes_wrong_in_a_sandbox_goes_wrong_here_too(session: FormSession, address: str) -> None:
    fetch(f"{address}/sandbox/disruptions/calls", {"kind": "drop", "count": 1})
    page = session.run(SEND, MESSAGE)
    assert "The connection was closed without an answer." in page.text
    assert session.run(SEND, MESSAGE).code == "OK"


def test_hostile_values_are_text_in_every_form(session: FormSession) -> None:
    for name, endpoint in EVERY.items():
        fields = {row.name: HOSTILE for row in endpoint.operation.parameters} | {
            "X.1": HOSTILE,
            "Content/<b>": HOSTILE,
            "TemplateParams/<b>": HOSTILE,
            "own-key": HOSTILE,
            "code": HOSTILE,
            "key": HOSTILE,
        }
        page = session.send(f"/explorer/{name}", fields)
        assert page.status == 200
        reader = FormReader()
        reader.feed(page.text)
        assert reader.scripts == ["/htmx.js", "/page.js", "/explorer.js"]
        assert "<img" not in page.text
        parameters = parameters_of_form(endpoint.operation, fields)
        shown = parameters_of_form(endpoint.operation, page.fields)
        assert fields_of_call(endpoint.operation, shown) == fields_of_call(endpoint.operation, parameters)


def test_a_run_with_hostile_values_is_refused_and_runs_nothing(session: FormSession) -> None:
    page = session.run(SEND, dict.fromkeys(MESSAGE, HOSTILE))
    assert page.code not in ("OK", "")
    assert "<img" not in page.text
    assert "<script>" not in page.text
    listed = session.open(f"/explorer?q={'%3Cscript%3E'}").text
    assert "<script>" not in listed


def test_a_link_fills_in_a_form_and_has_no_secret(session: FormSession, address: str) -> None:
    page = session.run(SEND, MESSAGE, **{"key": "", "own-key": "sandbox", "secret": "s3cret"})
    link = page.text.partition('id="link" href="')[2].partition('"')[0].replace("&amp;", "&")
    root = address[address.index("/@") :]
    assert link.startswith(f"{root}/explorer/{SEND}?")
    assert "s3cret" not in page.text
    again = session.open(link.removeprefix(root))
    operation = EVERY[SEND].operation
    assert parameters_of_form(operation, again.fields) == parameters_of_form(operation, MESSAGE)
    assert session.open(f"/explorer/{SEND}?secret=s3cret&own-key=k&key=k").fields["own-key"] == ""


def test_a_form_that_is_too_long_for_a_link_has_none_and_such_a_link_fills_in_nothing(
    session: FormSession,
) -> None:
    page = session.send(f"/explorer/{SEND}", MESSAGE | {"Tag": "x" * 5000})
    assert "too long for a link" in page.text
    assert page.fields["Tag"] == "x" * 5000
    for query in ("To=" + "1" * 5000, "&" * 1000):
        empty = session.open(f"/explorer/{SEND}?{query}")
        assert empty.status == 200
        assert "more than the explorer reads" in empty.text


def test_a_form_beyond_its_bounds_is_refused(session: FormSession) -> None:
    form = session.open(f"/explorer/{SEND}").fields
    assert session.send(f"/explorer/{SEND}", {**form, "Tag": "x" * 70_000, "do": "run"}).status == 413
    many = {f"X{number}": "1" for number in range(600)}
    assert session.send(f"/explorer/{SEND}", {**form, **many, "do": "run"}).status == 413


def test_the_button_shows_the_fields_of_this_kind_without_a_script(session: FormSession) -> None:
    form = session.open(f"/explorer/{SEND}")
    assert "Content/text" not in form.fields
    chosen = {"ChannelType": "viber", "Type": "message", "MessageType": "text", "do": "show"}
    page = session.send(f"/explorer/{SEND}", {**form.fields, **chosen})
    assert "Content/text" in page.fields
    examples = session.send(f"/explorer/{SEND}", {**page.fields, "To": "4915100000009", "do": "example"})
    assert examples.fields["Content/text"] == "hello"
    assert examples.fields["To"] == "4915100000009"


def test_the_code_is_of_exactly_this_call(session: FormSession) -> None:
    page = session.send(f"/explorer/{SEND}", MESSAGE | {"key": "sandbox", "code": "curl", "Ttl": "77"})
    assert page.fields["code"] == "curl"
    assert page.text.count('class="tab-panel"') == 12
    panel = page.text.partition('id="code-curl"')[2]
    assert "77" in panel
    assert "YOUR_ACCESS_KEY_ID" not in page.text
    nobody = session.send(f"/explorer/{SEND}", MESSAGE | {"key": "not <a> key"})
    assert "The access key id" in nobody.text


def test_latest_calls_lead_back_to_their_forms(session: FormSession, address: str) -> None:
    session.run(SEND, MESSAGE | {"To": "+49"})
    [call] = calls_of(address)
    listed = session.open("/explorer").text
    assert call["request_id"] in listed
    for path in (f"/calls/{call['request_id']}", f"/errors?q={call['code']}&requestId={call['request_id']}"):
        text = session.open(path).text
        link = text.rpartition('">Open in the explorer')[0].rpartition('href="')[2].replace("&amp;", "&")
        form = session.open("/explorer/" + link.partition("explorer/")[2])
        assert form.fields["To"] == "+49"
        assert form.fields["Content/text"] == "Hello <b>"


def test_pages_lead_to_the_explorer(session: FormSession) -> None:
    root = session.root
    assert f'<a href="{root}/explorer">' in session.open("/here").text
    assert f'href="/explorer/{SEND}"' in session.open(f"/reference/{SEND}").text.replace(root, "")
    assert session.open("/explorer/NoSuchOperation").status == 404
    assert session.open("/explorer?q=Ttl").text.count(f"/explorer/{SEND}") == 1
    assert "No operation, parameter or error code" in session.open("/explorer?q=no-such-word").text


def test_example_values_of_a_sandbox_are_those_that_it_takes(session: FormSession) -> None:
    operation = EVERY[SEND].operation
    form = session.open(f"/explorer/{SEND}?example=1")
    assert parameters_of_form(operation, form.fields) != example_parameters(operation, {}, {})
    assert session.send(f"/explorer/{SEND}", {**form.fields, "do": "run"}).code == "OK"
