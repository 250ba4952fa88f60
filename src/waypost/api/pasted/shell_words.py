"""The commands of a piece of shell, as words: quotes, escapes, and variables that the text itself sets.

Nothing is executed. What only a shell could know, the output of a command or a variable that is not set in
the text, is `UNKNOWN` within a word.
"""

import re
from collections.abc import Iterator

from waypost.api.pasted.not_a_request import NotARequestError

UNKNOWN = "\udfff"
"""Stands in a word for what only a shell could know; no text in UTF-8 has it."""

# Variables that are set from variables would otherwise double with each line.
_MOST_EXPANDED = 8 * 1024 * 1024

_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)", re.DOTALL)
_VARIABLE = re.compile(r"\$(?:([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)\})")
_PLAIN = re.compile(r"[^\s'\"\\$`;|&()<>#]+")
_IN_DOUBLE_QUOTES = re.compile(r'[^"\\$`]+')
_ANSI_ESCAPE = re.compile(
    r"\\(?:x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{1,4})|U([0-9A-Fa-f]{1,8})|([0-7]{1,3})|(.))", re.DOTALL
)
_ANSI_NAMES = {"n": "\n", "r": "\r", "t": "\t", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "e": "\x1b"}
_END_OF_COMMAND = ";|&\n()<>"


def shell_commands(text: str) -> list[list[str]]:
    """Splits a text into its commands, each a list of words; assignments before a command are left out.

    Raises:
        NotARequestError: a quote or a `$(` has no end, or the variables come to too much.
    """
    return list(_Reader(text).commands())


class _Reader:
    """Reads a text once, from its start to its end."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._variables: dict[str, str] = {}
        self._expanded = 0

    def commands(self) -> Iterator[list[str]]:
        words: list[str] = []
        while self._at < len(self._text):
            char = self._text[self._at]
            if self._text.startswith(("\\\n", "\\\r\n"), self._at):
                self._at = self._text.index("\n", self._at) + 1
            elif char == "#":
                end = self._text.find("\n", self._at)
                self._at = len(self._text) if end < 0 else end
            elif char in _END_OF_COMMAND:
                self._at += 1
                if words:
                    yield words
                words = []
            elif char.isspace():
                self._at += 1
            else:
                word = self._word()
                assignment = _ASSIGNMENT.fullmatch(word) if not words else None
                if assignment is None:
                    words.append(word)
                else:
                    self._variables[assignment[1]] = assignment[2]
        if words:
            yield words

    def _word(self) -> str:
        pieces: list[str] = []
        while self._at < len(self._text):
            char = self._text[self._at]
            if char.isspace() or char in _END_OF_COMMAND:
                break
            if self._text.startswith(("\\\n", "\\\r\n"), self._at):
                break
            pieces.append(self._piece(char))
        return "".join(pieces)

    def _piece(self, char: str) -> str:
        if plain := _PLAIN.match(self._text, self._at):
            self._at = plain.end()
            return plain[0]
        if char == "'":
            return self._until_quote()
        if char == '"':
            self._at += 1
            return self._double_quoted()
        if char == "\\":
            self._at += 2
            # A last one escapes nothing.
            return self._text[self._at - 1 : self._at] or "\\"
        if self._text.startswith("$'", self._at):
            return self._ansi_quoted()
        if char in "$`":
            return self._expansion()
        self._at += 1
        return char

    def _until_quote(self) -> str:
        end = self._text.find("'", self._at + 1)
        if end < 0:
            raise NotARequestError("A single quote in the command has no end.")
        start, self._at = self._at + 1, end + 1
        return self._text[start:end]

    def _double_quoted(self) -> str:
        pieces: list[str] = []
        while self._at < len(self._text):
            if plain := _IN_DOUBLE_QUOTES.match(self._text, self._at):
                pieces.append(plain[0])
                self._at = plain.end()
                continue
            char = self._text[self._at]
            if char == '"':
                self._at += 1
                return "".join(pieces)
            if char == "\\":
                escaped = self._text[self._at + 1 : self._at + 2]
                self._at += 2
                pieces.append("" if escaped == "\n" else escaped if escaped in '"\\$`' else f"\\{escaped}")
            else:
                pieces.append(self._expansion())
        raise NotARequestError("A double quote in the command has no end.")

    def _ansi_quoted(self) -> str:
        start = end = self._at + 2
        while self._text[end : end + 1] not in ("'", ""):
            end += 2 if self._text[end] == "\\" else 1
        if end >= len(self._text):
            raise NotARequestError("A quote $' in the command has no end.")
        self._at = end + 1
        return _ANSI_ESCAPE.sub(_ansi_character, self._text[start:end])

    def _expansion(self) -> str:
        if variable := _VARIABLE.match(self._text, self._at):
            self._at = variable.end()
            value = self._variables.get(variable[1] or variable[2], UNKNOWN)
            self._expanded += len(value)
            if self._expanded > _MOST_EXPANDED:
                raise NotARequestError(
                    f"The variables of the command have more than {_MOST_EXPANDED} characters."
                )
            return value
        if self._text.startswith("$(", self._at):
            self._skip_substitution()
            return UNKNOWN
        if self._text[self._at] == "`":
            end = self._text.find("`", self._at + 1)
            if end < 0:
                raise NotARequestError("A back quote in the command has no end.")
            self._at = end + 1
            return UNKNOWN
        self._at += 1
        return "$"

    def _skip_substitution(self) -> None:
        """Goes behind the end of `$(...)`; what is quoted in it cannot end it."""
        depth = 0
        while self._at < len(self._text):
            char = self._text[self._at]
            if char == "'":
                self._until_quote()
                continue
            depth += {"(": 1, ")": -1}.get(char, 0)
            self._at += 2 if char == "\\" else 1
            if char == ")" and depth == 0:
                return
        raise NotARequestError("A $( in the command has no end.")


def _ansi_character(escape: re.Match[str]) -> str:
    code = int(escape[1] or escape[2] or escape[3] or "0", 16) if not escape[4] else int(escape[4], 8)
    if escape[5] is not None:
        return _ANSI_NAMES.get(escape[5], escape[5])
    return chr(code) if code < 0x110000 else UNKNOWN
