"""The faults of a template's components that several kinds of component share."""

from waypost.model import codes
from waypost.model.faults import NO_VALUE, Fault

COMPONENTS = "Components"
"""The parameter that holds the components."""

MANY_VARIABLES = "has more than one variable, or one that is not written $(name)"
"""What is wrong with a text that may have one variable."""


def invalid_member(path: str, problem: str, allowed: str = "", value: object = NO_VALUE) -> Fault:
    """A fault of a component or its member for which there is no special code."""
    return Fault(codes.invalid(COMPONENTS), path, problem, allowed, value)


def missing_member(path: str, member: str, owner: str) -> Fault:
    """The fault of a missing member.

    Args:
        path: of what should have the member, as `Components.BODY`.
        owner: what that is, in words (`a BODY`).
    """
    return Fault(codes.missing(member), f"{path}.{member}", "it is missing", f"{owner} needs it")


def repeated(path: str, kind: str) -> Fault:
    """The fault of a second component with the same Type."""
    return invalid_member(path, f"there is a {kind} already", "one is allowed")


def among(words: tuple[str, ...]) -> str:
    """The allowed part of a fault whose value is one of some words: `allowed are BODY, HEADER`."""
    return f"allowed are {', '.join(words)}"


def numbered_variable(path: str, text: str) -> Fault:
    """The fault of a BODY that writes variables as Meta does, `{{1}}`."""
    problem, allowed = "has a variable of the form {{1}}", "variables are written $(name)"
    return Fault(codes.MESSAGE_INVALID, path, problem, allowed, text)


def variable_in_button(path: str, text: str) -> Fault:
    """The fault of a button whose text has a variable."""
    allowed = "the text of a button is the same for everyone"
    return Fault(codes.BUTTON_TEXT_HAVE_VARIABLE, path, "has a variable", allowed, text)


def check_length(text: str, longest: int, path: str) -> list[Fault]:
    """The fault of a text that is too long, in characters."""
    if len(text) <= longest:
        return []
    return [invalid_member(path, f"it has {len(text)} characters", f"at most {longest} are allowed")]
