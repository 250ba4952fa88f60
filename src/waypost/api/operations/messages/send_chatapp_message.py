"""SendChatappMessage: the way from its parameters to a message."""

from collections.abc import Awaitable, Mapping, Sequence
from typing import NamedTuple

from waypost.api.description import shown
from waypost.api.errors.business import TO_SUPPRESSED
from waypost.api.errors.catalogue import from_faults, refuse
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.messages.client_token import idempotent
from waypost.api.operations.messages.requested_fallback import Said, requested_fallback
from waypost.api.operations.messages.send_description import SEND_CHATAPP_MESSAGE, SUSPENDED
from waypost.api.operations.recurring import NOT_YOURS, not_yours
from waypost.messaging.acceptance import accept_message
from waypost.model.addresses import INDIVIDUAL, check_from, read_to
from waypost.model.configuration import Configuration
from waypost.model.content.check import check_content, render_plain_text
from waypost.model.content.rules import Value
from waypost.model.content.table import CHANNELS
from waypost.model.faults import Fault
from waypost.model.message.extras import TemplateCall, read_extras
from waypost.model.message.free_messages import FREE_FOR, check_window
from waypost.model.message.labels import Label, parse_label
from waypost.model.message.message import MARKETING, Message
from waypost.model.templates.calls import template_call
from waypost.model.templates.languages import LANGUAGE_CODES
from waypost.model.templates.template import TEMPLATE_HOLDERS, fill, parse_params
from waypost.storage.contract import Transaction

# Other channels than Viber take no time to live: a provider gives a message up after 30 days at the latest
# (providers/whatsapp.md), and so do we, unless the call has a Ttl.
LONGEST_WAIT_S = 30 * 86_400


class _What(NamedTuple):
    """What is to be said: of a template or of a free message."""

    message_type: str
    content: dict[str, Value]
    template_code: str = ""
    template_name: str = ""
    language: str = ""
    category: str = ""
    template: TemplateCall | None = None
    ttl: int = 0


_NOTHING = _What("", {})


def prepare(
    given: Mapping[str, str],
    account_id: str,
    configuration: Configuration,
    *,
    message_id: str,
    now: int,
    default_ttl: int,
) -> Message:
    """The message a call asks for; the arguments are those of `compose`.

    Raises:
        ApiError: the code of the first fault, and all faults in its message.
    """
    message, faults = compose(
        given, account_id, configuration, message_id=message_id, now=now, default_ttl=default_ttl
    )
    if message is None:
        raise from_faults(faults)
    return message


def compose(
    given: Mapping[str, str],
    account_id: str,
    configuration: Configuration,
    *,
    message_id: str,
    now: int,
    default_ttl: int,
    group_id: str = "",
) -> tuple[Message | None, list[Fault]]:
    """The message a call asks for, or everything that is wrong with it, in the order of the reference.

    Args:
        given: the call's parameters, decoded.
        account_id: whose call it is.
        message_id: the id the message will have.
        now: when it is accepted, milliseconds UTC.
        default_ttl: seconds, for a call without Ttl.
        group_id: of a message that is sent to many at once.
    """
    label = parse_label(given.get("Label"))
    if label is not None:
        # Official texts print the typo `pormotion`; it is taken for what it means.
        given = {**given, "Label": label.value}
    texts, numbers, faults = SEND_CHATAPP_MESSAGE.read(given)
    channel = texts.get("ChannelType", "")
    if channel:
        faults += check_from(channel, texts["From"]) if "From" in texts else []
        if "To" in texts:
            texts["To"], wrong = read_to(channel, texts["To"], texts.get("RecipientType", INDIVIDUAL))
            faults += wrong
    what, said = _what(texts, account_id, configuration)
    extras, wrong = read_extras(texts)
    faults += wrong
    space, theirs = _owned(texts, channel, account_id, configuration, now)
    text = render_plain_text(what.message_type, what.content) if what.content else ""
    promotional = texts.get("Label") == Label.PROMOTION.value or what.category == MARKETING
    fallback, unable = requested_fallback(
        texts, numbers, Said(text, promotional), configuration, (account_id, space)
    )
    faults += theirs + unable
    fault = ""
    if said and fallback is not None and fallback.rule == "sentFailed" and texts.get("Type") == "template":
        fault = " ".join(f"{one.parameter}: {one.message}" for one in said)
    else:
        faults += said
    if faults:
        return None, SEND_CHATAPP_MESSAGE.in_order(faults)
    message = Message(
        message_id=message_id,
        account_id=account_id,
        space_id=space,
        accepted_at=now,
        channel=channel,
        message_type=what.message_type,
        sender=texts["From"],
        recipient=texts["To"],
        content=what.content,
        template_code=what.template_code,
        template_name=what.template_name,
        language=what.language,
        category=what.category,
        label=texts.get("Label", ""),
        ttl=numbers.get("Ttl", what.ttl or (default_ttl if channel == "viber" else LONGEST_WAIT_S)),
        tag=texts.get("Tag", ""),
        tracking_data=texts.get("TrackingData", ""),
        task_id=texts.get("TaskId", ""),
        group_id=group_id,
        fallback=fallback,
        fault=fault,
        template=what.template,
        extras=extras,
    )
    return message, []


