"""Every mistake in a settings file is found in one run, and named by a sentence that says what to change."""

from pathlib import Path

import pytest

from waypost.config.loading import Inspection, inspect

VALID = """
[server]
public_url = "https://waypost.example"
[routes.viber-main]
kind = "viber"
url = "https://viber.example/send"
secret = "0123456789abcdef"
[routes.sms-main]
kind = "kannel"
url = "http://127.0.0.1:9/sendsms"
username = "u"
password = "p"
secret = "0123456789abcdef"
[routes.whatsapp-main]
kind = "whatsapp"
token = "t"
numbers = { 15550001111 = "1" }
app_secret = ""
verify_token = "v"
secret = "0123456789abcdef"
[accounts.acme]
spaces = ["cams-acme0000main"]
[[accounts.acme.senders]]
channel = "viber"
id = "20001"
route = "viber-main"
[[accounts.acme.senders]]
channel = "sms"
id = "Acme"
route = "sms-main"
[[accounts.acme.fallbacks]]
id = "S_000001"
rules = [{ name = "sms", channel = "sms", sender = "Acme" }]
[[accounts.acme.templates]]
code = "welcome"
name = "welcome"
language = "en"
channel = "viber"
message_type = "text_button"
content = { text = "Hello $(name)", caption = "Open", action = "https://acme.example/$(id)" }
[accounts.acme.users.clerk.policies.send]
Version = "1"
Statement = [{ Effect = "Allow", Action = ["cams:SendChatappMessage", "cams:List*"], Resource = "*" }]
"""
"""Settings without a mistake; each case below changes them in one place, or adds to them."""

SENDER = '[[accounts.acme.senders]]\nchannel = "{}"\nid = "{}"\nroute = "{}"\n'
TEMPLATE = (
    '[[accounts.acme.templates]]\ncode = "two"\nname = "two"\nlanguage = "{}"\nchannel = "{}"\n'
    'message_type = "{}"\ncontent = {}\n'
)
CHANNELS = "viber, whatsapp, messenger, instagram, telegram, line, sms"
KINDS = "viber, kannel, whatsapp, messenger, instagram, telegram, line"
SCHEME = "it must begin with http:// or https://"
SENDER_CUT = (
    "the networks carry up to 11 letters and digits, one a letter, or up to 15 digits, and cut others"
)
TOO_SHORT = "at least 16 are needed, so that nobody guesses where receipts come to"

