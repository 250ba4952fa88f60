"""The code of one call in each language, as it is pasted; `tests/sdk_code/golden` has all of it.

After a change that is meant: `python -m tests.sdk_code.test_golden` writes the files, and the diff is read.
"""

from pathlib import Path

import pytest

from tests.sdk_code.calls import MASS, SEND
from waypost.api.sdk_code.api_call import SECRET_VARIABLE, ApiCall, CallNotWritableError
from waypost.api.sdk_code.languages import BY_ID, LANGUAGES, Language

GOLDEN = Path(__file__).parent / "golden"
TYPED = (BY_ID["python"], BY_ID["typescript"])


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.id)
def test_the_code_is_as_it_was(language: Language) -> None:
    assert language.code(SEND) == golden(language).read_text(encoding="utf-8")


@pytest.mark.parametrize("language", TYPED, ids=lambda language: language.id)
def test_the_code_of_objects_in_a_list_is_as_it_was(language: Language) -> None:
    assert language.code(MASS) == golden(language, "mass-").read_text(encoding="utf-8")


def test_each_file_is_of_a_language() -> None:
    names = {golden(language).name for language in LANGUAGES}
    assert {path.name for path in GOLDEN.iterdir()} == names | {golden(one, "mass-").name for one in TYPED}


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.id)
def test_code_without_parameters_has_none(language: Language) -> None:
    code = language.code(ApiCall("GetCallerIdentity", "2015-04-01", {}, "waypost.example", "https", "LTAI5t"))
    assert "<<" not in code
    assert SECRET_VARIABLE in code
    assert "GetCallerIdentity" in code
    assert "2015-04-01" in code or language.id == "waypost"


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("operation", "Send'); evil(", "letters and digits"),
        ("version", "latest", "a date such as"),
        ("endpoint", "host/path", "without a path"),
        ("endpoint", "host' -x", "without a path"),
        ("access_key_id", "a'b", "letters, digits"),
        ("protocol", "ftp", "neither http nor https"),
    ],
)
def test_what_is_no_part_of_a_call_is_refused(field: str, value: str, sentence: str) -> None:
    fields = {name: getattr(SEND, name) for name in SEND.__struct_fields__}
    with pytest.raises(CallNotWritableError, match=sentence):
        ApiCall(**{**fields, field: value})


def test_a_name_that_cannot_be_an_argument_is_refused() -> None:
    call = ApiCall("ListCalls", "2020-06-06", {"--a=b": "c"}, "127.0.0.1:8080", "http", "sandbox")
    with pytest.raises(CallNotWritableError, match="Key=Value"):
        BY_ID["waypost"].code(call)


@pytest.mark.parametrize(
    "parameters",
    [
        {"Ttl": "ten"},
        {"Ttl": "+600"},
        {"TemplateParams": '{"a":1}'},
        {"TemplateParams": '{"a":"1","a":"2"}'},
        {"FlowAction": '{"FlowToken":"t","FlowActionData":{}}'},
        {"ProductAction": '{"Sections":[{"Titel":"a"}]}'},
        {"ProductAction": '{"Sections":[{"Title":1}]}'},
        {"ProductAction": '{"Sections":{"Title":"a"}}'},
        {"ProductAction": '{"Sections":[null]}'},
        {"ProductAction": '{"Sections":[{"Title":"a","Title":"b"}]}'},
        {"ProductAction": "[" * 100_000},
        {"Payload": '["a",1]'},
        {"Payload": "NaN"},
        {"Payload": '["a"'},
        {"Ttl": "9" * 30},
        {"Tttl": "600"},
    ],
)
@pytest.mark.parametrize("language", ["python", "typescript"])
def test_what_a_typed_request_cannot_have_is_sent_as_a_text(
    language: str, parameters: dict[str, str]
) -> None:
    call = ApiCall("SendChatappMessage", "2020-06-06", parameters, "127.0.0.1:8080", "http", "sandbox")
    code = BY_ID[language].code(call)
    assert "SendChatappMessageRequest" not in code
    assert "OpenApiRequest" in code


def golden(language: Language, which: str = "") -> Path:
    return GOLDEN / f"{which}{language.id}.{language.suffix}.txt"


if __name__ == "__main__":
    for one in LANGUAGES:
        golden(one).write_text(one.code(SEND), encoding="utf-8")
    for one in TYPED:
        golden(one, "mass-").write_text(one.code(MASS), encoding="utf-8")
