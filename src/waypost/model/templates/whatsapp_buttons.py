"""The buttons of a WhatsApp template, checked and converted to the buttons of its messages.

The rules of ChatApp: other-operations.md, CreateChatappTemplate, and the SDK's notes on `Buttons`. Lengths
that ChatApp leaves open are Meta's ("Template components").
"""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from waypost.model import codes
from waypost.model.faults import Fault
from waypost.model.templates.component_faults import (
    MANY_VARIABLES,
    among,
    check_length,
    invalid_member,
    missing_member,
    variable_in_button,
)
from waypost.model.templates.template import variables

CODE_VARIABLE = "$(code)"
"""The one-time password of an AUTHENTICATION template, whose texts are Meta's and name no variable."""

OTP = "OTP"
"""What the button of a one-time password is to a message, whichever of the three it is."""

_LONGEST_TEXT = 25
_LONGEST_URL = 2000
_LONGEST_CODE = 15
_PHONE = re.compile(r"\+?[0-9]{5,20}")
_CODE = re.compile(rf"[0-9A-Za-z]{{1,{_LONGEST_CODE}}}")
_FLOW_ACTIONS = ("DATA_EXCHANGE", "NAVIGATE")

Button = Mapping[str, Any]


class ButtonRule(NamedTuple):
    """The rule of one type of button.

    Attributes:
        kinds: the Types.
        most: how many in all.
        most_of: how many of a Type, where it is fewer.
    """

    kinds: tuple[str, ...]
    most: int
    most_of: Mapping[str, int]


OF_TEMPLATE = ButtonRule(
    ("PHONE_NUMBER", "URL", "QUICK_REPLY", "COPY_CODE", "MPM", "CATALOG", "FLOW"),
    10,
    {"PHONE_NUMBER": 1, "URL": 2, "COPY_CODE": 1, "MPM": 1, "CATALOG": 1, "FLOW": 1},
)
OF_AUTHENTICATION = ButtonRule(("COPY_CODE", "ONE_TAP", "ZERO_TAP"), 1, {})
OF_CARD = ButtonRule(("PHONE_NUMBER", "URL", "QUICK_REPLY"), 2, {})


def read_buttons(value: object, path: str, rule: ButtonRule) -> tuple[list[dict[str, str]], list[Fault]]:
    """Checks the buttons of a BUTTONS component.

    Returns:
        Of each its `kind` (its Type, or `OTP`) and the `value` that a message has for it, with variables and
        without the part of a URL that is fixed; empty for nothing. And everything that is wrong.
    """
    if (
        not isinstance(value, list)
        or not 0 < len(value) <= rule.most
        or not all(isinstance(button, dict) for button in value)
    ):
        return [], [invalid_member(path, f"a list of 1 to {rule.most} objects is needed")]
    buttons: list[dict[str, str]] = []
    faults: list[Fault] = []
    authentication = rule is OF_AUTHENTICATION
    for place, button in enumerate(value):
        at = f"{path}[{place}]"
        kind = str(button.get("Type") or "").upper()
        if not kind:
            faults.append(missing_member(at, "Type", "every button"))
        elif kind not in rule.kinds:
            faults.append(invalid_member(f"{at}.Type", "is not allowed here", among(rule.kinds), kind))
        else:
            faults += _check_text(button, kind, at)
            content, content_faults = _read_value(button, kind, at, authentication=authentication)
            faults += content_faults
            buttons.append({"kind": OTP if authentication else kind, "value": content})
    return buttons, faults or _check_combination([button["kind"] for button in buttons], path, rule)


def is_coupon_code(code: str) -> bool:
    """Whether a text is a valid coupon code: letters and digits, up to the maximum length."""
    return _CODE.fullmatch(code) is not None


def _check_combination(kinds: Sequence[str], path: str, rule: ButtonRule) -> list[Fault]:
    faults = [
        invalid_member(path, f"there are {kinds.count(kind)} {kind} buttons", f"at most {most} is allowed")
        for kind, most in rule.most_of.items()
        if kinds.count(kind) > most
    ]
    faults += [
        invalid_member(path, f"a {alone} button is the only one of its template")
        for alone in ("MPM", "CATALOG")
        if alone in kinds and len(kinds) > 1
    ]
    replies = [kind == "QUICK_REPLY" for kind in kinds]
    if sum(one is not other for one, other in pairwise(replies)) > 1:
        faults.append(
            invalid_member(path, "QUICK_REPLY buttons stand together, before the others or after them")
        )
    return faults


