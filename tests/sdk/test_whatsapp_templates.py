"""WhatsApp templates by the official SDK: made, reviewed, sent with each value in its place, refused."""

from typing import Any

import pytest
from alibabacloud_cams20200606.models import CreateChatappTemplateRequestComponents as Component
from alibabacloud_cams20200606.models import CreateChatappTemplateRequestComponentsButtons as Button
from alibabacloud_cams20200606.models import CreateChatappTemplateRequestComponentsCards as Card
from alibabacloud_cams20200606.models import (
    CreateChatappTemplateRequestComponentsCardsCardComponents as CardComponent,
)
from alibabacloud_cams20200606.models import (
    CreateChatappTemplateRequestComponentsCardsCardComponentsButtons as CardButton,
)

from tests.sdk.callers import Phones, Sandbox
from tests.sdk.channels import WHATSAPP
from tests.sdk.operations import call, refused
from tests.sdk.test_templates import audits, make, new_name, settled, shown

FILE = "https://files.example.com/a.jpg"
SHOP = "https://shop.example.com"
BODY = Component(type="BODY", text="Hello $(name), $(name)! Order $(order).")
HEADER = Component(type="HEADER", format="TEXT", text="News for $(who)")
PICTURE = Component(type="HEADER", format="IMAGE", url=FILE)
FOOTER = Component(type="FOOTER", text="Bye")
YES = Button(type="QUICK_REPLY", text="Yes")
NO = Button(type="QUICK_REPLY", text="No")
OPEN = Button(type="URL", text="Open", url=f"{SHOP}/$(path)", url_type="dynamic")
SITE = Button(type="URL", text="Site", url=SHOP)
PHONE = Button(type="PHONE_NUMBER", text="Call", phone_number="+4915112345678")
COUPON = Button(type="COPY_CODE", coupon_code="$(coupon)")
OTP = Button(
    type="ONE_TAP", text="Copy", autofill_text="Fill", package_name="com.example", signature_hash="K8a"
)
PARAMS = {"name": "Zoe", "order": "7"}


def buttons(*of: Button) -> Component:
    return Component(type="BUTTONS", buttons=list(of))


def card(title: str, url: str = FILE) -> Card:
    return Card(
        card_components=[
            CardComponent(type="HEADER", format="IMAGE", url=url),
            CardComponent(type="BODY", text=title),
            CardComponent(
                type="BUTTONS",
                buttons=[
                    CardButton(type="QUICK_REPLY", text="Yes"),
                    CardButton(type="URL", text="Buy", url=f"{SHOP}/$(path)"),
                ],
            ),
        ]
    )


def parameters(code: str, /, **params: str) -> dict[str, Any]:
    return WHATSAPP.parameters(template_code=code, template_params=params)


def made(sandbox: Sandbox, components: list[Component], **more: Any) -> str:
    code = make(sandbox, new_name(), components, template_type="WHATSAPP", **more)
    assert settled(sandbox, code)["AuditStatus"] == "pass"
    return code


SENT: list[tuple[str, list[Component], dict[str, str], str, str]] = [
    ("MARKETING", [BODY], PARAMS, "Hello Zoe, Zoe! Order 7.", ""),
    (
        "UTILITY",
        [HEADER, BODY, FOOTER, buttons(YES, NO, OPEN, SITE, PHONE)],
        {**PARAMS, "who": "you", "path": "a?b=1"},
        f"News for you\nHello Zoe, Zoe! Order 7.\nBye\n[Open] {SHOP}/a?b=1",
        "",
    ),
    (
        "MARKETING",
        [PICTURE, BODY, buttons(COUPON, SITE)],
        {**PARAMS, "coupon": "TEN10"},
        "Hello Zoe, Zoe! Order 7.\n[Copy code] TEN10",
        FILE,
    ),
    (
        "MARKETING",
        [Component(type="HEADER", format="DOCUMENT", url="$(file)", file_name="a.pdf"), BODY],
        {**PARAMS, "file": "https://files.example.com/7.pdf"},
        "Hello Zoe, Zoe! Order 7.",
        "https://files.example.com/7.pdf",
    ),
    (
        "AUTHENTICATION",
        [
            Component(type="BODY", add_secret_recommendation=True),
            Component(type="FOOTER", code_expiration_minutes=5),
            buttons(OTP),
        ],
        {"code": "482913"},
        "482913\n[Copy] 482913",
        "",
    ),
    (
        "MARKETING",
        [
            BODY,
            Component(type="CAROUSEL", cards=[card("One for $(name)"), card("Two")]),
        ],
        {**PARAMS, "path": "x"},
        f"Hello Zoe, Zoe! Order 7.\nOne for Zoe\n[Buy] {SHOP}/x\nTwo\n[Buy] {SHOP}/x",
        FILE,
    ),
    (
        "MARKETING",
        [
            PICTURE,
            BODY,
            Component(type="LIMITED_TIME_OFFER", text="Ends soon", has_expiration=True),
            buttons(COUPON, SITE),
        ],
        {**PARAMS, "coupon": "TEN10", "expiration_time_ms": "1900000000000"},
        "Hello Zoe, Zoe! Order 7.\n[Copy code] TEN10",
        FILE,
    ),
]


