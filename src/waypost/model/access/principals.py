"""Who may act for an account: users, their access keys, roles, and the policies attached to them.

A policy of an account is an entry of its own, attached by its name. What the operator's settings declare has
the time 0 as its making, and is changed there alone.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from copy import copy
from typing import Any, NamedTuple

import msgspec

from waypost.model.access.policy import Policy, parse_policy
from waypost.model.entry_index import EntriesByType, EntryIndex, by_type, entries_of_type
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
        declared_at: since when the operator declares it, milliseconds UTC; 0 for never.
    """

    id: str
    account_id: AccountId
    name: str = ""
    policies: dict[str, dict[str, Any]] = {}
    attached: tuple[Attachment, ...] = ()
    details: dict[str, str] = {}
    created_at: int = 0
    updated_at: int = 0
    declared_at: int = 0

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
        declared_at: since when the operator declares it, milliseconds UTC; 0 for never.
        ends_at: until when it can be used, milliseconds UTC, since another has taken its place; None for
            ever.
    """

    id: str
    account_id: AccountId
    user_id: str | None = None
    secret: bytes
    enabled: bool = True
    created_at: int = 0
    declared_at: int = 0
    ends_at: int | None = None

    def is_usable(self, now: int) -> bool:
        """Whether calls can be signed with it at `now`, milliseconds UTC."""
        return self.enabled and (self.ends_at is None or now < self.ends_at)


class Role(msgspec.Struct, frozen=True, kw_only=True):
    """A role, whose permissions `AssumeRole` lends for a limited time.

    Attributes:
        id: its RoleId, never used again for another role.
        trust: the document that says who may assume it (AssumeRolePolicyDocument), as it was sent.
        longest_session: seconds (MaxSessionDuration).
        created_at, updated_at: milliseconds UTC; 0 for one that the operator declared.
        declared_at: since when the operator declares it, milliseconds UTC; 0 for never.
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
    declared_at: int = 0

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
        declared_at: since when the operator declares it, milliseconds UTC; 0 for never.
    """

    account_id: AccountId
    name: str
    description: str = ""
    versions: tuple[PolicyVersion, ...]
    default: str
    made: int = 1
    created_at: int = 0
    updated_at: int = 0
    declared_at: int = 0

    @property
    def document(self) -> str:
        """The document of the default version, which is the one that decides."""
        return next(version.document for version in self.versions if version.id == self.default)


Principal = User | AccessKey | Role | AccountPolicy


class Principals:
    """The users, access keys, roles and policies of one or more accounts, indexed. It never changes."""

    def __init__(self, entries: Iterable[Principal] = ()) -> None:
        self._users = EntryIndex(User, lambda user: user.id)
        self._keys = EntryIndex(AccessKey, lambda key: key.id)
        self._roles = EntryIndex(Role, lambda role: (role.account_id, role.name))
        self._policies = EntryIndex(AccountPolicy, lambda policy: (policy.account_id, policy.name))
        self._parsed = ParsedPolicies()
        self._change({}, by_type(entries))

    def changed(self, removed: EntriesByType, added: EntriesByType) -> "Principals":
        """The principals without those `removed` and with those `added`."""
        made = copy(self)
        made._change(removed, added)
        return made

    def _change(self, removed: EntriesByType, added: EntriesByType) -> None:
        self._users = self._users.changed(removed, added)
        self._keys = self._keys.changed(removed, added)
        self._roles = self._roles.changed(removed, added)
        self._policies = self._policies.changed(removed, added)
        self._parsed.forget(removed)

    @property
    def users(self) -> Mapping[str, User]:
        """All users, by their ids."""
        return self._users.by_key

    @property
    def keys(self) -> Mapping[str, AccessKey]:
        """All access keys, by their ids."""
        return self._keys.by_key

    def user_named(self, account_id: AccountId, name: str) -> User | None:
        """A user of the account by name; of two users with one name, the one that the operator declared."""
        named = [user for user in self._users.of(account_id) if user.user_name == name]
        return min(named, key=lambda user: (user.created_at, user.id), default=None)

    def users_of(self, account_id: AccountId) -> list[User]:
        """The users of the account, by name."""
        return sorted(self._users.of(account_id), key=lambda user: (user.user_name, user.id))

    def keys_of(self, account_id: AccountId, user_id: str | None) -> list[AccessKey]:
        """The access keys of a user, or of the account's owner, oldest first."""
        own = [key for key in self._keys.of(account_id) if key.user_id == user_id]
        return sorted(own, key=lambda key: (key.created_at, key.id))

    def role(self, account_id: AccountId, name: str) -> Role | None:
        """A role of the account."""
        return self._roles.by_key.get((account_id, name))

    def roles_of(self, account_id: AccountId) -> list[Role]:
        """The roles of the account, by name."""
        return sorted(self._roles.of(account_id), key=lambda role: role.name)

    def policy(self, account_id: AccountId, name: str) -> AccountPolicy | None:
        """A policy of the account's own."""
        return self._policies.by_key.get((account_id, name))

    def policies_of(self, account_id: AccountId) -> list[AccountPolicy]:
        """The account's own policies, by name."""
        return sorted(self._policies.of(account_id), key=lambda policy: policy.name)

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
        holders: list[User | Role] = [*self._users.of(account_id), *self._roles.of(account_id)]
        return Counter((each.kind, each.policy) for holder in holders for each in holder.attached)

    def policies_for_user(self, user_id: str) -> tuple[Policy, ...]:
        """The policies that decide what a user may do; none for a user that does not exist."""
        user = self._users.by_key.get(user_id)
        return self._parsed.of(user, self._policies) if user is not None else ()

    def policies_for_role(self, account_id: AccountId, name: str) -> tuple[Policy, ...]:
        """The policies that decide what a session of a role may do; none for a role that does not exist."""
        role = self.role(account_id, name)
        return self._parsed.of(role, self._policies) if role is not None else ()


