"""The key of the hashes that stand on the suppression list in place of people who were erased.

It is made once for an installation and kept in the database, encrypted by the key file: whoever has the
database alone cannot try all numbers.
"""

import os
from base64 import b64decode, b64encode

from waypost.storage.contract import Store, Transaction
from waypost.storage.secrets import SecretBox, SecretsError

_FACT = "person_key"
_KEY_BYTES = 32


async def use_person_key(store: Store, secret_box: SecretBox) -> None:
    """Lets a store find erased people on the suppression list; makes the key if there is none.

    Raises:
        SecretsError: it was encrypted by another key file; the message has the remedy.
    """
    stored = await store.fact(_FACT)
    if stored is None:
        new = _encrypted(os.urandom(_KEY_BYTES), secret_box)

        def create(transaction: Transaction) -> str:
            if (other := transaction.fact(_FACT)) is not None:
                return other
            transaction.set_fact(_FACT, new)
            return new

        stored = await store.transact(create)
    try:
        store.suppressions.people.key = _decrypted(stored, secret_box)
    except SecretsError as error:
        raise SecretsError(
            f"{error}: the opt-outs of people who were erased cannot be looked up. Put the key file of this "
            "database in its place, or name it by [store] key_file"
        ) from None


async def encrypt_person_key(store: Store, secret_box: SecretBox) -> None:
    """Encrypts the key with the first key of the key file, if it is encrypted with another one.

    Raises:
        SecretsError: it was encrypted by another key file.
    """
    stored = await store.fact(_FACT)
    if stored is None or secret_box.is_current(b64decode(stored), _FACT):
        return
    new = _encrypted(_decrypted(stored, secret_box), secret_box)
    await store.transact(lambda transaction: transaction.set_fact(_FACT, new))


def _encrypted(key: bytes, secret_box: SecretBox) -> str:
    return b64encode(secret_box.encrypt(key.hex(), _FACT)).decode()


def _decrypted(stored: str, secret_box: SecretBox) -> bytes:
    return bytes.fromhex(secret_box.decrypt(b64decode(stored), _FACT))
