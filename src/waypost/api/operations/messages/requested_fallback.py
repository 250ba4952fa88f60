"""The fallback of a call: its policy's steps, each with whom it goes to and what it says."""

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
from waypost.model.fallback.chain import Fallback, FallbackStep
from waypost.model.fallback.policies import FallbackPolicy, PolicyStep
from waypost.model.faults import Fault
from waypost.model.identifiers import AccountId, SpaceId
from waypost.model.message.labels import Label

FALL_BACK_TO = "FallBackTo"

_decode_addresses = msgspec.json.Decoder(dict[str, str]).decode


@dataclass(frozen=True, slots=True)
class FallbackAddresses:
    """The parameter FallBackTo: to whom a fallback goes where that is not the message's own recipient.

    Attributes:
        phone: of an SMS, or another channel that has phone numbers; empty for none.
        by_channel: channel to address.
    """

    phone: str
    by_channel: Mapping[str, str]


NO_FALLBACK_ADDRESSES = FallbackAddresses("", {})


def decode_fallback_addresses(text: str) -> Decoded:
    """Reads FallBackTo: a phone number alone, or a JSON object of channels and addresses."""
    if not text.lstrip().startswith("{"):
        return FallbackAddresses(text, {}), ()
    try:
        by_channel = _decode_addresses(text)
    # Lone surrogates and deep nesting raise errors of their own.
    except (ValueError, RecursionError):
        allowed = 'a phone number or {"telegram":"7701234"} is needed'
        fault = Fault(codes.invalid(FALL_BACK_TO), FALL_BACK_TO, "is not allowed", allowed, text)
        return NO_FALLBACK_ADDRESSES, [fault]
    return FallbackAddresses(by_channel.get("phone", ""), by_channel), ()


class FallbackRequest(NamedTuple):
    """What a call says of its fallback, and what its message says.

    Attributes:
        account_id, space_id: whose call it is.
        channel: of the message.
        recipient_is_phone: whether its recipient has a phone number, to which an SMS can go too.
        text: of FallBackContent or the message; empty when there is none.
        label: of the message; without one, `promotional` decides that of its fallback.
        address_faults: what the description found wrong with FallBackTo.
        duration: FallBackDuration, seconds.
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


def requested_fallback(
    request: FallbackRequest, configuration: Configuration
) -> tuple[Fallback | None, list[Fault]]:
    """The fallback of a call with FallBackId, None when it could send nothing, and what is wrong with it."""
    policy = configuration.fallbacks.policy(request.account_id, request.policy_id)
    if policy is None:
        return None, [not_owned("FallBackId", request.policy_id, "a fallback policy")]
    needs_activation = any(channel_named(step.channel).activated_by_account for step in policy.steps)
    if needs_activation and not configuration.accounts[request.account_id].sms_fallback:
        problem = "SMS fallback is not activated for this account"
        return None, [Fault(codes.SEND_SMS_NOT_SUPPORT, "FallBackId", problem)]
    recipients, faults = _recipients(request, policy)
    faults += [fault for step in policy.steps for fault in _sender_faults(step, request, configuration)]
    text = request.text
    if text:
        faults += [fault for step in policy.steps for fault in _text_faults(step, text)]
    if faults:
        return None, faults
    if not text:
        # Nothing could be sent: without this fallback a template fault stays an error of the call.
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
    """To whom each step goes: empty for the message's own recipient, else out of FallBackTo."""
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
        address, wrong = read_to(step.channel, address)
        recipients.append(address)
        words = f"for the {step.channel.upper()}"
        faults += [fault._replace(parameter=FALL_BACK_TO).after(words) for fault in wrong]
    return recipients, faults


def _missing_address(step: PolicyStep, *, own_ids: bool) -> Fault:
    if own_ids:
        channel = step.channel
        problem = f'the fallback goes by {channel}: {{"{channel}":"..."}} is needed, with whom it is for'
        return Fault(codes.missing(FALL_BACK_TO), FALL_BACK_TO, problem)
    problem = "To is no phone number on this channel, so the fallback SMS needs one in FallBackTo"
    return Fault(codes.SEND_SMS_NOT_SUPPORT, "FallBackId", problem)


def _sender_faults(step: PolicyStep, request: FallbackRequest, configuration: Configuration) -> list[Fault]:
    """What keeps a step from its sender: another space's, or by now another account's or nobody's."""
    sender = configuration.sender(request.account_id, step.channel, step.sender)
    if sender is not None and sender.is_of(request.space_id):
        return []
    problem = f"its {step.channel} sender " + "{value} is not one of this account and space"
    return [Fault(codes.UNKNOWN_RESOURCE_OWNER, "FallBackId", problem, value=step.sender)]


def _text_faults(step: PolicyStep, text: str) -> list[Fault]:
    """What keeps a chat channel from carrying the text; an SMS takes as many parts as it needs."""
    if not channel_named(step.channel).content:
        return []
    _, faults = check_members(step.channel, "text", {"text": text}, None)
    words = f"as a {step.channel} text"
    return [fault._replace(parameter="FallBackContent").after(words) for fault in faults]
