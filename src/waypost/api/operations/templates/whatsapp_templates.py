"""Changes of WhatsApp templates that need no new review: archiving them, and allowing them to be sent."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from waypost.api.errors.catalogue import from_faults
from waypost.api.operations.endpoint import Request
from waypost.api.operations.entry_changes import replaces
from waypost.api.operations.templates.lookup import refuse_declared
from waypost.model import codes
from waypost.model.channels import channel_named
from waypost.model.entries import entry_key
from waypost.model.entry_changes import ReplaceEntry
from waypost.model.faults import Fault
from waypost.model.identifiers import SpaceId
from waypost.model.templates.template import Template

_NOT_EXIST = codes.DETAIL_ERROR_TEMPLATE_NOT_EXIST


def changeable_template(
    request: Request[Any], parameter: str, code: str, language: str, space_id: SpaceId
) -> Template:
    """The WhatsApp template with that code, if API calls may change it.

    Args:
        parameter: the name of the parameter that the code comes from, for the error.

    Raises:
        ApiError: the account has no such template, or the operator declares it.
    """
    template = request.configuration.template(request.caller.account_id, code, language, space_id)
    if template is None or not channel_named(template.channel).provider_holds_templates:
        problem = f"is not a WhatsApp template of this account in {language}"
        raise from_faults([Fault(_NOT_EXIST, parameter, problem, value=code)])
    refuse_declared(template)
    return template


def template_changes(templates: Iterable[Template], changes: Mapping[str, bool]) -> list[ReplaceEntry]:
    """What a call changes that sets the same fields of some templates, each of which it may name repeatedly.

    Args:
        changes: field of `Template` to its new value.
    """
    fields: Mapping[str, Any] = changes
    named = {entry_key(template): template for template in templates}
    return [replaces(template, msgspec.structs.replace(template, **fields)) for template in named.values()]
