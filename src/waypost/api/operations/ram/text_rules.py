"""Rules for the texts of users, policies and roles: allowed characters and lengths.

    FREE_TEXT.parameter("Comments", "Stored and shown again.", "Sends the newsletter")

A text that breaks a rule is refused with the code `InvalidParameter.<Parameter>.<violation>`. Source of the
characters and lengths: the pages of CreateUser, CreatePolicy and CreateRole of ram.
"""

import re
from functools import partial
from typing import Annotated, NamedTuple

from waypost.api.description import Decoded, Parameter
from waypost.model import codes
from waypost.model.faults import Fault


class TextRule(NamedTuple):
    """The characters and the length that a text may have.

    Attributes:
        characters: the allowed characters, in words.
        longest: the largest number of characters.
        pattern: matches the whole text; None allows printable characters, tabs and new lines.
        violation: the last part of the error code for other characters.
    """

    characters: str
    longest: int
    pattern: re.Pattern[str] | None = None
    violation: str = "InvalidChars"

    def parameter(
        self, name: str, description: str, example: str = "", *, required: bool = False
    ) -> Parameter:
        """Describes a parameter whose text must follow this rule."""
        characters = self.characters[0].upper() + self.characters[1:]
        return Parameter(
            name,
            f"{description} {characters}, at most {self.longest}.",
            example,
            required=required,
            invalid=codes.invalid_text(name, self.violation),
            decode=partial(self.decode, name),
            decode_codes=(codes.invalid_text(name, "Length"),),
        )

    def decode(self, name: str, text: str) -> Decoded:
        """Returns the text, or the fault if it breaks the rule; `name` is the parameter."""
        if len(text) > self.longest:
            return None, [too_long(name, f"{len(text)} characters", self.longest)]
        return self.decode_characters(name, text)

    def decode_characters(self, name: str, text: str) -> Decoded:
        """Returns the text, or the fault if it has other characters; does not check the length."""
        if self.pattern is not None:
            fits = self.pattern.fullmatch(text) is not None
        else:
            fits = all(char.isprintable() or char in "\r\n\t" for char in text)
        if fits:
            return text, ()
        code = codes.invalid_text(name, self.violation)
        return None, [Fault(code, name, "is not allowed", f"{self.characters} are", text)]


def too_long(name: str, length: str, longest: int) -> Fault:
    """The fault of a text longer than `longest`; `length` is its actual length, with the unit."""
    allowed = f"at most {longest} are allowed"
    return Fault(codes.invalid_text(name, "Length"), name, f"it has {length}", allowed)


USER_NAME_TEXT = TextRule("letters, digits, . _ and -", 64, re.compile(r"[A-Za-z0-9._-]+"))
POLICY_NAME_TEXT = TextRule("letters, digits and -", 128, re.compile(r"[A-Za-z0-9-]+"))
ROLE_NAME_TEXT = TextRule("letters, digits, . and -", 64, re.compile(r"[A-Za-z0-9.-]+"))
VERSION_ID_TEXT = TextRule("v and a number", 10, re.compile(r"v[1-9][0-9]{0,8}"), "Format")
EMAIL_TEXT = TextRule("an address such as alice@example.com", 128, re.compile(r"[^\s@]+@[^\s@]+"), "Format")
PHONE_TEXT = TextRule(
    "country code, - and number, as 86-18600008888", 32, re.compile(r"[0-9]{1,4}-[0-9]{4,15}"), "Format"
)
FREE_TEXT = TextRule("printable characters", 128)
DESCRIPTION_TEXT = TextRule("printable characters", 1024)

USER_NAME = USER_NAME_TEXT.parameter("UserName", "The user.", "alice", required=True)
UserName = Annotated[str, USER_NAME]
RoleName = Annotated[str, ROLE_NAME_TEXT.parameter("RoleName", "The role.", "courier", required=True)]
PolicyName = Annotated[str, POLICY_NAME_TEXT.parameter("PolicyName", "The policy.", "senders", required=True)]
VersionId = Annotated[str, VERSION_ID_TEXT.parameter("VersionId", "The version.", "v2", required=True)]

POLICY_TYPE = Parameter(
    "PolicyType",
    "Whether the policy is the account's own or one that every account has.",
    "Custom",
    required=True,
    allowed=("Custom", "System"),
    invalid=codes.INVALID_POLICY_TYPE,
)
PolicyTypeName = Annotated[str, POLICY_TYPE]
