"""A sandbox that begins with a settings file: its senders, templates, policies, spaces, users and secrets."""

from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from alibabacloud_cams20200606 import models

from tests.cli.listener import listening
from tests.docs.pages import blocks
from tests.processes import run_waypost, start, until
from tests.sdk.callers import Sandbox
from tests.sdk.key_pairs import Code, code_by_v1, code_by_v3
from waypost.config.settings import SettingsError
from waypost.delivery.notifier import callback_signature
from waypost.sandbox.seed import read_seed

SEED = """
[routes.viber-main]
kind = "viber"
url = "https://services.viber.com/vibersrvc/1/send_message"
secret = "${A_VARIABLE_THAT_IS_NOT_SET}"

[routes.sms-main]
kind = "kannel"
url = "https://sms.example/cgi-bin/sendsms"
username = "waypost"
password = "${ANOTHER_ONE}"
secret = "sms-receipts-000001"

[routes.page]
kind = "messenger"
tokens = { 4711 = "real" }
app_secret = "real"
verify_token = "real"
secret = "page-receipts-000001"

[accounts.acme]
name = "Acme"
callback_secret = "signs-the-pushes"
spaces = ["cams-acme0000main"]
users.sender.policies.send = { Version = "1", Statement = [
  { Effect = "Allow", Action = "cams:Send*", Resource = "*" } ] }

[[accounts.acme.senders]]
channel = "viber"
id = "25001"
route = "viber-main"

[[accounts.acme.senders]]
channel = "viber"
id = "25002"
route = "viber-main"

[[accounts.acme.senders]]
channel = "messenger"
id = "4711"
route = "page"

[[accounts.acme.senders]]
channel = "sms"
id = "Acme"
route = "sms-main"

[[accounts.acme.fallbacks]]
id = "F_ACME"
rules = [{ name = "sms", channel = "sms", sender = "Acme" }]

[[accounts.acme.templates]]
code = "acme_code"
name = "acme_code"
language = "en"
channel = "viber"
message_type = "text"
content = { text = "Acme: $(code)" }

[accounts.other]
senders = [{ channel = "telegram", id = "777", route = "telegram" }]
"""
PHONE, NOBODY = "4915112345678", "4915112340001"


def seed_file(folder: Path, text: str = SEED) -> Path:
    path = folder / "waypost.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_production_file_is_a_sandbox(tmp_path: Path) -> None:
    path = seed_file(tmp_path)
    with start(["sandbox", "--port", "0", "--limit", "0", "--seed", str(path)]) as running:
        replaced = "simulated ones instead of those of waypost.toml: viber-main, sms-main, page"
        until(lambda: replaced in running.output, what="the line about routes")
        sandbox = Sandbox(running)
        template = {
            "channel_type": "viber",
            "type": "template",
            "template_code": "acme_code",
            "language": "en",
            "label": "promotion",
        }
        for sender in ("25001", "25002"):
            sandbox.send(**template, template_params={"code": "1"}, from_=sender, to=PHONE)
        sandbox.send(
            **template,
            template_params={"code": "2"},
            from_="25001",
            to=NOBODY,
            fall_back_id="F_ACME",
        )
        sandbox.advance(5)
        assert [message["from"] for message in sandbox.phone(PHONE)] == ["25001", "25002"]
        assert all(message["state"] == "read" for message in sandbox.phone(PHONE))
        assert [(message["channel"], message["from"]) for message in sandbox.phone(NOBODY)] == [
            ("sms", "Acme")
        ]


def test_keys_of_every_account_and_user_also_of_a_named_sandbox(tmp_path: Path) -> None:
    path = seed_file(tmp_path)
    telegram = {
        "channel_type": "telegram",
        "type": "message",
        "message_type": "text",
        "content": '{"text":"hi"}',
        "label": "transaction",
    }
    with start(["sandbox", "--port", "0", "--limit", "0", "--seed", str(path)]) as running:
        sandbox = Sandbox(running)
        sandbox.send(**telegram, from_="777", to="12345", key="sandbox-other")
        sandbox.send(**telegram, from_="777", to="12345", key="ci@sandbox-other")
        assert sandbox.refused(**telegram, from_="777", to="12345", key="sandbox").status == 400
        user = sandbox.client("sandbox-acme-sender")
        with pytest.raises(Exception, match="PermissionDeny"):
            user.list_chatapp_template(models.ListChatappTemplateRequest(cust_space_id="cams-acme0000main"))


def test_pushes_are_signed_with_the_secret_of_the_file(tmp_path: Path) -> None:
    with listening({"code": 0}) as listener:
        status_url = f'status_url = "{listener.url}"\ncallback_secret ='
        path = seed_file(tmp_path, SEED.replace("callback_secret =", status_url))
        with start(["sandbox", "--port", "0", "--limit", "0", "--seed", str(path)]) as running:
            sandbox = Sandbox(running)
            text = {
                "channel_type": "viber",
                "type": "message",
                "message_type": "text",
                "content": '{"text":"hi"}',
                "to": PHONE,
                "label": "promotion",
            }
            sandbox.send(**text, from_="25001")
            sandbox.advance(5)
            assert [one["Status"] for one in listener.objects()] == ["Sent", "Delivered", "Read"]
            # Of a named sandbox, too, and after a reset.
            running.post("/sandbox/reset")
            for key in ("sandbox", "ci@sandbox"):
                sandbox.send(**text, from_="25001", key=key)
            sandbox.advance(5)
            running.post("/@ci/sandbox/clock/advance", {"seconds": 5})
            assert len(listener.objects()) == 9
            for push in listener.got:
                header = push.headers["X-Waypost-Signature"]
                at = int(header.partition("t=")[2].partition(",")[0])
                assert header == callback_signature("signs-the-pushes", at, push.body)


