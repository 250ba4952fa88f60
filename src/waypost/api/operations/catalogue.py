"""The catalogue of endpoints, by product: cams, ram, sts and dybaseapi."""

import msgspec

from waypost.api.operations.calls import list_calls
from waypost.api.operations.dybase import query_token_for_mns_queue
from waypost.api.operations.endpoint import (
    Dependencies,
    Endpoint,
    Handler,
    account_wide,
    bind,
    space_resource,
)
from waypost.api.operations.fallback import (
    create_fallback_policy,
    create_fallback_rule,
    delete_fallback_policy,
    delete_fallback_rule,
    get_fallback_policy,
    list_fallback_policies,
    list_fallback_rules,
    update_fallback_policy,
    update_fallback_rule,
)
from waypost.api.operations.messages import (
    cancel_messages,
    get_cancellation,
    get_chatapp_message_detail,
    list_chatapp_message,
    replay_callbacks,
    send_chatapp_mass_message,
    send_chatapp_message,
)
from waypost.api.operations.ram import (
    attach_policy_to_role,
    attach_policy_to_user,
    create_access_key,
    create_policy,
    create_policy_version,
    create_role,
    create_user,
    delete_access_key,
    delete_policy,
    delete_policy_version,
    delete_role,
    delete_user,
    detach_policy_from_role,
    detach_policy_from_user,
    get_policy,
    get_policy_version,
    get_role,
    get_user,
    list_access_keys,
    list_entities_for_policy,
    list_policies,
    list_policies_for_role,
    list_policies_for_user,
    list_policy_versions,
    list_roles,
    list_users,
    set_default_policy_version,
    update_access_key,
    update_role,
    update_user,
)
from waypost.api.operations.receipts import (
    query_chatapp_phone_numbers,
    update_account_webhook,
    update_phone_webhook,
)
from waypost.api.operations.senders import (
    add_address_recover_suspend,
    add_audit_viber_open,
    get_audit_request_by_type_un_audit,
    get_viber_by_request_no,
    get_viber_pause_times,
    list_viber_service_message,
    update_audit_request,
)
from waypost.api.operations.spaces import (
    create_instance,
    delete_instance,
    get_chatapp_open_status,
    list_instance,
    open_chatapp_service,
    query_instance,
    update_instance,
)
from waypost.api.operations.sts import assume_role, get_caller_identity
from waypost.api.operations.suppressions import create_suppression, delete_suppression, list_suppressions
from waypost.api.operations.templates import (
    archive_chatapp_template,
    copy_template,
    create_chatapp_template,
    delete_chatapp_template,
    get_chatapp_template_detail,
    get_chatapp_template_metric,
    list_chatapp_template,
    modify_chatapp_template,
    modify_chatapp_template_properties,
)
from waypost.api.product import CAMS, DYBASE, RAM, STS

_SPACE_PARAMETERS = frozenset({"CustSpaceId", "InstanceId"})


def _with_space_resource(endpoint: Endpoint) -> Endpoint:
    """Sets the space as the resource of an endpoint that has a space parameter and no other resource."""
    names = {row.name for row in endpoint.operation.parameters if not row.ignored} & _SPACE_PARAMETERS
    if not names or endpoint.resources is not account_wide:
        return endpoint
    (name,) = names
    return msgspec.structs.replace(endpoint, resources=space_resource(name))


