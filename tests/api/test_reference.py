"""One description, three forms: the OpenAPI document, the files in docs, the rows behind the pages."""

import json
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate

from tests.model.channel_tables import CONTENT
from waypost.api.description import Kind
from waypost.api.errors.catalogue import ERRORS, error_code
from waypost.api.operations.catalogue import EVERY, OPERATIONS
from waypost.api.reference import operation_rows
from waypost.api.reference.markdown import ERROR_GROUPS, PAGES
from waypost.api.reference.openapi import openapi_document
from waypost.model import codes
from waypost.model.channels import CHANNELS

DOCS = Path(__file__).parents[2] / "docs"
SEND = OPERATIONS["SendChatappMessage"].operation


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    made = openapi_document("http://localhost:8080")
    assert json.loads(json.dumps(made)) == made
    return made


@pytest.mark.parametrize("name", PAGES)
def test_the_files_in_docs_match_the_description(name: str) -> None:
    assert (DOCS / f"{name}.md").read_text(encoding="utf-8") == PAGES[name](), (
        f"docs/{name}.md is stale: python -m waypost.api.reference.markdown {name} > docs/{name}.md"
    )


def test_the_openapi_document_is_valid(document: dict[str, Any]) -> None:
    validate(document)
    assert document["openapi"].startswith("3.1")


def test_every_parameter_can_be_sent_in_every_place(document: dict[str, Any]) -> None:
    names = {row.name for row in SEND.parameters if not row.ignored}
    for method in ("get", "post"):
        call = document["paths"]["/"][method]
        assert {row["name"] for row in call["parameters"] if "name" in row} == names
    form = document["paths"]["/"]["post"]["requestBody"]["content"]["application/x-www-form-urlencoded"]
    assert form["schema"]["properties"].keys() == names


def test_a_call_by_get_needs_what_the_table_requires(document: dict[str, Any]) -> None:
    rows = document["paths"]["/"]["get"]["parameters"]
    required = {row["name"] for row in rows if row.get("required")}
    assert required == {row.name for row in SEND.parameters if row.required}


def test_every_code_of_the_operation_is_in_its_answers(document: dict[str, Any]) -> None:
    shown = {
        code
        for status, answer in document["paths"]["/"]["post"]["responses"].items()
        if status != "200"
        for code in answer["content"]["application/json"]["examples"]
    }
    assert set(SEND.all_errors()) <= shown
    assert {"SignatureDoesNotMatch", "InvalidAction.NotFound", "InternalError"} <= shown


def test_every_content_has_its_schema(document: dict[str, Any]) -> None:
    for channel, rules in CONTENT.items():
        for message_type, rule in rules.items():
            schema = document["components"]["schemas"][f"Content.{channel}.{message_type}"]
            assert schema["properties"].keys() == {field.name for field in rule.fields}
            assert len(schema["required"]) == rule.required


def test_every_fixed_code_stands_under_one_heading() -> None:
    listed = [
        entry.code for _, entries in ERROR_GROUPS for entry in entries if entry not in operation_rows.FAMILIES
    ]
    assert sorted(listed) == sorted(ERRORS)


def test_whatever_a_row_can_refuse_has_a_code() -> None:
    rows = {row.name: row for row in operation_rows.parameter_rows(SEND)}
    assert rows["Ttl"].codes == ("InvalidTtl",)
    assert rows["Language"].codes == (
        "InvalidParameter.LanguageNotEmpty",
        "InvalidParameter.LanguageNotSupport",
    )
    assert rows["TemplateCode"].codes == (
        "InvalidParameter.TemplateCodeNotEmpty",
        "Unknown.ResourceOwnerId",
    )
    assert rows["Ttl"].kind == Kind.INTEGER.value
    assert rows["Ttl"].allowed == "30 to 1209600"


def test_the_codes_and_limits_of_any_call_are_printed_once() -> None:
    page = PAGES["reference"]()
    for limit in operation_rows.gateway_limits():
        assert page.count(limit.value) == 1
    for entry in operation_rows.gateway_errors():
        assert page.count(f"| `{entry.code}` | {entry.status} | ") == 1
    assert page.count("](#limits-of-any-call)") == sum(each.limit is not None for each in EVERY.values())
    assert page.count("](#errors-of-any-call)") == len(EVERY)


@pytest.mark.parametrize("name", EVERY)
def test_an_operation_s_codes_are_its_own_and_those_of_any_call(name: str) -> None:
    operation = EVERY[name].operation
    own = {entry.code for entry in operation_rows.own_errors(operation)}
    any_call = {entry.code for entry in operation_rows.errors_of_any_call(operation.product)}
    assert not own & any_call
    assert set(operation.all_errors()) <= own | any_call
    assert own <= set(operation.all_errors())


def test_the_times_in_the_texts_are_those_that_are_kept() -> None:
    [window] = {channel.free_window for channel in CHANNELS.values() if channel.free_window is not None}
    assert f"{window // 3_600_000} hours" in error_code(codes.WINDOW_CLOSED).when
    [time_to_live] = {channel.time_to_live for channel in CHANNELS.values() if channel.time_to_live}
    assert f"{time_to_live // 86_400} days" in _row("Ttl").default


def _row(name: str) -> operation_rows.ParameterRow:
    [row] = [row for row in operation_rows.parameter_rows(SEND) if row.name == name]
    return row
