"""ListEntitiesForPolicy: lists the users and roles that a policy is attached to."""

from typing import Annotated

from waypost.api.description import Operation, Params
from waypost.api.members import Answer, member
from waypost.api.operations.endpoint import Request, Result
from waypost.api.operations.iso_time import iso_time
from waypost.api.operations.ram.attachments import AttachDate
from waypost.api.operations.ram.endpoint import ram_endpoint
from waypost.api.operations.ram.principals import existing_policy
from waypost.api.operations.ram.resources import POLICY
from waypost.api.operations.ram.text_rules import PolicyName, PolicyTypeName
from waypost.api.operations.ram.user_row import DISPLAY_NAME
from waypost.api.product import RAM
from waypost.model import codes
from waypost.model.access.principals import Role, User


class ListEntitiesForPolicyParams(Params, frozen=True):
    """The policy whose users and roles to list."""

    policy_type: PolicyTypeName = ""
    policy_name: PolicyName = ""


class PolicyUserRow(Answer, frozen=True):
    """A user that the policy is attached to."""

    user_id: Annotated[str, member("UserId of the user.", "2")]
    user_name: Annotated[str, member("UserName of the user.", "alice")]
    display_name: Annotated[str, member("DisplayName of the user.", "Alice")]
    attach_date: AttachDate


class PolicyRoleRow(Answer, frozen=True):
    """A role that the policy is attached to."""

    role_id: Annotated[str, member("RoleId of the role.", "3")]
    role_name: Annotated[str, member("RoleName of the role.", "courier")]
    arn: Annotated[str, member("Arn of the role.", "acs:ram::1:role/courier")]
    description: Annotated[str, member("Description of the role.")]
    attach_date: AttachDate


class PolicyUserRows(Answer, frozen=True):
    """The member Users, a list of users."""

    user: Annotated[list[PolicyUserRow], member("The users.")]


class PolicyRoleRows(Answer, frozen=True):
    """The member Roles, a list of roles."""

    role: Annotated[list[PolicyRoleRow], member("The roles.")]


class PolicyGroupRows(Answer, frozen=True):
    """The member Groups, which SDKs expect; always empty, since there are no groups."""

    group: Annotated[list[Answer], member("None.")] = []


class ListEntitiesForPolicyAnswer(Answer, frozen=True):
    """The answer with the users and roles that the policy is attached to."""

    users: Annotated[PolicyUserRows, member("The users.")]
    roles: Annotated[PolicyRoleRows, member("The roles.")]
    groups: Annotated[PolicyGroupRows, member("Always empty: there are no groups.")]


OPERATION = Operation(
    "ListEntitiesForPolicy",
    "Lists the users and roles that a policy is attached to.",
    ListEntitiesForPolicyParams,
    ListEntitiesForPolicyAnswer,
    errors=(codes.NO_SUCH_POLICY,),
    product=RAM,
)


def handle(request: Request[ListEntitiesForPolicyParams]) -> Result[ListEntitiesForPolicyAnswer]:
    """Returns the users and roles that a policy is attached to.

    Raises:
        ApiError: a parameter is invalid; there is no such policy.
    """
    request.refuse()
    principals, account_id = request.configuration.principals, request.caller.account_id
    policy = request.params.policy_type, request.params.policy_name
    existing_policy(principals, account_id, *policy)
    holders = principals.attached_to(account_id, *policy)
    users = [
        _policy_user_row(holder, _attach_date(holder, policy))
        for holder in holders
        if isinstance(holder, User)
    ]
    roles = [
        _policy_role_row(holder, _attach_date(holder, policy))
        for holder in holders
        if isinstance(holder, Role)
    ]
    return Result(
        ListEntitiesForPolicyAnswer(
            users=PolicyUserRows(user=users), roles=PolicyRoleRows(role=roles), groups=PolicyGroupRows()
        )
    )


def _attach_date(holder: User | Role, policy: tuple[str, str]) -> str:
    """Formats the time at which a policy, (type, name), was attached."""
    return iso_time(next(each.at for each in holder.attached if (each.kind, each.policy) == policy))


def _policy_user_row(user: User, attach_date: str) -> PolicyUserRow:
    return PolicyUserRow(
        user_id=user.id,
        user_name=user.user_name,
        display_name=user.details.get(DISPLAY_NAME, ""),
        attach_date=attach_date,
    )


def _policy_role_row(role: Role, attach_date: str) -> PolicyRoleRow:
    return PolicyRoleRow(
        role_id=role.id,
        role_name=role.name,
        arn=role.arn,
        description=role.description,
        attach_date=attach_date,
    )


ENDPOINT = ram_endpoint(OPERATION, handle, POLICY)
