"""The fallback that a send requests: the steps of its policy, with the recipient and text of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from waypost.api.description import Decoded
from waypost.api.operations.ownership import not_owned
from waypost.model import codes
from waypost.model.addresses import read_to
from waypost.model.channels import channel_named
from waypost.model.configuration import Configuration
from waypost.model.content.check import check_members
from waypost.model.content.segments import segment
from waypost.model.fallback.chain import Fallback, FallbackStep, unread_error
from waypost.model.fallback.policies import FallbackPolicy, PolicyStep
from waypost.model.faults import Fault
from waypost.model.identifiers import AccountId, SpaceId
from waypost.model.message.labels import Label

FALL_BACK_TO = "FallBackTo"
_TEXT = "FallBackContent"

_decode_addresses = msgspec.json.Decoder(dict[str, str]).decode


@dataclass(frozen=True, slots=True)
class FallbackAddresses:
    """The parameter FallBackTo: the recipients of a fallback, where they differ from the message's recipient.

    Attributes:
        phone: the phone number, for SMS and the other channels that use one; empty for none.
        by_channel: channel to address.
    """

    phone: str
    by_channel: Mapping[str, str]


NO_FALLBACK_ADDRESSES = FallbackAddresses("", {})


def decode_fallback_addresses(text: str) -> Decoded:
    """Decodes FallBackTo: a phone number, or a JSON object of channel to address."""
    if not text.lstrip().startswith("{"):
        return FallbackAddresses(text, {}), ()
    try:
        by_channel = _decode_addresses(text)
    # Lone surrogates raise UnicodeEncodeError, deep nesting RecursionError.
    except (ValueError, RecursionError):
        allowed = 'a phone number or {"telegram":"7701234"} is needed'
        fault = Fault(codes.invalid(FALL_BACK_TO), FALL_BACK_TO, "is not allowed", allowed, text)
        return NO_FALLBACK_ADDRESSES, [fault]
    return FallbackAddresses(by_channel.get("phone", ""), by_channel), ()


class FallbackRequest(NamedTuple):
    """The fallback parameters of a send, and the properties of its message that the fallback uses.

    Attributes:
        account_id, space_id: the account and space of the call.
        channel: the channel of the message.
        recipient_is_phone: whether the recipient of the message is a phone number, which an SMS can use too.
        text: FallBackContent or the text of the message; empty when there is neither.
        label: the label of the message; without one, `promotional` decides the label of the fallback.
        address_faults: the faults of the parameter FallBackTo.
        duration: the parameter FallBackDuration, in seconds.
        max_segments: the longest text of an SMS.
    """

    policy_id: str
    account_id: AccountId
    space_id: SpaceId
    channel: str
    recipient_is_phone: bool
    text: str
    label: Label | None
    promotional: bool
    addresses: FallbackAddresses
    address_faults: Sequence[Fault]
    rule: str
    duration: int | None
    max_segments: int


def requested_fallback(
    request: FallbackRequest, configuration: Configuration
) -> tuple[Fallback | None, list[Fault]]:
    """The fallback of a send with FallBackId, None if it has faults or no text to send; and the faults."""
    policy = configuration.fallbacks.policy(request.account_id, request.policy_id)
    if policy is None:
        return None, [not_owned("FallBackId", request.policy_id, "a fallback policy")]
    needs_activation = any(channel_named(step.channel).activated_by_account for step in policy.steps)
    if needs_activation and not configuration.accounts[request.account_id].sms_fallback:
        problem = "SMS fallback is not activated for this account"
        return None, [Fault(codes.SEND_SMS_NOT_SUPPORT, "FallBackId", problem)]
    recipients, faults = _recipients(request, policy)
    if policy.steps and (error := unread_error(policy.steps[0].condition, request.channel)):
        problem = f"its first step starts by the condition unread, and {error}"
        faults.append(Fault(codes.invalid("FallBackId"), "FallBackId", problem))
    faults += [fault for step in policy.steps for fault in _sender_faults(step, request, configuration)]
    text = request.text
    if text:
        faults += [fault for step in policy.steps for fault in _text_faults(step, text, request.max_segments)]
    if faults:
        return None, faults
    if not text:
        # A fallback without text sends nothing, so a template fault remains an error of the call.
        return None, []
    label = request.label or (Label.PROMOTION if request.promotional else Label.TRANSACTION)
    steps = tuple(
        FallbackStep(
            channel=step.channel,
            sender=step.sender,
            text=text,
            recipient=recipient,
            wait=step.wait,
            condition=step.condition,
            label=label.value if channel_named(step.channel).labels else "",
        )
        for step, recipient in zip(policy.steps, recipients, strict=True)
    )
    return Fallback(request.policy_id, request.rule, request.duration, steps), []


def _recipients(request: FallbackRequest, policy: FallbackPolicy) -> tuple[list[str], list[Fault]]:
    """The recipient of each step, from FallBackTo; empty for the recipient of the message. And the faults."""
    if request.address_faults:
        return [], list(request.address_faults)
    by_channel = request.addresses.by_channel
    recipients: list[str] = []
    faults: list[Fault] = []
    for step in policy.steps:
        own_ids = channel_named(step.channel).own_ids
        has_own = step.channel == request.channel and step.channel not in by_channel
        if (request.recipient_is_phone and not own_ids) or has_own:
            recipients.append("")
            continue
        address = by_channel.get(step.channel) or ("" if own_ids else request.addresses.phone)
        if not address:
            faults.append(_missing_address(step, own_ids=own_ids))
            continue
        address, to_faults = read_to(step.channel, address)
        recipients.append(address)
        words = f"for the {step.channel.upper()}"
        faults += [fault._replace(parameter=FALL_BACK_TO).after(words) for fault in to_faults]
    return recipients, faults


def _missing_address(step: PolicyStep, *, own_ids: bool) -> Fault:
    if own_ids:
        channel = step.channel
        problem = f'the fallback goes by {channel}: {{"{channel}":"..."}} is needed, with whom it is for'
        return Fault(codes.missing(FALL_BACK_TO), FALL_BACK_TO, problem)
    problem = "To is no phone number on this channel, so the fallback SMS needs one in FallBackTo"
    return Fault(codes.SEND_SMS_NOT_SUPPORT, "FallBackId", problem)


def _sender_faults(step: PolicyStep, request: FallbackRequest, configuration: Configuration) -> list[Fault]:
    """The faults of a step's sender: it belongs to another space, or no longer to the account."""
    sender = configuration.sender(request.account_id, step.channel, step.sender)
    if sender is not None and sender.is_of(request.space_id):
        return []
    problem = f"its {step.channel} sender " + "{value} is not one of this account and space"
    return [Fault(codes.UNKNOWN_RESOURCE_OWNER, "FallBackId", problem, value=step.sender)]


def _text_faults(step: PolicyStep, text: str, max_segments: int) -> list[Fault]:
    """The faults of a text that its channel does not carry."""
    if not channel_named(step.channel).content:
        count = len(segment(text).parts)
        if count <= max_segments:
            return []
        problem = f"as an SMS it has {count} segments"
        return [Fault(codes.invalid(_TEXT), _TEXT, problem, f"at most {max_segments} are allowed")]
    _, faults = check_members(step.channel, "text", {"text": text}, None)
    words = f"as a {step.channel} text"
    return [fault._replace(parameter=_TEXT).after(words) for fault in faults]
