"""The SecurityToken of temporary credentials: the encrypted session, which is not stored anywhere else.

A token contains its access key, the secret, the role or the queue, and the time of expiry. Only this service
can create or decrypt one, with the key that encrypts the secrets at rest; the permissions of the role are
looked up at every call.
"""

import base64
import binascii
from typing import NamedTuple

import msgspec

from waypost.api.authentication import prepare_key
from waypost.api.caller import Caller, Session
from waypost.api.errors.catalogue import ApiError
from waypost.api.signatures.checks import TEMPORARY, SigningKey
from waypost.model import codes
from waypost.model.access.policy import parse_policy
from waypost.model.access.principals import Role
from waypost.model.identifiers import AccountId, new_access_key_id, new_secret
from waypost.storage.secrets import SecretBox, SecretsError

SESSION_POLICY = "session policy"
"""The PolicyName of a session's policy in an AccessDeniedDetail."""

# The official tokens begin so. The name is one that no access key can have.
_MARK = "CAIS"
_TOKEN_OWNER = "token:1"
# A session's policy is the only long part of a token.
_LONGEST_TOKEN = 32_768


class _Session(msgspec.Struct, frozen=True, array_like=True):
    """The contents of a token, in this order; `policy` is empty for none, `ends_at` is in Unix seconds.

    A token for a queue has the name of it; `role_id` and `user_id` say who asked for it, both are empty for
    the owner of the account.
    """

    access_key_id: str
    secret: str
    account_id: AccountId
    role_id: str
    role_name: str
    session_name: str
    policy: str
    ends_at: int
    user_id: str = ""
    queue: str = ""


class Credentials(NamedTuple):
    """Temporary credentials, as AssumeRole and QueryTokenForMnsQueue answer them.

    Attributes:
        secret: the AccessKeySecret.
        token: the SecurityToken.
        ends_at: Unix seconds.
    """

    access_key_id: str
    secret: str
    token: str
    ends_at: int


def issue_credentials(
    secret_box: SecretBox, role: Role, session_name: str, policy: str, ends_at: int
) -> Credentials:
    """Creates temporary credentials for a session of a role.

    Args:
        secret_box: encrypts the token.
        policy: the policy document that restricts the session; empty for none.
        ends_at: the time of expiry, Unix seconds.
    """
    content = _Session(
        new_access_key_id(TEMPORARY),
        new_secret(),
        role.account_id,
        role.id,
        role.name,
        session_name,
        policy,
        ends_at,
    )
    return _credentials(secret_box, content)


def issue_queue_credentials(secret_box: SecretBox, caller: Caller, queue: str, ends_at: int) -> Credentials:
    """Creates temporary credentials that may read one queue of the caller's account.

    Args:
        secret_box: encrypts the token.
        caller: who asks for them.
        queue: the name of the queue.
        ends_at: the time of expiry, Unix seconds.
    """
    session = caller.session
    content = _Session(
        new_access_key_id(TEMPORARY),
        new_secret(),
        caller.account_id,
        session.role_id if session is not None else "",
        session.role_name if session is not None else "",
        session.name if session is not None else "",
        "",
        ends_at,
        caller.user_id or "",
        queue,
    )
    return _credentials(secret_box, content)


def _credentials(secret_box: SecretBox, content: _Session) -> Credentials:
    encrypted = secret_box.encrypt(msgspec.json.encode(content).decode(), _TOKEN_OWNER)
    token = _MARK + base64.urlsafe_b64encode(encrypted).decode().rstrip("=")
    return Credentials(content.access_key_id, content.secret, token, content.ends_at)


def decrypt_token(secret_box: SecretBox, token: str) -> SigningKey:
    """Decrypts a token to its access key, expired or not.

    Raises:
        ApiError: InvalidSecurityToken.Malformed, for a token that this service did not issue.
    """
    try:
        if not token.startswith(_MARK) or not token.isascii() or len(token) > _LONGEST_TOKEN:
            raise ValueError("not a token")
        text = token[len(_MARK) :]
        encrypted = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        content = msgspec.json.decode(secret_box.decrypt(encrypted, _TOKEN_OWNER), type=_Session)
    except (ValueError, binascii.Error, SecretsError):
        raise ApiError(codes.INVALID_SECURITY_TOKEN_MALFORMED, "It was not issued by this service.") from None
    policy = parse_policy(SESSION_POLICY, msgspec.json.decode(content.policy)) if content.policy else None
    session = None
    if content.role_id:
        session = Session(content.role_id, content.role_name, content.session_name, policy)
    return prepare_key(
        content.access_key_id,
        content.secret,
        True,
        Caller(content.account_id, content.user_id or None, session, content.queue),
        ends_at=content.ends_at,
    )
