"""The parameter Steps of a fallback policy: what is read, and every way to be wrong with its sentence."""

import json
from typing import Any

import pytest

from waypost.api.operations.fallback.steps import MOST_STEPS, StepReference, decode_steps
from waypost.model.fallback.chain import StepCondition

SMS = {"ChannelType": "sms", "SenderId": "Brand"}
CHANNELS = "sms, viber, whatsapp, messenger, instagram, telegram, line"
UNREAD = "the condition unread needs a wait: the seconds in which the message may be read."
FAILED = "the condition failed has no wait: the step starts with the failure."


def read(*steps: Any) -> tuple[Any, list[tuple[str, str, str]]]:
    value, faults = decode_steps(json.dumps(steps))
    return value, [(fault.code, fault.parameter, fault.message) for fault in faults]


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (SMS, StepReference("", "sms", "Brand", None, StepCondition.UNDELIVERED)),
        (SMS | {"ChannelType": "SMS"}, StepReference("", "sms", "Brand", None, StepCondition.UNDELIVERED)),
        (SMS | {"SenderId": 20001}, StepReference("", "sms", "20001", None, StepCondition.UNDELIVERED)),
        ({"RuleId": "R_1"}, StepReference("R_1", "", "", None, StepCondition.UNDELIVERED)),
        (
            {"RuleId": "R_1", "ChannelType": "fax"},
            StepReference("R_1", "fax", "", None, StepCondition.UNDELIVERED),
        ),
        (SMS | {"Wait": 10}, StepReference("", "sms", "Brand", 10, StepCondition.UNDELIVERED)),
        (SMS | {"Wait": "43200"}, StepReference("", "sms", "Brand", 43_200, StepCondition.UNDELIVERED)),
        (
            SMS | {"Wait": "", "Condition": "FAILED"},
            StepReference("", "sms", "Brand", None, StepCondition.FAILED),
        ),
        (
            SMS | {"Wait": 60, "Condition": "unread"},
            StepReference("", "sms", "Brand", 60, StepCondition.UNREAD),
        ),
    ],
)
def test_a_step_is_read(step: dict[str, Any], expected: StepReference) -> None:
    assert read(step) == ((expected,), [])


@pytest.mark.parametrize(
    ("step", "member", "sentence"),
    [
        ({}, "ChannelType", f"'' is not allowed; allowed are {CHANNELS}, or a RuleId instead."),
        (
            {"ChannelType": "fax"},
            "ChannelType",
            f"'fax' is not allowed; allowed are {CHANNELS}, or a RuleId instead.",
        ),
        (
            SMS | {"Condition": "lost"},
            "Condition",
            "'lost' is not allowed; allowed are failed, undelivered, unread.",
        ),
        (SMS | {"Wait": "soon"}, "Wait", "'soon' is not allowed; a whole number of seconds is needed."),
        (SMS | {"Wait": 1.5}, "Wait", "'1.5' is not allowed; a whole number of seconds is needed."),
        (SMS | {"Wait": True}, "Wait", "'True' is not allowed; a whole number of seconds is needed."),
        (SMS | {"Wait": 9}, "Wait", "the wait is 9 s; it must be from 10 to 43200."),
        (SMS | {"Wait": "43201"}, "Wait", "the wait is 43201 s; it must be from 10 to 43200."),
        (SMS | {"Condition": "unread"}, "Wait", UNREAD),
        (SMS | {"Condition": "failed", "Wait": 60}, "Wait", FAILED),
    ],
)
def test_a_member_that_is_wrong_is_named_with_what_is_allowed(
    step: dict[str, Any], member: str, sentence: str
) -> None:
    assert read(SMS, step)[1] == [("InvalidSteps", f"Steps[1].{member}", sentence)]


def test_all_wrong_steps_are_named_at_once() -> None:
    _, faults = read({"ChannelType": "fax"}, SMS, SMS | {"Wait": 9})
    assert [parameter for _, parameter, _ in faults] == ["Steps[0].ChannelType", "Steps[2].Wait"]


@pytest.mark.parametrize("text", ["sms", "{}", '["sms"]', '[{"Wait":"\\ud83d"}]', "[" * 5000, "null"])
def test_what_is_no_list_of_objects(text: str) -> None:
    _, (fault,) = decode_steps(text)
    assert (fault.code, fault.parameter) == ("InvalidSteps", "Steps")
    assert fault.message.endswith(" is not allowed; the JSON text of a list of objects is needed.")


@pytest.mark.parametrize("count", [0, MOST_STEPS + 1])
def test_there_are_1_to_10_steps(count: int) -> None:
    sentence = f"it has {count} steps; 1 to 10 are allowed."
    assert read(*[SMS] * count)[1] == [("InvalidSteps", "Steps", sentence)]
    assert len(read(*[SMS] * MOST_STEPS)[0]) == MOST_STEPS
