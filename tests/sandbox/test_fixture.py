"""What every sandbox has, as documented: other people's test suites rely on these names."""

import msgspec
import pytest

from waypost.config.settings import AccountSettings, SenderSettings
from waypost.connectors.registry import parse_route
from waypost.model.access.policy import decide_access
from waypost.model.access.principals import AccessKey, AccountPolicy, Attachment, Role, User
from waypost.model.configuration import Configuration
from waypost.model.identifiers import AccountId
from waypost.sandbox import fixture
from waypost.sandbox.simulated_senders import route_tables
from waypost.storage.secrets import SecretBox

BOX = SecretBox(b"k" * 32)
SENDERS = {
    "1": {
        "viber": "20001",
        "whatsapp": "15550100001",
        "messenger": "20004",
        "instagram": "20005",
        "telegram": "20002",
        "line": "20003",
        "sms": "Waypost",
    },
    "2": {
        "viber": "30001",
        "whatsapp": "15550100002",
        "messenger": "30004",
        "instagram": "30005",
        "telegram": "30002",
        "line": "30003",
        "sms": "Neighbour",
    },
    "3": {},
}
ROUTES = {
    ("viber", "20001"): "sandbox-viber",
    ("viber", "30001"): "sandbox-viber",
    ("whatsapp", "15550100001"): "sandbox-whatsapp",
    ("messenger", "20004"): "sandbox-messenger",
    ("instagram", "30005"): "sandbox-instagram",
    ("telegram", "20002"): "sandbox-telegram-1",
    ("telegram", "30002"): "sandbox-telegram-2",
    ("line", "20003"): "sandbox-line-1",
    ("line", "30003"): "sandbox-line-2",
    ("sms", "Waypost"): "sandbox-sms",
}


@pytest.mark.parametrize("account", SENDERS)
def test_the_senders_of_an_account(account: str) -> None:
    owned = fixture.ACCOUNTS[AccountId(account)].senders
    assert {sender.channel: sender.id for sender in owned} == SENDERS[account]
    assert len(owned) == len(SENDERS[account])


@pytest.mark.parametrize(("sender", "route"), ROUTES.items())
def test_the_route_of_a_sender(sender: tuple[str, str], route: str) -> None:
    routes = {(one.channel, one.id): one.route for each in fixture.ACCOUNTS.values() for one in each.senders}
    assert routes[sender] == route
    assert {(one.channel, one.id): one.route for one in fixture.SEED.senders} == routes


@pytest.mark.parametrize(
    ("account", "spaces", "policy"),
    [
        ("1", ("cams-sandbox", "cams-sandbox-2"), "S_000001"),
        ("2", ("cams-neighbour", "cams-neighbour-2"), "S_000002"),
    ],
)
def test_the_spaces_and_the_fallback_of_an_account(
    account: str, spaces: tuple[str, ...], policy: str
) -> None:
    owned = fixture.ACCOUNTS[AccountId(account)]
    assert (owned.spaces, owned.subscribed) == (spaces, True)
    [fallback] = owned.fallbacks
    assert fallback.id == policy
    assert [(rule.channel, rule.sender) for rule in fallback.rules] == [("sms", SENDERS[account]["sms"])]


def test_account_3_has_nothing() -> None:
    assert fixture.ACCOUNTS[AccountId("3")] == AccountSettings(name="account 3", subscribed=False)


def test_each_account_has_the_same_templates_in_two_languages() -> None:
    made = [
        ("viber", "sandbox_welcome"),
        ("whatsapp", "sandbox_welcome_whatsapp"),
        ("messenger", "sandbox_welcome_messenger"),
        ("instagram", "sandbox_welcome_instagram"),
    ]
    for account in ("1", "2"):
        templates = fixture.ACCOUNTS[AccountId(account)].templates
        assert [(one.channel, one.code, one.language) for one in templates] == [
            (channel, code, language) for channel, code in made for language in ("en", "zh_CN")
        ]
        assert {one.content["text"] for one in templates if one.language == "en"} == {
            "Hello $(name), your code is $(code)."
        }


