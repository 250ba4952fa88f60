"""What customers set by call: one at least of every kind of entry, and of every state that one can be in."""

from typing import Any

from alibabacloud_cams20200606 import models
from alibabacloud_cams20200606.models import ArchiveChatappTemplateRequestTemplateList as Named
from alibabacloud_cams20200606.models import CreateChatappTemplateRequestComponents as Component
from alibabacloud_cams20200606.models import CreateChatappTemplateRequestComponentsButtons as Button
from alibabacloud_cams20200606.models import CreateChatappTemplateRequestComponentsCards as Card
from alibabacloud_cams20200606.models import (
    CreateChatappTemplateRequestComponentsCardsCardComponents as CardComponent,
)
from alibabacloud_cams20200606.models import (
    CreateChatappTemplateRequestComponentsCardsCardComponentsButtons as CardButton,
)
from tests.sdk.access import Credentials, policy, ram
from tests.sdk.operations import call, own
from tests.upgrade.inventory import KEY, Caller

FILE = "https://files.example.com/a.jpg"
SHOP = "https://shop.example.com"
BODY = Component(type="BODY", text="Hello $(name)")
PICTURE = Component(type="HEADER", format="IMAGE", url=FILE)
COUPON = Button(type="COPY_CODE", coupon_code="$(coupon)")
SITE = Button(type="URL", text="Site", url=SHOP)
OPEN = Button(type="URL", text="Open", url=f"{SHOP}/$(path)", url_type="dynamic")


def buttons(*of: Button) -> Component:
    return Component(type="BUTTONS", buttons=list(of))


