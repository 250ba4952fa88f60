"""The buttons of a WhatsApp template, checked and turned into what a message says for each of them.

The rules of ChatApp: other-operations.md, CreateChatappTemplate, and the SDK's notes on `Buttons`. Lengths
that ChatApp leaves open are Meta's ("Template components").
"""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from waypost.model.faults import Fault
from waypost.model.quoting import quoted
from waypost.model.templates.template import variables

INVALID = "InvalidComponents"
BUTTON_HAS_VARIABLE = "InvalidParameter.ButtonTextHaveVariable"
URL_HAS_VARIABLES = "InvalidParameter.UrlMoreVarable"
PHONE_NUMBER = "InvalidParameter.PhoneNumberError"

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
    """Which buttons there can be.

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


def read_buttons(given: object, where: str, rule: ButtonRule) -> tuple[list[dict[str, str]], list[Fault]]:
    """Checks buttons.

    Returns:
        Of each its `kind` (its Type, or `OTP`) and the `value` that a message says for it, with variables and
        without the part of a URL that is fixed; empty for nothing. And everything that is wrong.
    """
    if (
        not isinstance(given, list)
        or not 0 < len(given) <= rule.most
        or not all(isinstance(button, dict) for button in given)
    ):
        return [], [Fault(INVALID, where, f"a list of 1 to {rule.most} objects is needed.")]
    made: list[dict[str, str]] = []
    faults: list[Fault] = []
    for place, button in enumerate(given):
        at = f"{where}[{place}]"
        kind = str(button.get("Type") or "").upper()
        if not kind:
            faults.append(Fault("MissingType", f"{at}.Type", "it is missing; every button needs it."))
        elif kind not in rule.kinds:
            text = f"{quoted(kind)} is not allowed here; allowed are {', '.join(rule.kinds)}."
            faults.append(Fault(INVALID, f"{at}.Type", text))
        else:
            faults += _text(button, kind, at)
            value, wrong = _value(button, kind, at, authentication=rule is OF_AUTHENTICATION)
            faults += wrong
            made.append({"kind": OTP if rule is OF_AUTHENTICATION else kind, "value": value})
    return made, faults or _together([button["kind"] for button in made], where, rule)


def _together(kinds: Sequence[str], where: str, rule: ButtonRule) -> list[Fault]:
    faults = [
        Fault(INVALID, where, f"there are {kinds.count(kind)} {kind} buttons; at most {most} is allowed.")
        for kind, most in rule.most_of.items()
        if kinds.count(kind) > most
    ]
    for alone in ("MPM", "CATALOG"):
        if alone in kinds and len(kinds) > 1:
            faults.append(Fault(INVALID, where, f"a {alone} button is the only one of its template."))
    replies = [kind == "QUICK_REPLY" for kind in kinds]
    if sum(one is not other for one, other in pairwise(replies)) > 1:
        text = "QUICK_REPLY buttons stand together, before the others or after them."
        faults.append(Fault(INVALID, where, text))
    return faults


def _text(button: Button, kind: str, at: str) -> list[Fault]:
    text = button.get("Text")
    # Meta writes the text of a coupon's button itself.
    if not text and kind in ("COPY_CODE", "ZERO_TAP", "MPM", "CATALOG"):
        return []
    if not isinstance(text, str) or not text:
        return [Fault("MissingText", f"{at}.Text", "it is missing; a button needs it.")]
    if variables(text) or "{{" in text:
        said = f"{quoted(text)} has a variable; the text of a button is the same for everyone."
        return [Fault(BUTTON_HAS_VARIABLE, f"{at}.Text", said)]
    if len(text) > _LONGEST_TEXT:
        said = f"it has {len(text)} characters; at most {_LONGEST_TEXT} are allowed."
        return [Fault(INVALID, f"{at}.Text", said)]
    return []


def _value(button: Button, kind: str, at: str, *, authentication: bool) -> tuple[str, list[Fault]]:
    if authentication:
        return CODE_VARIABLE, _of_authentication(button, kind, at)
    match kind:
        case "URL":
            return _url(button, at)
        case "PHONE_NUMBER":
            number = button.get("PhoneNumber")
            if not isinstance(number, str) or not _PHONE.fullmatch(number):
                text = f"{quoted(str(number or ''))} is not a phone number."
                return "", [Fault(PHONE_NUMBER, f"{at}.PhoneNumber", text)]
        case "COPY_CODE":
            return _coupon(button, at)
        case "FLOW":
            return "", _flow(button, at)
    return "", []


def _url(button: Button, at: str) -> tuple[str, list[Fault]]:
    url = button.get("Url")
    if not isinstance(url, str) or not url:
        return "", [Fault("MissingUrl", f"{at}.Url", "it is missing; a URL button needs it.")]
    found = variables(url)
    if len(found) > 1 or url.count("$(") > len(found) or "{{" in url:
        said = f"{quoted(url)} has more than one variable, or one that is not written $(name)."
        return "", [Fault(URL_HAS_VARIABLES, f"{at}.Url", said)]
    if not url.lower().startswith(("http://", "https://")) or len(url) > _LONGEST_URL:
        said = f"{quoted(url)} is not allowed; an http or https URL of at most {_LONGEST_URL} characters is."
        return "", [Fault(INVALID, f"{at}.Url", said)]
    kind = str(button.get("UrlType") or ("dynamic" if found else "static")).lower()
    if kind not in ("static", "dynamic") or (kind == "dynamic") is not bool(found):
        said = f"{quoted(kind)} is not allowed; a URL with a variable is dynamic, any other static."
        return "", [Fault(INVALID, f"{at}.UrlType", said)]
    if not found:
        return "", []
    variable = f"$({found[0]})"
    if not url.endswith(variable):
        said = f"{quoted(url)} goes on after its variable, which must be its end."
        return "", [Fault(INVALID, f"{at}.Url", said)]
    return variable, []


def _coupon(button: Button, at: str) -> tuple[str, list[Fault]]:
    code = button.get("CouponCode")
    if not isinstance(code, str) or not code:
        return "", [Fault("MissingCouponCode", f"{at}.CouponCode", "it is missing; a COPY_CODE needs it.")]
    if is_coupon_code(code) or (len(variables(code)) == 1 and code == f"$({variables(code)[0]})"):
        return code, []
    text = f"{quoted(code)} is not allowed; 1 to {_LONGEST_CODE} letters and digits or one variable are."
    return "", [Fault(INVALID, f"{at}.CouponCode", text)]


def is_coupon_code(code: str) -> bool:
    """Whether it is letters and digits, and not too many."""
    return _CODE.fullmatch(code) is not None


def _flow(button: Button, at: str) -> list[Fault]:
    action = str(button.get("FlowAction") or "NAVIGATE").upper()
    if not button.get("FlowId"):
        return [Fault("MissingFlowId", f"{at}.FlowId", "it is missing; a FLOW button needs it.")]
    if action not in _FLOW_ACTIONS:
        text = f"{quoted(action)} is not allowed; allowed are {', '.join(_FLOW_ACTIONS)}."
        return [Fault(INVALID, f"{at}.FlowAction", text)]
    if action == "NAVIGATE" and button.get("FlowAction") and not button.get("NavigateScreen"):
        text = "it is missing; FlowAction NAVIGATE needs it."
        return [Fault("MissingNavigateScreen", f"{at}.NavigateScreen", text)]
    return []


def _of_authentication(button: Button, kind: str, at: str) -> list[Fault]:
    if kind == "COPY_CODE":
        return [] if button.get("Text") else [_missing("Text", kind, at)]
    faults = [_missing(member, kind, at) for member in ("Text", "AutofillText") if not button.get(member)]
    apps = button.get("SupportedApps") or [button]
    for app in apps if isinstance(apps, list) else [apps]:
        faults += [
            _missing(member, kind, at)
            for member in ("PackageName", "SignatureHash")
            if not isinstance(app, dict) or not app.get(member)
        ]
    return faults


def _missing(member: str, kind: str, at: str) -> Fault:
    return Fault(f"Missing{member}", f"{at}.{member}", f"it is missing; a {kind} button needs it.")
