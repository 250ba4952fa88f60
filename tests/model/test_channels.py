"""The records of the channels: what each one holds, and that all rules follow them."""

import pytest

from waypost.connectors.registry import PROVIDERS
from waypost.model.channels import (
    CHANNELS,
    DAY_MS,
    FALLBACK_CHANNELS,
    MESSAGE_CHANNELS,
    TEMPLATE_CHANNELS,
    Channel,
    TemplateKind,
    channel_named,
)
from waypost.model.message.labels import Label

PHONE, OWN = False, True


@pytest.mark.parametrize(
    ("name", "own_ids", "free_window", "kind", "labels"),
    [
        ("viber", PHONE, None, TemplateKind.RENDERED, tuple(Label)),
        ("whatsapp", PHONE, DAY_MS, TemplateKind.HELD_BY_PROVIDER, ()),
        ("messenger", OWN, DAY_MS, None, ()),
        ("instagram", OWN, DAY_MS, None, ()),
        ("telegram", OWN, None, None, ()),
        ("line", OWN, None, None, ()),
        ("sms", PHONE, None, None, ()),
    ],
)
def test_what_a_channel_is(
    name: str,
    own_ids: bool,
    free_window: int | None,
    kind: TemplateKind | None,
    labels: tuple[Label, ...],
) -> None:
    channel = CHANNELS[name]
    assert (channel.name, channel.own_ids, channel.free_window) == (name, own_ids, free_window)
    assert (channel.template_kind, channel.labels) == (kind, labels)


def test_a_call_can_send_on_all_but_sms_and_a_fallback_can_go_by_all() -> None:
    assert MESSAGE_CHANNELS == ("viber", "whatsapp", "messenger", "instagram", "telegram", "line")
    assert set(FALLBACK_CHANNELS) == set(CHANNELS)
    assert set(TEMPLATE_CHANNELS) == {"viber", "whatsapp"}


def test_only_vibers_time_to_live_is_a_setting() -> None:
    assert {name for name, channel in CHANNELS.items() if channel.time_to_live is None} == {"viber"}
    assert CHANNELS["telegram"].time_to_live == 30 * 86_400


@pytest.mark.parametrize("name", MESSAGE_CHANNELS)
def test_every_channel_describes_its_addresses_and_has_a_provider(name: str) -> None:
    channel = CHANNELS[name]
    assert channel.sender != Channel(name).sender
    assert channel.message_types[0] == "text"
    assert name in PROVIDERS


def test_a_name_that_is_no_channel_has_a_record_without_content() -> None:
    assert channel_named("fax") == Channel("fax")
    assert not channel_named("fax").content
