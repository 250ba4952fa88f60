"""Looks up versions of a policy, and converts them to rows of ram."""

from typing import Annotated

from waypost.api.members import Answer, member
from waypost.api.operations.iso_time import iso_time
from waypost.api.operations.ram.policy_row import FIRST_VERSION
from waypost.api.operations.ram.principals import (
    changeable_policy,
    existing_policy,
    named_policy,
    unknown_entry,
)
from waypost.model import codes
from waypost.model.access.principals import SYSTEM, SYSTEM_POLICIES, AccountPolicy, PolicyVersion, Principals
from waypost.model.identifiers import AccountId


class PolicyVersionRow(Answer, frozen=True):
    """A version of a policy."""

    version_id: Annotated[str, member("The version.", "v2")]
    is_default_version: Annotated[bool, member("Whether it is the version in force.")]
    policy_document: Annotated[str, member("Its document.", "{}")]
    create_date: Annotated[str, member("When it was made.", "2026-11-23T03:46:08Z")]


def policy_version_row(version: PolicyVersion, default: str) -> PolicyVersionRow:
    """Converts a version to its row; `default` is the id of the default version."""
    return PolicyVersionRow(
        version_id=version.id,
        is_default_version=version.id == default,
        policy_document=version.document,
        create_date=iso_time(version.created_at),
    )


def policy_versions(
    principals: Principals, account_id: AccountId, policy_type: str, name: str
) -> tuple[tuple[PolicyVersion, ...], str]:
    """The versions of a policy, oldest first, and the id of the default version.

    Raises:
        ApiError: EntityNotExist.Policy.
    """
    existing_policy(principals, account_id, policy_type, name)
    if policy_type == SYSTEM:
        return (PolicyVersion(FIRST_VERSION, SYSTEM_POLICIES[name].document, 0),), FIRST_VERSION
    policy = named_policy(principals, account_id, name)
    return policy.versions, policy.default


def changeable_version(
    principals: Principals, account_id: AccountId, name: str, version_id: str
) -> tuple[AccountPolicy, PolicyVersion]:
    """A policy of the account and its version with that id, if API calls may change it.

    Raises:
        ApiError: EntityNotExist.Policy or EntityNotExist.Policy.Version; NoPermission if the operator
            declared the policy.
    """
    policy = changeable_policy(principals, account_id, name)
    return policy, version_of(policy.versions, version_id)


def version_of(versions: tuple[PolicyVersion, ...], version_id: str) -> PolicyVersion:
    """The version with that id.

    Raises:
        ApiError: EntityNotExist.Policy.Version.
    """
    for version in versions:
        if version.id == version_id:
            return version
    raise unknown_entry(codes.NO_SUCH_POLICY_VERSION, "VersionId", version_id)
