"""CreateInstance: creates a space."""

import secrets
import string
from typing import Annotated

import msgspec

from waypost.api.description import Operation, Params
from waypost.api.members import SuccessAnswer, member
from waypost.api.operations.chosen_ids import chosen_id
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.entry_changes import inserts
from waypost.api.operations.spaces.parameters import (
    CHANNEL,
    CONFIRM_IGNORED,
    ContactMail,
    CountryId,
    FacebookBmId,
    InstanceDescription,
    InstanceName,
    IsvTerms,
    OfficeAddress,
    ResourceGroupId,
    details_of,
)
from waypost.api.operations.spaces.row import UnnamedSpaceRow, unnamed_space_row
from waypost.model.configuration import Space
from waypost.model.identifiers import SpaceId

_LARGEST_NUMBER = 2**31 - 1
_MOST_DIGITS = 10
_ALPHABET = string.ascii_lowercase + string.digits


class CreateInstanceParams(Params, frozen=True):
    """The space to create."""

    channel_type: Annotated[str, CHANNEL._replace(required=True)] = ""
    instance_name: InstanceName = ""
    instance_description: InstanceDescription = ""
    country_id: CountryId = ""
    office_address: OfficeAddress = ""
    contact_mail: ContactMail = ""
    facebook_bm_id: FacebookBmId = ""
    isv_terms: IsvTerms = ""
    resource_group_id: ResourceGroupId = ""


class CreatedSpaceRow(UnnamedSpaceRow, frozen=True, kw_only=True):
    """The space that was created, with the name in the type that the official model has."""

    instance_name: Annotated[
        int | msgspec.UnsetType,
        member(
            "Its name if that is a whole number up to 2147483647; else left out, as the official model has "
            "an integer here, and typed clients fail on a text. The other operations answer any name.",
            "25644",
        ),
    ] = msgspec.UNSET


class CreateInstanceAnswer(SuccessAnswer, frozen=True, kw_only=True):
    """The answer with the space that was created."""

    data: Annotated[CreatedSpaceRow, member("The space.")]


OPERATION = Operation(
    "CreateInstance", "Makes a space.", CreateInstanceParams, CreateInstanceAnswer, ignored=CONFIRM_IGNORED
)


def handle(request: Request[CreateInstanceParams]) -> Result[CreateInstanceAnswer]:
    """Creates a space.

    Raises:
        ApiError: a parameter is invalid.
    """
    request.refuse()
    params = request.params
    space = Space(
        id=SpaceId(chosen_id("space") or "cams-" + "".join(secrets.choice(_ALPHABET) for _ in range(12))),
        account_id=request.caller.account_id,
        channel=params.channel_type,
        name=params.instance_name,
        description=params.instance_description,
        details=details_of(params),
        created_at=request.now,
    )
    row = CreatedSpaceRow(
        **msgspec.structs.asdict(unnamed_space_row(space)), instance_name=_number(params.instance_name)
    )
    return Result(CreateInstanceAnswer(data=row), changes=[inserts(space)])


def _number(name: str) -> int | msgspec.UnsetType:
    """A name as the number that it reads the same as; UNSET for any other."""
    is_number = name.isascii() and name.isdecimal() and len(name) <= _MOST_DIGITS and str(int(name)) == name
    return int(name) if is_number and int(name) <= _LARGEST_NUMBER else msgspec.UNSET


ENDPOINT = Endpoint(OPERATION, handle)
