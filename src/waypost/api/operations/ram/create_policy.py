"""CreatePolicy: creates a custom policy of the account."""

from typing import Annotated

from waypost.api.description import Operation, Params, without_effect
from waypost.api.errors.catalogue import from_faults
from waypost.api.members import Answer, member
from waypost.api.operations.endpoint import Request, Result
from waypost.api.operations.entry_changes import inserts, relies_on_all
from waypost.api.operations.ram.documents import PolicyDocument
from waypost.api.operations.ram.endpoint import ram_endpoint
from waypost.api.operations.ram.policy_row import FIRST_VERSION, PolicyRow, policy_row
from waypost.api.operations.ram.resources import POLICY
from waypost.api.operations.ram.text_rules import DESCRIPTION_TEXT, PolicyName
from waypost.api.product import RAM
from waypost.model import codes
from waypost.model.access.limits import MOST_POLICIES
from waypost.model.access.principals import AccountPolicy, PolicyVersion
from waypost.model.faults import Fault


class CreatePolicyParams(Params, frozen=True):
    """The policy to create."""

    policy_name: PolicyName = ""
    policy_document: PolicyDocument = ""
    description: Annotated[
        str, DESCRIPTION_TEXT.parameter("Description", "Stored and shown again.", "May send")
    ] = ""


class CreatePolicyAnswer(Answer, frozen=True):
    """The policy that was created."""

    policy: Annotated[PolicyRow, member("The policy.")]


OPERATION = Operation(
    "CreatePolicy",
    "Makes a policy, to be attached to users and roles.",
    CreatePolicyParams,
    CreatePolicyAnswer,
    errors=(codes.ALREADY_EXISTS_POLICY, codes.LIMIT_EXCEEDED_POLICY),
    ignored=without_effect("Tag"),
    product=RAM,
)


def handle(request: Request[CreatePolicyParams]) -> Result[CreatePolicyAnswer]:
    """Creates a policy.

    Raises:
        ApiError: a parameter is invalid; the name is in use; the account has reached its limit of policies.
    """
    request.refuse()
    params, account_id = request.params, request.caller.account_id
    principals = request.configuration.principals
    if len(principals.policies_of(account_id)) >= MOST_POLICIES:
        problem = f"the account has {MOST_POLICIES} policies"
        raise from_faults([Fault(codes.LIMIT_EXCEEDED_POLICY, "PolicyName", problem)])
    policy = AccountPolicy(
        account_id=account_id,
        name=params.policy_name,
        description=params.description,
        versions=(PolicyVersion(FIRST_VERSION, params.policy_document, request.now),),
        default=FIRST_VERSION,
        created_at=request.now,
        updated_at=request.now,
    )
    if principals.policy(account_id, policy.name) is not None:
        problem = "is there already"
        raise from_faults([Fault(codes.ALREADY_EXISTS_POLICY, "PolicyName", problem, value=policy.name)])
    return Result(
        CreatePolicyAnswer(policy=policy_row(policy)),
        changes=[inserts(policy), relies_on_all(request, AccountPolicy)],
    )


ENDPOINT = ram_endpoint(OPERATION, handle, POLICY)
