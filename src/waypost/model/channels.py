"""The channels, one record each: a new channel is a new record here and a connector.

Sources: send-chatapp-message.md, sections 2 (addresses, the 24-hour rule) and 4 (content, labels).
"""

import re
from collections.abc import Callable, Mapping
from enum import Enum
from types import MappingProxyType
from typing import NamedTuple

from waypost.model.content.line import line
from waypost.model.content.messenger import instagram, messenger
from waypost.model.content.rules import ContentRule
from waypost.model.content.telegram import telegram
from waypost.model.content.viber import viber
from waypost.model.content.whatsapp import whatsapp
from waypost.model.message.labels import Label

# Page-scoped and Instagram-scoped ids are digits as Meta has them now; it calls them opaque.
_META_PERSON = re.compile(r"[0-9A-Za-z_-]{1,64}")
_WHATSAPP_ID = re.compile(r"[0-9A-Za-z._=@-]{1,128}")
_VIBER_SERVICE = re.compile(r"[0-9]{1,19}")
# Alphanumeric sender ids: 11 characters with a letter (3GPP TS 23.040, section 9.1.2.5); else a number or a
# short code.
_SMS_SENDER = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 ._&'+-]{1,11}|\+?[0-9]{1,15}")
_TELEGRAM_CHAT = re.compile(r"-?[0-9]{1,19}|@[A-Za-z][A-Za-z0-9_]{3,31}")
# LINE's own are a letter and 32 hexadecimal digits. Longer ones pass, for the sandbox's magic suffixes.
_LINE_ID = re.compile(r"[UCR][0-9A-Za-z_-]{4,63}")

DAY_MS = 24 * 3_600_000
# Other channels than Viber take no time to live: a provider gives a message up after 30 days at the latest
# (providers/whatsapp.md), and so does Waypost, unless the call has a Ttl.
_LONGEST_WAIT_S = 30 * 86_400


class TemplateKind(Enum):
    """Who makes a message of a template that calls create."""

    RENDERED = "rendered"
    """Waypost fills in the values and sends a message like any other."""
    HELD_BY_PROVIDER = "held_by_provider"
    """The provider holds the template and is sent its name and the values."""


class Channel(NamedTuple):
    """The rules and properties of a channel.

    Attributes:
        name: as ChannelType has it, in small letters.
        content: MessageType to rule; empty for a channel that only a fallback can name.
        sender, recipient: what a `From` and a `To` are, in words, for errors.
        from_form: what a `From` has to look like; None for anything.
        carried_from: what a `From` looks like that the networks do not cut or replace; None for anything.
        to_form: what a `To` has to look like; None for an E.164 phone number, written without `+`.
        other_to_form: what a `To` looks like that RecipientType says is no phone number; None where there is
            no such thing.
        free_window: milliseconds after a person's last message in which a free message is allowed; None for
            always. Templates always are.
        template_kind: of the templates that calls create; None where only the operator declares any.
        labels: the labels of its messages; empty where it has none.
        text_only_labels: those under which MessageType text alone is carried.
        time_to_live: seconds, for a message without Ttl; None for the setting viber.default_ttl.
        reports_reading: whether its provider reports that a message was read.
        segmented: whether a text is charged by its segments.
        activated_by_account: whether an account can have it switched off as a fallback.
        registers_senders: whether customers register and suspend its senders by call.
        lists_numbers: whether QueryChatappPhoneNumbers lists its senders.
    """

    name: str
    content: Mapping[str, ContentRule] = MappingProxyType({})
    sender: str = "a sender of the channel"
    recipient: str = "a phone number"
    from_form: re.Pattern[str] | None = None
    carried_from: re.Pattern[str] | None = None
    to_form: re.Pattern[str] | None = None
    other_to_form: re.Pattern[str] | None = None
    free_window: int | None = None
    template_kind: TemplateKind | None = None
    labels: tuple[Label, ...] = ()
    text_only_labels: frozenset[Label] = frozenset()
    time_to_live: int | None = _LONGEST_WAIT_S
    reports_reading: bool = False
    segmented: bool = False
    activated_by_account: bool = False
    registers_senders: bool = False
    lists_numbers: bool = False

    @property
    def own_ids(self) -> bool:
        """Whether recipients are ids of the channel, not phone numbers, so that no SMS can reach them."""
        return self.to_form is not None

    @property
    def provider_holds_templates(self) -> bool:
        """Whether the provider stores the templates and is sent only their names and values."""
        return self.template_kind is TemplateKind.HELD_BY_PROVIDER

    @property
    def message_types(self) -> tuple[str, ...]:
        """The MessageTypes of the channel, in the order of the documentation."""
        return tuple(self.content)


VIBER = Channel(
    "viber",
    viber(),
    "a Viber service ID",
    from_form=_VIBER_SERVICE,
    template_kind=TemplateKind.RENDERED,
    labels=tuple(Label),
    text_only_labels=frozenset({Label.TRANSACTION}),
    time_to_live=None,
    reports_reading=True,
    registers_senders=True,
)
WHATSAPP = Channel(
    "whatsapp",
    whatsapp(),
    "a number registered with WhatsApp",
    other_to_form=_WHATSAPP_ID,
    free_window=DAY_MS,
    template_kind=TemplateKind.HELD_BY_PROVIDER,
    reports_reading=True,
    lists_numbers=True,
)
MESSENGER = Channel(
    "messenger",
    messenger(),
    "a page's id",
    "a page-scoped user id as webhooks have it",
    to_form=_META_PERSON,
    free_window=DAY_MS,
    reports_reading=True,
)
INSTAGRAM = Channel(
    "instagram",
    instagram(),
    "an Instagram professional account's id",
    "an Instagram-scoped user id as webhooks have it",
    to_form=_META_PERSON,
    free_window=DAY_MS,
    reports_reading=True,
)
TELEGRAM = Channel(
    "telegram",
    telegram(),
    "a bot's id",
    "a chat id (a number, below 0 for a group) or @ and a channel's name",
    to_form=_TELEGRAM_CHAT,
)
LINE = Channel(
    "line",
    line(),
    "a channel id",
    "a user, group or room id as webhooks have it",
    to_form=_LINE_ID,
)
SMS = Channel(
    "sms",
    sender="an SMS sender ID",
    carried_from=_SMS_SENDER,
    segmented=True,
    activated_by_account=True,
)

CHANNELS: Mapping[str, Channel] = MappingProxyType(
    {channel.name: channel for channel in (VIBER, WHATSAPP, MESSENGER, INSTAGRAM, TELEGRAM, LINE, SMS)}
)
"""By name, in the order of the documentation."""

MESSAGE_CHANNELS = tuple(name for name, channel in CHANNELS.items() if channel.content)
"""Those that a call can send on."""

TEMPLATE_CHANNELS = tuple(name for name, channel in CHANNELS.items() if channel.template_kind is not None)
"""Those whose templates calls create."""

FALLBACK_CHANNELS = (SMS.name, *MESSAGE_CHANNELS)
"""Those that a step of a fallback can go by."""


class _ByAnyName(dict[str, Channel]):
    def __missing__(self, name: str) -> Channel:
        return Channel(name)


channel_named: Callable[[str], Channel] = _ByAnyName(CHANNELS).__getitem__
"""Returns the channel of that name; for an unknown name, a record that allows no content."""