@pytest.mark.parametrize(("category", "components", "params", "text", "media"), SENT)
def test_it_is_sent_with_each_value_in_its_place(
    sandbox: Sandbox,
    phones: Phones,
    category: str,
    components: list[Component],
    params: dict[str, str],
    text: str,
    media: str,
) -> None:
    code = made(sandbox, components, category=category)
    person = phones.new()
    sandbox.send(to=person, **parameters(code, **params))
    (message,) = sandbox.phone(person)
    assert (message["text"], message["media"]) == (text, media)
    for name in params:
        less = {other: value for other, value in params.items() if other != name}
        refusal = sandbox.refused(to=person, **parameters(code, **less))
        assert (refusal.code, name in refusal.message) == ("InvalidTemplateParams", True)


def test_a_value_is_never_syntax(sandbox: Sandbox, phones: Phones) -> None:
    code = made(sandbox, [HEADER, BODY, buttons(OPEN)])
    person = phones.new()
    values = {"who": "$(name)", "name": "{{1}}", "order": '"}],"x":[{$(who)\\', "path": "$(order)#<&"}
    sandbox.send(to=person, **parameters(code, **values))
    (message,) = sandbox.phone(person)
    assert message["text"].split("\n") == [
        "News for $(name)",
        'Hello {{1}}, {{1}}! Order "}],"x":[{$(who)\\.',
        f"[Open] {SHOP}/$(order)#<&",
    ]


def test_payloads_go_to_the_quick_replies_wherever_they_stand(sandbox: Sandbox, phones: Phones) -> None:
    code = made(sandbox, [BODY, buttons(OPEN, YES, NO)])
    person = phones.new()
    sandbox.send(to=person, **parameters(code, **PARAMS, path="p"), payload=["1", "2"])
    assert sandbox.phone(person)


def test_it_waits_for_its_review_and_the_result_is_published(sandbox: Sandbox, phones: Phones) -> None:
    code = make(sandbox, new_name("reject_"), [BODY], template_type="WHATSAPP")
    assert sandbox.refused(to=phones.new(), **parameters(code, **PARAMS)).code == (
        "InvalidParameter.AuditStatusNotSupport"
    )
    assert settled(sandbox, code)["AuditStatus"] == "fail"
    (review,) = audits(sandbox, code)
    assert (review["AuditStatus"], review["WaypostChannel"]) == ("fail", "whatsapp")
    call(
        sandbox,
        "modify_chatapp_template",
        template_code=code,
        language="en",
        template_type="WHATSAPP",
        components=[Component(type="BODY", text="Changed $(x)")],
        message_send_ttl_seconds=None,
    )
    data = shown(sandbox, code)
    assert data["Components"][0]["Text"] == "Changed $(x)"
    assert data["AuditStatus"] == "unaudit"


def test_its_time_to_send_is_that_of_its_messages(sandbox: Sandbox, phones: Phones) -> None:
    code = made(sandbox, [BODY], category="UTILITY", message_send_ttl_seconds=60)
    assert shown(sandbox, code)["MessageSendTtlSeconds"] == 60
    message_id = sandbox.send(to=phones.new("0005"), **parameters(code, **PARAMS))
    sandbox.advance(60 + 301)
    assert sandbox.story(message_id)["state"] == "expired"


