"""The arn of a caller, for trust policies and GetCallerIdentity."""

from waypost.api.caller import Caller, principal_name
from waypost.model.configuration import Configuration


def caller_arn(caller: Caller, configuration: Configuration) -> str:
    """The arn of a user, or of the role of a session. The caller must not be the owner of an account."""
    if caller.session is not None:
        return f"acs:ram::{caller.account_id}:role/{caller.session.role_name}"
    return f"acs:ram::{caller.account_id}:user/{principal_name(caller, configuration).display_name}"
