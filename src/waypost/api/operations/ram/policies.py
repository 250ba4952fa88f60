"""Policies of the account: made, shown, listed and deleted. Their documents are changed by new versions."""

from collections.abc import Mapping
from typing import Any

from waypost.api.description import Member, shown, without_effect
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.ram import changing, describing
from waypost.api.operations.ram.policy_versions import VERSION_MEMBERS, version_row
from waypost.model.access.principals import (
    CUSTOM,
    SYSTEM,
    SYSTEM_POLICIES,
    AccountPolicy,
    PolicyVersion,
    Principals,
    Role,
    User,
)
from waypost.storage.contract import Transaction
from waypost.storage.rows import entry_key

_MOST = 1500
_FIRST = "v1"
_MEMBERS = describing.members(
    "the policy",
    PolicyName="senders",
    PolicyType=CUSTOM,
    Description="May send",
    DefaultVersion=_FIRST,
    CreateDate="2026-11-23T03:46:08Z",
)
_WHOLE = (
    *_MEMBERS,
    Member("UpdateDate", "When it got its default version.", "2026-11-23T03:46:08Z"),
    Member("AttachmentCount", "To how many users and roles it is attached.", kind="integer"),
)

CREATE = describing.operation(
    "CreatePolicy",
    "Makes a policy, to be attached to users and roles.",
    (
        describing.POLICY_NAME,
        describing.DOCUMENT,
        describing.text("Description", "Kept and shown again.", "May send"),
        *without_effect("Tag"),
    ),
    (Member("Policy", "The policy.", kind="object", members=_MEMBERS),),
    ("MalformedPolicyDocument", "EntityAlreadyExists.Policy", "LimitExceeded.Policy"),
)
GET = describing.operation(
    "GetPolicy",
    "Shows a policy and the document that decides.",
    (describing.POLICY_NAME, describing.POLICY_TYPE),
    (
        Member(
            "Policy",
            "The policy.",
            kind="object",
            members=(*_WHOLE, Member("PolicyDocument", "The document that decides.", "{}")),
        ),
        Member("DefaultPolicyVersion", "The version that decides.", kind="object", members=VERSION_MEMBERS),
    ),
    ("EntityNotExist.Policy",),
)
LIST = describing.operation(
    "ListPolicies",
    "Lists the account's own policies and those that every account has, by name.",
    (
        describing.POLICY_TYPE._replace(required=False, default="both"),
        describing.MARKER,
        describing.MAX_ITEMS,
        *without_effect("Tag"),
    ),
    (
        describing.IS_TRUNCATED,
        describing.NEXT_MARKER,
        Member(
            "Policies",
            "The policies.",
            kind="object",
            members=(Member("Policy", "One by one.", kind="array", members=_WHOLE),),
        ),
    ),
)
DELETE = describing.operation(
    "DeletePolicy",
    "Deletes a policy that is attached to nobody.",
    (describing.POLICY_NAME, describing.flag("CascadingDelete", "Whether to delete its other versions too.")),
    errors=(
        "EntityNotExist.Policy",
        "DeleteConflict.Policy.User",
        "DeleteConflict.Policy.Role",
        "DeleteConflict.Policy.Version",
    ),
)


def create(request: Request) -> Result:
    """Makes a policy.

    Raises:
        ApiError: the call's faults.
    """
    texts, _ = describing.read(CREATE, request)
    name, document = texts["PolicyName"], texts["PolicyDocument"]
    changing.check_policy("PolicyDocument", name, document)
    account_id = request.caller.account_id
    if len(request.configuration.principals.policies_of(account_id)) >= _MOST:
        raise changing.refusal("LimitExceeded.Policy", "PolicyName", f"the account has {_MOST} policies.")
    policy = AccountPolicy(
        account_id=account_id,
        name=name,
        description=texts.get("Description", ""),
        versions=(PolicyVersion(_FIRST, document, request.now),),
        default=_FIRST,
        created_at=request.now,
        updated_at=request.now,
    )

    def change(known: Principals, transaction: Transaction) -> dict[str, Any]:
        if known.policy(policy.account_id, name) is not None:
            said = f"{shown(name)} is there already."
            raise changing.refusal("EntityAlreadyExists.Policy", "PolicyName", said)
        changing.put(transaction, policy)
        return {"Policy": _row(policy)}

    return changing.changing(request, change, policy=name)


