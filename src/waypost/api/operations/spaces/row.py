"""The rows of a space, as operations answer it."""

from typing import Annotated, Any

import msgspec

from waypost.api.members import Answer, SuccessAnswer, member
from waypost.api.operations.spaces.parameters import DETAIL_FIELDS
from waypost.model.configuration import Space
from waypost.model.identifiers import SpaceId

_DETAIL = member("As in the call.")


class UnnamedSpaceRow(Answer, frozen=True):
    """The members that every answer with a space has, whatever type its name has there."""

    instance_id: Annotated[SpaceId, member("The space.", "cams-8x1k0aq4m2zd")]
    channel_type: Annotated[str, member("Its channel.", "VIBER")]
    instance_description: Annotated[str, member("Its description.")]
    resource_region_id: Annotated[str, member("Always empty.")]
    submit_time: Annotated[str, member("When it was made, milliseconds UTC, as a text.", "1763869568000")]


class SpaceRow(UnnamedSpaceRow, frozen=True):
    """A space with its name."""

    instance_name: Annotated[str, member("Its name.", "Shop")]


class DetailedSpaceRow(SpaceRow, frozen=True):
    """A space with its details."""

    country_id: Annotated[str, _DETAIL]
    office_address: Annotated[str, _DETAIL]
    contact_mail: Annotated[str, _DETAIL]
    facebook_bm_id: Annotated[str, _DETAIL]
    isv_terms: Annotated[str, _DETAIL]
    resource_group_id: Annotated[str, _DETAIL]


class SpaceAnswer(SuccessAnswer, frozen=True, kw_only=True):
    """The answer with the space that was created or changed."""

    data: Annotated[SpaceRow, member("The space.")]


def space_row(space: Space) -> SpaceRow:
    """Converts a space to its row."""
    return SpaceRow(**msgspec.structs.asdict(unnamed_space_row(space)), instance_name=space.name)


def unnamed_space_row(space: Space) -> UnnamedSpaceRow:
    """Converts a space to its row without the name."""
    return UnnamedSpaceRow(
        instance_id=space.id,
        channel_type=space.channel,
        instance_description=space.description,
        resource_region_id="",
        submit_time=str(space.created_at or space.declared_at),
    )


def space_answer(space: Space) -> SpaceAnswer:
    """Builds the answer to a call that created or changed a space."""
    return SpaceAnswer(data=space_row(space))


def detailed_space_row(space: Space) -> DetailedSpaceRow:
    """Converts a space to its row with details."""
    details: dict[str, Any] = {field: space.details.get(name, "") for name, field in DETAIL_FIELDS.items()}
    return DetailedSpaceRow(**msgspec.structs.asdict(space_row(space)), **details)
