"""The SecurityToken of temporary credentials: all that is known of a session, sealed, and stored nowhere.

A token holds the access key that it belongs to, its secret, the role and the end. Only this service can make
or read one, with the key that encrypts the secrets at rest; what the role may do is looked up at every call.
"""

import base64
import binascii
from typing import NamedTuple

import msgspec

from waypost.api.authentication import prepare_key
from waypost.api.caller import Caller, Session
from waypost.api.errors.catalogue import ApiError
from waypost.api.signatures.checks import SigningKey
from waypost.model import codes
from waypost.model.access.policy import parse_policy
from waypost.model.access.principals import Role
from waypost.model.identifiers import new_access_key_id, new_secret
from waypost.storage.secrets import SecretBox, SecretsError

TEMPORARY = "STS."
"""What every temporary AccessKeyId begins with."""
SESSION_POLICY = "session policy"
"""What the policy of a session is called where a denial names it."""

# The official tokens begin so. The name is one that no access key can have.
_MARK = "CAIS"
_SEALED_AS = "token:1"
_MALFORMED = codes.INVALID_SECURITY_TOKEN_MALFORMED


class _Sealed(msgspec.Struct, frozen=True, array_like=True):
    access_key_id: str
    secret: str
    account_id: str
    role_id: str
    role_name: str
    session_name: str
    policy: str
    ends_at: int


class Credentials(NamedTuple):
    """Temporary credentials, just made.

    Attributes:
        ends_at: Unix seconds.
    """

    access_key_id: str
    secret: str
    token: str
    ends_at: int


def issue(box: SecretBox, role: Role, session_name: str, policy: str, ends_at: int) -> Credentials:
    """Makes credentials for a session of a role.

    Args:
        box: seals the token.
        policy: the document that narrows the session; empty for none.
        ends_at: Unix seconds.
    """
    sealed = _Sealed(
        new_access_key_id(TEMPORARY),
        new_secret(),
        role.account_id,
        role.id,
        role.name,
        session_name,
        policy,
        ends_at,
    )
    closed = box.encrypt(msgspec.json.encode(sealed).decode(), _SEALED_AS)
    token = _MARK + base64.urlsafe_b64encode(closed).decode().rstrip("=")
    return Credentials(sealed.access_key_id, sealed.secret, token, ends_at)


def open_token(box: SecretBox, token: str) -> SigningKey:
    """Reads a token back into the key that it belongs to.

    Raises:
        ApiError: InvalidSecurityToken.Malformed, for anything that was not made here.
    """
    try:
        if not token.startswith(_MARK) or not token.isascii():
            raise ValueError("not a token")
        text = token[len(_MARK) :]
        closed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        sealed = msgspec.json.decode(box.decrypt(closed, _SEALED_AS), type=_Sealed)
    except (ValueError, binascii.Error, SecretsError):
        raise ApiError(_MALFORMED, "It was not issued by this service.") from None
    policy = parse_policy(SESSION_POLICY, msgspec.json.decode(sealed.policy)) if sealed.policy else None
    session = Session(sealed.role_id, sealed.role_name, sealed.session_name, policy)
    return prepare_key(
        sealed.access_key_id,
        sealed.secret,
        True,
        Caller(sealed.account_id, None, session),
        ends_at=sealed.ends_at,
    )
