"""In production whoever types a key and its secret in makes calls by the explorer; the secret stays there."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.beside import make_key
from tests.explorer.form_session import FormSession
from tests.processes import Running, start_serve, until

KEY = "explorer-key"
SETTINGS = """
[store]
data = "{data}"

[routes.viber]
kind = "viber"
url = "http://127.0.0.1:1/send"
secret = "end-of-the-address"

[accounts.acme]
name = "Acme"
senders = [{{channel = "viber", id = "70717", route = "viber"}}]
"""
MESSAGE = {
    "ChannelType": "viber",
    "Type": "message",
    "MessageType": "text",
    "Content/text": "Hello",
    "From": "70717",
    "To": "4915112345678",
    "Label": "promotion",
}


class Serving(NamedTuple):
    """A service in production, with one key."""

    running: Running
    data: Path
    secret: str

    @property
    def session(self) -> FormSession:
        return FormSession(self.running.address)


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    folder: Path = tmp_path_factory.mktemp("serve")
    config = folder / "waypost.toml"
    config.write_text(SETTINGS.format(data=folder / "data"), encoding="utf-8")
    secret = make_key(config, id_=KEY).secret
    with start_serve(config) as running:
        yield Serving(running, folder / "data", secret)


def test_a_call_is_made_and_its_secret_is_nowhere(serving: Serving) -> None:
    own = {"own-key": KEY, "secret": serving.secret}
    page = serving.session.run("SendChatappMessage", MESSAGE, **own)
    assert page.code == "OK"
    assert page.fields["own-key"] == KEY
    assert page.fields["secret"] == ""
    assert "/explorer/GetChatappMessageDetail?MessageId=" in page.text
    assert page.headers["cache-control"] == "no-store"
    refused = serving.session.run("SendChatappMessage", MESSAGE | {"Ttl": "1"}, **own)
    assert refused.code == "InvalidTtl"
    listed = serving.session.run("ListCalls", {}, **own)
    request_id = refused.text.partition('data-request-id="')[2].partition('"')[0]
    until(
        lambda: request_id in serving.session.run("ListCalls", {}, **own).text, what="the call is on record"
    )
    secret = serving.secret.encode()
    for text in (page.text, refused.text, listed.text, serving.running.log, serving.running.output):
        assert serving.secret not in text
    files = [file for file in serving.data.rglob("*") if file.is_file()]
    assert any(file.name.startswith("waypost.db") for file in files)
    assert [file.name for file in files if secret in file.read_bytes()] == []


def test_whoever_has_no_secret_gets_what_a_wrong_signature_gets(serving: Serving) -> None:
    page = serving.session.run("SendChatappMessage", MESSAGE, **{"own-key": KEY, "secret": "wrong"})
    assert page.code == "SignatureDoesNotMatch"
    # No key is chosen by its name alone, as in a sandbox.
    nobody = serving.session.run("SendChatappMessage", MESSAGE, key=KEY)
    assert nobody.status == 400
    assert "secret of the access key is missing" in nobody.text


def test_a_form_of_another_page_is_refused(serving: Serving) -> None:
    session = serving.session
    own = {"own-key": KEY, "secret": serving.secret, "do": "run"}
    form = session.open("/explorer/GetCallerIdentity").fields
    for headers in ({"origin": "http://evil.example"}, {"sec-fetch-site": "cross-site"}, {}):
        page = session.send("/explorer/GetCallerIdentity", {**form, **own}, headers)
        assert page.status == 403
        assert 'id="answer" aria-live="polite">' in page.text
    assert session.send("/explorer/GetCallerIdentity", {**form, **own, "token": "x"}).status == 403
    assert session.send("/explorer/GetCallerIdentity", {**form, **own}).code == "OK"


def test_an_operator_can_have_none(tmp_path: Path) -> None:
    config = tmp_path / "waypost.toml"
    settings = SETTINGS.format(data=tmp_path / "data") + "\n[server]\nexplorer = false\n"
    config.write_text(settings, encoding="utf-8")
    with start_serve(config) as running:
        session = FormSession(running.address)
        assert session.open("/explorer").status == 404
        assert session.open("/explorer/SendChatappMessage").status == 404
        fields = {"do": "run", "own-key": KEY, "secret": "s"}
        assert session.send("/explorer/SendChatappMessage", fields).status == 404
        for path in ("/", "/reference", "/reference/SendChatappMessage", "/errors", "/nowhere"):
            assert "explorer" not in session.open(path).text


def test_strangers_see_no_keys_and_no_calls(serving: Serving) -> None:
    serving.session.run("SendChatappMessage", MESSAGE, **{"own-key": KEY, "secret": serving.secret})
    for path in ("/explorer", "/explorer/SendChatappMessage", "/explorer/SendChatappMessage?example=1"):
        text = serving.session.open(path).text
        for known in (KEY, "acme", "Acme", "70717", "Latest calls", 'id="key"'):
            assert known not in text