def _what(
    texts: Mapping[str, str], account_id: str, configuration: Configuration
) -> tuple[_What, list[Fault]]:
    channel = texts.get("ChannelType")
    match texts.get("Type"):
        case "template":
            return _of_template(texts, account_id, configuration)
        case "message" if channel and "MessageType" in texts:
            return _free(channel, texts)
        case _:
            return _NOTHING, []


def _free(channel: str, texts: Mapping[str, str]) -> tuple[_What, list[Fault]]:
    kinds = CHANNELS[channel]
    message_type = texts["MessageType"]
    if message_type not in kinds:
        text = f"{shown(message_type)} is not allowed for {channel}; allowed are {', '.join(kinds)}."
        return _NOTHING, [Fault("InvalidParameter.MessageTypeNotSupport", "MessageType", text)]
    if "Content" not in texts:
        return _NOTHING, []
    content, faults = check_content(channel, message_type, texts["Content"], texts.get("Label"))
    return _What(message_type, content), faults


def _of_template(
    texts: Mapping[str, str], account_id: str, configuration: Configuration
) -> tuple[_What, list[Fault]]:
    named = texts.get("TemplateCode") or texts.get("TemplateName")
    language = texts.get("Language", "")
    if not named:
        text = "it is missing; Type=template needs it, or TemplateName."
        return _NOTHING, [Fault("InvalidParameter.TemplateCodeNotEmpty", "TemplateCode", text)]
    if not language:
        return _NOTHING, []
    if language not in LANGUAGE_CODES:
        text = f"{shown(language)} is not a language code of templates, such as en or zh_CN."
        return _NOTHING, [Fault("InvalidParameter.LanguageNotSupport", "Language", text)]
    template = configuration.template(account_id, named, language, texts.get("CustSpaceId", ""))
    if template is None or template.channel != texts.get("ChannelType", template.channel):
        return _NOTHING, [_no_template(texts, named, language, account_id, configuration)]
    if template.unsendable:
        parameter = "TemplateCode" if texts.get("TemplateCode") else "TemplateName"
        return _NOTHING, [Fault("InvalidParameter.AuditStatusNotSupport", parameter, template.unsendable)]
    params, faults = parse_params(texts.get("TemplateParams"))
    if faults:
        return _NOTHING, faults
    content, faults = fill(template, params, texts.get("Label"))
    call = None
    if template.channel in TEMPLATE_HOLDERS and not faults:
        call, faults = template_call(template, params)
    what = _What(
        template.message_type,
        content,
        template.code,
        template.name,
        language,
        template.category,
        call,
        template.send_ttl,
    )
    return what, faults


