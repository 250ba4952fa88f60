"""The operations that are served, family by family."""

from waypost.api.operations import (
    copy_template,
    fallback_policies,
    fallback_rules,
    instances,
    list_chatapp_message,
    message_detail,
    send_chatapp_mass_message,
    send_chatapp_message,
    service,
    suppressions,
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
        *message_detail.SERVED,
        *templates.SERVED,
        *copy_template.SERVED,
        *template_switches.SERVED,
        *template_metrics.SERVED,
        *instances.SERVED,
        *fallback_rules.SERVED,
        *fallback_policies.SERVED,
        *suppressions.SERVED,
        *service.SERVED,
    )
}
