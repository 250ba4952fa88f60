"""Versions of a policy: how its document is changed, and how it is changed back."""

from typing import Any

import msgspec

from waypost.api.description import Kind, Member, Parameter, shown
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.ram import changing, describing
from waypost.model.access.principals import SYSTEM, SYSTEM_POLICIES, AccountPolicy, PolicyVersion, Principals
from waypost.storage.contract import Transaction

_MOST = 5
_ROTATE = "DeleteOldestNonDefaultVersionWhenLimitExceeded"
VERSION_MEMBERS = (
    Member("VersionId", "The version.", "v2"),
    Member("IsDefaultVersion", "Whether it decides.", kind="boolean"),
    Member("PolicyDocument", "Its document.", "{}"),
    Member("CreateDate", "When it was made.", "2026-11-23T03:46:08Z"),
)
_ONE = Member("PolicyVersion", "The version.", kind="object", members=VERSION_MEMBERS)
_ABSENT = ("EntityNotExist.Policy", "EntityNotExist.Policy.Version")

CREATE = describing.operation(
    "CreatePolicyVersion",
    "Gives a policy another document.",
    (
        describing.POLICY_NAME,
        describing.DOCUMENT,
        describing.flag("SetAsDefault", "Whether it decides from now on."),
        Parameter(
            "RotateStrategy",
            Kind.STRING,
            f"Whether the oldest version that does not decide is deleted when there are {_MOST} already.",
            _ROTATE,
            allowed=("None", _ROTATE),
            default="None",
        ),
    ),
    (_ONE,),
    ("EntityNotExist.Policy", "MalformedPolicyDocument", "LimitExceeded.Policy.Version"),
)
GET = describing.operation(
    "GetPolicyVersion",
    "Shows a version of a policy.",
    (describing.POLICY_NAME, describing.POLICY_TYPE, describing.VERSION_ID),
    (_ONE,),
    _ABSENT,
)
LIST = describing.operation(
    "ListPolicyVersions",
    "Lists the versions of a policy, oldest first.",
    (describing.POLICY_NAME, describing.POLICY_TYPE),
    (
        Member(
            "PolicyVersions",
            "The versions.",
            kind="object",
            members=(Member("PolicyVersion", "One by one.", kind="array", members=VERSION_MEMBERS),),
        ),
    ),
    ("EntityNotExist.Policy",),
)
SET_DEFAULT = describing.operation(
    "SetDefaultPolicyVersion",
    "Lets a version of a policy decide.",
    (describing.POLICY_NAME, describing.VERSION_ID),
    errors=_ABSENT,
)
DELETE = describing.operation(
    "DeletePolicyVersion",
    "Deletes a version of a policy that does not decide.",
    (describing.POLICY_NAME, describing.VERSION_ID),
    errors=(*_ABSENT, "DeleteConflict.Policy.Version.Default"),
)


def create(request: Request) -> Result:
    """Makes a version.

    Raises:
        ApiError: the call's faults.
    """
    texts, _ = describing.read(CREATE, request)
    name, document = texts["PolicyName"], texts["PolicyDocument"]
    changing.check_policy("PolicyDocument", name, document)

    def change(known: Principals, transaction: Transaction) -> dict[str, Any]:
        policy = changing.policy_to_change(known, request, name)
        kept = policy.versions
        if len(kept) >= _MOST:
            if texts.get("RotateStrategy") != _ROTATE:
                said = f"it has {_MOST} versions already; delete one, or send RotateStrategy={_ROTATE}."
                raise changing.refusal("LimitExceeded.Policy.Version", "PolicyName", said)
            oldest = next(version for version in kept if version.id != policy.default)
            kept = tuple(version for version in kept if version is not oldest)
        made = PolicyVersion(f"v{policy.made + 1}", document, request.now)
        decides = describing.is_true(texts, "SetAsDefault")
        changing.put(
            transaction,
            msgspec.structs.replace(
                policy,
                versions=(*kept, made),
                made=policy.made + 1,
                default=made.id if decides else policy.default,
                updated_at=request.now if decides else policy.updated_at,
            ),
        )
        return {"PolicyVersion": version_row(made, made.id if decides else policy.default)}

    return changing.changing(request, change, policy=texts["PolicyName"])


