"""Parses what people write to an SMS sender, as the `get-url` of an `sms-service` of Kannel brings it.

The URL has the parameters `from` (%p), `to` (%P), `text` (%b), `time` (%T) and `id` (%I).
Source: Kannel's user guide, "SMS-service configurations".
"""

from collections.abc import Mapping

from waypost.connectors.reports import known_id, required
from waypost.model.foreign_numbers import read_moment
from waypost.model.message.outcomes import Inbound


def is_inbound(query: Mapping[str, str]) -> bool:
    """Whether a request is a person's message; a delivery report has a reference."""
    return "from" in query and "text" in query and "reference" not in query


def parse_sms(route: str, query: Mapping[str, str]) -> list[Inbound]:
    """A person's message.

    Raises:
        ValueError, KeyError: it cannot be understood.
    """
    return [
        Inbound(
            route=route,
            channel="sms",
            sender=query.get("to", "").removeprefix("+"),
            user=known_id(query["from"].removeprefix("+")),
            at=required(read_moment(query["time"])),
            provider_id=known_id(query["id"]),
            type="TEXT",
            text=query["text"],
        )
    ]
