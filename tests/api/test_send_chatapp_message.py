"""What the sandbox's accounts cannot show of SendChatappMessage: a foreign template, SMS switched off."""

import pytest

from waypost.api.errors.catalogue import ApiError, from_faults
from waypost.api.operations.messages.send_chatapp_message import OPERATION, compose
from waypost.model.configuration import Account, Configuration, Entry, Sender, Space
from waypost.model.fallback.policies import FallbackPolicy, PolicyStep
from waypost.model.identifiers import AccountId, MessageId, SpaceId
from waypost.model.message.message import Message
from waypost.model.message.sms_limits import NO_LIMITS
from waypost.model.templates.template import Template


def account(number: str, *, sms_fallback: bool = True) -> list[Entry]:
    return [
        Account(id=AccountId(number), sms_fallback=sms_fallback),
        Space(id=SpaceId(f"space-{number}"), account_id=AccountId(number), default=True),
        Sender(channel="viber", id=f"2000{number}", account_id=AccountId(number), route="viber"),
        FallbackPolicy(
            id=f"S_{number}", account_id=AccountId(number), steps=(PolicyStep(channel="sms", sender="Brand"),)
        ),
        Template(
            code=f"code{number}",
            name=f"name{number}",
            language="en",
            account_id=AccountId(number),
            space_id=None,
            channel="viber",
            message_type="text",
            content={"text": "hello"},
            status="pass",
        ),
    ]


TEMPLATE = {
    "ChannelType": "viber",
    "Type": "template",
    "TemplateCode": "code1",
    "Language": "en",
    "From": "20001",
    "To": "8613900000000",
    "Label": "promotion",
}


def composed(texts: dict[str, str], configuration: Configuration) -> Message:
    """The message of a call of account 1.

    Raises:
        ApiError: the call has faults.
    """
    params, faults = OPERATION.read(texts)
    message, faults = compose(
        params,
        faults,
        AccountId("1"),
        configuration,
        message_id=MessageId("m"),
        now=0,
        default_ttl=120,
        sms_limits=NO_LIMITS,
    )
    if message is None:
        raise from_faults(faults)
    return message


def prepared(texts: dict[str, str], *, sms_fallback: bool = True) -> Message:
    return composed(texts, Configuration([*account("1", sms_fallback=sms_fallback), *account("2")]))


def refusal(texts: dict[str, str], *, sms_fallback: bool = True) -> ApiError:
    with pytest.raises(ApiError) as caught:
        prepared(texts, sms_fallback=sms_fallback)
    return caught.value


@pytest.mark.parametrize("language", ["en", "uk"])
@pytest.mark.parametrize(
    ("name", "foreign", "absent"), [("TemplateCode", "code2", "code9"), ("TemplateName", "name2", "name9")]
)
def test_anothers_template_is_answered_like_none(name: str, foreign: str, absent: str, language: str) -> None:
    call = {key: value for key, value in TEMPLATE.items() if key != "TemplateCode"} | {"Language": language}
    theirs, nobodys = refusal({**call, name: foreign}), refusal({**call, name: absent})
    assert theirs.code == nobodys.code == "Unknown.ResourceOwnerId"
    assert theirs.message.replace(foreign, "-") == nobodys.message.replace(absent, "-")


def test_the_code_goes_before_the_name() -> None:
    message = prepared({**TEMPLATE, "TemplateName": "name9"})
    assert (message.template_code, message.template_name) == ("code1", "name1")


def test_an_account_without_sms_cannot_fall_back() -> None:
    error = refusal({**TEMPLATE, "FallBackId": "S_1"}, sms_fallback=False)
    assert (error.code, error.status) == ("InvalidParameter.SendSmsNotSupport", 400)
    assert "FallBackId: SMS fallback is not activated for this account." in error.message


@pytest.mark.parametrize(
    ("text", "allowed"),
    [("a" * 1530, True), ("a" * 1531, False), ("你" * 670, True), ("你" * 671, False), ("a" * 8000, False)],
)
def test_a_fallback_text_is_as_long_as_the_gateway_carries(text: str, allowed: bool) -> None:
    brand = Sender(channel="sms", id="Brand", account_id=AccountId("1"), route="sms")
    configuration = Configuration([*account("1"), brand])
    call = {**TEMPLATE, "FallBackId": "S_1", "FallBackContent": text}
    if allowed:
        assert composed(call, configuration).fallback is not None
        return
    with pytest.raises(ApiError) as raised:
        composed(call, configuration)
    error = raised.value
    assert (error.code, error.status) == ("InvalidFallBackContent", 400)
    assert "segments; at most 10 are allowed" in error.message


@pytest.mark.parametrize(
    ("owner", "space", "taken"),
    [("1", "", True), ("1", "space-1", True), ("1", "elsewhere", False), ("2", "", False), (None, "", False)],
)
def test_a_fallback_goes_by_a_sender_of_the_account_and_space_alone(
    owner: str | None, space: str, taken: bool
) -> None:
    """The operator may have assigned the sender to another account since the policy was made."""
    brand = (
        [Sender(channel="sms", id="Brand", account_id=AccountId(owner), route="sms", space_id=SpaceId(space))]
        if owner
        else []
    )
    configuration = Configuration([*account("1"), *account("2"), *brand])

    call = TEMPLATE | {"FallBackId": "S_1"}
    if taken:
        assert composed(call, configuration).fallback is not None
        return
    with pytest.raises(ApiError, match=r"Unknown\.ResourceOwnerId.*FallBackId"):
        composed(call, configuration)


def test_all_that_is_wrong_with_the_json_parameters_is_found_at_once_and_the_rest_is_read() -> None:
    params, faults = OPERATION.read(
        {
            "TemplateParams": "x",
            "FallBackTo": "{x",
            "Payload": "x",
            "FlowAction": "x",
            "ProductAction": "x",
            "ContextMessageId": "w",
            "RecipientType": "USERID",
        }
    )
    wrong = ["TemplateParams", "FallBackTo", "Payload", "FlowAction", "ProductAction"]
    assert [fault.parameter for fault in faults if fault.code == f"Invalid{fault.parameter}"] == wrong
    assert (params.template_params, params.payload, params.flow_action, params.product_action) == (
        {},
        (),
        None,
        None,
    )
    assert (params.context_message_id, params.recipient_type) == ("w", "userId")


FREE = {
    "ChannelType": "viber",
    "Type": "message",
    "MessageType": "text",
    "Content": '{"text":"hello"}',
    "From": "20001",
    "To": "8613900000000",
    "Label": "transaction",
}


@pytest.mark.parametrize(
    "texts",
    [
        FREE | {"TemplateParams": "[object Object]"},
        FREE | {"FallBackTo": "{}}"},
        TEMPLATE | {"FallBackTo": "{}}"},
    ],
)
def test_a_parameter_that_has_no_effect_on_a_call_is_no_reason_to_refuse_it(texts: dict[str, str]) -> None:
    assert prepared(texts).fault == ""


def test_values_are_looked_at_only_for_a_template_that_can_be_sent() -> None:
    wrong = TEMPLATE | {"TemplateParams": "[]"}
    assert refusal(wrong).code == "InvalidTemplateParams"
    unknown = refusal(wrong | {"TemplateCode": "code9"})
    assert unknown.code == "Unknown.ResourceOwnerId"
    assert "TemplateParams" not in unknown.message
