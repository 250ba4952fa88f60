"""The forms that put a disruption in force from a page: their fields, what they make and what is wrong.

What may be is decided by the disruptions themselves (`disruptions.py`), as for the control endpoints.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from waypost.sandbox.disruptions import (
    CallbackDisruption,
    CallDisruption,
    Disruption,
    Disruptions,
    InvalidDisruptionError,
    ProviderDisruption,
)

_LONGEST_VALUE = 500
_WHOLE_NUMBER, _NUMBER = "a whole number", "a number"


class Form(NamedTuple):
    """One of the forms.

    Attributes:
        disruption: what it makes.
        kinds: the kinds that can be chosen, each with its English words.
        fields: the other fields that a kind has; what is sent for another one has no effect.
        usual: what stands in a field at first.
    """

    disruption: type[Disruption]
    kinds: Mapping[str, str]
    fields: Mapping[str, Sequence[str]]
    usual: Mapping[str, str]


_OFTEN = ("count", "share")
_OF_A_CALL = ("operation", *_OFTEN)
_OF_A_PROVIDER = ("target", *_OFTEN)
_OF_A_PUSH = ("url", *_OFTEN)

FORMS: Mapping[str, Form] = {
    "calls": Form(
        CallDisruption,
        {
            "refuse": "refused with a code",
            "throttle": "throttled, as above the limit",
            "timeout": "never answered",
            "drop": "not carried out, and cut off",
            "lose_answer": "carried out, and the answer lost",
        },
        {
            "refuse": ("code", *_OF_A_CALL),
            "throttle": _OF_A_CALL,
            "timeout": ("seconds", *_OF_A_CALL),
            "drop": _OF_A_CALL,
            "lose_answer": _OF_A_CALL,
        },
        {"kind": "refuse", "count": "1", "seconds": "60"},
    ),
    "providers": Form(
        ProviderDisruption,
        {
            "down": "refuses connections",
            "slow": "slow",
            "busy": "busy",
            "error": "answers with an HTTP error",
            "drop": "does not take the message, and cuts off",
            "lose_answer": "takes the message, and the answer is lost",
            "receipts_lost": "receipts lost",
            "receipts_doubled": "receipts doubled",
            "receipts_late": "receipts late",
            "receipts_out_of_order": "receipts out of order",
        },
        {
            "down": ("target",),
            "slow": ("seconds", *_OF_A_PROVIDER),
            "busy": _OF_A_PROVIDER,
            "error": ("status", *_OF_A_PROVIDER),
            "drop": _OF_A_PROVIDER,
            "lose_answer": _OF_A_PROVIDER,
            "receipts_lost": _OF_A_PROVIDER,
            "receipts_doubled": _OF_A_PROVIDER,
            "receipts_late": ("seconds", *_OF_A_PROVIDER),
            "receipts_out_of_order": _OF_A_PROVIDER,
        },
        {"kind": "down", "seconds": "2", "status": "503", "target": "channel viber"},
    ),
    "callbacks": Form(
        CallbackDisruption,
        {
            "answer": "answered with a status",
            "timeout": "never answered",
            "refuse_connection": "connection refused",
        },
        {
            "answer": ("status", "code", *_OF_A_PUSH),
            "timeout": _OF_A_PUSH,
            "refuse_connection": _OF_A_PUSH,
        },
        {"kind": "answer", "status": "500", "code": "0"},
    ),
}
"""The forms by what they are about."""

_NUMBERS: Mapping[str, str] = {
    "count": _WHOLE_NUMBER,
    "status": _WHOLE_NUMBER,
    "seconds": _NUMBER,
    "share": _NUMBER,
}


class FilledForm(NamedTuple):
    """A form as it was sent.

    Attributes:
        about: which one, of `FORMS`.
        values: its fields.
        field: the one that is wrong; empty if none is by itself.
        error: what is wrong, in English; empty for nothing.
    """

    about: str
    values: Mapping[str, str]
    field: str
    error: str


class ShownForm(NamedTuple):
    """A form as a page shows it; the attributes are those of `Form` and `FilledForm`."""

    about: str
    kinds: Mapping[str, str]
    values: Mapping[str, str]
    field: str
    error: str


NOTHING_FILLED = FilledForm("", {}, "", "")
"""No form was sent."""


class RefusedFormError(Exception):
    """A form was sent that puts nothing in force; `form` says why."""

    def __init__(self, form: FilledForm) -> None:
        super().__init__(form.error)
        self.form = form


def add_from_form(disruptions: Disruptions, about: str, values: Mapping[str, str]) -> None:
    """Puts in force what a form says.

    Args:
        about: which form, of `FORMS`.
        values: its fields; one that is empty or is not there stands for no bound.

    Raises:
        RefusedFormError: it cannot be.
    """
    form = FORMS[about]
    try:
        kind = values.get("kind", "")
        if kind not in form.kinds:
            raise InvalidDisruptionError(f"kind must be one of: {', '.join(form.kinds)}")
        sent = {name: values.get(name, "").strip() for name in form.fields[kind]}
        members: dict[str, Any] = {"kind": kind}
        for name, text in sent.items():
            members |= _member(form, name, text)
        disruptions.add(form.disruption(**members))
    except InvalidDisruptionError as error:
        raise RefusedFormError(FilledForm(about, dict(values), _field_of(str(error)), str(error))) from None


def shown_form(about: str, filled: FilledForm = NOTHING_FILLED) -> ShownForm:
    """A form as it is at first, or as it was sent if it is the one that was."""
    form = FORMS[about]
    if filled.about != about:
        return ShownForm(about, form.kinds, form.usual, "", "")
    return ShownForm(about, form.kinds, filled.values, filled.field, filled.error)


def _member(form: Form, name: str, text: str) -> dict[str, Any]:
    """A field as the member of a disruption; nothing if it is empty."""
    if len(text) > _LONGEST_VALUE:
        raise InvalidDisruptionError(f"{name} must have at most {_LONGEST_VALUE} characters")
    if not text:
        return {}
    if name == "target":
        what, _, which = text.partition(" ")
        if what not in ("channel", "route"):
            raise InvalidDisruptionError("target must be a channel or a route of the list")
        return {what: which}
    syntax = _WHOLE_NUMBER if (form.disruption, name) == (CallbackDisruption, "code") else _NUMBERS.get(name)
    return {name: _parsed(name, text, syntax) if syntax else text}


def _parsed(name: str, text: str, syntax: str) -> float:
    try:
        number = int(text[:32]) if syntax == _WHOLE_NUMBER else float(text[:32])
    except ValueError:
        number = math.nan
    if math.isnan(number) or len(text) > 32:
        raise InvalidDisruptionError(f"{name} must be {syntax}")
    return number


def _field_of(error: str) -> str:
    """The field that an error is about: it begins with the name of the member."""
    first = error.partition(" ")[0]
    named = {"channel": "target", "route": "target", "down": "kind"}.get(first, first)
    known = {name for form in FORMS.values() for fields in form.fields.values() for name in fields}
    return named if named in known | {"kind"} else ""


class InForce(NamedTuple):
    """A disruption as a page lists it.

    Attributes:
        about: which form makes such ones.
        words: what happens, in English, to be translated.
        of: what it is about: an operation, a channel, a route or the beginning of a URL; empty for anything.
        detail: the code, status or seconds of it; empty for none.
        left: how many more times it hits; None for no limit.
        percent: the share that it hits.
        hits: how often it has hit.
    """

    id: int
    about: str
    words: str
    of: str
    detail: str
    left: int | None
    percent: float
    hits: int


def in_force(disruptions: Disruptions) -> list[InForce]:
    """What is in force, in the order in which it is looked at."""
    rows: list[tuple[str, CallDisruption | ProviderDisruption | CallbackDisruption, str, str]] = [
        *(("calls", one, one.operation, one.code or _seconds(one)) for one in disruptions.calls),
        *(("providers", one, one.route or one.channel, _seconds(one)) for one in disruptions.providers),
        *(("callbacks", one, one.url, _answer(one)) for one in disruptions.callbacks),
    ]
    return [
        InForce(
            one.id,
            about,
            FORMS[about].kinds[one.kind],
            of,
            detail,
            one.count,
            round(one.share * 100, 2),
            one.hits,
        )
        for about, one, of, detail in rows
    ]


def _seconds(one: CallDisruption | ProviderDisruption) -> str:
    if isinstance(one, ProviderDisruption) and one.kind == "error":
        return str(one.status)
    return f"{one.seconds:g} s" if one.kind in ("timeout", "slow", "receipts_late") else ""


def _answer(one: CallbackDisruption) -> str:
    return f'{one.status} {{"code": {one.code}}}' if one.kind == "answer" else ""
