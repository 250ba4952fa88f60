"""The body of a message: the content of a free message, or a template with its variables filled in."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

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


class MessageBody(msgspec.Struct, frozen=True):
    """The content of a message and, for a template message, the properties that it takes from the template.

    Attributes:
        template_call: template and values, for a provider that holds the template itself.
        ttl: the time to live that the template sets, in seconds; 0 for none.
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
"""The body of a call that has faults and so sends nothing."""


class NamedTemplate(NamedTuple):
    """The reference to a template in a send.

    Attributes:
        channel: empty when ChannelType is missing or invalid.
        code, name: the code takes precedence; empty for none.
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
        """The name of the parameter that refers to the template."""
        return "TemplateCode" if self.code else "TemplateName"


def free_body(
    channel: str, message_type: str, content: str, label: Label | None
) -> tuple[MessageBody, list[Fault]]:
    """The body of a free message, and its faults.

    Args:
        content: the parameter Content; empty when it is missing, which is already a fault of the call.
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
    reference: NamedTemplate,
    values: Mapping[str, str],
    value_faults: Sequence[Fault],
    label: Label | None,
    configuration: Configuration,
) -> tuple[MessageBody, list[Fault]]:
    """The body of a template message, and its faults.

    Args:
        values: the parameter TemplateParams.
        value_faults: the faults of that parameter, returned only when the template exists and can be sent.
    """
    if not reference.code and not reference.name:
        problem, allowed = "it is missing", "Type=template needs it, or TemplateName"
        return NO_BODY, [Fault(codes.TEMPLATE_CODE_NOT_EMPTY, "TemplateCode", problem, allowed)]
    language = reference.language
    if not language:
        return NO_BODY, []
    if language not in LANGUAGE_CODES:
        problem = "is not a language code of templates, such as en or zh_CN"
        return NO_BODY, [Fault(codes.LANGUAGE_NOT_SUPPORT, "Language", problem, value=language)]
    template = configuration.template(
        reference.account_id, reference.code or reference.name, language, reference.space_id
    )
    if template is None or template.channel != (reference.channel or template.channel):
        return NO_BODY, [_unknown_template(reference, configuration)]
    if template.unsendable:
        return NO_BODY, [Fault(codes.AUDIT_STATUS_NOT_SUPPORT, reference.parameter, template.unsendable)]
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


def _unknown_template(reference: NamedTemplate, configuration: Configuration) -> Fault:
    template = reference.code or reference.name
    languages = configuration.template_languages(reference.account_id, template, reference.space_id)
    if languages and reference.language not in languages:
        problem, allowed = f"the template has no {reference.language}", f"it has {', '.join(languages)}"
        return Fault(codes.LANGUAGE_NOT_SUPPORT, "Language", problem, allowed)
    problem = "is not a template of this account for this channel"
    return Fault(codes.UNKNOWN_RESOURCE_OWNER, reference.parameter, problem, value=template)