CHANGED: list[tuple[str, str, str]] = [
    # What stands in the file, what stands there instead, and the sentence, or none that is expected.
    ("[server]", "[servr]", "servr is no key here; did you mean 'server'?"),
    ("public_url =", "publik_url =", "server.publik_url is no key here; did you mean 'public_url'?"),
    ("username =", "user =", "routes.sms-main.user is no key here; did you mean 'username'?"),
    (
        'kind = "viber"',
        'kind = "vibre"',
        f"routes.viber-main.kind is 'vibre'; allowed are {KINDS}; did you mean 'viber'?",
    ),
    ('kind = "viber"\n', "", f"routes.viber-main.kind is missing; allowed are {KINDS}"),
    ('username = "u"\n', "", "routes.sms-main.username is missing; a text is needed"),
    (
        'password = "p"',
        "password = 12345",
        "routes.sms-main.password is a number that is not shown; a text is needed",
    ),
    ('token = "t"', "token = ['a']", "routes.whatsapp-main.token is a list; a text is needed"),
    (
        '"https://waypost.example"',
        '"waypost.example"',
        f"server.public_url is 'waypost.example'; {SCHEME}; did you mean 'https://waypost.example'?",
    ),
    (
        '"https://waypost.example"',
        '"https://waypost.example?x=1"',
        "server.public_url has a ? or a #; it must end before them, since paths are added to it",
    ),
    (
        '"https://viber.example/send"',
        '"htps://viber.example/send"',
        f"routes.viber-main.url is 'htps://viber.example/send'; {SCHEME}; did you mean "
        "'https://viber.example'?",
    ),
    (
        '"https://viber.example/send"',
        '"https:/viber.example/send"',
        f"routes.viber-main.url is 'https:/viber.example/send'; {SCHEME}; did you mean "
        "'https://viber.example'?",
    ),
    (
        '"https://viber.example/send"',
        '"ftp://u:secret@viber.example"',
        f"routes.viber-main.url is 'ftp://***@viber.example'; {SCHEME}",
    ),
    (
        '"https://viber.example/send"',
        '"https://viber.example:99999/"',
        "routes.viber-main.url is 'https://viber.example:99999/'; it must have a host, and no port above "
        "65535",
    ),
    (
        'route = "sms-main"',
        'route = "sms"',
        "accounts.acme.senders[sms Acme].route names the route 'sms', which there is not; the routes are "
        "sms-main, viber-main, whatsapp-main",
    ),
    (
        'route = "viber-main"',
        'route = "viber-man"',
        "accounts.acme.senders[viber 20001].route names the route 'viber-man', which there is not; the "
        "routes "
        "are sms-main, viber-main, whatsapp-main; did you mean 'viber-main'?",
    ),
    (
        'route = "viber-main"',
        'route = "sms-main"',
        "accounts.acme.senders[viber 20001].route is 'sms-main', a route that carries sms and no viber; the "
        "routes that carry viber are viber-main",
    ),
    (
        'route = "viber-main"',
        'routes = [{ route = "viber-main" }, { route = "viber-man", label = "promotion" }]',
        "accounts.acme.senders[viber 20001].routes[2].route names the route 'viber-man', which there is not; "
        "the routes are sms-main, viber-main, whatsapp-main; did you mean 'viber-main'?",
    ),
    (
        'route = "viber-main"',
        'routes = [{ route = "viber-main" }, { route = "sms-main" }]',
        "accounts.acme.senders[viber 20001].routes[2].route is 'sms-main', a route that carries sms and no "
        "viber; the routes that carry viber are viber-main",
    ),
    (
        'route = "viber-main"',
        'routes = [{ route = "viber-main" }, { route = "viber-main" }]',
        "accounts.acme.senders[viber 20001].routes[2].route is 'viber-main' a second time; once is enough",
    ),
    (
        'route = "viber-main"',
        'route = "viber-main"\nroutes = [{ route = "viber-main" }]',
        "accounts.acme.senders[viber 20001].routes are there beside route; either route or routes is needed",
    ),
    (
        'route = "viber-main"',
        'routes = [{ route = "viber-main", prefixes = ["+49"] }]',
        "accounts.acme.senders[viber 20001].routes[1].prefixes[1] is '+49'; the digits that a number begins "
        "with are needed, from the country code on, like 49",
    ),
    (
        'route = "viber-main"',
        'routes = [{ route = "viber-main", label = "otp" }]',
        "accounts.acme.senders[viber 20001].routes[1].label is 'otp'; allowed are promotion, transaction, "
        "or none for both",
    ),
    (
        'id = "20001"',
        'id = "Acme"',
        "accounts.acme.senders[viber Acme].id is 'Acme'; a Viber service ID is a number: digits alone are "
        "allowed",
    ),
    (
        'id = "20001"\n',
        "",
        "accounts.acme.senders[viber].id is missing; a text is needed",
    ),
    (
        'sender = "Acme"',
        'sender = "Acne"',
        "accounts.acme.fallbacks[S_000001].rules[sms].sender names the sms sender 'Acne', which the account "
        "does not have; its sms senders are Acme; did you mean 'Acme'?",
    ),
    (
        'sender = "Acme"',
        'sender = "Acme", wait = 5',
        "accounts.acme.fallbacks[S_000001].rules[sms] cannot be a step; the wait is 5 s; it must be from "
        "10 to 43200",
    ),
    (
        'sender = "Acme"',
        'sender = "Acme", condition = "undelivred"',
        "accounts.acme.fallbacks[S_000001].rules[sms].condition is 'undelivred'; one of failed, undelivered, "
        "unread is needed; did you mean 'undelivered'?",
    ),
    (
        'message_type = "text_button"',
        'message_type = "text_buton"',
        "accounts.acme.templates[welcome en].message_type is 'text_buton'; on viber allowed are text, image, "
        "video, document, text_button, text_image_button, text_video, text_video_button, text_image; did you "
        "mean 'text_button'?",
    ),
    (
        'caption = "Open"',
        f'caption = "{"x" * 31}"',
        "accounts.acme.templates[welcome en].content is not allowed: `caption` has 31 characters "
        f"('{'x' * 31}'); at most 30 are allowed",
    ),
    (
        ', caption = "Open"',
        "",
        "accounts.acme.templates[welcome en].content is not allowed: `caption` is missing or empty; "
        "MessageType "
        "text_button needs it",
    ),
    (
        '"cams:SendChatappMessage"',
        '"cams:SendChatapMessage"',
        "accounts.acme.users.clerk.policies.send has in Statement[0].Action 'cams:SendChatapMessage', "
        "which is no "
        "operation; did you mean 'cams:SendChatappMessage'?",
    ),
    (
        '"cams:SendChatappMessage"',
        '"cam:SendChatappMessage"',
        "accounts.acme.users.clerk.policies.send has in Statement[0].Action 'cam:SendChatappMessage', "
        "which is no "
        "operation; did you mean 'cams:SendChatappMessage'?",
    ),
    (
        'Effect = "Allow"',
        'Effect = "allow"',
        "accounts.acme.users.clerk.policies.send is no policy: Statement[0].Effect is 'allow'; Allow or "
        "Deny is "
        "needed",
    ),
    (
        'secret = "0123456789abcdef"\n[routes.sms-main]',
        'secret = "short"\n[routes.sms-main]',
        f"routes.viber-main.secret has 5 characters; {TOO_SHORT}",
    ),
    (
        'secret = "0123456789abcdef"\n[routes.sms-main]',
        'secret = ""\n[routes.sms-main]',
        "routes.viber-main.secret is empty; the unguessable end of the address that receipts come to is "
        "needed",
    ),
    (
        'secret = "0123456789abcdef"\n[routes.sms-main]',
        'secret = "0123456789/abcdef"\n[routes.sms-main]',
        "routes.viber-main.secret has characters that are not allowed; it is a part of a URL: letters, "
        "digits "
        "and any of . _ ~ - are allowed",
    ),
    (
        'secret = "0123456789abcdef"\n[routes.sms-main]',
        'secret = "${WAYPOST_TEST}"\n[routes.sms-main]',
        "routes.viber-main.secret needs the environment variable WAYPOST_TEST, and WAYPOST_TEST is not set",
    ),
    (
        '["cams-acme0000main"]',
        '["cams acme"]',
        "accounts.acme.spaces[1] is 'cams acme'; a CustSpaceId is needed, without spaces, / and *",
    ),
]

