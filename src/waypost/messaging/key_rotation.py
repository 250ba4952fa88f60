"""Encrypts the stored secrets with a new key, while the service runs.

The key file first gets the new key before the old ones, so that at no moment there is a secret that the
running service cannot decrypt. The old ones stay until they are dropped: tokens of temporary credentials are
encrypted with them, too, and are stored nowhere.
"""

from functools import partial
from typing import NamedTuple

import msgspec

from waypost.messaging.person_key import encrypt_person_key
from waypost.model.access.principals import AccessKey
from waypost.model.audit import Author
from waypost.model.entry_changes import EntryChange, ReplaceEntry
from waypost.storage.contract import Store, Transaction
from waypost.storage.key_file import KeyFile, new_key
from waypost.storage.live_configuration import load_configuration
from waypost.storage.secrets import SecretBox


class Rotation(NamedTuple):
    """What a rotation did.

    Attributes:
        encrypted: how many secrets were encrypted anew.
        older_keys: how many keys the file has that only decrypt.
    """

    encrypted: int
    older_keys: int


async def rotate(store: Store, key_file: KeyFile, origin: str, by: Author) -> Rotation:
    """Puts a new key first, and encrypts all secrets with it. It may be repeated after an interruption.

    Args:
        origin: who writes the entries that no file declares.
        by: who rotates.

    Raises:
        SecretsError: the key file cannot be written, or a secret was encrypted with another one.
    """
    key_file.replace([new_key(), *key_file.keys])
    return Rotation(await _encrypt_all(store, key_file, origin, by), len(key_file.keys) - 1)


async def drop_older_keys(store: Store, key_file: KeyFile, origin: str, by: Author) -> Rotation:
    """Encrypts what is still encrypted with an older key, and removes all keys but the first.

    Raises:
        SecretsError: as for `rotate`.
    """
    encrypted = await _encrypt_all(store, key_file, origin, by)
    key_file.replace(key_file.keys[:1])
    return Rotation(encrypted, 0)


async def _encrypt_all(store: Store, key_file: KeyFile, origin: str, by: Author) -> int:
    """Until none is left: the service may have encrypted another one with the old key meanwhile."""
    secret_box = SecretBox(*key_file.keys)
    count = 0
    while True:
        keys = (await load_configuration(store)).keys.values()
        old = [key for key in keys if not secret_box.is_current(key.secret, key.id)]
        if not old:
            await encrypt_person_key(store, secret_box)
            return count
        for key in old:
            count += await store.transact(partial(_apply, [_encrypted_anew(key, secret_box, origin)], by))


def _encrypted_anew(key: AccessKey, secret_box: SecretBox, origin: str) -> EntryChange:
    secret = secret_box.encrypt(secret_box.decrypt(key.secret, key.id), key.id)
    return ReplaceEntry(key, msgspec.structs.replace(key, secret=secret), origin)


def _apply(changes: list[EntryChange], by: Author, transaction: Transaction) -> bool:
    return transaction.configuration.apply(changes, by)
