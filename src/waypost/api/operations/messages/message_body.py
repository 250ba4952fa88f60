"""What a message says: the content of a free message, or a template with its values filled in."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from waypost.model import codes
from waypost.model.channels import CHANNELS, TemplateKind, channel_named
from waypost.model.configuration import Configuration
from waypost.model.content.check import check_content
from waypost.model.content.rules import Value
from waypost.model.faults import Fault
from waypost.model.identifiers import AccountId, SpaceId
from waypost.model.message.extras import TemplateCall
from waypost.model.message.labels import Label
from waypost.model.templates.calls import template_call
from waypost.model.templates.languages import LANGUAGE_CODES
from waypost.model.templates.template import fill


class MessageBody(NamedTuple):
    """The content of a message and, of a template message, what of the template the message keeps.

    Attributes:
        template_call: for a provider that holds the template itself.
        ttl: the template's own time to live, in seconds; 0 for none.
    """

    message_type: str
    content: dict[str, Value]
    template_code: str = ""
    template_name: str = ""
    language: str = ""
    category: str = ""
    template_call: TemplateCall | None = None
    ttl: int = 0


NO_BODY = MessageBody("", {})
"""Of a call whose faults leave nothing to send."""


class NamedTemplate(NamedTuple):
    """A template as a call names it.

    Attributes:
        channel: empty when the call's is missing or none.
        code, name: the code goes before the name; empty for none.
        space_id: empty for the account's default space.
    """

    account_id: AccountId
    channel: str
    code: str
    name: str
    language: str
    space_id: SpaceId

    @property
    def parameter(self) -> str:
        """The parameter that names it."""
        return "TemplateCode" if self.code else "TemplateName"


def free_body(
    channel: str, message_type: str, content: str, label: Label | None
) -> tuple[MessageBody, list[Fault]]:
    """The body of a free message, and what is wrong with it.

    Args:
        content: the parameter Content; empty when it is missing, which the description has found.
    """
    kinds = CHANNELS[channel].content
    if message_type not in kinds:
        problem, allowed = f"is not allowed for {channel}", f"allowed are {', '.join(kinds)}"
        code = codes.MESSAGE_TYPE_NOT_SUPPORT
        return NO_BODY, [Fault(code, "MessageType", problem, allowed, message_type)]
    if not content:
        return NO_BODY, []
    fields, faults = check_content(channel, message_type, content, label)
    return MessageBody(message_type, fields), faults


def template_body(
    named: NamedTemplate,
    values: Mapping[str, str],
    value_faults: Sequence[Fault],
    label: Label | None,
    configuration: Configuration,
) -> tuple[MessageBody, list[Fault]]:
    """The body of a template message, and what is wrong with it.

    Args:
        values: TemplateParams.
        value_faults: what its description found wrong with that parameter. It counts only when there is a
            template that can be sent.
    """
    if not named.code and not named.name:
        problem, allowed = "it is missing", "Type=template needs it, or TemplateName"
        return NO_BODY, [Fault(codes.TEMPLATE_CODE_NOT_EMPTY, "TemplateCode", problem, allowed)]
    language = named.language
    if not language:
        return NO_BODY, []
    if language not in LANGUAGE_CODES:
        problem = "is not a language code of templates, such as en or zh_CN"
        return NO_BODY, [Fault(codes.LANGUAGE_NOT_SUPPORT, "Language", problem, value=language)]
    template = configuration.template(named.account_id, named.code or named.name, language, named.space_id)
    if template is None or template.channel != (named.channel or template.channel):
        return NO_BODY, [_unknown_template(named, configuration)]
    if template.unsendable:
        return NO_BODY, [Fault(codes.AUDIT_STATUS_NOT_SUPPORT, named.parameter, template.unsendable)]
    if value_faults:
        return NO_BODY, list(value_faults)
    content, faults = fill(template, values, label)
    call = None
    held = channel_named(template.channel).template_kind is TemplateKind.HELD_BY_PROVIDER
    if held and not faults:
        call, faults = template_call(template, values)
    body = MessageBody(
        template.message_type,
        content,
        template.code,
        template.name,
        language,
        template.category,
        call,
        template.send_ttl,
    )
    return body, faults


def _unknown_template(named: NamedTemplate, configuration: Configuration) -> Fault:
    template = named.code or named.name
    languages = configuration.template_languages(named.account_id, template, named.space_id)
    if languages and named.language not in languages:
        problem, allowed = f"the template has no {named.language}", f"it has {', '.join(languages)}"
        return Fault(codes.LANGUAGE_NOT_SUPPORT, "Language", problem, allowed)
    problem = "is not a template of this account for this channel"
    return Fault(codes.UNKNOWN_RESOURCE_OWNER, named.parameter, problem, value=template)
