"""ModifyChatappTemplateProperties: sets whether a WhatsApp template may be sent."""

from collections.abc import Mapping
from typing import Annotated

import msgspec

from waypost.api.description import Operation, Parameter, Params
from waypost.api.members import SuccessAnswer, member
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.templates.lookup import scope_faults, space_id_of
from waypost.api.operations.templates.parameters import (
    CODE,
    HELD_TYPES,
    IGNORED,
    PAUSED,
    TYPE,
    Language,
    RequiredCustSpaceId,
)
from waypost.api.operations.templates.whatsapp_templates import changeable_template, template_changes
from waypost.model import codes
from waypost.model.identifiers import NO_SPACE


class ModifyChatappTemplatePropertiesParams(Params, frozen=True):
    """The template to change, and its new properties."""

    template_code: Annotated[str, CODE._replace(required=True, required_for="")] = ""
    language: Language = ""
    template_type: Annotated[str, TYPE._replace(required=True, allowed=HELD_TYPES, example=HELD_TYPES[0])] = (
        ""
    )
    cust_space_id: RequiredCustSpaceId = NO_SPACE
    allow_send: Annotated[
        bool | None, Parameter("AllowSend", "Whether it may be sent.", "false", default="as it is")
    ] = None
    category_change_paused: Annotated[bool | None, PAUSED._replace(default="as it is")] = None


class ModifyChatappTemplatePropertiesAnswer(SuccessAnswer, frozen=True):
    """The answer when the template was changed."""

    model: Annotated[Mapping[str, str], member("Always empty.")] = msgspec.field(default_factory=dict)


OPERATION = Operation(
    "ModifyChatappTemplateProperties",
    "Sets whether a WhatsApp template may be sent.",
    ModifyChatappTemplatePropertiesParams,
    ModifyChatappTemplatePropertiesAnswer,
    errors=(
        codes.UNKNOWN_RESOURCE_OWNER,
        codes.DETAIL_ERROR_TEMPLATE_NOT_EXIST,
        codes.invalid("TemplateCode"),
    ),
    ignored=IGNORED,
)


def handle(
    request: Request[ModifyChatappTemplatePropertiesParams],
) -> Result[ModifyChatappTemplatePropertiesAnswer]:
    """Sets whether a template may be sent.

    Raises:
        ApiError: a parameter is invalid, or the template does not exist or cannot be changed.
    """
    params = request.params
    request.refuse(scope_faults(request, params.language, params.cust_space_id))
    space_id = space_id_of(request, params.cust_space_id)
    template = changeable_template(request, "TemplateCode", params.template_code, params.language, space_id)
    properties = {
        "allow_send": params.allow_send,
        "category_change_paused": params.category_change_paused,
    }
    changes = {field: value for field, value in properties.items() if value is not None}
    return Result(ModifyChatappTemplatePropertiesAnswer(), changes=template_changes([template], changes))


ENDPOINT = Endpoint(OPERATION, handle)