OWN_KEYS = """
[[accounts.acme.keys]]
id = "LTAI5tOwnersKey"
secret = "their+Secret/0123456789"

[[accounts.acme.keys]]
id = "LTAI5tUsersKey"
secret = "${THE_USERS_SECRET}"
user = "sender"
"""


def test_the_guide_s_key_pair_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THEIR_SECRET", "their+Secret/0123456789")
    [example] = blocks("docs/sandbox.md", "toml")
    [key] = [key for key in read_seed(seed_file(tmp_path, SEED + example)).keys if key.own_secret]
    assert (key.id, key.user_id, key.secret) == ("LTAI5tTheirs", "sender", "their+Secret/0123456789")


@pytest.mark.parametrize("code", [code_by_v3, code_by_v1])
def test_own_key_pairs_call_unchanged(tmp_path: Path, code: Code) -> None:
    """So that nothing but the endpoint differs; in a named sandbox the id alone has its name in front."""
    path = seed_file(tmp_path, SEED + OWN_KEYS)
    environment = {"THE_USERS_SECRET": "the-users-secret-01"}
    with start(["sandbox", "--port", "0", "--limit", "0", "--seed", str(path)], environment) as running:
        for key, secret, expected in (
            ("LTAI5tOwnersKey", "their+Secret/0123456789", "OK"),
            ("LTAI5tUsersKey", "the-users-secret-01", "OK"),
            ("ci@LTAI5tUsersKey", "the-users-secret-01", "OK"),
            ("sandbox-acme", "sandbox-acme", "OK"),
            ("LTAI5tUsersKey", "LTAI5tUsersKey", "SignatureDoesNotMatch"),
        ):
            assert code(running, key, secret, "25001") == expected
        assert "LTAI5tUsersKey: the user sender of account acme" in running.output
        with urlopen(Request(f"{running.address}/here", headers={"Accept": "text/html"})) as answer:
            home_page = answer.read().decode()
        assert "LTAI5tUsersKey" in home_page
        for shown in (running.output, running.log, home_page):
            assert "their+Secret" not in shown
            assert "the-users-secret" not in shown


@pytest.mark.parametrize(
    ("wrong", "right", "sentence"),
    [
        ('channel = "viber"\nid = "25001"', 'channel = "vibre"\nid = "25001"', "vibre"),
        ('id = "F_ACME"', 'id = "F_ACME"\nname_ = "x"', "name_"),
        (SEED, SEED + OWN_KEYS.replace('"sender"', '"sendr"'), "names the user 'sendr'"),
        (SEED, SEED + OWN_KEYS.replace("LTAI5tUsersKey", "LTAI5tOwnersKey"), "must be unique"),
        (SEED, SEED + OWN_KEYS.replace("LTAI5tOwnersKey", "STS.x"), "does not begin with STS"),
        (SEED, SEED + OWN_KEYS.replace("their+Secret/0123456789", "short"), "8 to 128 characters"),
        ("callback_secret = ", 'callback_secret = "${NOT_SET_EITHER}"\n# ', "NOT_SET_EITHER"),
    ],
)
def test_a_mistake_in_what_is_used_is_named(tmp_path: Path, wrong: str, right: str, sentence: str) -> None:
    path = seed_file(tmp_path, SEED.replace(wrong, right))
    with pytest.raises(SettingsError, match=sentence):
        read_seed(path)
    ended = run_waypost("sandbox", "--port", "0", "--seed", str(path))
    assert ended.returncode == 2
    assert sentence in ended.stderr


def test_every_sender_of_the_file_has_a_simulated_route(tmp_path: Path) -> None:
    seed = read_seed(seed_file(tmp_path))
    assert {(sender.channel, sender.id): sender.route for sender in seed.senders} == {
        ("viber", "25001"): "sandbox-viber",
        ("viber", "25002"): "sandbox-viber",
        ("messenger", "4711"): "sandbox-messenger",
        ("sms", "Acme"): "sandbox-sms",
        ("telegram", "777"): "sandbox-telegram-1",
    }
    assert [key.id for key in seed.keys] == [
        "sandbox",
        "sandbox-acme",
        "sandbox-acme-sender",
        "sandbox-other",
    ]
    assert seed.replaced == ["viber-main", "sms-main", "page"]


def test_the_start_names_the_urls_that_are_pushed_to_and_one_takes_the_place_of_all(tmp_path: Path) -> None:
    urls = SEED.replace(
        "[accounts.other]", '[accounts.other]\nstatus_url = "https://other.example/s"'
    ).replace(
        'channel = "sms"\nid = "Acme"', 'channel = "sms"\nid = "Acme"\ninbound_url = "https://acme.example/i"'
    )
    seed = read_seed(seed_file(tmp_path, urls))
    assert seed.callback_urls == ["https://acme.example/i", "https://other.example/s"]
    assert seed.with_callback_url("http://127.0.0.1:9/").callback_urls == ["http://127.0.0.1:9/"]
    with start(["sandbox", "--port", "0", "--seed", str(seed_file(tmp_path, urls))]) as running:
        until(lambda: "callbacks    https://acme.example/i, https://other.example/s" in running.output)