def _card(title: str) -> Card:
    return Card(
        card_components=[
            CardComponent(type="HEADER", format="IMAGE", url=FILE),
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


# Name, channel, category, components, and the state that the review is left in.
TEMPLATES: list[tuple[str, str, str, list[Component], str]] = [
    ("spring", "VIBER", "MARKETING", [BODY, buttons(OPEN)], "pass"),
    ("reject_this", "VIBER", "MARKETING", [BODY], "fail"),
    ("not_looked_at", "VIBER", "UTILITY", [BODY], "unaudit"),
    ("looked_at", "WHATSAPP", "UTILITY", [BODY], "auditing"),
    ("order", "WHATSAPP", "UTILITY", [BODY], "pass"),
    (
        "parts",
        "WHATSAPP",
        "UTILITY",
        [
            Component(type="HEADER", format="TEXT", text="News for $(who)"),
            BODY,
            Component(type="FOOTER", text="Bye"),
            buttons(
                Button(type="QUICK_REPLY", text="Yes"),
                OPEN,
                Button(type="PHONE_NUMBER", text="Call", phone_number="+4915112345678"),
            ),
        ],
        "pass",
    ),
    (
        "password",
        "WHATSAPP",
        "AUTHENTICATION",
        [
            Component(type="BODY", add_secret_recommendation=True),
            Component(type="FOOTER", code_expiration_minutes=5),
            buttons(
                Button(
                    type="ONE_TAP",
                    text="Copy",
                    autofill_text="Fill",
                    package_name="com.example",
                    signature_hash="K8a",
                )
            ),
        ],
        "pass",
    ),
    (
        "cards",
        "WHATSAPP",
        "MARKETING",
        [BODY, Component(type="CAROUSEL", cards=[_card("One for $(name)"), _card("Two")])],
        "pass",
    ),
    (
        "offer",
        "WHATSAPP",
        "MARKETING",
        [
            PICTURE,
            Component(type="BODY", text="Hello $(name)! Order $(order)."),
            Component(type="LIMITED_TIME_OFFER", text="Ends soon", has_expiration=True),
            buttons(COUPON, SITE),
        ],
        "pass",
    ),
    ("put_away", "WHATSAPP", "UTILITY", [BODY], "pass"),
    ("stopped", "WHATSAPP", "UTILITY", [BODY], "pass"),
]


def templates(caller: Caller) -> dict[str, str]:
    """Makes them all and has them reviewed; their codes by their names."""
    codes = {}
    for name, channel, category, components, state in TEMPLATES:
        made = call(
            caller,
            "create_chatapp_template",
            key=KEY,
            name=name,
            template_type=channel,
            category=category,
            language="en",
            components=components,
            example={"name": "Zoe"} if components == [BODY] else None,
        )
        code = codes[name] = str(made["Data"]["TemplateCode"])
        if state != "unaudit":
            reason = "The text is misleading." if state == "fail" else ""
            review = {"code": code, "status": state, "reason": reason}
            caller.process.post("/review/template", review)
    other = {"template_type": "VIBER", "category": "MARKETING", "language": "zh_CN", "components": [BODY]}
    assert call(caller, "create_chatapp_template", key=KEY, name="spring", **other)
    whose = {"cust_space_id": "cams-acme0000main"}
    call(
        caller,
        "archive_chatapp_template",
        key=KEY,
        archive_type="ARCHIVED",
        channel_type="WHATSAPP",
        template_list=[Named(template_code=codes["put_away"], language="en")],
        **whose,
    )
    call(
        caller,
        "modify_chatapp_template_properties",
        key=KEY,
        template_code=codes["stopped"],
        language="en",
        template_type="WHATSAPP",
        allow_send=False,
        **whose,
    )
    return codes


def _record(name: str) -> models.AddAuditViberOpenRequestAuditRecord:
    return models.AddAuditViberOpenRequestAuditRecord(
        business_account_name=name,
        industry_involved="Retail",
        message_destination_country=["UA", "DE"],
        contact_email="acme@example.com",
    )


def space(caller: Caller, name: str) -> str:
    made = call(
        caller,
        "create_instance",
        key=KEY,
        channel_type="VIBER",
        instance_name=name,
        instance_description="For the shop's customers",
        contact_mail="shop@example.com",
        country_id="UA",
    )
    return str(made["Data"]["InstanceId"])


def viber_sender(caller: Caller, of: str, name: str, status: str, service: str = "") -> str:
    """Asks for a sender of a space, and has the request reviewed; its number."""
    body = call(caller, "add_audit_viber_open", key=KEY, cust_space_id=of, audit_record=_record(name))
    number = str(body["Data"]["RequestNo"])
    _reviewed(caller, number, status, service)
    return number


def viber_change(caller: Caller, of: str, kind: str, status: str = "pass", **record: Any) -> str:
    """Asks for a change of the sender of a space, and has the request reviewed; its number."""
    body = call(
        caller,
        "add_address_recover_suspend",
        key=KEY,
        cust_space_id=of,
        request_type=kind,
        audit_record=models.AddAddressRecoverSuspendRequestAuditRecord(**record) if record else None,
    )
    number = str(body["Data"]["RequestNo"])
    _reviewed(caller, number, status)
    return number


def _reviewed(caller: Caller, number: str, status: str, service: str = "") -> None:
    if status != "unaudit":
        reason = "The logo is missing." if status == "fail" else ""
        review = {"number": number, "status": status, "reason": reason, "service": service}
        caller.process.post("/review/sender", review)


def viber_senders(caller: Caller) -> tuple[str, list[str]]:
    """Requests in each state and of each kind; the space whose sender is to be suspended, and the numbers."""
    new, refused, changed, paused = (space(caller, name) for name in ("New", "Refused", "Changed", "Paused"))
    numbers = [
        viber_sender(caller, new, "Acme new", "unaudit"),
        viber_sender(caller, refused, "Acme refused", "fail"),
        viber_sender(caller, changed, "Acme changed", "pass", "25644"),
        viber_change(caller, changed, "address", message_destination_country=["FR"], apply_reason="growth"),
        viber_change(caller, changed, "suspend", suspension_date="2026-03-04"),
        viber_sender(caller, paused, "Acme paused", "pass", "25645"),
        viber_change(caller, paused, "address", "fail", message_destination_country=["PL"]),
    ]
    return paused, numbers


def fallbacks(caller: Caller) -> tuple[str, str]:
    """A rule and a policy of three steps; their ids."""
    rule = own(caller, "CreateFallbackRule", key=KEY, RuleName="by SMS", ChannelType="sms", SenderId="Acme")
    rule_id = str(rule["Data"]["RuleId"])
    steps: list[dict[str, Any]] = [
        {"ChannelType": "viber", "SenderId": "20001", "Condition": "failed"},
        {"RuleId": rule_id, "Wait": 200},
    ]
    made = own(caller, "CreateFallbackPolicy", key=KEY, PolicyName="chain", Steps=steps)
    return rule_id, str(made["Data"]["FallBackId"])


def access(caller: Caller, by: Credentials) -> dict[str, tuple[str, str]]:
    """Users with keys, policies with versions, roles, and what is attached to whom; each user's key."""
    ram(caller, "create_user", by=by, user_name="clerk", display_name="Clerk", email="clerk@example.com")
    ram(caller, "create_user", by=by, user_name="idle")
    for name, description in (("sending", "May send"), ("reading", "May read")):
        action = "cams:Send*" if name == "sending" else "cams:List*"
        document = policy(action, "sts:AssumeRole")
        ram(
            caller,
            "create_policy",
            by=by,
            policy_name=name,
            policy_document=document,
            description=description,
        )
    for place, action in enumerate(("cams:SendChatappMessage", "cams:SendChatappMassMessage")):
        document = policy(action, "sts:AssumeRole")
        ram(
            caller,
            "create_policy_version",
            by=by,
            policy_name="sending",
            policy_document=document,
            set_as_default=place == 0,
        )
    trust = policy("sts:AssumeRole")["Statement"][0]
    del trust["Resource"]
    trust |= {"Action": "sts:AssumeRole", "Principal": {"RAM": ["acs:ram::acme:root"]}}
    document = {"Version": "1", "Statement": [trust]}
    ram(
        caller,
        "create_role",
        by=by,
        role_name="courier",
        assume_role_policy_document=document,
        description="Sends",
        max_session_duration=7200,
    )
    ram(
        caller, "attach_policy_to_user", by=by, policy_type="Custom", policy_name="sending", user_name="clerk"
    )
    ram(
        caller,
        "attach_policy_to_user",
        by=by,
        policy_type="System",
        policy_name="AliyunRAMReadOnlyAccess",
        user_name="clerk",
    )
    ram(
        caller,
        "attach_policy_to_role",
        by=by,
        policy_type="Custom",
        policy_name="sending",
        role_name="courier",
    )
    keys = {}
    for user, enabled in (("clerk", True), ("idle", False)):
        key = ram(caller, "create_access_key", by=by, user_name=user)["AccessKey"]
        keys[user] = key["AccessKeyId"], key["AccessKeySecret"]
        if not enabled:
            ram(
                caller,
                "update_access_key",
                by=by,
                user_name=user,
                user_access_key_id=key["AccessKeyId"],
                status="Inactive",
            )
    return keys


def receipts(caller: Caller, url: str) -> None:
    """Where receipts go, set for a space and for two senders."""
    call(
        caller,
        "update_account_webhook",
        key=KEY,
        cust_space_id="cams-acme0queues",
        http_flag="N",
        queue_flag="Y",
    )
    whose = {"cust_space_id": "cams-acme0000main"}
    call(
        caller,
        "update_phone_webhook",
        key=KEY,
        phone_number="15550100001",
        http_flag="Y",
        status_callback_url=f"{url}/chosen",
        up_callback_url=f"{url}/chosen-inbound",
        **whose,
    )
    call(caller, "update_phone_webhook", key=KEY, phone_number="20003", queue_flag="N", **whose)
