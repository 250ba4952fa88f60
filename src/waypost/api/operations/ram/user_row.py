"""The rows of a user, as operations of ram answer it."""

from typing import Annotated

from waypost.api.members import Answer, member
from waypost.api.operations.iso_time import iso_time
from waypost.model.access.principals import User

DISPLAY_NAME, EMAIL, MOBILE_PHONE, COMMENTS = "DisplayName", "Email", "MobilePhone", "Comments"
"""The names of a user's details, as parameters and in the store."""


class UserRow(Answer, frozen=True):
    """The members that every answer with a user has."""

    user_id: Annotated[str, member("UserId of the user.", "216959339000654321")]
    user_name: Annotated[str, member("UserName of the user.", "alice")]
    display_name: Annotated[str, member("DisplayName of the user.", "Alice")]
    email: Annotated[str, member("Email of the user.", "alice@example.com")]
    mobile_phone: Annotated[str, member("MobilePhone of the user.", "86-18600008888")]
    comments: Annotated[str, member("Comments of the user.", "Sends the newsletter")]
    create_date: Annotated[str, member("CreateDate of the user.", "2026-11-23T03:46:08Z")]


class DatedUserRow(UserRow, frozen=True, kw_only=True):
    """A user, with the time of its last change."""

    update_date: Annotated[str, member("When it was changed last.", "2026-11-23T03:46:08Z")]


def user_row(user: User) -> UserRow:
    """Converts a user to its row in CreateUser."""
    return UserRow(**_members(user))


def dated_user_row(user: User) -> DatedUserRow:
    """Converts a user to its row in UpdateUser and ListUsers."""
    return DatedUserRow(**_members(user), update_date=iso_time(user.updated_at or user.declared_at))


def user_details(display_name: str, email: str, mobile_phone: str, comments: str) -> dict[str, str]:
    """The details of a user by name, without the empty ones."""
    details = {DISPLAY_NAME: display_name, EMAIL: email, MOBILE_PHONE: mobile_phone, COMMENTS: comments}
    return {name: text for name, text in details.items() if text}


def _members(user: User) -> dict[str, str]:
    return {
        "user_id": user.id,
        "user_name": user.user_name,
        "display_name": user.details.get(DISPLAY_NAME, ""),
        "email": user.details.get(EMAIL, ""),
        "mobile_phone": user.details.get(MOBILE_PHONE, ""),
        "comments": user.details.get(COMMENTS, ""),
        "create_date": iso_time(user.created_at or user.declared_at),
    }