def _no_template(
    texts: Mapping[str, str], named: str, language: str, account_id: str, configuration: Configuration
) -> Fault:
    parameter = "TemplateCode" if texts.get("TemplateCode") else "TemplateName"
    languages = configuration.template_languages(account_id, named, texts.get("CustSpaceId", ""))
    if languages and language not in languages:
        text = f"the template has no {language}; it has {', '.join(languages)}."
        return Fault("InvalidParameter.LanguageNotSupport", "Language", text)
    text = f"{shown(named)} is not a template of this account for this channel."
    return Fault(NOT_YOURS, parameter, text)


def _owned(
    texts: Mapping[str, str], channel: str, account_id: str, configuration: Configuration, now: int
) -> tuple[str, list[Fault]]:
    """The space, and whether it and the sender are the account's, and the sender may send."""
    faults = []
    space = configuration.space(account_id, texts.get("CustSpaceId", ""))
    if space is None and "CustSpaceId" in texts:
        faults.append(not_yours("CustSpaceId", texts["CustSpaceId"], "a space"))
    space_id, sender = (space.id if space is not None else ""), texts.get("From", "")
    found = configuration.sender(account_id, channel, sender)
    if channel and sender.isdecimal() and (found is None or not found.is_of(space_id)):
        faults.append(not_yours("From", sender, f"a {channel} sender", "this account and space"))
    if configuration.suspended(account_id, channel, sender, now):
        faults.append(Fault(SUSPENDED, "From", "the sender is suspended; GetViberPauseTimes tells how long."))
    return space_id, faults


def handle(request: Request) -> Result | Awaitable[Result]:
    """Accepts one message.

    Raises:
        ApiError: the call's faults.
    """
    return idempotent(request, SEND_CHATAPP_MESSAGE, _accept)


def _accept(request: Request) -> Result | Awaitable[Result]:
    message = prepare(
        request.given,
        request.caller.account_id,
        request.configuration,
        message_id=request.next_message_id(request.now),
        now=request.now,
        default_ttl=request.default_ttl,
    )
    may_be_listed = message.promotional and request.store.suppressions.people.might_contain(
        message.account_id, message.recipient
    )
    if may_be_listed or _is_free(message):
        return _if_wanted(request, message)
    return _accepted(message)


def _is_free(message: Message) -> bool:
    """Whether it says what it likes on a channel that allows that only for a time."""
    return message.channel in FREE_FOR and not message.template_code and not message.fault


async def _if_wanted(request: Request, message: Message) -> Result:
    """Accepts a message that not everybody may be sent.

    Raises:
        ApiError: a promotion to whoever wants none, or a free message to whoever has not written lately.
    """
    faults: list[Fault] = []
    if message.promotional:
        faults += [fault for _, fault in await unwanted(request, [message])]
    if _is_free(message):
        last = await request.store.last_inbound(message.channel, message.sender, message.recipient)
        faults += check_window(message.channel, last, request.now)
    refuse(SEND_CHATAPP_MESSAGE, faults)
    return _accepted(message)


async def unwanted(request: Request, messages: Sequence[Message]) -> list[tuple[int, Fault]]:
    """The messages, all of one sender, whose recipients want no promotions: place in the list, and fault."""
    first = messages[0]
    people = [message.recipient for message in messages]
    refusing = await request.store.suppressions.among(first.account_id, first.channel, first.sender, people)
    return [
        (place, Fault(TO_SUPPRESSED, "To", f"{shown(person)} is on the suppression list."))
        for place, person in enumerate(people)
        if person in refusing
    ]


def _accepted(message: Message) -> Result:
    def write(transaction: Transaction) -> None:
        accept_message(transaction, message)

    return Result({"MessageId": message.message_id}, write)


ENDPOINTS = (Endpoint(SEND_CHATAPP_MESSAGE, handle),)
