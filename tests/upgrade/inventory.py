"""All that an account has, as the operations list it: the same before an upgrade and after."""

from collections.abc import Mapping
from typing import Any

from alibabacloud_cams20200606 import models
from alibabacloud_cams20200606.client import Client

from tests.processes import Running
from tests.sdk.access import Credentials, ram
from tests.sdk.callers import Sandbox
from tests.sdk.operations import call, own

KEY = "acme-key"
MAIN = "cams-acme0000main"
# They name one call each.
_OF_THE_CALL = ("RequestId", "Code", "Message", "Success")


class Caller(Sandbox):
    """Calls by the official SDK, with keys whose secrets are known.

    Args:
        secrets: by access key id.
    """

    def __init__(self, process: Running, secrets: Mapping[str, str]) -> None:
        super().__init__(process)
        self.secrets = dict(secrets)

    def client(self, key: str = KEY, secret: str = "") -> Client:
        return super().client(key, secret or self.secrets[key])

    @property
    def owner(self) -> Credentials:
        return Credentials(KEY, self.secrets[KEY])


def inventory(caller: Caller, requests: list[str]) -> dict[str, Any]:
    """What the operations show of the account.

    Args:
        requests: the numbers of its requests about Viber senders.
    """
    spaces = call(caller, "list_instance", key=KEY)["Data"]
    shown = {"spaces": spaces, **_of_spaces(caller), **_fallbacks(caller), **_people(caller)}
    ids = [MAIN, *(str(space["InstanceId"]) for space in spaces)]
    for name in ("list_viber_service_message", "get_viber_pause_times"):
        shown[name] = [call(caller, name, key=KEY, cust_space_id=space)["Data"] for space in ids]
    shown["viber requests"] = [
        call(caller, "get_viber_by_request_no", key=KEY, request_no=number)["Data"] for number in requests
    ]
    plain: dict[str, Any] = _plain(shown)
    return plain


def _of_spaces(caller: Caller) -> dict[str, Any]:
    page = models.ListChatappTemplateRequestPage(index=1, size=100)
    listed = call(caller, "list_chatapp_template", key=KEY, page=page)["ListTemplate"]
    details = [
        call(
            caller,
            "get_chatapp_template_detail",
            key=KEY,
            template_code=row["TemplateCode"],
            language=row["Language"],
        )["Data"]
        for row in listed
    ]
    start = 1_772_323_200_000
    counted = call(caller, "get_chatapp_template_metric", key=KEY, start=start, end=start + 10 * 86_400_000)
    return {
        "templates": listed,
        "template details": details,
        "template counts": counted["Data"],
        "numbers": call(caller, "query_chatapp_phone_numbers", key=KEY)["PhoneNumbers"],
        "suppressions": own(caller, "ListSuppressions", key=KEY, PageSize=100)["Data"],
    }


def _fallbacks(caller: Caller) -> dict[str, Any]:
    return {
        "fallback rules": own(caller, "ListFallbackRules", key=KEY, PageSize=100)["Data"],
        "fallback policies": own(caller, "ListFallbackPolicies", key=KEY, PageSize=100)["Data"],
    }


def _people(caller: Caller) -> dict[str, Any]:
    def of(operation: str, **params: Any) -> dict[str, Any]:
        return ram(caller, operation, by=caller.owner, **params)

    users = of("list_users")["Users"]["User"]
    names = [user["UserName"] for user in users]
    policies = of("list_policies", policy_type="Custom")["Policies"]["Policy"]
    roles = of("list_roles")["Roles"]["Role"]
    return {
        "users": [of("get_user", user_name=name)["User"] for name in names],
        "keys": {name: of("list_access_keys", user_name=name)["AccessKeys"] for name in names},
        "attached": {name: of("list_policies_for_user", user_name=name)["Policies"] for name in names},
        "policies": policies,
        "versions": {
            row["PolicyName"]: of("list_policy_versions", policy_type="Custom", policy_name=row["PolicyName"])
            for row in policies
        },
        "documents": [
            of("get_policy", policy_type="Custom", policy_name=row["PolicyName"]) for row in policies
        ],
        "roles": [of("get_role", role_name=row["RoleName"])["Role"] for row in roles],
        "attached to roles": [of("list_policies_for_role", role_name=row["RoleName"]) for row in roles],
    }


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {name: _plain(inner) for name, inner in value.items() if name not in _OF_THE_CALL}
        case list():
            return [_plain(inner) for inner in value]
        case _:
            return value


def lost(then: Any, now: Any, where: str = "") -> list[str]:
    """What is not as it was, by its place; members that came in addition are no loss."""
    if isinstance(then, dict) and isinstance(now, dict):
        return [
            loss
            for name, inner in then.items()
            for loss in (lost(inner, now[name], f"{where}/{name}") if name in now else [f"{where}/{name}"])
        ]
    if isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        return [
            loss
            for place, (a, b) in enumerate(zip(then, now, strict=True))
            for loss in lost(a, b, f"{where}/{place}")
        ]
    # What is declared had no time of its own then.
    if where.endswith(
        ("/CreateTime", "/SubmitTime", "/LastUpdateTime", "/CreateDate", "/UpdateDate")
    ) and then in (0, "0", ""):
        return []
    return [] if then == now else [f"{where}: {then!r} is now {now!r}"]
