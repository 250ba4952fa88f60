"""How trust policies and GetCallerIdentity name a caller."""

from waypost.api.caller import Caller, principal_name
from waypost.model.configuration import Configuration


def caller_arn(caller: Caller, configuration: Configuration) -> str:
    """The arn of a user, or of the role whose session it is; not of an account's owner."""
    if caller.session is not None:
        return f"acs:ram::{caller.account_id}:role/{caller.session.role_name}"
    return f"acs:ram::{caller.account_id}:user/{principal_name(caller, configuration).display_name}"
