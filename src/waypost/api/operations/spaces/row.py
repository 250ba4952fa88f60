"""A space, as operations show it."""

from typing import Annotated

import msgspec

from waypost.api.members import Answer, SuccessAnswer, member
from waypost.api.operations.spaces.parameters import DETAIL_FIELDS
from waypost.model.configuration import Space

_DETAIL = member("As in the call.")


class SpaceRow(Answer, frozen=True):
    """A space."""

    instance_id: Annotated[str, member("The space.", "cams-8x1k0aq4m2zd")]
    instance_name: Annotated[str, member("Its name.", "Shop")]
    channel_type: Annotated[str, member("Its channel.", "VIBER")]
    instance_description: Annotated[str, member("Its description.")]
    resource_region_id: Annotated[str, member("Always empty.")]
    submit_time: Annotated[str, member("When it was made, milliseconds UTC, as a text.", "1763869568000")]


class DetailedSpaceRow(SpaceRow, frozen=True):
    """A space with all that is kept of it."""

    country_id: Annotated[str, _DETAIL]
    office_address: Annotated[str, _DETAIL]
    contact_mail: Annotated[str, _DETAIL]
    facebook_bm_id: Annotated[str, _DETAIL]
    isv_terms: Annotated[str, _DETAIL]
    resource_group_id: Annotated[str, _DETAIL]


class SpaceAnswer(SuccessAnswer, frozen=True, kw_only=True):
    """The space that a call made or changed."""

    data: Annotated[SpaceRow, member("The space.")]


def space_row(space: Space) -> SpaceRow:
    """The row of a space."""
    return SpaceRow(
        instance_id=space.id,
        instance_name=space.name,
        channel_type=space.channel,
        instance_description=space.description,
        resource_region_id="",
        submit_time=str(space.created_at),
    )


def space_answer(space: Space) -> SpaceAnswer:
    """The answer to a call that made or changed a space."""
    return SpaceAnswer(data=space_row(space))


def detailed_space_row(space: Space) -> DetailedSpaceRow:
    """The row of a space with its details."""
    details = {field: space.details.get(name, "") for name, field in DETAIL_FIELDS.items()}
    return DetailedSpaceRow(**msgspec.structs.asdict(space_row(space)), **details)
