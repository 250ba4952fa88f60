"""The fallback that a call asks for: its policy's steps, each with whom it goes to and what it says."""

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from waypost.api.description import shown
from waypost.api.operations.recurring import NOT_YOURS, not_yours
from waypost.model.addresses import INDIVIDUAL, OWN_IDS, PHONE_CHANNEL, has_phone, read_to
from waypost.model.configuration import Configuration
from waypost.model.content.check import check_members
from waypost.model.fallback.chain import Fallback, FallbackStep
from waypost.model.fallback.policies import FallbackPolicy, PolicyStep
from waypost.model.faults import Fault
from waypost.model.message.labels import Label

_TO = "FallBackTo"
_PHONE = "phone"

_decode_addresses = msgspec.json.Decoder(dict[str, str]).decode


class Said(NamedTuple):
    """What the message says, as far as a fallback needs to know.

    Attributes:
        text: as plain text; empty when nothing can be said without FallBackContent.
        promotional: whether it advertises.
    """

    text: str
    promotional: bool


def requested_fallback(
    texts: Mapping[str, str],
    numbers: Mapping[str, int],
    said: Said,
    configuration: Configuration,
    owner: tuple[str, str],
) -> tuple[Fallback | None, list[Fault]]:
    """The fallback of a call, or None without FallBackId, and everything that is wrong with it.

    Args:
        texts, numbers: the call's parameters, as its description read them.
        owner: the ids of the account and of the space that call.
    """
    policy_id = texts.get("FallBackId")
    if not policy_id:
        return None, []
    account_id = owner[0]
    policy = configuration.fallbacks.policy(account_id, policy_id)
    if policy is None:
        return None, [not_yours("FallBackId", policy_id, "a fallback policy")]
    by_sms = any(step.channel == "sms" for step in policy.steps)
    if by_sms and not configuration.accounts[account_id].sms_fallback:
        text = "SMS fallback is not activated for this account."
        return None, [Fault("InvalidParameter.SendSmsNotSupport", "FallBackId", text)]
    recipients, faults = _recipients(texts, policy)
    faults += [fault for step in policy.steps for fault in _not_to_be_used(step, configuration, owner)]
    text = texts.get("FallBackContent") or said.text
    label = texts.get("Label") or (Label.PROMOTION if said.promotional else Label.TRANSACTION).value
    if text:
        faults += [fault for step in policy.steps for fault in _cannot_carry(step, text)]
    if faults:
        return None, faults
    if not text:
        # Nothing could be sent: without this fallback a template fault stays an error of the call.
        return None, []
    steps = tuple(
        FallbackStep(
            channel=step.channel,
            sender=step.sender,
            text=text,
            recipient=recipient,
            wait=step.wait,
            condition=step.condition,
            label=label if step.channel == "viber" else "",
        )
        for step, recipient in zip(policy.steps, recipients, strict=True)
    )
    rule = texts.get("FallBackRule", "undelivered")
    return Fallback(policy_id, rule, numbers.get("FallBackDuration"), steps), []


def _recipients(texts: Mapping[str, str], policy: FallbackPolicy) -> tuple[list[str], list[Fault]]:
    """To whom each step goes: empty for the message's own recipient, else out of FallBackTo."""
    channel = texts.get("ChannelType", "")
    to_is_phone = has_phone(channel, texts.get("RecipientType", INDIVIDUAL))
    given, faults = _addresses(texts.get(_TO))
    if faults:
        return [], faults
    recipients: list[str] = []
    for step in policy.steps:
        own_ids = step.channel in OWN_IDS
        if (to_is_phone and not own_ids) or (step.channel == channel and step.channel not in given):
            recipients.append("")
            continue
        address = given.get(step.channel) or ("" if own_ids else given.get(_PHONE, ""))
        if not address:
            faults.append(_no_address(step, own_ids=own_ids))
            continue
        address, wrong = read_to(step.channel if own_ids else PHONE_CHANNEL, address)
        recipients.append(address)
        faults += [
            Fault(fault.code, _TO, f"for the {step.channel.upper()}, {fault.message}") for fault in wrong
        ]
    return recipients, faults


def _addresses(given: str | None) -> tuple[dict[str, str], list[Fault]]:
    """FallBackTo: a phone number alone, or a JSON object of channels and addresses."""
    if given is None:
        return {}, []
    if not given.lstrip().startswith("{"):
        return {_PHONE: given}, []
    try:
        return _decode_addresses(given), []
    except (ValueError, RecursionError):
        text = f'{shown(given)} is not allowed; a phone number or {{"telegram":"7701234"}} is needed.'
        return {}, [Fault("InvalidFallBackTo", _TO, text)]


def _no_address(step: PolicyStep, *, own_ids: bool) -> Fault:
    if own_ids:
        text = (
            f'the fallback goes by {step.channel}: {{"{step.channel}":"..."}} is needed, with whom it is for.'
        )
        return Fault("MissingFallBackTo", _TO, text)
    text = "To is no phone number on this channel, so the fallback SMS needs one in FallBackTo."
    return Fault("InvalidParameter.SendSmsNotSupport", "FallBackId", text)


def _not_to_be_used(step: PolicyStep, configuration: Configuration, owner: tuple[str, str]) -> list[Fault]:
    """What keeps a step from its sender: another space's, or by now another account's or nobody's."""
    account_id, space_id = owner
    sender = configuration.sender(account_id, step.channel, step.sender)
    if sender is not None and sender.is_of(space_id):
        return []
    text = f"its {step.channel} sender {shown(step.sender)} is not one of this account and space."
    return [Fault(NOT_YOURS, "FallBackId", text)]


def _cannot_carry(step: PolicyStep, text: str) -> list[Fault]:
    """What keeps a chat channel from carrying the text; an SMS takes as many parts as it needs."""
    if step.channel == "sms":
        return []
    _, faults = check_members(step.channel, "text", {"text": text}, None)
    return [
        Fault(fault.code, "FallBackContent", f"as a {step.channel} text, {fault.message}") for fault in faults
    ]
