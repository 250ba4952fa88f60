"""Who may act for an account: users, their access keys, roles, and the policies attached to them.

A policy of an account is an entry of its own, attached by its name. What the operator's settings declare has
the time 0 as its making, and is changed there alone.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import msgspec

from waypost.model.access.policy import Policy, parse_policy
from waypost.model.identifiers import AccountId

CUSTOM = "Custom"
SYSTEM = "System"
INLINE = "Inline"
"""The types of policies: the account's own, those every account has, and those in the operator's settings."""


def _allow_document(*actions: str) -> str:
    """The document of a policy that allows actions on everything."""
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    return msgspec.json.encode({"Version": "1", "Statement": [statement]}).decode()


class SystemPolicy(NamedTuple):
    """A policy that every account has."""

    description: str
    document: str


SYSTEM_POLICIES: dict[str, SystemPolicy] = {
    "AdministratorAccess": SystemPolicy("Everything.", _allow_document("*")),
    "AliyunRAMFullAccess": SystemPolicy("Users, keys, policies and roles.", _allow_document("ram:*")),
    "AliyunRAMReadOnlyAccess": SystemPolicy(
        "To see users, keys, policies and roles.",
        _allow_document("ram:Get*", "ram:List*"),
    ),
    "AliyunSTSAssumeRoleAccess": SystemPolicy("To assume roles.", _allow_document("sts:AssumeRole")),
}
"""The policies that every account has, by name; none is about cams, as officially."""


class Attachment(msgspec.Struct, frozen=True):
    """A policy attached to a user or a role.

    Attributes:
        kind: the PolicyType, `Custom` or `System`.
        policy: its name.
        at: when it was attached, milliseconds UTC.
    """

    kind: str
    policy: str
    at: int = 0


class User(msgspec.Struct, frozen=True, kw_only=True):
    """A user of an account, who may do what the attached policies allow.

    Attributes:
        id: unique over all accounts; that of a declared one is its name.
        name: what the account calls it, its UserName; empty for the id.
        policies: policy name to policy document (RAM grammar), as the operator declares them.
        attached: the policies attached by call.
        details: `DisplayName`, `Email`, `MobilePhone` and `Comments`, those that were sent.
        created_at, updated_at: milliseconds UTC; 0 for one that the operator declared.
    """

    id: str
    account_id: AccountId
    name: str = ""
    policies: dict[str, dict[str, Any]] = {}
    attached: tuple[Attachment, ...] = ()
    details: dict[str, str] = {}
    created_at: int = 0
    updated_at: int = 0

    @property
    def user_name(self) -> str:
        """The name by which calls and policies know it."""
        return self.name or self.id

    @property
    def arn(self) -> str:
        """Its resource name, `acs:ram::<account>:user/<name>`."""
        return f"acs:ram::{self.account_id}:user/{self.user_name}"


class AccessKey(msgspec.Struct, frozen=True, kw_only=True):
    """An access key.

    Attributes:
        id: its AccessKeyId.
        user_id: whose it is; None for the account's owner, who may do everything.
        secret: encrypted by the `SecretBox`, for the key's id.
        created_at: milliseconds UTC; 0 for one that the operator declared.
    """

    id: str
    account_id: AccountId
    user_id: str | None = None
    secret: bytes
    enabled: bool = True
    created_at: int = 0


class Role(msgspec.Struct, frozen=True, kw_only=True):
    """A role, whose permissions `AssumeRole` lends for a limited time.

    Attributes:
        id: its RoleId, never used again for another role.
        trust: the document that says who may assume it (AssumeRolePolicyDocument), as it was sent.
        longest_session: seconds (MaxSessionDuration).
        created_at, updated_at: milliseconds UTC; 0 for one that the operator declared.
    """

    id: str
    account_id: AccountId
    name: str
    trust: str
    description: str = ""
    longest_session: int = 3600
    attached: tuple[Attachment, ...] = ()
    created_at: int = 0
    updated_at: int = 0

    @property
    def arn(self) -> str:
        """Its resource name, `acs:ram::<account>:role/<name>`."""
        return f"acs:ram::{self.account_id}:role/{self.name}"


class PolicyVersion(msgspec.Struct, frozen=True):
    """One version of a policy of an account.

    Attributes:
        id: `v1`, `v2`, ...
        document: the JSON text, as it was sent.
        created_at: milliseconds UTC.
    """

    id: str
    document: str
    created_at: int


class AccountPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """A policy of an account.

    Attributes:
        versions: oldest first, never none.
        default: the id of the version that decides.
        made: how many versions there ever were, so that none takes the id of another.
        created_at, updated_at: milliseconds UTC; 0 for one that the operator declared.
    """

    account_id: AccountId
    name: str
    description: str = ""
    versions: tuple[PolicyVersion, ...]
    default: str
    made: int = 1
    created_at: int = 0
    updated_at: int = 0

    @property
    def document(self) -> str:
        """The document of the default version, which is the one that decides."""
        return next(version.document for version in self.versions if version.id == self.default)


Principal = User | AccessKey | Role | AccountPolicy


class Principals:
    """The users, access keys, roles and policies of one or more accounts, indexed."""

    def __init__(self, entries: Iterable[Principal] = ()) -> None:
        self.users: dict[str, User] = {}
        self.keys: dict[str, AccessKey] = {}
        self._roles: dict[tuple[str, str], Role] = {}
        self._policies: dict[tuple[str, str], AccountPolicy] = {}
        self._user_policies: dict[str, tuple[Policy, ...]] = {}
        self._role_policies: dict[tuple[str, str], tuple[Policy, ...]] = {}
        self._parsed_policies: dict[tuple[str, str], Policy] = {}
        for entry in entries:
            self.add(entry)

    def add(self, entry: Principal) -> None:
        """Adds an entry. All entries are added before the first lookup, because decisions are cached."""
        match entry:
            case User():
                self.users[entry.id] = entry
            case AccessKey():
                self.keys[entry.id] = entry
            case Role():
                self._roles[entry.account_id, entry.name] = entry
            case AccountPolicy():
                self._policies[entry.account_id, entry.name] = entry

    def user_named(self, account_id: AccountId, name: str) -> User | None:
        """A user of the account by name; of two users with one name, the one that the operator declared."""
        named = [user for user in self.users_of(account_id) if user.user_name == name]
        return min(named, key=lambda user: user.created_at, default=None)

    def users_of(self, account_id: AccountId) -> list[User]:
        """The users of the account, by name."""
        own = [user for user in self.users.values() if user.account_id == account_id]
        return sorted(own, key=lambda user: (user.user_name, user.id))

    def keys_of(self, account_id: AccountId, user_id: str | None) -> list[AccessKey]:
        """The access keys of a user, or of the account's owner, oldest first."""
        own = [key for key in self.keys.values() if (key.account_id, key.user_id) == (account_id, user_id)]
        return sorted(own, key=lambda key: (key.created_at, key.id))

    def role(self, account_id: AccountId, name: str) -> Role | None:
        """A role of the account."""
        return self._roles.get((account_id, name))

    def roles_of(self, account_id: AccountId) -> list[Role]:
        """The roles of the account, by name."""
        return sorted(
            (role for role in self._roles.values() if role.account_id == account_id),
            key=lambda role: role.name,
        )

    def policy(self, account_id: AccountId, name: str) -> AccountPolicy | None:
        """A policy of the account's own."""
        return self._policies.get((account_id, name))

    def policies_of(self, account_id: AccountId) -> list[AccountPolicy]:
        """The account's own policies, by name."""
        return sorted(
            (policy for policy in self._policies.values() if policy.account_id == account_id),
            key=lambda policy: policy.name,
        )

    def attached_to(self, account_id: AccountId, kind: str, name: str) -> list[User | Role]:
        """The users and roles of the account that a policy is attached to."""
        holders: list[User | Role] = [*self.users_of(account_id), *self.roles_of(account_id)]
        return [
            holder
            for holder in holders
            if any((each.kind, each.policy) == (kind, name) for each in holder.attached)
        ]

    def attachment_counts(self, account_id: AccountId) -> Mapping[tuple[str, str], int]:
        """The number of users and roles of the account that each policy, by (type, name), is attached to."""
        holders: list[User | Role] = [*self.users_of(account_id), *self.roles_of(account_id)]
        return Counter((each.kind, each.policy) for holder in holders for each in holder.attached)

    def policies_for_user(self, user_id: str) -> tuple[Policy, ...]:
        """The policies that decide what a user may do; none for a user that does not exist."""
        policies = self._user_policies.get(user_id)
        if policies is None:
            user = self.users.get(user_id)
            if user is None:
                return ()
            declared = [parse_policy(name, document) for name, document in user.policies.items()]
            policies = self._user_policies[user_id] = (*declared, *self._attached_policies(user))
        return policies

    def policies_for_role(self, account_id: AccountId, name: str) -> tuple[Policy, ...]:
        """The policies that decide what a session of a role may do; none for a role that does not exist."""
        policies = self._role_policies.get((account_id, name))
        if policies is None:
            role = self.role(account_id, name)
            policies = tuple(self._attached_policies(role)) if role is not None else ()
            self._role_policies[account_id, name] = policies
        return policies

    def _attached_policies(self, holder: User | Role) -> Iterable[Policy]:
        for each in holder.attached:
            # "/" is in no account's id, so that the policies of all accounts are apart from no account's.
            owner = holder.account_id if each.kind == CUSTOM else f"{SYSTEM}/"
            parsed = self._parsed_policies.get((owner, each.policy))
            if parsed is None:
                document = self._attached_document(holder.account_id, each)
                if document is None:
                    continue
                parsed = parse_policy(each.policy, msgspec.json.decode(document))
                self._parsed_policies[owner, each.policy] = parsed
            yield parsed

    def _attached_document(self, account_id: AccountId, attachment: Attachment) -> str | None:
        if attachment.kind == SYSTEM:
            system_policy = SYSTEM_POLICIES.get(attachment.policy)
            return system_policy.document if system_policy is not None else None
        policy = self.policy(account_id, attachment.policy)
        return policy.document if policy is not None else None
