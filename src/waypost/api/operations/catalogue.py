"""The operations that are served, family by family."""

from waypost.api.operations import (
    copy_template,
    instances,
    list_chatapp_message,
    send_chatapp_mass_message,
    send_chatapp_message,
    service,
    template_metrics,
    template_switches,
    templates,
)
from waypost.api.operations.handling import Served

OPERATIONS: dict[str, Served] = {
    served.operation.name: served
    for served in (
        *send_chatapp_message.SERVED,
        *send_chatapp_mass_message.SERVED,
        *list_chatapp_message.SERVED,
        *templates.SERVED,
        *copy_template.SERVED,
        *template_switches.SERVED,
        *template_metrics.SERVED,
        *instances.SERVED,
        *service.SERVED,
    )
}
