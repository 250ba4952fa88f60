"""The dependencies that all stages share."""

from collections.abc import Callable
from typing import NamedTuple

import msgspec

from waypost.clock import Clock
from waypost.delivery.options import DeliveryOptions
from waypost.delivery.recent_messages import RecentMessages
from waypost.model.configuration import Configuration
from waypost.model.message.sms_limits import NO_LIMITS, SmsLimits
from waypost.model.routes.choice import Usable, always_usable


class DecisionContext(msgspec.Struct, frozen=True):
    """What a decision depends on beside the message and the event.

    Attributes:
        now: milliseconds UTC.
        sms: the limits on fallback SMS.
        usable: says whether messages may be sent by a route.
        takes_new: says whether new legs choose a route: it may be used, or waits for one to probe with.
    """

    now: int
    configuration: Configuration
    settings: DeliveryOptions
    sms: SmsLimits = NO_LIMITS
    usable: Usable = always_usable
    takes_new: Usable = always_usable


class DeliveryContext(NamedTuple):
    """The clock, the configuration, the delivery settings and what was written last.

    Attributes:
        configuration: returns the current snapshot.
        recent: the messages that the stages of this process wrote last.
        sms: the limits on fallback SMS.
        usable: says whether messages may be sent by a route now.
        takes_new: says whether new legs choose a route now: it may be used, or waits for one to probe with.
    """

    clock: Clock
    configuration: Callable[[], Configuration]
    settings: DeliveryOptions
    recent: RecentMessages
    sms: SmsLimits = NO_LIMITS
    usable: Usable = always_usable
    takes_new: Usable = always_usable

    def present(self) -> DecisionContext:
        """The context of a decision that is made now."""
        now, configuration = self.clock.now(), self.configuration()
        return DecisionContext(now, configuration, self.settings, self.sms, self.usable, self.takes_new)
