"""Templates: approved messages whose `$(name)` variables each call fills in.

`$(name)` is the variable syntax of the service (send-chatapp-message.md §4.5).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from waypost.model import codes
from waypost.model.content.check import check_members
from waypost.model.content.rules import Value
from waypost.model.faults import NO_VALUE, Fault
from waypost.model.identifiers import AccountId, SpaceId
from waypost.model.quoting import quoted

UNREVIEWED = "unaudit"
APPROVED = "pass"
REFUSED = "fail"
AUDITING = "auditing"
"""Its review has begun: it cannot be changed until that ends."""
AUDIT_STATUSES = (APPROVED, REFUSED, AUDITING, UNREVIEWED)
"""The states of a review (other-operations.md, GetChatappTemplateDetail)."""

_VARIABLE = re.compile(r"\$\(([^\s()$]+)\)")

_decode_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_decode_string = msgspec.json.Decoder(str).decode


class Template(msgspec.Struct, frozen=True, kw_only=True):
    """A template in one language.

    Attributes:
        code: the TemplateCode, the same in every language of the template.
        name: the TemplateName.
        language: one of `waypost.model.templates.languages`.
        account_id: the account that owns it.
        space_id: the space it belongs to; None for the account's own default space.
        channel: the channel it was approved for.
        message_type: the MessageType that it renders to, one of the content table's.
        content: the fields of that MessageType; each string in it, however deep, may hold variables.
        status: the audit status, one of `AUDIT_STATUSES`; only `pass` may be sent.
        reason: why its review failed.
        provider_template_id: the provider's own id of it, when it is registered there.
        category, components, example: as the call that made it sent them; no components for one that the
            operator declared.
        send_ttl: seconds in which a message of it may be delivered; 0 for no limit of its own.
        archived: put away: not sent and not listed.
        allow_send: whether its owner wants it to be sent.
        category_change_paused: whether it is to be stopped when its provider changes its category.
        created_at: when it was made, milliseconds UTC; 0 for one that the operator declared.
        updated_at: when it was made or changed, or its status was, milliseconds UTC.
        declared_at: since when the operator declares it, milliseconds UTC; 0 for never.
    """

    code: str
    name: str
    language: str
    account_id: AccountId
    space_id: SpaceId | None
    channel: str
    message_type: str
    content: dict[str, Any]
    status: str
    reason: str = ""
    provider_template_id: str | None = None
    category: str = ""
    components: tuple[dict[str, Any], ...] = ()
    example: dict[str, str] = {}
    send_ttl: int = 0
    archived: bool = False
    allow_send: bool = True
    category_change_paused: bool = False
    created_at: int = 0
    updated_at: int = 0
    declared_at: int = 0

    @property
    def declared(self) -> bool:
        """Whether the operator's configuration declares it, so that calls cannot change it."""
        return not self.components

    @property
    def unsendable(self) -> str:
        """Why the template cannot be sent, as text; empty if it can."""
        if self.status != APPROVED:
            return f"the template's audit status is {self.status}; only one that passed can be sent."
        if self.archived:
            return "the template is archived; only one that is not can be sent."
        if not self.allow_send:
            return "the template's AllowSend is false; only one that is allowed can be sent."
        return ""


def variables(text: str) -> tuple[str, ...]:
    """List the names of the variables in a text, each once, in the order of their first use."""
    return tuple(dict.fromkeys(_VARIABLE.findall(text)))


def template_variables(template: Template) -> tuple[str, ...]:
    """List the names of the variables in all of a template's content, each once."""
    texts = texts_of(template.content)
    return tuple(dict.fromkeys(name for text in texts for name in variables(text)))


def render(text: str, params: Mapping[str, str]) -> str:
    """Replace the variables by the values in one pass, so that a value is never read as syntax.

    A variable without a value stays as it is written; a value without a variable is ignored.
    """
    return _VARIABLE.sub(lambda match: params.get(match[1], match[0]), text)