ADDED: list[tuple[str, str]] = [
    ("[limits]\ncalls_per_second = -1", "limits.calls_per_second is -1; allowed is 0 to 1000000"),
    ('[limits]\ncalls_per_second = "many"', "limits.calls_per_second is 'many'; a whole number is needed"),
    (
        '[log]\nlevel = "inof"',
        "log.level is 'inof'; one of debug, info, warning, error is needed; did you mean 'info'?",
    ),
    ("log = 7", "log is 7; a table is needed"),
    (
        "[delivery]\nretry_schedule = []",
        "delivery.retry_schedule is empty; at least one number of seconds is needed",
    ),
    ("[delivery]\nretry_schedule = [1, -2]", "delivery.retry_schedule[2] is -2.0; allowed is 0 to 2592000"),
    ('[delivery]\nretry_schedule = [1, "x"]', "delivery.retry_schedule[2] is 'x'; a number is needed"),
    (
        '[delivery]\nretry_schedule = "1"',
        "delivery.retry_schedule is '1'; a list is needed, each item a number",
    ),
    (
        '[delivery]\nresend_in_doubt = ["viber", "telegramm"]',
        f"delivery.resend_in_doubt[2] is 'telegramm'; the channels are {CHANNELS}; did you mean 'telegram'?",
    ),
    (
        '[sms]\ncountries = ["DE", "UK"]',
        "sms.countries[2] is 'UK'; a code of ISO 3166 in capitals is needed, like DE",
    ),
    (
        '[outbound]\nnameservers = ["dns.example"]',
        "outbound.nameservers[1] is 'dns.example'; an address is needed, with a port or without",
    ),
    (
        '[callbacks]\nproxy = "https://u:secret@proxy.example"',
        'callbacks.proxy is not allowed; it must be "environment", or a URL that begins with http:// and '
        "has a host",
    ),
    (
        '[viber]\nautomatic_route = "sms-main"',
        "viber.automatic_route names the route 'sms-main', which carries sms; a route of the kind viber is "
        "needed",
    ),
    (
        '[viber]\nautomatic_route = "viber"',
        "viber.automatic_route names the route 'viber', which there is not; the routes are sms-main, "
        "viber-main, "
        "whatsapp-main; did you mean 'viber-main'?",
    ),
    (
        '[delivery]\nstop_words = ["STOP", "subscribe"]',
        "delivery.stop_words[2] is 'subscribe', also a start word; a word either stops promotions or "
        "starts them",
    ),
    (
        "[accounts.acme.users.clerk.policies]\nother = 5",
        "accounts.acme.users.clerk.policies.other is 5; a table is needed",
    ),
    ('[store]\ndata = ""', "store.data is empty; the name of a folder is needed"),
    (
        SENDER.format("vibre", "20002", "viber-main"),
        f"accounts.acme.senders[vibre 20002].channel is 'vibre'; the channels are {CHANNELS}; did you mean "
        "'viber'?",
    ),
    (
        SENDER.format("whatsapp", "15550001112", "whatsapp-main"),
        "accounts.acme.senders[whatsapp 15550001112].id is '15550001112', which "
        "routes.whatsapp-main.numbers does "
        "not have; it has 15550001111; did you mean '15550001111'?",
    ),
    (
        SENDER.format("viber", "20001", "viber-main"),
        "accounts.acme.senders[viber 20001] is declared twice: accounts.acme.senders[1] is the sender "
        "viber/20001, "
        "too; it must be unique",
    ),
    (
        TEMPLATE.format("en", "viber", "image", '{ link = "http://acme.example/a.png" }'),
        "accounts.acme.templates[two en].content is not allowed: `link` is 'http://acme.example/a.png'; an "
        "https "
        "URL is needed",
    ),
    (
        TEMPLATE.format("en", "sms", "text", '{ text = "x" }'),
        "accounts.acme.templates[two en].channel is 'sms', which has no templates; the channels of "
        "templates are "
        "viber, whatsapp, messenger, instagram, telegram, line",
    ),
    (
        '[accounts.other]\nstatus_url = "//other.example/status"',
        f"accounts.other.status_url is '//other.example/status'; {SCHEME}",
    ),
    ("[accounts.other]\nlimit = -5", "accounts.other.limit is -5; allowed is 0 to 1000000"),
    (
        '[accounts."a b"]',
        "accounts.a b has no name that can be used; a name has 1 to 64 letters, digits and any of . _ ~ @ -",
    ),
]

