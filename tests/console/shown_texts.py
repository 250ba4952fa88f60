"""The English texts that pages show and no template has: of descriptions, errors, diagnoses and scenarios."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.storage.databases import attempt, leg
from waypost.api.doctor.diagnosis import WRONG_SECRET
from waypost.api.doctor.mistakes import secret_mistakes
from waypost.api.doctor.queue_mistakes import QUEUE_MISTAKES
from waypost.api.doctor.v1_mistakes import V1_MISTAKES
from waypost.api.doctor.v3_mistakes import V3_MISTAKES
from waypost.api.errors.catalogue import TEXT_FAULTS, error_code
from waypost.api.operations.catalogue import EVERY, PRODUCTS
from waypost.api.reference import operation_rows as rows
from waypost.api.reference.markdown import ERROR_GROUPS
from waypost.messaging.derived_events import ACCEPTED_IS_DELIVERED, with_derived
from waypost.model.fallback.decision import Trigger
from waypost.model.message.failures import SendFailure
from waypost.model.message.leg import AttemptOutcome, LegState
from waypost.sandbox.fixture import KEYS
from waypost.sandbox.scenarios import OTHERWISE, SCENARIOS

_SOURCE = Path(__file__).parents[2] / "src" / "waypost"
_WITH_SENTENCES = (*(_SOURCE / "api/doctor").glob("*.py"), *(_SOURCE / "api/pasted").glob("*.py"))
_WITH_SENTENCES += (_SOURCE / "console/doctor_page.py",)
_NAMES = re.compile(r"[A-Za-z0-9_-]+(, [A-Za-z0-9_-]+)*")
"""Names that callers write, which are the same in every language."""


def _of_errors() -> Iterator[str]:
    for heading, entries in ERROR_GROUPS:
        yield heading
        for entry in entries:
            yield from (entry.when, entry.remedy)


def _of_operations() -> Iterator[str]:
    for product in PRODUCTS:
        yield product.subject
    for endpoint in EVERY.values():
        yield endpoint.operation.summary
        for row in rows.parameter_rows(endpoint.operation):
            yield from (row.kind, row.description)
            if row.required not in ("yes", "no"):
                yield f"required {row.required}"
        for member in rows.answer_rows(endpoint.operation):
            yield member.description
    for limit in rows.gateway_limits():
        yield from (limit.what, limit.value)
    yield from ("Limits of any call", "Errors of any call", "Content", "Answer", "Limits")


def _of_values() -> Iterator[str]:
    for endpoint in EVERY.values():
        for row in rows.parameter_rows(endpoint.operation):
            yield from (row.allowed, row.default)
        if endpoint.limit is not None:
            yield rows.own_limit(endpoint.limit).value
    for content in rows.content_rows():
        yield content.value


_WORDS = ("text", "both", "failed", "expired")
"""What looks like a name and is none."""


def _of_diagnoses() -> Iterator[str]:
    for mistakes in (V3_MISTAKES, V1_MISTAKES, QUEUE_MISTAKES, tuple(secret_mistakes("x"))):
        for mistake in mistakes:
            yield mistake.cause
    yield WRONG_SECRET
    yield from ("Canonical request", "String to sign", "Canonical parameters")


TEXTS = {text for texts in (_of_errors(), _of_operations(), _of_diagnoses()) for text in texts}
"""Each stands in a catalogue as it is."""
TEXTS |= {scenario.description for scenario in (*SCENARIOS, OTHERWISE)} | {"until it is due"}


def _sentences_of(source: str) -> Iterator[str]:
    """The sentences in the code of a module, each value that is put into one as a 7."""
    module = ast.parse(source)
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {ast.get_docstring(n, clean=False) for n in ast.walk(module) if isinstance(n, documented)}
    # A docstring of a constant stands by itself.
    docstrings |= {
        node.value.value
        for node in ast.walk(module)
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    }
    for node in ast.walk(module):
        if isinstance(node, ast.JoinedStr):
            parts = (part.value if isinstance(part, ast.Constant) else "7" for part in node.values)
            text = "".join(map(str, parts))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value not in docstrings:
            text = node.value
        else:
            continue
        if re.fullmatch(r"[A-Z].* .*[.]", text, re.DOTALL):
            yield text


_MAKERS = {"note", "Note", "RetryDecision", "FallbackDecision", "Refused"}
"""The calls whose last texts stand in a message's timeline."""