PolicyIndex = EntryIndex[tuple[AccountId, str], AccountPolicy]
OwnPolicies = Mapping[tuple[AccountId, str], AccountPolicy]


class ParsedHolder(NamedTuple):
    """The parsed policies of a user or role, and what they were made of.

    Attributes:
        all_policies: the policies of all accounts.
        own_policies: those of the holder's account.
    """

    holder: User | Role
    all_policies: PolicyIndex
    own_policies: OwnPolicies
    policies: tuple[Policy, ...]


class ParsedPolicies:
    """The parsed policies of users and roles, kept from their first use until they change.

    Successive snapshots share one: what it keeps counts only while the holder and the policies of its account
    are the very objects that it was made of.
    """

    def __init__(self) -> None:
        self._of_holder: dict[str, ParsedHolder] = {}
        self._parsed: dict[tuple[str, str], tuple[str, Policy]] = {}

    def of(self, holder: User | Role, all_policies: PolicyIndex) -> tuple[Policy, ...]:
        """The policies that decide for a user or role."""
        kept = self._of_holder.get(holder.id)
        if kept is not None and kept.holder is holder and kept.all_policies is all_policies:
            return kept.policies
        own = all_policies.of_account(holder.account_id)
        if kept is not None and kept.holder is holder and kept.own_policies is own:
            policies = kept.policies
        else:
            inline = holder.policies if isinstance(holder, User) else {}
            declared = [parse_policy(name, document) for name, document in inline.items()]
            attached = [policy for each in holder.attached if (policy := self._attached(holder, each, own))]
            policies = (*declared, *attached)
        self._of_holder[holder.id] = ParsedHolder(holder, all_policies, own, policies)
        return policies

    def _attached(
        self, holder: User | Role, attachment: Attachment, own: Mapping[tuple[AccountId, str], AccountPolicy]
    ) -> Policy | None:
        if attachment.kind == SYSTEM:
            # "/" is in no account's id, so that the policies of all accounts are apart from any account's.
            owner, system_policy = f"{SYSTEM}/", SYSTEM_POLICIES.get(attachment.policy)
            document = system_policy.document if system_policy is not None else None
        else:
            owner, policy = holder.account_id, own.get((holder.account_id, attachment.policy))
            document = policy.document if policy is not None else None
        if document is None:
            return None
        kept = self._parsed.get((owner, attachment.policy))
        if kept is not None and kept[0] == document:
            return kept[1]
        parsed = parse_policy(attachment.policy, msgspec.json.decode(document))
        self._parsed[owner, attachment.policy] = document, parsed
        return parsed

    def forget(self, removed: EntriesByType) -> None:
        """Forgets users, roles and policies that are gone or changed."""
        for type_ in (User, Role):
            for holder in removed.get(type_, ()):
                self._of_holder.pop(holder.id, None)
        for policy in entries_of_type(removed, AccountPolicy):
            self._parsed.pop((policy.account_id, policy.name), None)
