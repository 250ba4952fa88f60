"""The texts of users, policies and roles: what is taken, and with which code and sentence the rest is not."""

import pytest

from waypost.api.description import AnyOperation
from waypost.api.operations.ram import create_policy, create_role, create_user, get_policy_version

TRUST = (
    '{"Version":"1","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",'
    '"Principal":{"RAM":["acs:ram::1:root"]}}]}'
)
POLICY = '{"Version":"1","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
LONGEST_POLICY = POLICY.replace("}]", "}" + " " * (6144 - len(POLICY)) + "]")

CREATE_USER, CREATE_ROLE = create_user.OPERATION, create_role.OPERATION
CREATE_POLICY, GET_POLICY_VERSION = create_policy.OPERATION, get_policy_version.OPERATION


def faults(operation: AnyOperation, name: str, text: str) -> list[tuple[str, str]]:
    """The code and sentence of each fault that the text of one parameter has."""
    _, found = operation.read({name: text})
    return [(fault.code, fault.message) for fault in found if fault.parameter == name]


@pytest.mark.parametrize(
    ("operation", "name", "text"),
    [
        (CREATE_USER, "UserName", "a.B_9-"),
        (CREATE_USER, "UserName", "a" * 64),
        (CREATE_USER, "DisplayName", "Älice 爱丽丝"),
        (CREATE_USER, "Comments", "two\r\n\tlines"),
        (CREATE_USER, "Comments", "c" * 128),
        (CREATE_USER, "Email", "alice@example.com"),
        (CREATE_USER, "MobilePhone", "86-18600008888"),
        (CREATE_ROLE, "RoleName", "r" * 64),
        (CREATE_ROLE, "Description", "d" * 1024),
        (CREATE_ROLE, "AssumeRolePolicyDocument", TRUST),
        (CREATE_POLICY, "PolicyName", "p" * 128),
        (CREATE_POLICY, "PolicyDocument", LONGEST_POLICY),
        (GET_POLICY_VERSION, "VersionId", "v999999999"),
    ],
)
def test_a_text_that_keeps_its_rule_is_taken_as_it_is(operation: AnyOperation, name: str, text: str) -> None:
    params, found = operation.read({name: text})
    assert text in {getattr(params, field) for field in params.__struct_fields__}
    assert [fault for fault in found if fault.parameter == name] == []


@pytest.mark.parametrize(
    ("operation", "name", "text", "code", "sentence"),
    [
        (
            CREATE_USER,
            "UserName",
            "a b",
            "InvalidChars",
            "'a b' is not allowed; letters, digits, . _ and - are.",
        ),
        (CREATE_USER, "UserName", "ä", "InvalidChars", "'ä' is not allowed; letters, digits, . _ and - are."),
        (CREATE_USER, "UserName", "a" * 65, "Length", "it has 65 characters; at most 64 are allowed."),
        (
            CREATE_USER,
            "DisplayName",
            "\x07",
            "InvalidChars",
            r"'\x07' is not allowed; printable characters are.",
        ),
        (CREATE_USER, "Comments", "爱" * 129, "Length", "it has 129 characters; at most 128 are allowed."),
        (
            CREATE_USER,
            "Email",
            "alice@",
            "Format",
            "'alice@' is not allowed; an address such as alice@example.com are.",
        ),
        (
            CREATE_USER,
            "MobilePhone",
            "186",
            "Format",
            "'186' is not allowed; country code, - and number, as 86-18600008888 are.",
        ),
        (
            CREATE_ROLE,
            "RoleName",
            "a_b",
            "InvalidChars",
            "'a_b' is not allowed; letters, digits, . and - are.",
        ),
        (
            CREATE_POLICY,
            "PolicyName",
            "a.b",
            "InvalidChars",
            "'a.b' is not allowed; letters, digits and - are.",
        ),
        (GET_POLICY_VERSION, "VersionId", "v0", "Format", "'v0' is not allowed; v and a number are."),
        (
            CREATE_POLICY,
            "PolicyDocument",
            "é" * 3073,
            "Length",
            "it has 6146 bytes; at most 6144 are allowed.",
        ),
    ],
)
def test_a_text_that_breaks_its_rule_is_refused(
    operation: AnyOperation, name: str, text: str, code: str, sentence: str
) -> None:
    assert faults(operation, name, text) == [(f"InvalidParameter.{name}.{code}", sentence)]


@pytest.mark.parametrize(
    ("operation", "name", "text", "sentence"),
    [
        (CREATE_POLICY, "PolicyDocument", "{", "it is not JSON: Input data was truncated."),
        (
            CREATE_POLICY,
            "PolicyDocument",
            '{"Version":"1"}',
            "Statement: a list of at least one statement is needed.",
        ),
        (
            CREATE_ROLE,
            "AssumeRolePolicyDocument",
            POLICY,
            "Statement[0]: 'Resource' is not part of a policy; Effect, Action, Principal, Condition are.",
        ),
    ],
)
def test_a_document_that_is_no_policy_is_malformed(
    operation: AnyOperation, name: str, text: str, sentence: str
) -> None:
    assert faults(operation, name, text) == [("MalformedPolicyDocument", sentence)]


@pytest.mark.parametrize("operation", [CREATE_USER, CREATE_ROLE, CREATE_POLICY, GET_POLICY_VERSION])
def test_every_code_that_a_text_is_refused_with_is_documented(operation: AnyOperation) -> None:
    for row in operation.parameters:
        if row.decode is not None:
            assert f"InvalidParameter.{row.name}.Length" in operation.all_errors()
            assert row.invalid_code in operation.all_errors()