WARNINGS: list[tuple[str, str, str]] = [
    (
        "[accounts.acme]",
        "[accounts.acme]\nsms_fallback = false",
        "accounts.acme.fallbacks[S_000001].rules[sms].channel is 'sms', while sms_fallback of the account is "
        "false; calls with it are answered InvalidParameter.SendSmsNotSupport",
    ),
    (
        "[accounts.acme]",
        '[routes.bot]\nkind = "telegram"\ntoken = "1:a"\nsecret_token = ""\nsecret = "0123456789abcdef"\n'
        '[accounts.other]\nsenders = [{ channel = "telegram", id = "1", route = "bot" }, '
        '{ channel = "telegram", id = "2", route = "bot" }]\n[accounts.acme]',
        "accounts.other.senders[telegram 2].route is 'bot', which another sender has as well; what people "
        "write by "
        "it is nobody's: its webhooks do not name their sender",
    ),
    (
        'public_url = "https://waypost.example"',
        'public_url = "http://localhost:8080"',
        "server.public_url is of this machine, and the provider of viber-main, whatsapp-main is not on "
        "this machine; "
        "without the address by which it reaches this service no receipts come",
    ),
    (
        'public_url = "https://waypost.example"',
        "",
        "server.public_url is empty, and the provider of viber-main, whatsapp-main is not on this machine; "
        "without "
        "the address by which it reaches this service no receipts come",
    ),
    (
        "Hello $(name)",
        "Hello {{name}}",
        "accounts.acme.templates[welcome en].content has {{name}}, which is sent as it stands; a variable is "
        "written $(name)",
    ),
    (
        'id = "Acme"',
        'id = "Acme Incorporated"',
        f"accounts.acme.senders[sms Acme Incorporated].id is 'Acme Incorporated'; {SENDER_CUT}",
    ),
    (
        'id = "Acme"',
        'id = "1234567890123456"',
        f"accounts.acme.senders[sms 1234567890123456].id is '1234567890123456'; {SENDER_CUT}",
    ),
    (
        'secret = "0123456789abcdef"\n[routes.whatsapp-main]',
        'secret = "short"\n[routes.whatsapp-main]',
        f"routes.sms-main.secret has 5 characters; {TOO_SHORT}",
    ),
    (
        'language = "en"',
        'language = "en-US"',
        "accounts.acme.templates[welcome en-US].language is 'en-US'; did you mean 'en_US'?",
    ),
    (
        'caption = "Open"',
        'caption = "Open", captoin = "Open"',
        "accounts.acme.templates[welcome en].content.captoin is no field of this message type; it is left "
        "out; did "
        "you mean 'caption'?",
    ),
]