def get(request: Request) -> Result:
    """Shows a policy.

    Raises:
        ApiError: the call's faults.
    """
    texts, _ = describing.read(GET, request)
    known, name = request.configuration.principals, texts["PolicyName"]
    attached = known.attachments(request.caller.account_id)
    if texts["PolicyType"] == SYSTEM:
        if name not in SYSTEM_POLICIES:
            raise changing.absent("EntityNotExist.Policy", "PolicyName", name)
        version = PolicyVersion(_FIRST, SYSTEM_POLICIES[name][1], 0)
        row = _system_row(name, attached)
    else:
        policy = changing.policy_named(known, request, name)
        version = next(each for each in policy.versions if each.id == policy.default)
        row = _whole_row(policy, attached)
    return Result(
        {
            "Policy": row | {"PolicyDocument": version.document},
            "DefaultPolicyVersion": version_row(version, version.id),
        }
    )


def list_(request: Request) -> Result:
    """Lists policies.

    Raises:
        ApiError: the call's faults.
    """
    texts, numbers = describing.read(LIST, request)
    known, account_id = request.configuration.principals, request.caller.account_id
    attached = known.attachments(account_id)
    found: list[tuple[str, dict[str, Any]]] = []
    if texts.get("PolicyType") != SYSTEM:
        found += [(each.name, _whole_row(each, attached)) for each in known.policies_of(account_id)]
    if texts.get("PolicyType") != CUSTOM:
        # A name can be there twice, and a Marker has to tell the two apart.
        found += [(f"{name}/", _system_row(name, attached)) for name in SYSTEM_POLICIES]
    part, end = changing.listed(sorted(found, key=lambda row: row[0]), texts, numbers)
    return Result({**end, "Policies": {"Policy": part}})


def delete(request: Request) -> Result:
    """Deletes a policy.

    Raises:
        ApiError: the call's faults.
    """
    texts, _ = describing.read(DELETE, request)

    def change(known: Principals, transaction: Transaction) -> dict[str, Any]:
        policy = changing.policy_to_change(known, request, texts["PolicyName"])
        holders = known.attached_to(policy.account_id, CUSTOM, policy.name)
        for code, kind in (("DeleteConflict.Policy.User", User), ("DeleteConflict.Policy.Role", Role)):
            of_kind = [holder.arn for holder in holders if isinstance(holder, kind)]
            if of_kind:
                raise changing.refusal(code, "PolicyName", f"it is attached to {', '.join(of_kind)}.")
        if len(policy.versions) > 1 and not describing.is_true(texts, "CascadingDelete"):
            said = f"it has {len(policy.versions)} versions."
            raise changing.refusal("DeleteConflict.Policy.Version", "PolicyName", said)
        transaction.remove_entries([entry_key(policy)])
        return {}

    return changing.changing(request, change, changing.USERS, changing.ROLES, policy=texts["PolicyName"])


def _row(policy: AccountPolicy) -> dict[str, Any]:
    return {
        "PolicyName": policy.name,
        "PolicyType": CUSTOM,
        "Description": policy.description,
        "DefaultVersion": policy.default,
        "CreateDate": changing.wire_time(policy.created_at),
    }


def _whole_row(policy: AccountPolicy, attached: Mapping[tuple[str, str], int]) -> dict[str, Any]:
    return _row(policy) | {
        "UpdateDate": changing.wire_time(policy.updated_at),
        "AttachmentCount": attached.get((CUSTOM, policy.name), 0),
    }


def _system_row(name: str, attached: Mapping[tuple[str, str], int]) -> dict[str, Any]:
    return {
        "PolicyName": name,
        "PolicyType": SYSTEM,
        "Description": SYSTEM_POLICIES[name][0],
        "DefaultVersion": _FIRST,
        "CreateDate": "",
        "UpdateDate": "",
        "AttachmentCount": attached.get((SYSTEM, name), 0),
    }


_POLICY = changing.about(("policy", "PolicyName"))

ENDPOINTS = tuple(
    Endpoint(described, handle, describing.LIMIT, unsubscribed=True, resources=resources)
    for described, handle, resources in (
        (CREATE, create, _POLICY),
        (GET, get, _POLICY),
        (LIST, list_, changing.about(("policy", ""))),
        (DELETE, delete, _POLICY),
    )
)
