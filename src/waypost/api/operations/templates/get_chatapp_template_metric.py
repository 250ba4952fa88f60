"""GetChatappTemplateMetric: how often templates were sent, delivered and read, by half-hours or days.

Read from counters that are kept as messages go their way, never from the messages.
"""

from waypost.api.description import Kind, Member, Operation, Parameter, shown
from waypost.api.errors.catalogue import from_faults, refuse
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.recurring import ANY_CALL, OWNERS, SOURCE
from waypost.api.operations.templates.template_descriptions import (
    CODE,
    LANGUAGE,
    NOT_THERE,
    OF_ISVS,
    SPACE,
    TYPE,
)
from waypost.api.operations.templates.templates import of_request, space_of
from waypost.model.faults import Fault
from waypost.model.templates.metrics import PERIODS, TemplateCount, by_period

_CALLS_PER_SECOND = 50
# The last millisecond of the year 9999.
_LATEST = 253_402_300_799_999
_P = Parameter

METRIC = Operation(
    name="GetChatappTemplateMetric",
    summary="Tells how often templates were sent, delivered and read in a stretch of time.",
    source=SOURCE + "getchatapptemplatemetric",
    parameters=(
        _P(
            "Start",
            Kind.INTEGER,
            "From when, milliseconds UTC; half-hours that begin before it do not count.",
            "1763869568000",
            required=True,
            minimum=0,
            maximum=_LATEST,
        ),
        _P(
            "End",
            Kind.INTEGER,
            "Until when, milliseconds UTC.",
            "1763955968000",
            required=True,
            minimum=0,
            maximum=_LATEST,
        ),
        _P(
            "Granularity",
            Kind.STRING,
            "What a row is of; days are those of UTC.",
            "DAILY",
            allowed=tuple(PERIODS),
            default="DAILY",
        ),
        CODE._replace(missing="", required_for="", default="all templates of the account"),
        LANGUAGE._replace(
            required=False,
            missing="",
            description="Tells of that language alone.",
            default="all languages, each in a row of its own",
        ),
        TYPE._replace(description="Tells of templates of that channel alone.", default="every channel"),
        SPACE,
        *OF_ISVS,
        *OWNERS,
    ),
    answer=(
        Member(
            "Data",
            "A row for each stretch in which something was counted, by Start, template and language. A "
            "message counts when it came to a status, and on the template's own channel alone.",
            kind="array",
            members=(
                Member("TemplateCode", "The template.", "4521803997126430021"),
                Member("Language", "Its language.", "en"),
                Member("Start", "When the stretch begins, milliseconds UTC.", kind="integer"),
                Member("End", "When it ends, milliseconds UTC.", kind="integer"),
                Member("SentCount", "How many messages were sent.", kind="integer"),
                Member("DeliveredCount", "How many were delivered.", kind="integer"),
                Member("ReadCount", "How many were read.", kind="integer"),
                Member("Cliented", "Always empty: presses of buttons are not counted.", kind="array"),
            ),
        ),
    ),
    errors=(*ANY_CALL, NOT_THERE),
)


async def metric(request: Request) -> Result:
    """Tells the counts.

    Raises:
        ApiError: the call's faults.
    """
    texts, numbers, faults = METRIC.read(request.given)
    faults += of_request(request, texts)
    if not faults and numbers["End"] <= numbers["Start"]:
        faults.append(Fault("InvalidEnd", "End", f"{numbers['End']} is not after Start, {numbers['Start']}."))
    refuse(METRIC, faults)
    account_id, code = request.caller.account_id, texts.get("TemplateCode")
    if code is not None and not request.configuration.template_languages(
        account_id, code, space_of(request, texts)
    ):
        text = f"{shown(code)} is not a template of this account."
        raise from_faults([Fault(NOT_THERE, "TemplateCode", text)])
    counts = await request.store.template_counts(account_id, code, numbers["Start"], numbers["End"])
    wanted = [
        count
        for count in counts
        if texts.get("Language", count.language) == count.language and _is_of(request, texts, count)
    ]
    length = PERIODS[texts.get("Granularity", "DAILY")]
    return Result({"Data": [_row(count, length) for count in by_period(wanted, length)]})


def _is_of(request: Request, texts: dict[str, str], count: TemplateCount) -> bool:
    """Whether what was counted is of a template that the space has, and of the channel asked for."""
    found = request.configuration.template(
        count.account_id, count.template_code, count.language, space_of(request, texts)
    )
    return found is not None and texts.get("TemplateType", "").lower() in ("", found.channel)


def _row(count: TemplateCount, length: int) -> dict[str, object]:
    return {
        "TemplateCode": count.template_code,
        "Language": count.language,
        "Start": count.start,
        "End": count.start + length,
        "SentCount": count.sent,
        "DeliveredCount": count.delivered,
        "ReadCount": count.read,
        "Cliented": [],
    }


ENDPOINTS = (Endpoint(METRIC, metric, _CALLS_PER_SECOND),)