def get(request: Request) -> Result:
    """Shows a version.

    Raises:
        ApiError: the call's faults.
    """
    texts, _ = describing.read(GET, request)
    versions, default = _versions(request, texts)
    for version in versions:
        if version.id == texts["VersionId"]:
            return Result({"PolicyVersion": version_row(version, default)})
    raise changing.absent("EntityNotExist.Policy.Version", "VersionId", texts["VersionId"])


def list_(request: Request) -> Result:
    """Lists versions.

    Raises:
        ApiError: the call's faults.
    """
    texts, _ = describing.read(LIST, request)
    versions, default = _versions(request, texts)
    rows = [version_row(version, default) for version in versions]
    return Result({"PolicyVersions": {"PolicyVersion": rows}})


def set_default(request: Request) -> Result:
    """Lets a version decide.

    Raises:
        ApiError: the call's faults.
    """
    texts, _ = describing.read(SET_DEFAULT, request)

    def change(known: Principals, transaction: Transaction) -> dict[str, Any]:
        policy, version = _own(known, request, texts)
        changed = msgspec.structs.replace(policy, default=version.id, updated_at=request.now)
        changing.put(transaction, changed)
        return {}

    return changing.changing(request, change, policy=texts["PolicyName"])


def delete(request: Request) -> Result:
    """Deletes a version.

    Raises:
        ApiError: the call's faults.
    """
    texts, _ = describing.read(DELETE, request)

    def change(known: Principals, transaction: Transaction) -> dict[str, Any]:
        policy, version = _own(known, request, texts)
        if version.id == policy.default:
            said = f"{shown(version.id)} is the one that decides."
            raise changing.refusal("DeleteConflict.Policy.Version.Default", "VersionId", said)
        left = tuple(each for each in policy.versions if each.id != version.id)
        changing.put(transaction, msgspec.structs.replace(policy, versions=left))
        return {}

    return changing.changing(request, change, policy=texts["PolicyName"])


def version_row(version: PolicyVersion, default: str) -> dict[str, Any]:
    """A version as the answers have it."""
    return {
        "VersionId": version.id,
        "IsDefaultVersion": version.id == default,
        "PolicyDocument": version.document,
        "CreateDate": changing.wire_time(version.created_at),
    }


def _versions(request: Request, texts: dict[str, str]) -> tuple[tuple[PolicyVersion, ...], str]:
    name = texts["PolicyName"]
    if texts["PolicyType"] == SYSTEM:
        if name not in SYSTEM_POLICIES:
            raise changing.absent("EntityNotExist.Policy", "PolicyName", name)
        return (PolicyVersion("v1", SYSTEM_POLICIES[name][1], 0),), "v1"
    policy = changing.policy_named(request.configuration.principals, request, name)
    return policy.versions, policy.default


def _own(known: Principals, request: Request, texts: dict[str, str]) -> tuple[AccountPolicy, PolicyVersion]:
    policy = changing.policy_to_change(known, request, texts["PolicyName"])
    for version in policy.versions:
        if version.id == texts["VersionId"]:
            return policy, version
    raise changing.absent("EntityNotExist.Policy.Version", "VersionId", texts["VersionId"])


_POLICY = changing.about(("policy", "PolicyName"))

ENDPOINTS = tuple(
    Endpoint(described, handle, describing.LIMIT, unsubscribed=True, resources=_POLICY)
    for described, handle in (
        (CREATE, create),
        (GET, get),
        (LIST, list_),
        (SET_DEFAULT, set_default),
        (DELETE, delete),
    )
)
