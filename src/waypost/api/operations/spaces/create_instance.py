"""CreateInstance: creates a space."""

import secrets
import string
from typing import Annotated

from waypost.api.description import Operation, Params
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
from waypost.api.operations.spaces.row import SpaceAnswer, space_answer
from waypost.model.configuration import Space
from waypost.model.identifiers import SpaceId

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


OPERATION = Operation(
    "CreateInstance", "Makes a space.", CreateInstanceParams, SpaceAnswer, ignored=CONFIRM_IGNORED
)


def handle(request: Request[CreateInstanceParams]) -> Result[SpaceAnswer]:
    """Creates a space.

    Raises:
        ApiError: a parameter is invalid.
    """
    request.refuse()
    params = request.params
    space = Space(
        id=SpaceId("cams-" + "".join(secrets.choice(_ALPHABET) for _ in range(12))),
        account_id=request.caller.account_id,
        channel=params.channel_type,
        name=params.instance_name,
        description=params.instance_description,
        details=details_of(params),
        created_at=request.now,
    )
    return Result(space_answer(space), changes=[inserts(space)])


ENDPOINT = Endpoint(OPERATION, handle)
