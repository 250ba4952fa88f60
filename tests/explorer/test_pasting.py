"""A request that is pasted becomes the form of its call, without what signed it."""

from urllib.parse import quote

import pytest

from tests.explorer.form_session import HOSTILE, FormSession
from waypost.api.forms.form_values import parameters_of_form
from waypost.api.operations.catalogue import EVERY
from waypost.api.sdk_code.api_call import ApiCall
from waypost.api.sdk_code.languages import BY_ID

SEND = EVERY["SendChatappMessage"].operation
PARAMETERS = {
    "ChannelType": "viber",
    "Type": "message",
    "MessageType": "text",
    "From": "20001",
    "To": "4915112345678",
    "Content": '{"text":"Hello ünd \'all\'"}',
    "Label": "promotion",
}
QUERY = "&".join(f"{name}={quote(value, safe='')}" for name, value in PARAMETERS.items())
SIGNATURE = "AccessKeyId=LTAI5t&Signature=c2lnbmF0dXJl&SignatureNonce=n-1&Timestamp=2026-11-27T00%3A00%3A00Z"
URL = f"https://cams.example/?Action={SEND.name}&Version=2020-06-06&{SIGNATURE}&{QUERY}"
RAW = (
    f"POST / HTTP/1.1\nHost: cams.example\nx-acs-action: {SEND.name}\nx-acs-version: 2020-06-06\n"
    "x-acs-signature-nonce: n-1\nContent-Type: application/x-www-form-urlencoded\n"
    "Authorization: ACS3-HMAC-SHA256 Credential=LTAI5t,SignedHeaders=host,Signature=c2lnbmF0dXJl\n\n" + QUERY
)
CURL = BY_ID["curl"].code(ApiCall(SEND.name, "2020-06-06", PARAMETERS, "cams.example", "https", "LTAI5t"))


@pytest.mark.parametrize("text", [URL, RAW, CURL], ids=["URL", "raw", "curl"])
def test_a_pasted_request_becomes_a_link_to_its_form(session: FormSession, text: str) -> None:
    answer = session.send("/explorer", {"request": text})
    assert answer.status == 303
    link = answer.headers["location"]
    assert link.startswith(f"{session.root}/explorer/{SEND.name}?")
    for part in ("Signature", "c2lnbmF0dXJl", "n-1", "LTAI5t", "Timestamp"):
        assert part not in link
    form = session.open(link.removeprefix(session.root))
    assert parameters_of_form(SEND, form.fields) == PARAMETERS


def test_one_that_is_too_long_for_a_link_is_a_form_at_once(session: FormSession) -> None:
    text = URL.replace("Label=promotion", "Label=promotion&Tag=" + "x" * 5000)
    form = session.send("/explorer", {"request": text})
    assert form.status == 200
    assert form.fields["Tag"] == "x" * 5000
    assert form.fields["own-key"] == "LTAI5t"
    assert "c2lnbmF0dXJl" not in form.text
    # It can be sent as it is.
    assert (
        session.send(f"/explorer/{SEND.name}", {**form.fields, "do": "show"}).fields["To"] == "4915112345678"
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "There is no text."),
        ("hello", "The text must begin with a request line"),
        (URL.replace(SEND.name, "NoSuchThing"), "There is no operation NoSuchThing here."),
        (f"https://cams.example/?Action={quote(HOSTILE)}", "There is no operation"),
    ],
)
def test_what_is_no_call_is_explained_and_stays(session: FormSession, text: str, problem: str) -> None:
    page = session.send("/explorer", {"request": text})
    assert page.status == 400
    assert problem in page.text
    assert "<img" not in page.text
    assert session.send("/explorer", {"request": "x" * 400_000}).status == 413


def test_the_same_text_goes_to_the_doctor(session: FormSession) -> None:
    page = session.open("/explorer").text
    assert f'<button formaction="{session.root}/doctor">' in page
    assert "What is wrong" in session.send("/doctor", {"request": URL, "secret": "s"}).text


def test_a_secret_in_the_wrong_place_goes_into_no_link(session: FormSession) -> None:
    text = f"{URL}&AccessKeySecret=s3cret&DbPassword=s3cret&Unknown=stays&accessKeySecret=s3cret"
    link = session.send("/explorer", {"request": text}).headers["location"]
    assert "s3cret" not in link
    assert "Unknown=stays" in link
