"""DeleteChatappTemplate: deletes one language of a template, or all of them."""

from typing import Annotated

from waypost.api.description import Operation, Params
from waypost.api.members import SuccessAnswer
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.templates.lookup import (
    code_or_name,
    find_languages,
    has_type,
    reference_faults,
    refuse_declared,
    space_id_of,
    unknown_template,
)
from waypost.api.operations.templates.parameters import (
    IGNORED,
    LANGUAGE,
    CustSpaceId,
    TemplateCode,
    TemplateName,
    TemplateType,
)
from waypost.model import codes
from waypost.model.entry_changes import RemoveEntry
from waypost.model.identifiers import NO_SPACE

_CALLS_PER_SECOND = 5


class DeleteChatappTemplateParams(Params, frozen=True):
    """The template to delete."""

    template_code: TemplateCode = ""
    template_name: TemplateName = ""
    language: Annotated[
        str,
        LANGUAGE._replace(
            required=False,
            missing="",
            description="The language that is deleted.",
            default="all languages",
        ),
    ] = ""
    template_type: TemplateType = ""
    cust_space_id: CustSpaceId = NO_SPACE


OPERATION = Operation(
    "DeleteChatappTemplate",
    "Deletes a template: one language of it, or all.",
    DeleteChatappTemplateParams,
    SuccessAnswer,
    errors=(codes.DEL_ERROR_TEMPLATE_NOT_EXIST, codes.invalid("TemplateCode")),
    ignored=IGNORED,
)


def handle(request: Request[DeleteChatappTemplateParams]) -> Result[SuccessAnswer]:
    """Deletes one language of a template, or all of them.

    Raises:
        ApiError: a parameter is invalid, or the account has no such template.
    """
    params = request.params
    request.refuse(reference_faults(request, params))
    space_id = space_id_of(request, params.cust_space_id)
    templates = [
        template
        for template in find_languages(request, code_or_name(params), params.language, space_id)
        if has_type(template, params.template_type)
    ]
    if not templates:
        raise unknown_template(params, codes.DEL_ERROR_TEMPLATE_NOT_EXIST)
    for template in templates:
        refuse_declared(template)
    return Result(SuccessAnswer(), changes=[*map(RemoveEntry, templates)])


ENDPOINT = Endpoint(OPERATION, handle, _CALLS_PER_SECOND)
