"""WhatsApp templates that calls change without a new review: neither change touches what was reviewed."""

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
    """A WhatsApp template that calls may change.

    Args:
        parameter: the one that names it.

    Raises:
        ApiError: there is none in this account, or the operator declares it.
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
    """Writes the changes to templates as they are when they are written.

    Args:
        changes: fields of `Template`, and what they become.
    """

    def write(transaction: Transaction) -> None:
        changed: list[Template] = []
        for template in templates:
            # Its review may have come in between: that stays.
            current = transaction.entry(entry_key(template))
            if not isinstance(current, Template):
                problem = "was deleted at the same time"
                raise from_faults([Fault(_NOT_EXIST, "TemplateCode", problem, value=template.code)])
            fields: Mapping[str, Any] = changes
            changed.append(msgspec.structs.replace(current, **fields))
        transaction.put_entries(changed, BY_CALL)

    return write
