"""Secrets at rest: what decrypting needs, and who may read the key file."""

import os
import stat
from pathlib import Path

import pytest

from waypost.storage.key_file import KeyFile
from waypost.storage.secrets import SecretBox, SecretsError

KEY, OTHER = b"k" * 32, b"o" * 32
SECRET = "sécret 密码"


def damaged(encrypted: bytes, place: int) -> bytes:
    return encrypted[:place] + bytes([encrypted[place] ^ 1]) + encrypted[place + 1 :]


@pytest.mark.parametrize("secret", ["", "x", SECRET, "x" * 10_000])
def test_a_secret_is_read_again_under_its_name(secret: str) -> None:
    assert SecretBox(KEY).decrypt(SecretBox(KEY).encrypt(secret, "key 1"), "key 1") == secret


def test_what_is_stored_shows_nothing_of_the_secret() -> None:
    secret_box = SecretBox(KEY)
    stored = [secret_box.encrypt(SECRET, "key 1") for _ in range(2)]
    assert stored[0] != stored[1]
    assert all(SECRET.encode() not in one and b"key 1" not in one for one in stored)


@pytest.mark.parametrize(
    ("key", "name"), [(OTHER, "key 1"), (KEY, "key 2"), (KEY, ""), (KEY, "KEY 1"), (OTHER, "key 2")]
)
def test_another_key_or_another_name_reads_nothing(key: bytes, name: str) -> None:
    with pytest.raises(SecretsError, match=f"the secret of {name} was encrypted with another key file"):
        SecretBox(key).decrypt(SecretBox(KEY).encrypt(SECRET, "key 1"), name)


@pytest.mark.parametrize("place", [0, 11, 12, 20, -1])
def test_a_secret_with_one_bit_changed_is_not_read(place: int) -> None:
    encrypted = SecretBox(KEY).encrypt(SECRET, "key 1")
    with pytest.raises(SecretsError):
        SecretBox(KEY).decrypt(damaged(encrypted, place % len(encrypted)), "key 1")


@pytest.mark.parametrize("length", [12, 20, 27])
def test_a_secret_that_was_cut_off_is_not_read(length: int) -> None:
    with pytest.raises(SecretsError):
        SecretBox(KEY).decrypt(SecretBox(KEY).encrypt(SECRET, "key 1")[:length], "key 1")


def test_a_key_file_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "secrets.key"
    before = os.umask(0)
    try:
        secret_box = SecretBox.from_file(path)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(bytes.fromhex(path.read_text(encoding="utf-8").strip())) == 32
    assert SecretBox.from_file(path).decrypt(secret_box.encrypt(SECRET, "key 1"), "key 1") == SECRET


def test_a_key_file_that_is_there_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "secrets.key"
    path.write_text(f"\n {KEY.hex()} \n\n", encoding="utf-8")
    assert SecretBox.from_file(path).decrypt(SecretBox(KEY).encrypt(SECRET, "a"), "a") == SECRET
    assert path.read_text(encoding="utf-8") == f"\n {KEY.hex()} \n\n"


def test_the_first_key_encrypts_and_all_decrypt(tmp_path: Path) -> None:
    path = tmp_path / "secrets.key"
    path.write_text(f"{OTHER.hex()}\n{KEY.hex()}\n", encoding="utf-8")
    secret_box = SecretBox.from_file(path)
    old, new = SecretBox(KEY).encrypt(SECRET, "key 1"), secret_box.encrypt(SECRET, "key 1")
    assert [secret_box.decrypt(each, "key 1") for each in (old, new)] == [SECRET, SECRET]
    assert [secret_box.is_current(each, "key 1") for each in (old, new)] == [False, True]
    assert SecretBox(OTHER).decrypt(new, "key 1") == SECRET


def test_a_file_that_was_changed_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "secrets.key"
    path.write_text(KEY.hex(), encoding="utf-8")
    running = SecretBox.from_file(path)
    KeyFile.open(path).replace([OTHER, KEY])
    assert running.decrypt(SecretBox(OTHER).encrypt(SECRET, "key 1"), "key 1") == SECRET
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    other = SecretBox.from_file(path)
    KeyFile.open(path).replace([KEY])
    assert SecretBox(KEY).decrypt(other.encrypt(SECRET, "key 1"), "key 1") == SECRET


@pytest.mark.parametrize("content", ["", "half", "ab" * 31, None])
def test_a_file_that_is_being_changed_takes_no_key_away(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "secrets.key"
    path.write_text(KEY.hex(), encoding="utf-8")
    running = SecretBox.from_file(path)
    if content is None:
        path.unlink()
    else:
        path.write_text(content, encoding="utf-8")
    assert SecretBox(KEY).decrypt(running.encrypt(SECRET, "key 1"), "key 1") == SECRET
    with pytest.raises(SecretsError, match="another key file"):
        running.decrypt(SecretBox(OTHER).encrypt(SECRET, "key 1"), "key 1")


def test_each_new_key_file_has_another_key(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a.key", "b.key")]
    first, second = (SecretBox.from_file(path) for path in paths)
    assert len({path.read_text(encoding="utf-8") for path in paths}) == 2
    with pytest.raises(SecretsError):
        second.decrypt(first.encrypt(SECRET, "key 1"), "key 1")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "holds 0 bytes"),
        ("ab" * 31, "holds 31 bytes; a key has 32, written as 64 hex digits"),
        ("ab" * 33, "holds 33 bytes"),
        ("not hexadecimal", "non-hexadecimal"),
        ("a" * 63, "hex"),
    ],
)
def test_what_is_no_key_file_is_named_and_left_alone(tmp_path: Path, content: str, words: str) -> None:
    path = tmp_path / "secrets.key"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(SecretsError) as raised:
        SecretBox.from_file(path)
    assert str(raised.value).startswith(f"{path}: ")
    assert words in str(raised.value)
    assert path.read_text(encoding="utf-8") == content


def test_a_folder_in_the_place_of_a_key_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SecretsError, match="directory"):
        SecretBox.from_file(tmp_path)


def test_a_file_in_the_place_of_its_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(SecretsError, match="file"):
        SecretBox.from_file(tmp_path / "file" / "secrets.key")
