"""Parameters that several operations on spaces share; the API calls a space an instance."""

from collections.abc import Mapping
from typing import Annotated

from waypost.api.description import Parameter, Params, without_effect
from waypost.model import codes
from waypost.model.identifiers import SpaceId

_LONGEST = 1024

ID = Parameter(
    "InstanceId",
    "The space, as CustSpaceId names it.",
    "cams-8x1k0aq4m2zd",
    required=True,
    invalid=codes.UNKNOWN_RESOURCE_OWNER,
)
NAME = Parameter(
    "InstanceName",
    "What the space is called.",
    "Shop",
    required=True,
    longest=128,
    one_line=True,
)
CHANNEL = Parameter(
    "ChannelType",
    "The channel the space is meant for.",
    "VIBER",
    allowed=("WHATSAPP", "VIBER", "MESSENGER", "INSTAGRAM", "TELEGRAM", "LINE"),
)
_DETAIL = Parameter("", "Stored and shown again.", "-", longest=_LONGEST)

InstanceId = Annotated[SpaceId, ID]
InstanceName = Annotated[str, NAME]
InstanceDescription = Annotated[
    str,
    Parameter(
        "InstanceDescription",
        "A description of it.",
        "For the shop's customers",
        longest=_LONGEST,
    ),
]
CountryId = Annotated[str, _DETAIL._replace(name="CountryId")]
OfficeAddress = Annotated[str, _DETAIL._replace(name="OfficeAddress")]
ContactMail = Annotated[str, _DETAIL._replace(name="ContactMail")]
FacebookBmId = Annotated[str, _DETAIL._replace(name="FacebookBmId")]
IsvTerms = Annotated[str, _DETAIL._replace(name="IsvTerms")]
ResourceGroupId = Annotated[str, _DETAIL._replace(name="ResourceGroupId")]
CONFIRM_IGNORED = without_effect("IsConfirmAudit")

DETAIL_FIELDS: Mapping[str, str] = {
    "CountryId": "country_id",
    "OfficeAddress": "office_address",
    "ContactMail": "contact_mail",
    "FacebookBmId": "facebook_bm_id",
    "IsvTerms": "isv_terms",
    "ResourceGroupId": "resource_group_id",
}
"""The stored details of a space: name on the wire to field of the parameters and rows."""


def details_of(params: Params) -> dict[str, str]:
    """The details that a call sets, by name on the wire; omitted ones are left out."""
    details = {name: getattr(params, field) for name, field in DETAIL_FIELDS.items()}
    return {name: value for name, value in details.items() if value}
