"""GetPolicy: shows a policy and its default version."""

from typing import Annotated

import msgspec

from waypost.api.description import Operation, Params
from waypost.api.members import Answer, member
from waypost.api.operations.endpoint import Request, Result
from waypost.api.operations.ram.endpoint import ram_endpoint
from waypost.api.operations.ram.policy_row import CountedPolicyRow, counted_policy_row, system_policy_row
from waypost.api.operations.ram.policy_versions import (
    PolicyVersionRow,
    policy_version_row,
    policy_versions,
    version_of,
)
from waypost.api.operations.ram.principals import named_policy
from waypost.api.operations.ram.resources import POLICY
from waypost.api.operations.ram.text_rules import PolicyName, PolicyTypeName
from waypost.api.product import RAM
from waypost.model import codes
from waypost.model.access.principals import SYSTEM


class GetPolicyParams(Params, frozen=True):
    """The policy to show."""

    policy_name: PolicyName = ""
    policy_type: PolicyTypeName = ""


class ShownPolicyRow(CountedPolicyRow, frozen=True, kw_only=True):
    """A policy, with the members that only GetPolicy answers."""

    policy_document: Annotated[str, member("The document that decides.", "{}")]


class GetPolicyAnswer(Answer, frozen=True):
    """The answer with the policy and its default version."""

    policy: Annotated[ShownPolicyRow, member("The policy.")]
    default_policy_version: Annotated[PolicyVersionRow, member("The version that decides.")]


OPERATION = Operation(
    "GetPolicy",
    "Shows a policy and the document that decides.",
    GetPolicyParams,
    GetPolicyAnswer,
    errors=(codes.NO_SUCH_POLICY,),
    product=RAM,
)


def handle(request: Request[GetPolicyParams]) -> Result[GetPolicyAnswer]:
    """Returns a policy and its default version.

    Raises:
        ApiError: a parameter is invalid; there is no such policy.
    """
    request.refuse()
    principals, account_id = request.configuration.principals, request.caller.account_id
    name, policy_type = request.params.policy_name, request.params.policy_type
    versions, default = policy_versions(principals, account_id, policy_type, name)
    version = version_of(versions, default)
    attachments = principals.attachment_counts(account_id)
    if policy_type == SYSTEM:
        row = system_policy_row(name, attachments)
    else:
        row = counted_policy_row(named_policy(principals, account_id, name), attachments)
    return Result(
        GetPolicyAnswer(
            policy=ShownPolicyRow(**msgspec.structs.asdict(row), policy_document=version.document),
            default_policy_version=policy_version_row(version, default),
        )
    )


ENDPOINT = ram_endpoint(OPERATION, handle, POLICY)
