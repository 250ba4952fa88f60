"""UpdateInstance: changes a space."""

import msgspec

from waypost.api.description import Operation, Params
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.entry_changes import replaces
from waypost.api.operations.spaces.lookup import changeable_space
from waypost.api.operations.spaces.parameters import (
    CONFIRM_IGNORED,
    ContactMail,
    CountryId,
    FacebookBmId,
    InstanceDescription,
    InstanceId,
    InstanceName,
    IsvTerms,
    OfficeAddress,
    ResourceGroupId,
    details_of,
)
from waypost.api.operations.spaces.row import SpaceAnswer, space_answer
from waypost.model import codes
from waypost.model.identifiers import NO_SPACE


class UpdateInstanceParams(Params, frozen=True):
    """The space to change, and its new values."""

    instance_id: InstanceId = NO_SPACE
    instance_name: InstanceName = ""
    instance_description: InstanceDescription = ""
    country_id: CountryId = ""
    office_address: OfficeAddress = ""
    contact_mail: ContactMail = ""
    facebook_bm_id: FacebookBmId = ""
    isv_terms: IsvTerms = ""
    resource_group_id: ResourceGroupId = ""


OPERATION = Operation(
    "UpdateInstance",
    "Changes a space; parameters left out stay as they are.",
    UpdateInstanceParams,
    SpaceAnswer,
    errors=(codes.invalid("InstanceId"),),
    ignored=CONFIRM_IGNORED,
)


def handle(request: Request[UpdateInstanceParams]) -> Result[SpaceAnswer]:
    """Changes a space.

    Raises:
        ApiError: a parameter is invalid, or the space does not exist or is declared by the operator.
    """
    request.refuse()
    params = request.params
    space = changeable_space(request, params.instance_id)
    changed = msgspec.structs.replace(
        space,
        name=params.instance_name,
        description=params.instance_description or space.description,
        details=space.details | details_of(params),
    )
    return Result(space_answer(changed), changes=[replaces(space, changed)])


ENDPOINT = Endpoint(OPERATION, handle)
