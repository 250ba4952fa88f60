"""The operations that are served, family by family."""

from waypost.api.operations import (
    instances,
    list_chatapp_message,
    receipt_settings,
    send_chatapp_mass_message,
    send_chatapp_message,
    service,
    templates,
    viber_senders,
)
from waypost.api.operations.handling import Served

OPERATIONS: dict[str, Served] = {
    served.operation.name: served
    for served in (
        *send_chatapp_message.SERVED,
        *send_chatapp_mass_message.SERVED,
        *list_chatapp_message.SERVED,
        *templates.SERVED,
        *instances.SERVED,
        *receipt_settings.SERVED,
        *viber_senders.SERVED,
        *service.SERVED,
    )
}
