"""Looks up the templates that a call refers to, by code or name, language and space.

A template belongs to an account. One that the operator declares in the settings file can be shown and sent
like any other, but changed only in that file.
"""

from typing import Any, Protocol

from waypost.api.errors.catalogue import ApiError, from_faults
from waypost.api.operations.endpoint import Request
from waypost.api.operations.ownership import declared_fault, space_faults
from waypost.model import codes
from waypost.model.faults import Fault
from waypost.model.identifiers import NO_SPACE, SpaceId
from waypost.model.templates.languages import LANGUAGE_CODES
from waypost.model.templates.template import Template


class TemplateReference(Protocol):
    """The parameters that identify a template; each is empty if the call omits it."""

    @property
    def template_code(self) -> str:
        """TemplateCode."""
        ...

    @property
    def template_name(self) -> str:
        """TemplateName; ignored if there is a code."""
        ...

    @property
    def language(self) -> str:
        """Language."""
        ...

    @property
    def template_type(self) -> str:
        """TemplateType: the channel in upper case; empty for any."""
        ...

    @property
    def cust_space_id(self) -> SpaceId:
        """CustSpaceId; empty for the account's default space."""
        ...


def code_or_name(params: TemplateReference) -> str:
    """The template code of a call or, without one, the template name."""
    return params.template_code or params.template_name


def naming_parameter(params: TemplateReference) -> str:
    """The name of the parameter that `code_or_name` returns the value of."""
    return "TemplateCode" if params.template_code else "TemplateName"


def has_type(template: Template, template_type: str) -> bool:
    """Whether a template is of that channel; an empty type matches every template."""
    return template_type.lower() in ("", template.channel)


def space_id_of(request: Request[Any], cust_space_id: SpaceId) -> SpaceId:
    """The id of the space that a call refers to; empty when the account has no space.

    Args:
        cust_space_id: the parameter CustSpaceId; empty for the default space.
    """
    space = request.configuration.space(request.caller.account_id, cust_space_id)
    return space.id if space is not None else NO_SPACE


def scope_faults(request: Request[Any], language: str, space_id: SpaceId) -> list[Fault]:
    """The faults of Language and CustSpaceId, each empty if the call omits it."""
    faults = []
    if language and language not in LANGUAGE_CODES:
        problem = "is not a language code of templates, such as en or zh_CN"
        faults.append(Fault(codes.LANGUAGE_NOT_SUPPORT, "Language", problem, value=language))
    return faults + space_faults(request, space_id)


def reference_faults(request: Request[Any], params: TemplateReference) -> list[Fault]:
    """The faults of the parameters that identify a template; does not check that the template exists."""
    faults = scope_faults(request, params.language, params.cust_space_id)
    if not code_or_name(params):
        allowed = "every call needs it, or TemplateName"
        faults.append(Fault(codes.TEMPLATE_CODE_NOT_EMPTY, "TemplateCode", "it is missing", allowed))
    return faults


def find_template(request: Request[Any], params: TemplateReference) -> Template:
    """The language of a template that a call refers to.

    Raises:
        ApiError: the account has no such template.
    """
    space_id = space_id_of(request, params.cust_space_id)
    template = request.configuration.template(
        request.caller.account_id, code_or_name(params), params.language, space_id
    )
    if template is None or not has_type(template, params.template_type):
        raise unknown_template(params, codes.DETAIL_ERROR_TEMPLATE_NOT_EXIST)
    return template


def find_languages(request: Request[Any], code: str, language: str, space_id: SpaceId) -> list[Template]:
    """The language of a template that a call refers to, or all its languages when `language` is empty.

    Args:
        code: the template's code or name.
        space_id: the id that `space_id_of` returns.
    """
    configuration, account_id = request.configuration, request.caller.account_id
    languages = (language,) if language else configuration.template_languages(account_id, code, space_id)
    templates = (configuration.template(account_id, code, one, space_id) for one in languages)
    return [template for template in templates if template is not None]


def unknown_template(params: TemplateReference, code: str) -> ApiError:
    """The error of a call that refers to a template which the account does not have."""
    language = f" in {params.language}" if params.language else ""
    problem = f"is not a template of this account{language}"
    return from_faults([Fault(code, naming_parameter(params), problem, value=code_or_name(params))])


def unknown_code(parameter: str, template_code: str) -> ApiError:
    """The error of a call whose template code the account does not have in any language."""
    code, problem = codes.DETAIL_ERROR_TEMPLATE_NOT_EXIST, "is not a template of this account"
    return from_faults([Fault(code, parameter, problem, value=template_code)])


def refuse_declared(template: Template) -> None:
    """Refuses to change a template that the settings file declares.

    Raises:
        ApiError: the settings file declares the template.
    """
    if template.declared:
        raise from_faults([declared_fault(codes.invalid("TemplateCode"), "TemplateCode", template.code)])