def inspected(folder: Path, text: str, **environment: str) -> Inspection:
    path = folder / "waypost.toml"
    path.write_text(text, encoding="utf-8")
    return inspect(path, environment, for_service=True)


def sentences(inspection: Inspection) -> list[str]:
    """Without the path of the file."""
    for mistake in inspection.mistakes:
        assert mistake.sentence.startswith(f"{mistake.source}: ")
    return [mistake.sentence.removeprefix(f"{mistake.source}: ") for mistake in inspection.mistakes]


def test_these_settings_have_no_mistake(tmp_path: Path) -> None:
    assert inspected(tmp_path, VALID).mistakes == ()


def test_the_table_is_long_enough() -> None:
    assert len(CHANGED) + len(ADDED) + len(WARNINGS) >= 60


@pytest.mark.parametrize(("right", "wrong", "sentence"), CHANGED, ids=range(len(CHANGED)))
def test_a_value_that_is_wrong(tmp_path: Path, right: str, wrong: str, sentence: str) -> None:
    assert VALID.count(right) >= 1
    inspection = inspected(tmp_path, VALID.replace(right, wrong, 1))
    errors = sentences(inspection._replace(mistakes=inspection.errors))
    assert errors == [sentence]
    assert inspection.settings is None


@pytest.mark.parametrize(("added", "sentence"), ADDED, ids=range(len(ADDED)))
def test_what_is_added_that_is_wrong(tmp_path: Path, added: str, sentence: str) -> None:
    inspection = inspected(tmp_path, f"{added}\n{VALID}" if added.startswith("log") else f"{VALID}\n{added}")
    assert sentences(inspection) == [sentence]
    assert inspection.settings is None


@pytest.mark.parametrize(("right", "wrong", "sentence"), WARNINGS, ids=range(len(WARNINGS)))
def test_a_warning_lets_the_service_run(tmp_path: Path, right: str, wrong: str, sentence: str) -> None:
    text = VALID.replace(right, wrong, 1)
    if right == 'id = "Acme"':
        text = text.replace('sender = "Acme"', f'sender = "{wrong[6:-1]}"')
    inspection = inspected(tmp_path, text)
    assert sentences(inspection) == [sentence]
    assert inspection.settings is not None


def test_a_type_and_a_reference_that_are_wrong_are_both_reported(tmp_path: Path) -> None:
    text = VALID.replace('username = "u"', "username = 1").replace('route = "viber-main"', 'route = "x"')
    assert sentences(inspected(tmp_path, text)) == [
        "routes.sms-main.username is 1; a text is needed",
        "accounts.acme.senders[viber 20001].route names the route 'x', which there is not; the routes are "
        "sms-main, "
        "viber-main, whatsapp-main",
    ]


def test_many_mistakes_are_found_at_once(tmp_path: Path) -> None:
    tables = (
        "[[accounts.acme.senders]]",
        '[accounts."a b"]',
        "[accounts.other]\nlimit",
        "[sms]",
        "[viber]\nau",
        "[log]",
    )
    added = [row for row in ADDED if row[0].startswith(tables)]
    by_table = {row[0] if row[0].startswith("[[") else row[0].partition("\n")[0]: row for row in added}
    assert len(by_table) >= 8
    text = "\n".join([VALID, *(row[0] for row in by_table.values())])
    assert set(sentences(inspected(tmp_path, text))) == {row[1] for row in by_table.values()}


def test_what_follows_from_a_mistake_is_not_reported(tmp_path: Path) -> None:
    text = VALID.replace('kind = "kannel"', 'kind = "kannnel"').replace(
        'channel = "sms"\nid', "channel = 5\nid"
    )
    assert sentences(inspected(tmp_path, text)) == [
        "accounts.acme.senders[Acme].channel is 5; a text is needed",
        f"routes.sms-main.kind is 'kannnel'; allowed are {KINDS}; did you mean 'kannel'?",
    ]


