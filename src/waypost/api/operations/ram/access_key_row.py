"""An access key as operations of ram answer it."""

from enum import StrEnum
from typing import Annotated

from waypost.api.members import Answer, member
from waypost.api.operations.iso_time import iso_time
from waypost.model.access.principals import AccessKey


class KeyStatus(StrEnum):
    """Whether an access key is enabled."""

    ACTIVE = "Active"
    INACTIVE = "Inactive"


class AccessKeyRow(Answer, frozen=True):
    """An access key without its secret."""

    access_key_id: Annotated[str, member("AccessKeyId of the key.", "WPZ1k0aq4m2zdQ8x1k0a")]
    status: Annotated[KeyStatus, member("Status of the key.", KeyStatus.ACTIVE)]
    create_date: Annotated[str, member("CreateDate of the key.", "2026-11-23T03:46:08Z")]


def access_key_row(key: AccessKey, now: int) -> AccessKeyRow:
    """Converts a key to its row in ListAccessKeys.

    Args:
        now: milliseconds UTC.
    """
    return AccessKeyRow(
        access_key_id=key.id,
        status=KeyStatus.ACTIVE if key.is_usable(now) else KeyStatus.INACTIVE,
        create_date=iso_time(key.created_at or key.declared_at),
    )
