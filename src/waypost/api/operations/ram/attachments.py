"""Attaches policies to users and roles, detaches them, and converts them to rows of ram."""

from collections.abc import Iterable
from typing import Annotated, TypeVar

import msgspec

from waypost.api.errors.catalogue import from_faults
from waypost.api.members import Answer, member
from waypost.api.operations.iso_time import iso_time
from waypost.api.operations.ram.policy_row import FIRST_VERSION
from waypost.model.access.limits import MOST_ATTACHED_POLICIES
from waypost.model.access.principals import CUSTOM, SYSTEM_POLICIES, Attachment, Principals, Role, User
from waypost.model.faults import Fault
from waypost.model.identifiers import AccountId

H = TypeVar("H", User, Role)

AttachDate = Annotated[str, member("When it was attached.", "2026-11-23T03:46:08Z")]


class AttachedPolicyRow(Answer, frozen=True):
    """A policy attached to a user or role."""

    policy_name: Annotated[str, member("Its name.", "senders")]
    policy_type: Annotated[
        str, member("Custom, System, or Inline for one in the operator's settings.", CUSTOM)
    ]
    description: Annotated[str, member("Its description.", "May send")]
    default_version: Annotated[str, member("The version that decides.", FIRST_VERSION)]
    attach_date: AttachDate


class AttachedPolicyRows(Answer, frozen=True):
    """The member Policies, a list of attached policies."""

    policy: Annotated[list[AttachedPolicyRow], member("The policies.")]


class AttachedPoliciesAnswer(Answer, frozen=True):
    """The answer with the policies attached to a user or role."""

    policies: Annotated[AttachedPolicyRows, member("The policies.")]


def attached_policies(
    principals: Principals, account_id: AccountId, attachments: Iterable[Attachment]
) -> AttachedPoliciesAnswer:
    """Builds the answer with the policies attached to a user or role of an account."""
    rows = [_attached_policy_row(principals, account_id, attachment) for attachment in attachments]
    return AttachedPoliciesAnswer(policies=AttachedPolicyRows(policy=rows))


def with_attachment(holder: H, attachment: Attachment, *, attached_code: str, limit_code: str) -> H:
    """Returns the user or role with one more policy.

    Args:
        attached_code: the error code if the policy is attached already.
        limit_code: the error code if the limit of attached policies is reached.

    Raises:
        ApiError: with one of the two codes.
    """
    name = attachment.policy
    if any((each.kind, each.policy) == (attachment.kind, name) for each in holder.attached):
        raise from_faults([Fault(attached_code, "PolicyName", "is attached already", value=name)])
    if len(holder.attached) >= MOST_ATTACHED_POLICIES:
        problem = f"{MOST_ATTACHED_POLICIES} policies are attached already"
        raise from_faults([Fault(limit_code, "PolicyName", problem)])
    return msgspec.structs.replace(holder, attached=(*holder.attached, attachment))


def without_attachment(holder: H, policy_type: str, name: str, missing_code: str) -> H:
    """Returns the user or role without one of its policies.

    Args:
        missing_code: the error code if the policy is not attached.

    Raises:
        ApiError: with that code.
    """
    kept = tuple(each for each in holder.attached if (each.kind, each.policy) != (policy_type, name))
    if len(kept) == len(holder.attached):
        raise from_faults([Fault(missing_code, "PolicyName", "is not attached", value=name)])
    return msgspec.structs.replace(holder, attached=kept)


def _attached_policy_row(
    principals: Principals, account_id: AccountId, attachment: Attachment
) -> AttachedPolicyRow:
    name = attachment.policy
    policy = principals.policy(account_id, name) if attachment.kind == CUSTOM else None
    system_policy = SYSTEM_POLICIES.get(name)
    if policy is not None:
        description, version = policy.description, policy.default
    else:
        description = system_policy.description if system_policy is not None else ""
        version = FIRST_VERSION
    return AttachedPolicyRow(
        policy_name=name,
        policy_type=attachment.kind,
        description=description,
        default_version=version,
        attach_date=iso_time(attachment.at),
    )