OPERATIONS: dict[str, Endpoint] = {
    endpoint.operation.name: _with_space_resource(endpoint)
    for endpoint in (
        send_chatapp_message.ENDPOINT,
        send_chatapp_mass_message.ENDPOINT,
        list_chatapp_message.ENDPOINT,
        get_chatapp_message_detail.ENDPOINT,
        replay_callbacks.ENDPOINT,
        cancel_messages.ENDPOINT,
        get_cancellation.ENDPOINT,
        create_chatapp_template.ENDPOINT,
        modify_chatapp_template.ENDPOINT,
        get_chatapp_template_detail.ENDPOINT,
        list_chatapp_template.ENDPOINT,
        delete_chatapp_template.ENDPOINT,
        copy_template.ENDPOINT,
        archive_chatapp_template.ENDPOINT,
        modify_chatapp_template_properties.ENDPOINT,
        get_chatapp_template_metric.ENDPOINT,
        create_instance.ENDPOINT,
        update_instance.ENDPOINT,
        query_instance.ENDPOINT,
        list_instance.ENDPOINT,
        delete_instance.ENDPOINT,
        query_chatapp_phone_numbers.ENDPOINT,
        update_phone_webhook.ENDPOINT,
        update_account_webhook.ENDPOINT,
        add_audit_viber_open.ENDPOINT,
        add_address_recover_suspend.ENDPOINT,
        update_audit_request.ENDPOINT,
        get_viber_by_request_no.ENDPOINT,
        get_audit_request_by_type_un_audit.ENDPOINT,
        get_viber_pause_times.ENDPOINT,
        list_viber_service_message.ENDPOINT,
        create_fallback_rule.ENDPOINT,
        update_fallback_rule.ENDPOINT,
        list_fallback_rules.ENDPOINT,
        delete_fallback_rule.ENDPOINT,
        create_fallback_policy.ENDPOINT,
        update_fallback_policy.ENDPOINT,
        get_fallback_policy.ENDPOINT,
        list_fallback_policies.ENDPOINT,
        delete_fallback_policy.ENDPOINT,
        create_suppression.ENDPOINT,
        delete_suppression.ENDPOINT,
        list_suppressions.ENDPOINT,
        list_calls.ENDPOINT,
        get_chatapp_open_status.ENDPOINT,
        open_chatapp_service.ENDPOINT,
    )
}
"""The endpoints of cams, by name of the operation."""

RAM_OPERATIONS: dict[str, Endpoint] = {
    endpoint.operation.name: endpoint
    for endpoint in (
        create_user.ENDPOINT,
        get_user.ENDPOINT,
        update_user.ENDPOINT,
        list_users.ENDPOINT,
        delete_user.ENDPOINT,
        create_access_key.ENDPOINT,
        update_access_key.ENDPOINT,
        list_access_keys.ENDPOINT,
        delete_access_key.ENDPOINT,
        create_policy.ENDPOINT,
        get_policy.ENDPOINT,
        list_policies.ENDPOINT,
        delete_policy.ENDPOINT,
        create_policy_version.ENDPOINT,
        get_policy_version.ENDPOINT,
        list_policy_versions.ENDPOINT,
        set_default_policy_version.ENDPOINT,
        delete_policy_version.ENDPOINT,
        attach_policy_to_user.ENDPOINT,
        detach_policy_from_user.ENDPOINT,
        list_policies_for_user.ENDPOINT,
        attach_policy_to_role.ENDPOINT,
        detach_policy_from_role.ENDPOINT,
        list_policies_for_role.ENDPOINT,
        list_entities_for_policy.ENDPOINT,
        create_role.ENDPOINT,
        get_role.ENDPOINT,
        list_roles.ENDPOINT,
        update_role.ENDPOINT,
        delete_role.ENDPOINT,
    )
}
"""The endpoints of ram, by name of the operation."""

STS_OPERATIONS: dict[str, Endpoint] = {
    endpoint.operation.name: endpoint for endpoint in (assume_role.ENDPOINT, get_caller_identity.ENDPOINT)
}
"""The endpoints of sts, by name of the operation."""

DYBASE_OPERATIONS: dict[str, Endpoint] = {
    endpoint.operation.name: endpoint for endpoint in (query_token_for_mns_queue.ENDPOINT,)
}
"""The endpoints of dybaseapi, by name of the operation."""

PRODUCTS = {CAMS: OPERATIONS, RAM: RAM_OPERATIONS, STS: STS_OPERATIONS, DYBASE: DYBASE_OPERATIONS}
BY_VERSION = {
    version: operations
    for product, operations in PRODUCTS.items()
    for version in (product.version, *product.older_versions)
}
VERSIONS = {product.name: product.version for product in PRODUCTS}
EVERY: dict[str, Endpoint] = OPERATIONS | RAM_OPERATIONS | STS_OPERATIONS | DYBASE_OPERATIONS
"""All endpoints, by name of the operation, which is unique across products (a test checks it)."""


def bind_all(dependencies: Dependencies) -> dict[str, Handler]:
    """Binds the handlers of all operations to their dependencies; returns them by name of the operation."""
    return {name: bind(endpoint, dependencies) for name, endpoint in EVERY.items()}
