"""The resources of ram operations, as arns: `acs:ram:*:1:user/alice`."""

from collections.abc import Mapping, Sequence

from waypost.api.caller import Caller
from waypost.api.operations.endpoint import ResourcesOf
from waypost.model.configuration import Configuration

_SYSTEM_OWNER = "system"
"""Takes the place of the account id in the arns of system policies."""


def ram_resources(*parts: tuple[str, str]) -> ResourcesOf:
    """Returns a function that lists the resources of a call from its raw parameters.

    Args:
        parts: kind and parameter: ("user", "UserName") is `user/alice`, and ("user", "") is `user/*`.
    """

    def resources(
        raw_params: Mapping[str, str], caller: Caller, configuration: Configuration
    ) -> Sequence[str]:
        owned = [
            (kind, _owner(kind, raw_params, caller), _name(parameter, raw_params, caller, configuration))
            for kind, parameter in parts
        ]
        return tuple(f"acs:ram:*:{owner}:{kind}/{name}" for kind, owner, name in owned)

    return resources


def _owner(kind: str, raw_params: Mapping[str, str], caller: Caller) -> str:
    is_system = kind == "policy" and raw_params.get("PolicyType", "").lower() == "system"
    return _SYSTEM_OWNER if is_system else caller.account_id


def _name(parameter: str, raw_params: Mapping[str, str], caller: Caller, configuration: Configuration) -> str:
    name = raw_params.get(parameter, "")
    if not name and parameter == "UserName" and caller.user_id is not None:
        user = configuration.users.get(caller.user_id)
        name = user.user_name if user is not None else ""
    return name or "*"


USER = ram_resources(("user", "UserName"))
ROLE = ram_resources(("role", "RoleName"))
POLICY = ram_resources(("policy", "PolicyName"))
USER_AND_POLICY = ram_resources(("user", "UserName"), ("policy", "PolicyName"))
ROLE_AND_POLICY = ram_resources(("role", "RoleName"), ("policy", "PolicyName"))