@pytest.mark.parametrize(
    ("components", "values", "error"),
    [
        ([Component(type="HEADER", format="IMAGE", url="$(file)"), BODY], {"file": "no url"}, "URL"),
        ([BODY, buttons(COUPON)], {"coupon": "no code!"}, "letters and digits"),
        ([BODY, buttons(OPEN)], {"path": ""}, "empty"),
    ],
)
def test_a_value_that_cannot_be_there(
    sandbox: Sandbox, phones: Phones, components: list[Component], values: dict[str, str], error: str
) -> None:
    code = made(sandbox, components)
    refusal = sandbox.refused(to=phones.new(), **parameters(code, **PARAMS, **values))
    assert refusal.code == "InvalidTemplateParams"
    assert error in refusal.message


CODE_BODY = Component(type="BODY")
OFFER = Component(type="LIMITED_TIME_OFFER", text="Ends soon")
INVALID, MESSAGE_INVALID = "InvalidComponents", "InvalidParameter.MessageInvalid"
HEADER_TYPE, FILE_URL = "InvalidParameter.HeaderTypeNotSupport", "InvalidParameter.FileUrlError"
URL_MORE = "InvalidParameter.UrlMoreVarable"
FAULTS: list[tuple[dict[str, Any], list[Component], str, str]] = [
    ({"name": "Spring Sale"}, [BODY], "InvalidName", "small letters"),
    ({"category": "text"}, [BODY], "InvalidCategory", "AUTHENTICATION"),
    ({"message_send_ttl_seconds": 600}, [BODY], "InvalidMessageSendTtlSeconds", "MARKETING"),
    (
        {"category": "AUTHENTICATION", "message_send_ttl_seconds": 901},
        [CODE_BODY, buttons(OTP)],
        "InvalidMessageSendTtlSeconds",
        "30 to 900",
    ),
    ({}, [Component(type="BODY", text="a\0b")], INVALID, "NUL"),
    ({}, [FOOTER], INVALID, "BODY"),
    ({}, [BODY, BODY], INVALID, "already"),
    ({}, [Component(type="BODY", text="x" * 1025)], INVALID, "1024"),
    ({}, [Component(type="BODY", text="Hi {{1}}")], MESSAGE_INVALID, "$(name)"),
    (
        {},
        [BODY, Component(type="FOOTER", text="$(x)")],
        "InvalidParameter.FooterHaveVariable",
        "same for everyone",
    ),
    ({}, [BODY, Component(type="FOOTER", text="x" * 61)], INVALID, "60"),
    (
        {},
        [BODY, Component(type="HEADER", format="TEXT", text="$(a) $(b)")],
        "InvalidParameter.HeaderMoreVarable",
        "more than one",
    ),
    ({}, [BODY, Component(type="HEADER", format="TEXT", text="x" * 61)], INVALID, "60"),
    ({}, [BODY, Component(type="HEADER", format="AUDIO", url=FILE)], HEADER_TYPE, "VIDEO"),
    ({}, [BODY, Component(type="HEADER", format="IMAGE", url="no url")], FILE_URL, "http"),
    ({}, [BODY, Component(type="HEADER", format="IMAGE", url=f"{SHOP}/$(a)")], FILE_URL, "variable"),
    ({}, [BODY, Component(type="HEADER", format="IMAGE")], "MissingUrl", "HEADER"),
    ({}, [BODY, buttons()], INVALID, "1 to 10"),
    ({}, [BODY, buttons(*[YES] * 11)], INVALID, "1 to 10"),
    ({}, [BODY, buttons(PHONE, PHONE)], INVALID, "at most 1"),
    ({}, [BODY, buttons(SITE, SITE, SITE)], INVALID, "at most 2"),
    ({}, [BODY, buttons(YES, SITE, NO)], INVALID, "stand together"),
    ({}, [BODY, buttons(SITE, YES, PHONE)], INVALID, "stand together"),
    ({}, [BODY, buttons(OTP)], INVALID, "ONE_TAP"),
    ({}, [BODY, buttons(Button(type="MPM", text="All"), YES)], INVALID, "only one"),
    ({}, [BODY, buttons(Button(type="URL", text="Open"))], "MissingUrl", "URL"),
    ({}, [BODY, buttons(Button(type="URL", url=SHOP))], "MissingText", "button"),
    (
        {},
        [BODY, buttons(Button(type="QUICK_REPLY", text="$(a)"))],
        "InvalidParameter.ButtonTextHaveVariable",
        "same for everyone",
    ),
    ({}, [BODY, buttons(Button(type="QUICK_REPLY", text="x" * 26))], INVALID, "25"),
    ({}, [BODY, buttons(Button(type="URL", text="a", url=f"{SHOP}/$(a)$(b)"))], URL_MORE, "more than one"),
    ({}, [BODY, buttons(Button(type="URL", text="a", url=f"{SHOP}/$(a)/x"))], INVALID, "its end"),
    (
        {},
        [BODY, buttons(Button(type="URL", text="a", url=SHOP, url_type="dynamic"))],
        INVALID,
        "a variable is dynamic",
    ),
    (
        {},
        [BODY, buttons(Button(type="PHONE_NUMBER", text="a", phone_number="x"))],
        "InvalidParameter.PhoneNumberError",
        "phone number",
    ),
    ({}, [BODY, buttons(Button(type="COPY_CODE"))], "MissingCouponCode", "COPY_CODE"),
    ({}, [BODY, buttons(Button(type="COPY_CODE", coupon_code="a b"))], INVALID, "letters"),
    ({}, [BODY, buttons(Button(type="FLOW", text="Go"))], "MissingFlowId", "FLOW"),
    (
        {},
        [BODY, buttons(Button(type="FLOW", text="Go", flow_id="1", flow_action="NAVIGATE"))],
        "MissingNavigateScreen",
        "NAVIGATE",
    ),
    ({"category": "AUTHENTICATION"}, [PICTURE, CODE_BODY, buttons(OTP)], HEADER_TYPE, "HEADER"),
    ({"category": "AUTHENTICATION"}, [BODY, buttons(OTP)], MESSAGE_INVALID, "empty"),
    ({"category": "AUTHENTICATION"}, [CODE_BODY], INVALID, "one button"),
    ({"category": "AUTHENTICATION"}, [CODE_BODY, buttons(YES)], INVALID, "ZERO_TAP"),
    (
        {"category": "AUTHENTICATION"},
        [CODE_BODY, buttons(Button(type="ONE_TAP", text="a", autofill_text="b"))],
        "MissingPackageName",
        "PackageName",
    ),
    (
        {"category": "AUTHENTICATION"},
        [CODE_BODY, Component(type="FOOTER", code_expiration_minutes=91), buttons(OTP)],
        INVALID,
        "90",
    ),
    (
        {"category": "UTILITY"},
        [BODY, Component(type="CAROUSEL", cards=[card("a"), card("b")])],
        INVALID,
        "MARKETING",
    ),
    ({}, [BODY, Component(type="CAROUSEL", cards=[card("a")])], INVALID, "2 to 10"),
    (
        {},
        [BODY, FOOTER, Component(type="CAROUSEL", cards=[card("a"), card("b")])],
        INVALID,
        "BODY alone",
    ),
    (
        {},
        [BODY, Component(type="CAROUSEL", cards=[card("a"), Card(card_components=[])])],
        INVALID,
        "Cards[1]",
    ),
    ({}, [BODY, Component(type="CAROUSEL", cards=[card("x" * 161), card("b")])], INVALID, "160"),
    ({}, [BODY, OFFER], INVALID, "BUTTONS"),
    ({}, [BODY, FOOTER, OFFER, buttons(COUPON)], INVALID, "no FOOTER"),
    (
        {},
        [BODY, Component(type="LIMITED_TIME_OFFER", text="x" * 17), buttons(COUPON)],
        INVALID,
        "16",
    ),
]


@pytest.mark.parametrize(("change", "components", "code", "word"), FAULTS)
def test_a_bad_template(
    sandbox: Sandbox, change: dict[str, Any], components: list[Component], code: str, word: str
) -> None:
    params = {"template_type": "WHATSAPP", "category": "MARKETING", "language": "en", "name": new_name()}
    refusal = refused(sandbox, "create_chatapp_template", components=components, **{**params, **change})
    assert (refusal.status, refusal.code) == (400, code), refusal.message
    assert word in refusal.message


def test_a_name_is_of_one_channel(sandbox: Sandbox) -> None:
    name = new_name()
    make(sandbox, name, [BODY], template_type="WHATSAPP")
    params = {"template_type": "VIBER", "category": "MARKETING", "language": "zh_CN", "components": [BODY]}
    refusal = refused(sandbox, "create_chatapp_template", name=name, **params)
    assert refusal.code == "InvalidParameter.TemplateNameExist"
    assert "WHATSAPP" in refusal.message
