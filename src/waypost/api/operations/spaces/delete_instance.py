"""DeleteInstance: deletes a space."""

from waypost.api.description import Operation, Params
from waypost.api.members import SuccessAnswer
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.entry_changes import relies_on_all
from waypost.api.operations.spaces.lookup import changeable_space
from waypost.api.operations.spaces.parameters import InstanceId
from waypost.model import codes
from waypost.model.configuration import Sender, Space
from waypost.model.entry_changes import RemoveEntry
from waypost.model.faults import Fault
from waypost.model.identifiers import NO_SPACE
from waypost.model.senders.viber_senders import ViberService
from waypost.model.templates.template import Template

# A refusal with hundreds of codes is read by nobody.
_MOST_NAMED = 5


class DeleteInstanceParams(Params, frozen=True):
    """The space to delete."""

    instance_id: InstanceId = NO_SPACE


OPERATION = Operation(
    "DeleteInstance",
    "Deletes a space that has no template of its own and no sender that can send. Messages that were sent in "
    "it stay, and can be listed.",
    DeleteInstanceParams,
    SuccessAnswer,
    errors=(codes.invalid("InstanceId"),),
)


def handle(request: Request[DeleteInstanceParams]) -> Result[SuccessAnswer]:
    """Deletes a space.

    Raises:
        ApiError: a parameter is invalid; the space does not exist, is declared by the operator, or is in use.
    """
    request.refuse()
    space = changeable_space(request, request.params.instance_id)
    living = _senders(request, space) + _templates(request, space)
    if living:
        problem, allowed = (
            f"it has {', '.join(living)}",
            "suspend the sender, and delete the templates, first",
        )
        request.refuse([Fault(codes.invalid("InstanceId"), "InstanceId", problem, allowed)])
    return Result(
        SuccessAnswer(), changes=[RemoveEntry(space), relies_on_all(request, Sender, Template, ViberService)]
    )


def _senders(request: Request[DeleteInstanceParams], space: Space) -> list[str]:
    """The senders that the space alone may use and that can send, in words."""
    configuration, now = request.configuration, request.now
    return [
        f"the {sender.channel} sender {sender.id}"
        for sender in configuration.senders_of(space.account_id)
        if sender.space_id == space.id
        and not configuration.suspended(space.account_id, sender.channel, sender.id, now)
    ]


def _templates(request: Request[DeleteInstanceParams], space: Space) -> list[str]:
    codes_of_space = {
        template.code
        for template in request.configuration.templates(space.account_id, space.id)
        if template.space_id == space.id
    }
    return [f"the template {code}" for code in sorted(codes_of_space)[:_MOST_NAMED]]


ENDPOINT = Endpoint(OPERATION, handle)