def parse_params(raw: str | None) -> tuple[dict[str, str], list[Fault]]:
    """Read the parameter `TemplateParams`: the JSON text of an object of strings.

    A number or a boolean becomes the text that stands in the JSON (`1.10` stays `1.10`), and a null counts as
    absent. Objects and lists are refused, and so is what is no JSON, all as `InvalidTemplateParams`.

    Returns:
        Name to value, and everything that is wrong. An absent or empty parameter is no values and no fault.
    """
    if not raw or raw.isspace():
        return {}, []
    try:
        members = _decode_members(raw)
    except (ValueError, RecursionError):
        return {}, [_malformed_fault(raw)]
    params: dict[str, str] = {}
    faults: list[Fault] = []
    for name, raw_value in members.items():
        literal = bytes(raw_value)
        value = _read_value(literal)
        if value is None:
            problem = "TemplateParams has no text for {value}"
            faults.append(params_fault(problem, "a string is needed", name))
        elif "\x00" in value:
            problem = "TemplateParams has the character NUL in {value}"
            faults.append(params_fault(problem, "any other is allowed", name))
        elif literal != b"null":
            params[name] = value
    return params, faults


def rendered_content(template: Template, params: Mapping[str, str]) -> dict[str, Any]:
    """The content with the variables replaced at every depth, unchecked."""
    return {name: _rendered(value, params) for name, value in template.content.items()}


def fill(
    template: Template, params: Mapping[str, str], label: str | None = None
) -> tuple[dict[str, Value], list[Fault]]:
    """Render a template's content and check the result against the content rules.

    An empty value is a value: only what the content table needs to be there may not come out empty. Values
    that no variable asks for are ignored.

    Args:
        template: the template.
        params: name to value, as `parse_params` read them.
        label: the caller's Label, in any accepted spelling.

    Returns:
        The content to send, and everything that is wrong: `InvalidTemplateParams` for a missing value or for
        values that break a limit. The content is complete only when there are no faults.
    """
    needed = template_variables(template)
    missing = [name for name in needed if name not in params]
    if missing:
        problem = f"TemplateParams has no value for {_listed(missing)}"
        return {}, [params_fault(problem, f"template {quoted(template.code)} needs {_listed(needed)}")]
    content, faults = check_members(
        template.channel, template.message_type, rendered_content(template, params), label
    )
    return content, [_as_params_fault(fault) for fault in faults]


def texts_of(value: object) -> Iterator[str]:
    """The strings in a JSON value, but for the names of members."""
    match value:
        case str():
            yield value
        case dict():
            for inner in value.values():
                yield from texts_of(inner)
        case list():
            for inner in value:
                yield from texts_of(inner)


def _rendered(value: Any, params: Mapping[str, str]) -> Any:
    match value:
        case str():
            return render(value, params)
        case dict():
            return {name: _rendered(inner, params) for name, inner in value.items()}
        case list():
            return [_rendered(inner, params) for inner in value]
        case _:
            return value


def _read_value(literal: bytes) -> str | None:
    """Read one JSON value as text; None for an object or a list."""
    if literal.startswith((b"{", b"[")):
        return None
    return _decode_string(literal) if literal.startswith(b'"') else literal.decode()


def _malformed_fault(raw: str) -> Fault:
    hint = ", a map that was never turned into JSON" if raw == "[object Object]" else ""
    needed = 'the JSON text of an object is needed, like {"name":"value"}'
    return params_fault("TemplateParams is {value}" + hint, needed, raw)


def _as_params_fault(fault: Fault) -> Fault:
    # The caller of a template wrote no Content, so a fault in one field of it is a fault of the values.
    if not fault.parameter.startswith("Content."):
        return fault
    return of_params(fault)


def _listed(names: list[str] | tuple[str, ...]) -> str:
    return ", ".join(quoted(name) for name in names)


def params_fault(problem: str, allowed: str = "", value: object = NO_VALUE) -> Fault:
    """A fault of `TemplateParams`; the arguments are those of `Fault`."""
    return Fault(codes.invalid("TemplateParams"), "TemplateParams", problem, allowed, value)


def of_params(fault: Fault) -> Fault:
    """A fault of the rendered content, expressed as one of `TemplateParams`."""
    params = "TemplateParams"
    return fault._replace(code=codes.invalid(params), parameter=params).after(f"With these {params}")