@pytest.mark.parametrize(
    ("key", "account", "user"),
    [
        ("sandbox", "1", None),
        ("neighbour", "2", None),
        ("denied", "1", "denied"),
        ("clerk", "1", "clerk"),
        ("unsubscribed", "3", None),
    ],
)
def test_an_access_key_whose_secret_is_its_id(key: str, account: str, user: str | None) -> None:
    [found] = [
        entry for entry in fixture.SEED.entries(BOX) if isinstance(entry, AccessKey) and entry.id == key
    ]
    assert (found.account_id, found.user_id) == (account, user)
    assert BOX.decrypt(found.secret, key) == key
    assert key.encode() not in found.secret


def test_every_key_is_described_and_there_are_no_others() -> None:
    made = [entry.id for entry in fixture.SEED.entries(BOX) if isinstance(entry, AccessKey)]
    assert made == [key.id for key in fixture.KEYS]
    assert all(key.description for key in fixture.KEYS)


@pytest.mark.parametrize(
    ("user", "action", "allowed"),
    [
        ("denied", "cams:SendChatappMessage", False),
        ("clerk", "cams:SendChatappMessage", True),
        ("clerk", "sts:AssumeRole", True),
        ("clerk", "ram:CreateUser", False),
    ],
)
def test_what_a_user_may_do(user: str, action: str, allowed: bool) -> None:
    entries = fixture.SEED.entries(BOX)
    [found] = [entry for entry in entries if isinstance(entry, User) and entry.id == user]
    assert found.account_id == "1"
    assert decide_access(Configuration(entries).policies(user), action, "*", {}).allowed is allowed


def test_the_role_courier_may_only_send_and_its_account_may_assume_it() -> None:
    [role] = [entry for entry in fixture.SEED.entries(BOX) if isinstance(entry, Role)]
    [policy] = [entry for entry in fixture.SEED.entries(BOX) if isinstance(entry, AccountPolicy)]
    assert (role.name, role.account_id, policy.name) == ("courier", "1", "send-only")
    assert role.attached == (Attachment("Custom", policy.name),)
    trust = msgspec.json.decode(role.trust)
    assert trust["Statement"][0]["Principal"] == {"RAM": ["acs:ram::1:root"]}
    [version] = policy.versions
    assert version.id == policy.default
    assert msgspec.json.decode(version.document)["Statement"][0]["Action"] == ["cams:Send*"]


def test_the_routes_lead_to_the_simulators_and_nowhere_else() -> None:
    made = route_tables(fixture.SEED.senders, lambda channel: f"http://127.0.0.1:1/{channel}")
    viber, sms = made["sandbox-viber"], made["sandbox-sms"]
    assert (viber["kind"], sms["kind"]) == ("viber", "kannel")
    assert (viber["url"], sms["url"]) == ("http://127.0.0.1:1/viber", "http://127.0.0.1:1/sms")
    assert (sms["username"], sms["password"]) == ("waypost", "sandbox")
    assert made.keys() == set(ROUTES.values())
    assert all(parse_route(table) for table in made.values())


@pytest.mark.parametrize("url", ["", "http://127.0.0.1:9/hook"])
def test_where_callbacks_go(url: str) -> None:
    accounts = fixture.SEED.with_callback_url(url).accounts
    assert accounts.keys() == fixture.ACCOUNTS.keys()
    for number, account in accounts.items():
        assert (account.status_url, account.inbound_url) == (url, url)
        assert account.senders == fixture.ACCOUNTS[number].senders
    assert all(account.status_url == "" for account in fixture.ACCOUNTS.values())


def test_no_two_accounts_share_a_sender() -> None:
    owned: list[SenderSettings] = [one for account in fixture.ACCOUNTS.values() for one in account.senders]
    assert len({(one.channel, one.id) for one in owned}) == len(owned)
    assert all(one.route for one in owned)
