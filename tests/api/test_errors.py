"""The catalogue of errors: complete, with the documented statuses, and the only source of messages."""

import re

import pytest

from waypost.api.errors.catalogue import ERRORS, ApiError, error_code, from_faults, limited
from waypost.model.faults import Fault


def test_each_code_is_listed_once_with_message_cause_and_remedy() -> None:
    for code, entry in ERRORS.items():
        assert entry.code == code
        assert entry.message
        assert entry.when.endswith(".")
        assert entry.remedy.endswith(".")


def test_everything_travels_with_400_but_for_the_documented_few() -> None:
    others = {code: entry.status for code, entry in ERRORS.items() if entry.status != 400}
    assert others == {
        "InvalidAccessKeyId.NotFound": 404,
        "InvalidAction.NotFound": 404,
        "InvalidApi.NotFound": 404,
        "InvalidProtocol.NeedSsl": 404,
        "InternalError": 500,
        "ServiceUnavailable": 503,
        "NoPermission": 403,
        **{code: 404 for code in ERRORS if code.startswith("EntityNotExist.")},
        **{
            code: 409
            for code in ERRORS
            if code.startswith(("EntityAlreadyExists.", "DeleteConflict.", "LimitExceeded."))
        },
    }


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("Product.Unsubscript", "You have not subscribed to the specified product."),
        ("Ram.PermissionDeny", "You are not authorized to perform the operation."),
        ("System.LimitControl", "The system is under flow control."),
        ("Unknown.ResourceOwnerId", "The resource does not belong to the current user."),
        ("InvalidAction.NotFound", "Specified api is not found, please check your url and method."),
        ("InvalidTimeStamp.Expired", "Specified time stamp or date value is expired."),
        ("SignatureNonceUsed", "Specified signature nonce was used already."),
        ("MissingTo", "To is mandatory for this action."),
        ("InvalidTtl", "Specified parameter Ttl is not valid."),
        ("InvalidParameter.FileUrlError", "The file can not download."),
        ("QueryParam.startTime", "Query start time not allowed to be empty"),
    ],
)
def test_messages_are_the_documented_ones(code: str, message: str) -> None:
    assert error_code(code).message == message
    assert ApiError(code).message == message
    assert ApiError(code, "More.").message == f"{message} More."


def test_all_operation_level_and_business_codes_are_there() -> None:
    business = [
        "Authentication.NoAuth",
        "DelError.TemplateNotExist",
        "DetailError.TemplateNotExist",
        "TemplateListError.QueryError",
    ]
    parameter = [
        "MessageInvalid",
        "FooterHaveVariable",
        "HeaderMoreVarable",
        "HeaderTypeNotSupport",
        "ButtonTextHaveVariable",
        "UrlMoreVarable",
        "PhoneNumberError",
        "TemplateNameExist",
        "CreateError",
        "PageInvalid",
        "LanguageNotSupport",
        "AuditStatusNotSupport",
        "TemplateTypeNotSupport",
        "ChannelTypeNotSupport",
        "MessageTypeNotEmpty",
        "ContentNotEmpty",
        "ContentError",
        "TextNotEmpty",
        "MessageTypeNotSupport",
        "LinkNotEmpty",
        "TemplateCodeNotEmpty",
        "LanguageNotEmpty",
        "SendSmsNotSupport",
        "FromOnlyNumeric",
        "ToOnlyNumeric",
        "Format",
    ]
    assert {*business, *(f"InvalidParameter.{name}" for name in parameter)} <= ERRORS.keys()


@pytest.mark.parametrize(
    "code", ["", "OK", "Missing", "Invalid", "InvalidParameter.Mistyped", "Nothing", "Missing To"]
)
def test_other_codes_are_not_made_up(code: str) -> None:
    with pytest.raises(KeyError):
        ApiError(code)


def test_family_members_with_an_entry_of_their_own_keep_it() -> None:
    assert error_code("MissingParameter").message.startswith("The input parameter")
    assert error_code("InvalidSignatureMethod").message == "Specified signature method is not valid."
    assert error_code("InvalidParameterName").message == "Specified parameter ParameterName is not valid."


def test_the_place_of_the_parameter_is_filled() -> None:
    message = ApiError("InvalidParameter", "Why.", parameter="Ttl").message
    assert message == 'The specified value of parameter "Ttl" is not valid. Why.'
    assert all("{" not in re.sub(r"\{parameter\}|\{\{1\}\}", "", entry.message) for entry in ERRORS.values())


def test_all_faults_are_listed_under_the_code_of_the_first() -> None:
    error = from_faults(
        [
            Fault("InvalidTtl", "Ttl", "20 is too short; allowed are 30 to 1209600 seconds."),
            Fault("MissingTo", "To", "is missing."),
        ]
    )
    assert (error.code, error.status) == ("InvalidTtl", 400)
    assert error.message == (
        "Specified parameter Ttl is not valid. "
        "Ttl: 20 is too short; allowed are 30 to 1209600 seconds. To: is missing."
    )


def test_faults_name_the_parameter_in_the_message_that_has_a_place_for_it() -> None:
    error = from_faults([Fault("MissingParameter", "Content.text", "Send a text.")])
    assert '"Content.text"' in error.message


def test_no_fault_is_no_error() -> None:
    with pytest.raises(ValueError, match="at least one"):
        from_faults([])


@pytest.mark.parametrize(("milliseconds", "header"), [(0, "1"), (1, "1"), (250, "250")])
def test_flow_control_has_a_retry_after_header(milliseconds: int, header: str) -> None:
    error = limited(milliseconds, "Why.")
    assert (error.code, error.status) == ("System.LimitControl", 400)
    assert error.headers == {"x-acs-retry-after": header}
    assert str(error) == "System.LimitControl: The system is under flow control. Why."
