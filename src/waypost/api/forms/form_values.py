"""A filled form as the parameters of a call, and the parameters of a call as the fields of a form.

A field is named like its parameter. A member of an object has a field of its own, `Content/text`; the member
that is added to an object whose members have any names has two, `+TemplateParams/name` and `.../value`.
"""

import re
from collections.abc import Mapping

from waypost.api.description import CALL_PARAMETERS, AnyOperation
from waypost.api.forms.object_members import join_object, split_object
from waypost.api.reference.operation_rows import CONTENT_PARAMETER, MESSAGE_TYPE
from waypost.model.channels import CHANNELS
from waypost.model.content.rules import ContentRule

SEPARATOR = "/"
ADDED = "+"
"""What the names of the two fields of a member that is added begin with."""
CHANNEL_TYPE = "ChannelType"
# Flat lists of V1, `SenderList.1.To`, are parameters of these names.
_PARAMETER = re.compile(r"[A-Z][A-Za-z0-9]{0,63}(?:\.[A-Za-z0-9]{1,64}){0,8}")


def is_parameter_name(name: str) -> bool:
    """Whether a name can be that of a parameter in a form: not what belongs to a signature, nor a field of
    the form's own, which begins with a small letter."""
    return _PARAMETER.fullmatch(name) is not None and name not in CALL_PARAMETERS


def content_rule(operation: AnyOperation, parameters: Mapping[str, str]) -> ContentRule | None:
    """The rule of the Content of a call; None if its channel and MessageType have none."""
    channel = CHANNELS.get(parameters.get(CHANNEL_TYPE, "").lower())
    is_free = parameters.get("Type", "").lower() == "message"
    if channel is None or not is_free or not _has(operation, CONTENT_PARAMETER):
        return None
    message_type = parameters.get(MESSAGE_TYPE, "").lower()
    return next((rule for name, rule in channel.content.items() if name.lower() == message_type), None)


def members_of_value(
    operation: AnyOperation, name: str, parameters: Mapping[str, str]
) -> dict[str, str] | None:
    """The members of the object in a parameter, as texts; None if it has to stay JSON, or is no object."""
    text = parameters.get(name, "")
    if name == CONTENT_PARAMETER:
        rule = content_rule(operation, parameters)
        if rule is None:
            return None
        return split_object(rule, text) if text else {}
    if name not in operation.maps:
        return None
    return split_object(None, text) if text else {}


def fields_of_call(operation: AnyOperation, parameters: Mapping[str, str]) -> dict[str, str]:
    """The fields of a form of a call, with their texts; what cannot be a parameter is left out."""
    fields: dict[str, str] = {}
    for name, text in parameters.items():
        if not text or not is_parameter_name(name):
            continue
        members = members_of_value(operation, name, parameters)
        if members is None:
            fields[name] = text
        else:
            fields |= {name + SEPARATOR + member: value for member, value in members.items()}
    return fields


def parameters_of_form(operation: AnyOperation, fields: Mapping[str, str]) -> dict[str, str]:
    """The parameters of the call that a filled form stands for, those of the operation in its order.

    An empty field is a parameter that is not sent. The JSON of an object counts before fields of its members.
    """
    parameters: dict[str, str] = {}
    objects: dict[str, dict[str, str]] = {}
    for name, text in fields.items():
        parameter, separator, member = name.removeprefix(ADDED).partition(SEPARATOR)
        if not separator:
            if text and is_parameter_name(name):
                parameters[name] = text
        elif name.startswith(ADDED):
            added = fields.get(f"{ADDED}{parameter}/name", "")
            if member == "value" and added and text:
                objects.setdefault(parameter, {})[added] = text
        elif member and text:
            objects.setdefault(parameter, {})[member] = text
    rule = content_rule(operation, parameters)
    for parameter, members in objects.items():
        if parameter not in parameters and (parameter in operation.maps or parameter == CONTENT_PARAMETER):
            of_members = rule if parameter == CONTENT_PARAMETER else None
            parameters[parameter] = join_object(of_members, members)
    places = {row.name: place for place, row in enumerate(operation.parameters)}
    return dict(sorted(parameters.items(), key=lambda item: places.get(item[0], len(places))))


def _has(operation: AnyOperation, name: str) -> bool:
    return any(row.name == name for row in operation.parameters)