def test_a_syntax_error_has_its_line(tmp_path: Path) -> None:
    [mistake] = inspected(tmp_path, "[server]\nport = 1\nhost = \n").mistakes
    assert mistake.line == 3
    assert mistake.sentence.startswith(f"{tmp_path}/waypost.toml, line 3: not TOML: ")
    [mistake] = inspected(tmp_path, "[server]\nport = 1\nnames = [").mistakes
    assert mistake.line == 3
    (tmp_path / "waypost.toml").write_bytes(b"[server]\nhost = '\xff'\n")
    [mistake] = inspect(tmp_path / "waypost.toml", {}).mistakes
    assert mistake.sentence == f"{tmp_path}/waypost.toml, line 2: not UTF-8"


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("WAYPOST_SERVER__PORT", "x", "server.port is 'x'; a whole number is needed"),
        ("WAYPOST_SERVER__PORT", "70000", "server.port is 70000; allowed is 0 to 65535"),
        ("WAYPOST_SERVER__PROT", "1", "server.prot is no key here; did you mean 'port'?"),
        ("WAYPOST_SERVR__PORT", "1", "servr is no key here; did you mean 'server'?"),
        ("WAYPOST_LOG__LEVEL", "warn", "log.level is 'warn'; one of debug, info, warning, error is needed"),
        (
            "WAYPOST_SMS__COUNTRIES",
            '["UK"]',
            "sms.countries[1] is 'UK'; a code of ISO 3166 in capitals is needed",
        ),
        ("WAYPOST_SMS__COUNTRIES", '["UK"', "sms.countries not TOML"),
    ],
)
def test_an_environment_variable_is_named_as_itself(
    tmp_path: Path, name: str, value: str, sentence: str
) -> None:
    [mistake] = inspected(tmp_path, VALID, **{name: value}).mistakes
    assert mistake.source == name
    assert mistake.sentence.startswith(f"{name}: {sentence}")


def test_a_value_that_the_file_takes_from_a_variable_is_not_shown(tmp_path: Path) -> None:
    text = VALID.replace('"https://viber.example/send"', '"${VIBER_URL}"')
    [mistake] = inspected(tmp_path, text, VIBER_URL="viber secret").mistakes
    assert mistake.sentence.endswith(
        "routes.viber-main.url is the value of ${VIBER_URL}; it must begin with http:// or https://"
    )
    text = VALID.replace('"0123456789abcdef"\n[routes.sms-main]', '"${SECRET}"\n[routes.sms-main]')
    [mistake] = inspected(tmp_path, text, SECRET="hush").mistakes
    assert "routes.viber-main.secret (from ${SECRET}) has 4 characters" in mistake.sentence
    assert "hush" not in mistake.sentence


def test_actions_that_are_right(tmp_path: Path) -> None:
    for action in ("cams:*", "cams:sendchatappmessage", "cams:Send?hatappMessage", "*", "oss:PutObject"):
        text = VALID.replace("cams:SendChatappMessage", action)
        assert inspected(tmp_path, text).mistakes == (), action
    # One of the official service's that Waypost does not have.
    assert (
        inspected(tmp_path, VALID.replace("cams:SendChatappMessage", "cams:GetMigrationVerifyCode")).mistakes
        == ()
    )


def test_content_that_a_call_fills_in_is_left_to_the_call(tmp_path: Path) -> None:
    text = VALID.replace('action = "https://acme.example/$(id)"', 'action = "$(url)"')
    assert inspected(tmp_path, text).mistakes == ()


def test_paths_are_relative_to_the_file_that_names_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, elsewhere = tmp_path / "etc", tmp_path / "elsewhere"
    folder.mkdir()
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    path = folder / "waypost.toml"
    path.write_text('[store]\ndata = "data"\nkey_file = "keys/secret.key"\n', encoding="utf-8")
    store = inspect(Path("../etc/waypost.toml"), {}).usable().store
    assert (Path(store.data).resolve(), Path(store.key_file).resolve()) == (
        folder / "data",
        folder / "keys" / "secret.key",
    )
    by_variable = inspect(path, {"WAYPOST_STORE__DATA": "mine"}).usable().store
    assert by_variable.data == "mine"
    path.write_text("", encoding="utf-8")
    assert inspect(path, {}).usable().store.data == "data"
    assert inspect(None, {}).usable().store.data == "data"
    path.write_text('[store]\ndata = "/srv/waypost"\n', encoding="utf-8")
    assert inspect(path, {}).usable().store.data == "/srv/waypost"


def test_a_database_that_was_relative_to_the_working_directory_is_not_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "waypost.db").touch()
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "etc" / "waypost.toml"
    path.write_text('[store]\ndata = "data"\n', encoding="utf-8")
    [mistake] = inspect(path, {}).errors
    assert f"one is in {tmp_path / 'data'}: name that folder whole, or move it" in mistake.sentence
