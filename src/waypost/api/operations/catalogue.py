"""The operations that are served, family by family, and product by product."""

from typing import Any

from waypost.api.operations.endpoint import (
    Dependencies,
    Endpoint,
    Handler,
    account_wide,
    bind,
    space_resource,
)
from waypost.api.operations.fallback import fallback_policies, fallback_rules
from waypost.api.operations.legacy import Endpoint as LegacyEndpoint
from waypost.api.operations.legacy import bind_legacy
from waypost.api.operations.messages import (
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
from waypost.api.operations.receipts import receipt_settings
from waypost.api.operations.senders import viber_senders
from waypost.api.operations.spaces import instances, service
from waypost.api.operations.sts import assume_role, get_caller_identity
from waypost.api.operations.suppressions import create_suppression, delete_suppression, list_suppressions
from waypost.api.operations.templates import (
    copy_template,
    get_chatapp_template_metric,
    template_switches,
    templates,
)
from waypost.api.product import CAMS, RAM, STS

_OF_A_SPACE = frozenset({"CustSpaceId", "InstanceId"})


def _by_space(served: Any) -> Any:
    """An operation that can name a space is about that one, unless it says otherwise."""
    names = {row.name for row in served.operation.parameters if not row.ignored}
    if not names & _OF_A_SPACE or served.resources is not account_wide:
        return served
    return served._replace(resources=space_resource)


OPERATIONS: dict[str, Any] = {
    served.operation.name: _by_space(served)
    for served in (
        *send_chatapp_message.ENDPOINTS,
        *send_chatapp_mass_message.ENDPOINTS,
        *list_chatapp_message.ENDPOINTS,
        *get_chatapp_message_detail.ENDPOINTS,
        *replay_callbacks.ENDPOINTS,
        *templates.ENDPOINTS,
        *copy_template.ENDPOINTS,
        *template_switches.ENDPOINTS,
        *get_chatapp_template_metric.ENDPOINTS,
        *instances.ENDPOINTS,
        *receipt_settings.ENDPOINTS,
        *viber_senders.ENDPOINTS,
        *fallback_rules.ENDPOINTS,
        *fallback_policies.ENDPOINTS,
        create_suppression.ENDPOINT,
        delete_suppression.ENDPOINT,
        list_suppressions.ENDPOINT,
        *service.ENDPOINTS,
    )
}
"""Those of cams, by name."""

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
"""Those of ram, by name."""

STS_OPERATIONS: dict[str, Endpoint] = {
    endpoint.operation.name: endpoint for endpoint in (assume_role.ENDPOINT, get_caller_identity.ENDPOINT)
}
"""Those of sts, by name."""

PRODUCTS = {CAMS: OPERATIONS, RAM: RAM_OPERATIONS, STS: STS_OPERATIONS}
BY_VERSION = {product.version: operations for product, operations in PRODUCTS.items()}
VERSIONS = {product.name: product.version for product in PRODUCTS}
EVERY: dict[str, Any] = OPERATIONS | RAM_OPERATIONS | STS_OPERATIONS
"""All of them, by name; no two products have one of the same name, which a test holds."""


def bind_all(dependencies: Dependencies) -> dict[str, Handler]:
    """The handlers of all operations, by name, with what they need beside the request."""
    return {
        name: bind_legacy(endpoint, dependencies)
        if isinstance(endpoint, LegacyEndpoint)
        else bind(endpoint, dependencies)
        for name, endpoint in EVERY.items()
    }
