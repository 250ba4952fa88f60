"""Callers of ram and sts by their official SDKs: an account's users, made for one test."""

import itertools
import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from alibabacloud_cams20200606.client import Client as CamsClient
from alibabacloud_ram20150501 import models as ram_models
from alibabacloud_ram20150501.client import Client as RamClient
from alibabacloud_sts20150401 import models as sts_models
from alibabacloud_sts20150401.client import Client as StsClient
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from alibabacloud_tea_openapi.models import Config

from tests.sdk.callers import Refusal, Sandbox, refusal
from tests.sdk.operations import action_of

_numbers = itertools.count(1)
TRUST = {
    "Version": "1",
    "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"RAM": ["acs:ram::1:root"]}}],
}


class Credentials(NamedTuple):
    """What a call is signed with; the fixture's keys are their own secrets."""

    key: str
    secret: str
    token: str = ""


def fixed(key: str) -> Credentials:
    return Credentials(key, key)


OWNER = fixed("sandbox")


def unused(beginning: str) -> str:
    """A name that no other test uses."""
    return f"{beginning}-{next(_numbers)}"


def policy(*actions: str, effect: str = "Allow", **more: Any) -> dict[str, Any]:
    statement = {"Effect": effect, "Action": list(actions), "Resource": "*", **more}
    return {"Version": "1", "Statement": [statement]}


def _config(sandbox: Sandbox, by: Credentials, signature: str) -> Config:
    return Config(
        access_key_id=by.key,
        access_key_secret=by.secret,
        security_token=by.token or None,
        endpoint=sandbox.process.endpoint,
        protocol="http",
        signature_algorithm=signature or None,
    )


def _called(client: Any, models: Any, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
    method: Callable[..., Any] = getattr(client, operation)
    name = "".join(word.capitalize() for word in operation.split("_"))
    request = getattr(models, f"{name}Request", None)
    answered = method(request(**params)) if request is not None else method()
    assert answered.status_code == 200
    body: dict[str, Any] = answered.body.to_map()
    assert body.pop("RequestId")
    return body


def ram(sandbox: Sandbox, operation: str, *, by: Credentials = OWNER, **params: Any) -> dict[str, Any]:
    """Calls an operation of ram; policy documents may be passed as dicts."""
    texts = {name: json.dumps(value) if isinstance(value, dict) else value for name, value in params.items()}
    return _called(RamClient(_config(sandbox, by, "")), ram_models, operation, texts)


def sts(sandbox: Sandbox, operation: str, *, by: Credentials, **params: Any) -> dict[str, Any]:
    """Calls an operation of sts."""
    texts = {name: json.dumps(value) if isinstance(value, dict) else value for name, value in params.items()}
    return _called(StsClient(_config(sandbox, by, "")), sts_models, operation, texts)


def cams(sandbox: Sandbox, by: Credentials, *, signature: str = "") -> CamsClient:
    """A client of cams; `signature` is "v2" for V1, as the SDK calls it."""
    return CamsClient(_config(sandbox, by, signature))


def refused(call: Callable[..., Any], *arguments: Any, **params: Any) -> Refusal:
    """Calls what is refused, and returns how."""
    try:
        answer = call(*arguments, **params)
    except AlibabaCloudException as error:
        operation = arguments[1] if call in (ram, sts) else call.__name__
        return refusal(error, action_of(operation))
    raise AssertionError(f"it was taken: {answer}")


def user_with(sandbox: Sandbox, *documents: Mapping[str, Any]) -> tuple[str, Credentials]:
    """A new user of account 1 with a key and policies: its name, and what its calls are signed with."""
    name = unused("user")
    ram(sandbox, "create_user", user_name=name)
    for document in documents:
        attach(sandbox, "user", name, document)
    key = ram(sandbox, "create_access_key", user_name=name)["AccessKey"]
    return name, Credentials(key["AccessKeyId"], key["AccessKeySecret"])


def role_with(sandbox: Sandbox, *documents: Mapping[str, Any], trust: Mapping[str, Any] = TRUST) -> str:
    """A new role of account 1 with policies: its name."""
    name = unused("role")
    ram(sandbox, "create_role", role_name=name, assume_role_policy_document=trust)
    for document in documents:
        attach(sandbox, "role", name, document)
    return name


def attach(sandbox: Sandbox, kind: str, name: str, document: Mapping[str, Any]) -> str:
    """Makes a policy and attaches it to a user or a role: its name."""
    made = unused("policy")
    ram(sandbox, "create_policy", policy_name=made, policy_document=document)
    holder: dict[str, Any] = {f"{kind}_name": name}
    ram(sandbox, f"attach_policy_to_{kind}", policy_type="Custom", policy_name=made, **holder)
    return made


def assumed(sandbox: Sandbox, by: Credentials, role: str, **params: Any) -> Credentials:
    """The temporary credentials of a session of a role of account 1."""
    answer = sts(
        sandbox,
        "assume_role",
        by=by,
        role_arn=f"acs:ram::1:role/{role}",
        **{"role_session_name": "shop", **params},
    )
    made = answer["Credentials"]
    assert made["AccessKeyId"].startswith("STS.")
    return Credentials(made["AccessKeyId"], made["AccessKeySecret"], made["SecurityToken"])