def _timelines() -> Iterator[str]:
    """What a timeline says, by the calls that note it."""
    for folder in ("delivery", "model/message", "model/fallback"):
        for path in (_SOURCE / folder).glob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and _called(node.func) in _MAKERS:
                    yield from (text for text in map(_text_of, node.args) if " " in text.strip())
    yield from (trigger.value for trigger in Trigger)
    yield from (failure.facts.customer_text for failure in SendFailure)
    for before in ("", "not sent: "):
        yield f"{before}viber allows a free message only after the person has written"
    reason = "SRVC_BAD_DATA The provider refused the content of the message"
    yield from (f"refused{how}: {reason}" for how in ("", ", as came out late"))
    yield f"refused: {reason}; goes by b at once"
    yield f"refused: {reason}; not tried again: trying again would not help"
    yield f"refused: {reason}; tried again in 1.5 s: the provider did not take it and may do so later"
    yield "no usable answer to attempt 1; sent again if no receipt comes: the provider removes duplicates"
    yield from ("attempt 1, by sms, 2 segments in GSM-7", "attempt 1, by sms, 1 segment in UCS-2")
    yield from ("the call was accepted", "receipt: failed (7)", ACCEPTED_IS_DELIVERED)
    yield from _derived()
    yield from ("the person wants no promotions", "the sender has no route", "the sender is suspended")
    yield from ("the content has no text", "the content cannot be expressed in a request to the provider")
    yield from (
        "receipt: expired",
        "leg 0 ended: failed",
        "the message is known to be read",
        "failed",
        "expired",
    )


_REFUSALS = {"ActionRefusedError", "InvalidDisruptionError"}


def _refusals() -> Iterator[str]:
    """Why a button or a form of a sandbox did nothing."""
    for path in (_SOURCE / "sandbox").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _called(node.func) in _REFUSALS:
                yield from (text for text in map(_text_of, node.args) if text not in _MADE_OF_PARTS)
            if path.name == "view_page.py" and isinstance(node, ast.Return | ast.Assign) and node.value:
                parts = (part for part in ast.walk(node.value) if isinstance(part, ast.expr))
                # The beginning of a sentence with values in it is within that.
                yield from (text for text in map(_text_of, parts) if re.search(r" .*\w$", text))
    ways = "cannot be blocked in a way that the gateway knows of"
    for lacking in ("reports no reading", "has no buttons", "carries no replies", ways):
        yield f"the last message is an SMS; an SMS {lacking} in the sandbox"
    yield from ("count must be a whole number", "share must be a number")


# Each whole one is among those above.
_MADE_OF_PARTS = {"the last message is an SMS; an SMS 7 in the sandbox", "7 must be 7"}


def _derived() -> Iterator[str]:
    """What a timeline says without that it is noted."""
    for provider_id in (None, "a-1"):
        accepted = attempt()
        accepted.outcome, accepted.ended_at = AttemptOutcome.ACCEPTED, accepted.started_at + 1
        accepted.provider_id = provider_id
        for state in (LegState.DELIVERED, LegState.READ):
            arrived = leg()
            arrived.state = state
            yield from (event.text for event in with_derived([], [arrived], [accepted]))


def _called(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _text_of(node: ast.expr) -> str:
    """A text in the code, each value that is put into it as a 7; empty for anything else."""
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _made() -> Iterator[str]:
    yield from _timelines()
    yield from _refusals()
    for path in _WITH_SENTENCES:
        yield from _sentences_of(path.read_text(encoding="utf-8"))
    yield "x-acs-content-sha256 is not the hash of the body that came, 0123..., but 4567...."
    yield "The Authorization header must read MNS <AccessKeyId>:<signature>."
    yield from ("7 days", "7 hours", "7 minutes")
    for code in ("MissingX", "InvalidX", *(f"InvalidParameter.X.{kind}" for kind in TEXT_FAULTS)):
        yield from (error_code(code).when, error_code(code).remedy)
    for what in ("page /x", "operation X", "error code X"):
        yield f"There is no {what} here."
    yield from (key.description for key in KEYS)
    yield from ("the user x of account 1", "From on viber", "SMS sender")


SENTENCES = {text for texts in (_of_values(), _made()) for text in texts if not _NAMES.fullmatch(text)}
SENTENCES = (SENTENCES | set(_WORDS)) - {""}
"""Each is made of a text of a catalogue and of values."""
