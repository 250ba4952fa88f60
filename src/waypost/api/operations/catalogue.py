"""The operations that are served, family by family."""

from waypost.api.operations import send_chatapp_message
from waypost.api.operations.handling import Served

OPERATIONS: dict[str, Served] = {served.operation.name: served for served in (*send_chatapp_message.SERVED,)}
