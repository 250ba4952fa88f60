"""DeletePolicy: deletes a policy that is not attached to any user or role."""

from typing import Annotated

from waypost.api.description import Operation, Parameter, Params
from waypost.api.errors.catalogue import from_faults
from waypost.api.members import Answer
from waypost.api.operations.endpoint import Request, Result
from waypost.api.operations.entry_changes import relies_on_all
from waypost.api.operations.ram.endpoint import ram_endpoint
from waypost.api.operations.ram.principals import changeable_policy
from waypost.api.operations.ram.resources import POLICY
from waypost.api.operations.ram.text_rules import PolicyName
from waypost.api.product import RAM
from waypost.model import codes
from waypost.model.access.principals import CUSTOM, Role, User
from waypost.model.entry_changes import RemoveEntry
from waypost.model.faults import Fault


class DeletePolicyParams(Params, frozen=True):
    """The policy to delete."""

    policy_name: PolicyName = ""
    cascading_delete: Annotated[
        bool,
        Parameter("CascadingDelete", "Whether to delete its other versions too.", "true", default="false"),
    ] = False


OPERATION = Operation(
    "DeletePolicy",
    "Deletes a policy that is attached to nobody.",
    DeletePolicyParams,
    Answer,
    errors=(
        codes.NO_SUCH_POLICY,
        codes.DELETE_CONFLICT_POLICY_USER,
        codes.DELETE_CONFLICT_POLICY_ROLE,
        codes.DELETE_CONFLICT_POLICY_VERSION,
    ),
    product=RAM,
)


def handle(request: Request[DeletePolicyParams]) -> Result[Answer]:
    """Deletes a policy.

    Raises:
        ApiError: a parameter is invalid; there is no such policy, or the operator declares it; it is
            attached, or has other versions and the call does not delete them too.
    """
    request.refuse()
    params = request.params

    principals = request.configuration.principals
    policy = changeable_policy(principals, request.caller.account_id, params.policy_name)
    holders = principals.attached_to(policy.account_id, CUSTOM, policy.name)
    users = [holder.arn for holder in holders if isinstance(holder, User)]
    roles = [holder.arn for holder in holders if isinstance(holder, Role)]
    if users or roles:
        code = codes.DELETE_CONFLICT_POLICY_USER if users else codes.DELETE_CONFLICT_POLICY_ROLE
        problem = f"it is attached to {', '.join(users or roles)}"
        raise from_faults([Fault(code, "PolicyName", problem)])
    if len(policy.versions) > 1 and not params.cascading_delete:
        problem = f"it has {len(policy.versions)} versions"
        raise from_faults([Fault(codes.DELETE_CONFLICT_POLICY_VERSION, "PolicyName", problem)])
    return Result(Answer(), changes=[RemoveEntry(policy), relies_on_all(request, User, Role)])


ENDPOINT = ram_endpoint(OPERATION, handle, POLICY)
