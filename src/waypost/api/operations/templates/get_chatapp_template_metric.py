"""GetChatappTemplateMetric: how often templates were sent, delivered and read, per half-hour or per day.

It reads counters that are updated as messages are processed, never the messages themselves.
"""

from typing import Annotated, Any

from waypost.api.description import Operation, Parameter, Params
from waypost.api.members import Answer, member
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.templates.lookup import has_type, scope_faults, space_id_of, unknown_code
from waypost.api.operations.templates.parameters import CODE, IGNORED, LANGUAGE, TYPE, CustSpaceId
from waypost.model import codes
from waypost.model.faults import Fault
from waypost.model.identifiers import NO_SPACE, SpaceId
from waypost.model.templates.metrics import PERIODS, TemplateCount, by_period
from waypost.storage.contract import Store

_CALLS_PER_SECOND = 50
# The last millisecond of the year 9999.
_LATEST = 253_402_300_799_999


class GetChatappTemplateMetricParams(Params, frozen=True):
    """The templates, the period and the granularity."""

    start: Annotated[
        int,
        Parameter(
            "Start",
            "From when, milliseconds UTC; half-hours that begin before it do not count.",
            "1763869568000",
            required=True,
            minimum=0,
            maximum=_LATEST,
        ),
    ] = 0
    end: Annotated[
        int,
        Parameter(
            "End",
            "Until when, milliseconds UTC.",
            "1763955968000",
            required=True,
            minimum=0,
            maximum=_LATEST,
        ),
    ] = 0
    granularity: Annotated[
        str,
        Parameter(
            "Granularity",
            "What a row is of; days are those of UTC.",
            "DAILY",
            allowed=tuple(PERIODS),
            default="DAILY",
        ),
    ] = "DAILY"
    template_code: Annotated[
        str, CODE._replace(missing="", required_for="", default="all templates of the account")
    ] = ""
    language: Annotated[
        str,
        LANGUAGE._replace(
            required=False,
            missing="",
            description="Only that language.",
            default="all languages, each in a row of its own",
        ),
    ] = ""
    template_type: Annotated[
        str, TYPE._replace(description="Only templates of that channel.", default="every channel")
    ] = ""
    cust_space_id: CustSpaceId = NO_SPACE


class MetricRow(Answer, frozen=True):
    """The counts of one language of a template in one period."""

    template_code: Annotated[str, member("The template.", "4521803997126430021")]
    language: Annotated[str, member("Its language.", "en")]
    start: Annotated[int, member("When the period begins, milliseconds UTC.")]
    end: Annotated[int, member("When it ends, milliseconds UTC.")]
    sent_count: Annotated[int, member("How many messages were sent.")]
    delivered_count: Annotated[int, member("How many were delivered.")]
    read_count: Annotated[int, member("How many were read.")]
    cliented: Annotated[
        list[dict[str, Any]], member("Always empty: presses of buttons are not counted.")
    ] = []


class GetChatappTemplateMetricAnswer(Answer, frozen=True):
    """The answer with the counts."""

    data: Annotated[
        list[MetricRow],
        member(
            "A row for each period in which something was counted, by Start, template and language. A "
            "message counts when it came to a status, and on the template's own channel alone."
        ),
    ]


OPERATION = Operation(
    "GetChatappTemplateMetric",
    "Counts how often templates were sent, delivered and read in a period.",
    GetChatappTemplateMetricParams,
    GetChatappTemplateMetricAnswer,
    errors=(codes.DETAIL_ERROR_TEMPLATE_NOT_EXIST,),
    ignored=IGNORED,
)


async def handle(
    request: Request[GetChatappTemplateMetricParams], store: Store
) -> Result[GetChatappTemplateMetricAnswer]:
    """Returns the counts of the period.

    Raises:
        ApiError: a parameter is invalid, or the account has no such template.
    """
    params = request.params
    faults = scope_faults(request, params.language, params.cust_space_id)
    if not request.faults and not faults and params.end <= params.start:
        problem = f"is not after Start, {params.start}"
        faults.append(Fault(codes.invalid("End"), "End", problem, value=params.end))
    request.refuse(faults)
    account_id, code = request.caller.account_id, params.template_code
    space_id = space_id_of(request, params.cust_space_id)
    if code and not request.configuration.template_languages(account_id, code, space_id):
        raise unknown_code("TemplateCode", code)
    counts = await store.template_counts(account_id, code or None, params.start, params.end)
    matching = [count for count in counts if _matches(request, count, space_id)]
    length = PERIODS[params.granularity]
    rows = [_metric_row(count, length) for count in by_period(matching, length)]
    return Result(GetChatappTemplateMetricAnswer(data=rows))


def _matches(
    request: Request[GetChatappTemplateMetricParams], count: TemplateCount, space_id: SpaceId
) -> bool:
    """Whether a count belongs to a template of the space, in the call's language and on its channel."""
    params, code, language = request.params, count.template_code, count.language
    if params.language not in ("", language):
        return False
    template = request.configuration.template(count.account_id, code, language, space_id)
    return template is not None and has_type(template, params.template_type)


def _metric_row(count: TemplateCount, length: int) -> MetricRow:
    return MetricRow(
        template_code=count.template_code,
        language=count.language,
        start=count.start,
        end=count.start + length,
        sent_count=count.sent,
        delivered_count=count.delivered,
        read_count=count.read,
    )


ENDPOINT = Endpoint(OPERATION, handle, _CALLS_PER_SECOND)
