"""Tokens of temporary credentials: what only this service can make and read, and the ring that opens them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waypost.api import keyring
from waypost.api.caller import Caller
from waypost.api.errors.catalogue import ApiError
from waypost.api.keyring import LiveKeyRing
from waypost.api.security_token import decrypt_token, issue_credentials
from waypost.model.access.principals import Role
from waypost.model.identifiers import AccountId
from waypost.storage.secrets import SecretBox

BOX = SecretBox(bytes(range(32)))
ROLE = Role(id="300", account_id=AccountId("1"), name="courier", trust="")
POLICY = '{"Version":"1","Statement":[{"Effect":"Allow","Action":"cams:*","Resource":"*"}]}'
MADE = issue_credentials(BOX, ROLE, "shop", POLICY, 2_000_000_000)


def refusal(token: str, secret_box: SecretBox = BOX) -> str:
    with pytest.raises(ApiError) as raised:
        decrypt_token(secret_box, token)
    return raised.value.code


def test_a_token_holds_its_key_and_its_session() -> None:
    key = decrypt_token(BOX, MADE.token)
    assert (key.access_key_id, key.ends_at, key.enabled) == (MADE.access_key_id, 2_000_000_000, True)
    assert isinstance(key.owner, Caller)
    assert (key.owner.account_id, key.owner.user_id, key.owner.is_owner) == ("1", None, False)
    session = key.owner.session
    assert session is not None
    assert (session.role_id, session.role_name, session.name) == ("300", "courier", "shop")
    assert session.policy is not None
    assert MADE.secret not in MADE.token


@given(
    st.text(max_size=200) | st.text(st.characters(codec="ascii"), max_size=80).map(lambda text: "CAIS" + text)
)
def test_what_is_no_token_is_malformed(text: str) -> None:
    assert refusal(text) == "InvalidSecurityToken.Malformed"


@given(st.integers(0, len(MADE.token) - 1), st.sampled_from("ABCDwxyz0189-_"))
def test_a_changed_token_is_malformed(place: int, char: str) -> None:
    changed = MADE.token[:place] + char + MADE.token[place + 1 :]
    # The last character of Base64 can hold bits that mean nothing.
    if changed[:-1] != MADE.token[:-1]:
        assert refusal(changed) == "InvalidSecurityToken.Malformed"


def test_another_key_file_opens_no_token_and_no_secret_passes_for_one() -> None:
    assert refusal(MADE.token, SecretBox(bytes(32))) == "InvalidSecurityToken.Malformed"


def test_the_ring_keeps_a_bounded_number_of_open_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring, "_CACHED_TOKENS", 2)
    ring = LiveKeyRing(BOX)
    made = [issue_credentials(BOX, ROLE, "shop", "", 2_000_000_000) for _ in range(4)]
    found = [ring.find(each.access_key_id, each.token) for each in made]
    assert ring.find(made[3].access_key_id, made[3].token) is found[3]
    again = ring.find(made[0].access_key_id, made[0].token)
    assert again is not None
    assert again is not found[0]
    assert again.access_key_id == made[0].access_key_id


def test_a_token_is_good_for_its_own_key_only() -> None:
    for access_key_id, token, code in (
        (MADE.access_key_id, "", "MissingSecurityToken"),
        ("sandbox", MADE.token, "InvalidSecurityToken.MismatchWithAccessKey"),
        ("STS.other", MADE.token, "InvalidSecurityToken.MismatchWithAccessKey"),
    ):
        with pytest.raises(ApiError) as raised:
            LiveKeyRing(BOX).find(access_key_id, token)
        assert raised.value.code == code
