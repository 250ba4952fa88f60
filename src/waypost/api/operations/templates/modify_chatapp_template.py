"""ModifyChatappTemplate: changes a template that has not passed its review."""

from collections.abc import Awaitable, Callable
from typing import Annotated

import msgspec

from waypost.api.description import Operation, Params
from waypost.api.errors.catalogue import ApiError, from_faults
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.entry_changes import replaces
from waypost.api.operations.templates.lookup import (
    find_template,
    naming_parameter,
    reference_faults,
    refuse_declared,
)
from waypost.api.operations.templates.parameters import (
    CATEGORY,
    PAUSED,
    CustSpaceId,
    Language,
    TemplateCode,
    TemplateName,
    TemplateType,
)
from waypost.api.operations.templates.submission import (
    COMPONENT_ERRORS,
    SUBMISSION_IGNORED,
    ComponentList,
    Example,
    SendTtl,
    SubmissionAnswer,
    check_files,
    read_contents,
    submission_answer,
)
from waypost.model import codes
from waypost.model.faults import Fault
from waypost.model.identifiers import NO_SPACE
from waypost.model.templates.components import TemplateContent
from waypost.model.templates.template import REFUSED, UNREVIEWED, Template

_CALLS_PER_SECOND = 50
_CHANGEABLE = (UNREVIEWED, REFUSED)


class ModifyChatappTemplateParams(Params, frozen=True):
    """The template to change, and its new contents."""

    template_code: TemplateCode = ""
    template_name: TemplateName = ""
    language: Language = ""
    components: ComponentList = None
    example: Example = {}
    template_type: TemplateType = ""
    category: Annotated[
        str, CATEGORY._replace(description="The category the template has; it cannot be changed.")
    ] = ""
    cust_space_id: CustSpaceId = NO_SPACE
    category_change_paused: Annotated[bool | None, PAUSED] = None
    send_ttl: SendTtl = None


OPERATION = Operation(
    "ModifyChatappTemplate",
    "Changes a template that has not passed its review, and hands it to the review again.",
    ModifyChatappTemplateParams,
    SubmissionAnswer,
    errors=(
        codes.DETAIL_ERROR_TEMPLATE_NOT_EXIST,
        codes.AUDIT_STATUS_NOT_SUPPORT,
        codes.invalid("TemplateCode"),
        *COMPONENT_ERRORS,
    ),
    ignored=SUBMISSION_IGNORED,
)


async def handle(
    request: Request[ModifyChatappTemplateParams], file_error: Callable[[str], Awaitable[str]] | None
) -> Result[SubmissionAnswer]:
    """Changes a template.

    Raises:
        ApiError: a parameter is invalid, or the template does not exist or cannot be changed.
    """
    params = request.params
    request.refuse(reference_faults(request, params))
    template = find_template(request, params)
    refuse_declared(template)
    # Which components are allowed depends on the channel and category of the stored template.
    content, faults = read_contents(template.channel, template.category, params.components, params.send_ttl)
    request.refuse(faults)
    if template.status not in _CHANGEABLE:
        problem = f"the template's audit status is {template.status}"
        raise _status_error(params, problem, f"one of {' or '.join(_CHANGEABLE)} is needed")
    if params.category not in ("", template.category):
        allowed = f"the template's is {template.category}"
        raise from_faults([Fault(codes.invalid("Category"), "Category", "it cannot be changed", allowed)])
    modified = _modified(template, params, content, request.now)
    await check_files(content, file_error)
    return Result(submission_answer(modified), changes=[replaces(template, modified)])


def _modified(
    template: Template, params: ModifyChatappTemplateParams, content: TemplateContent, now: int
) -> Template:
    """The template with the changes of the call; parameters that the call omits keep their values."""
    paused, send_ttl = params.category_change_paused, params.send_ttl
    return msgspec.structs.replace(
        template,
        message_type=content.message_type,
        content=dict(content.content),
        components=tuple(params.components or ()),
        example=dict(params.example) or template.example,
        send_ttl=template.send_ttl if send_ttl is None else send_ttl,
        category_change_paused=template.category_change_paused if paused is None else paused,
        status=UNREVIEWED,
        reason="",
        updated_at=now,
    )


def _status_error(params: ModifyChatappTemplateParams, problem: str, allowed: str) -> ApiError:
    """The error of a template whose review status does not allow the change."""
    return from_faults([Fault(codes.AUDIT_STATUS_NOT_SUPPORT, naming_parameter(params), problem, allowed)])


ENDPOINT = Endpoint(OPERATION, handle, _CALLS_PER_SECOND)