def _check_text(button: Button, kind: str, path: str) -> list[Fault]:
    text = button.get("Text")
    # Meta writes the text of a coupon's button itself.
    if not text and kind in ("COPY_CODE", "ZERO_TAP", "MPM", "CATALOG"):
        return []
    if not isinstance(text, str) or not text:
        return [missing_member(path, "Text", "a button")]
    if variables(text) or "{{" in text:
        return [variable_in_button(f"{path}.Text", text)]
    return check_length(text, _LONGEST_TEXT, f"{path}.Text")


def _read_value(button: Button, kind: str, path: str, *, authentication: bool) -> tuple[str, list[Fault]]:
    if authentication:
        return CODE_VARIABLE, _check_authentication(button, kind, path)
    match kind:
        case "URL":
            return _read_url(button, path)
        case "PHONE_NUMBER":
            return "", _check_phone_number(button, path)
        case "COPY_CODE":
            return _read_coupon(button, path)
        case "FLOW":
            return "", _check_flow(button, path)
    return "", []


def _check_phone_number(button: Button, path: str) -> list[Fault]:
    number = button.get("PhoneNumber")
    if isinstance(number, str) and _PHONE.fullmatch(number):
        return []
    parameter, problem = f"{path}.PhoneNumber", "is not a phone number"
    return [Fault(codes.PHONE_NUMBER_ERROR, parameter, problem, value=str(number or ""))]


def _read_url(button: Button, path: str) -> tuple[str, list[Fault]]:
    url = button.get("Url")
    if not isinstance(url, str) or not url:
        return "", [missing_member(path, "Url", "a URL button")]
    names = variables(url)
    if len(names) > 1 or url.count("$(") > len(names) or "{{" in url:
        return "", [Fault(codes.URL_MORE_VARABLE, f"{path}.Url", MANY_VARIABLES, value=url)]
    if not url.lower().startswith(("http://", "https://")) or len(url) > _LONGEST_URL:
        allowed = f"an http or https URL of at most {_LONGEST_URL} characters is"
        return "", [invalid_member(f"{path}.Url", "is not allowed", allowed, url)]
    kind = str(button.get("UrlType") or ("dynamic" if names else "static")).lower()
    if kind not in ("static", "dynamic") or (kind == "dynamic") is not bool(names):
        allowed = "a URL with a variable is dynamic, any other static"
        return "", [invalid_member(f"{path}.UrlType", "is not allowed", allowed, kind)]
    if not names:
        return "", []
    variable = f"$({names[0]})"
    if not url.endswith(variable):
        problem = "goes on after its variable, which must be its end"
        return "", [invalid_member(f"{path}.Url", problem, value=url)]
    return variable, []


def _read_coupon(button: Button, path: str) -> tuple[str, list[Fault]]:
    code = button.get("CouponCode")
    if not isinstance(code, str) or not code:
        return "", [missing_member(path, "CouponCode", "a COPY_CODE")]
    names = variables(code)
    if is_coupon_code(code) or (len(names) == 1 and code == f"$({names[0]})"):
        return code, []
    allowed = f"1 to {_LONGEST_CODE} letters and digits or one variable are"
    return "", [invalid_member(f"{path}.CouponCode", "is not allowed", allowed, code)]


def _check_flow(button: Button, path: str) -> list[Fault]:
    action = str(button.get("FlowAction") or "NAVIGATE").upper()
    if not button.get("FlowId"):
        return [missing_member(path, "FlowId", "a FLOW button")]
    if action not in _FLOW_ACTIONS:
        return [invalid_member(f"{path}.FlowAction", "is not allowed", among(_FLOW_ACTIONS), action)]
    if action == "NAVIGATE" and button.get("FlowAction") and not button.get("NavigateScreen"):
        return [missing_member(path, "NavigateScreen", "FlowAction NAVIGATE")]
    return []


def _check_authentication(button: Button, kind: str, path: str) -> list[Fault]:
    owner = f"a {kind} button"
    if kind == "COPY_CODE":
        return [] if button.get("Text") else [missing_member(path, "Text", owner)]
    faults = [
        missing_member(path, member, owner) for member in ("Text", "AutofillText") if not button.get(member)
    ]
    apps = button.get("SupportedApps") or [button]
    for app in apps if isinstance(apps, list) else [apps]:
        faults += [
            missing_member(path, member, owner)
            for member in ("PackageName", "SignatureHash")
            if not isinstance(app, dict) or not app.get(member)
        ]
    return faults
