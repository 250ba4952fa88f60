"""The rows of a policy, as operations of ram answer it."""

from collections.abc import Mapping
from typing import Annotated

import msgspec

from waypost.api.members import Answer, member
from waypost.api.operations.iso_time import iso_time
from waypost.model.access.principals import CUSTOM, SYSTEM, SYSTEM_POLICIES, AccountPolicy

FIRST_VERSION = "v1"
"""The id of the first version of a policy, and of the only version of a system policy."""


class PolicyRow(Answer, frozen=True):
    """The members that every answer with a policy has."""

    policy_name: Annotated[str, member("PolicyName of the policy.", "senders")]
    policy_type: Annotated[str, member("PolicyType of the policy.", CUSTOM)]
    description: Annotated[str, member("Description of the policy.", "May send")]
    default_version: Annotated[str, member("DefaultVersion of the policy.", FIRST_VERSION)]
    create_date: Annotated[str, member("CreateDate of the policy.", "2026-11-23T03:46:08Z")]


class CountedPolicyRow(PolicyRow, frozen=True, kw_only=True):
    """A policy, with the number of its attachments."""

    update_date: Annotated[str, member("When it got its default version.", "2026-11-23T03:46:08Z")]
    attachment_count: Annotated[int, member("To how many users and roles it is attached.")]


def policy_row(policy: AccountPolicy) -> PolicyRow:
    """Converts a policy to its row in CreatePolicy."""
    return PolicyRow(
        policy_name=policy.name,
        policy_type=CUSTOM,
        description=policy.description,
        default_version=policy.default,
        create_date=iso_time(policy.created_at or policy.declared_at),
    )


def counted_policy_row(policy: AccountPolicy, attachments: Mapping[tuple[str, str], int]) -> CountedPolicyRow:
    """Converts a custom policy to its row in ListPolicies.

    Args:
        attachments: how often each policy, by its type and name, is attached in the account.
    """
    return CountedPolicyRow(
        **msgspec.structs.asdict(policy_row(policy)),
        update_date=iso_time(policy.updated_at or policy.declared_at),
        attachment_count=attachments.get((CUSTOM, policy.name), 0),
    )


def system_policy_row(name: str, attachments: Mapping[tuple[str, str], int]) -> CountedPolicyRow:
    """Converts a system policy to its row in ListPolicies; it has no dates.

    Args:
        attachments: how often each policy, by its type and name, is attached in the account.
    """
    return CountedPolicyRow(
        policy_name=name,
        policy_type=SYSTEM,
        description=SYSTEM_POLICIES[name].description,
        default_version=FIRST_VERSION,
        create_date="",
        update_date="",
        attachment_count=attachments.get((SYSTEM, name), 0),
    )
