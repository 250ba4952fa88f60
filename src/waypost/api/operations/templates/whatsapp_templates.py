"""Changes of WhatsApp templates that need no new review: archiving them, and allowing them to be sent."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from waypost.api.errors.catalogue import from_faults
from waypost.api.operations.endpoint import Request
from waypost.api.operations.entry_changes import BY_CALL
from waypost.api.operations.templates.lookup import refuse_declared
from waypost.model import codes
from waypost.model.channels import channel_named
from waypost.model.faults import Fault
from waypost.model.identifiers import SpaceId
from waypost.model.templates.template import Template
from waypost.storage.contract import Transaction
from waypost.storage.rows import entry_key

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


def template_change(
    templates: Sequence[Template], changes: Mapping[str, bool]
) -> Callable[[Transaction], None]:
    """Returns a function that applies the changes to the templates, as stored at the time of the transaction.

    Args:
        changes: field of `Template` to its new value.
    """

    def write(transaction: Transaction) -> None:
        changed: list[Template] = []
        for template in templates:
            # A review may have changed the template since the snapshot: its result is kept.
            current = transaction.entry(entry_key(template))
            if not isinstance(current, Template):
                problem = "was deleted at the same time"
                raise from_faults([Fault(_NOT_EXIST, "TemplateCode", problem, value=template.code)])
            fields: Mapping[str, Any] = changes
            changed.append(msgspec.structs.replace(current, **fields))
        transaction.put_entries(changed, BY_CALL)

    return write
