"""Texts as literals of each language: whatever the text, the literal has exactly that value.

Characters that cannot be seen, such as line ends and those that change the direction of writing, are escaped,
so that code shows what it does.
"""

import re
from collections.abc import Callable, Mapping

from waypost.api.sdk_code.api_call import CallNotWritableError

_LINE_ENDS = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_MARKER = re.compile(r"<<(\w+)>>")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# A constant of Java has at most 65,535 bytes, of which a character takes up to six.
_LONGEST_OF_JAVA = 10_000
# Linux takes no argument of 128 KiB; a value may have a name before it.
_LONGEST_ARGUMENT = 130_000
_BARE = re.compile(r"[A-Za-z0-9_.,:/@%+-]+")


def filled(template: str, **values: str) -> str:
    """A template with a value in the place of each `<<name>>`; markers within values are left alone."""
    return _MARKER.sub(lambda marker: values[marker[1]], template)


def python_text(text: str) -> str:
    """A text as a literal of Python."""
    if '"' in text and "'" not in text:
        return _quoted(text, "'", {"\\": "\\\\", "'": "\\'", **_LINE_ENDS}, _long_escape)
    return _quoted(text, '"', {"\\": "\\\\", '"': '\\"', **_LINE_ENDS}, _long_escape)


def typescript_text(text: str) -> str:
    """A text as a literal of TypeScript and JavaScript."""
    if '"' in text and "'" not in text:
        return _quoted(text, "'", {"\\": "\\\\", "'": "\\'", **_LINE_ENDS}, _utf16_escape)
    return _quoted(text, '"', {"\\": "\\\\", '"': '\\"', **_LINE_ENDS}, _utf16_escape)


def java_text(text: str) -> str:
    """A text as an expression of Java, whose escapes by code are replaced before a literal is read."""
    if len(text) > _LONGEST_OF_JAVA:
        starts = range(0, len(text), _LONGEST_OF_JAVA)
        return f'String.join("", {", ".join(java_text(text[at : at + _LONGEST_OF_JAVA]) for at in starts)})'
    return _quoted(text, '"', {"\\": "\\\\", '"': '\\"', **_LINE_ENDS}, _java_escape)


def go_text(text: str) -> str:
    """A text as a literal of Go; a raw one where that is easier to read."""
    if '"' in text and "`" not in text and text.isprintable():
        return f"`{text}`"
    return _quoted(text, '"', {"\\": "\\\\", '"': '\\"', **_LINE_ENDS}, _long_escape_of_go)


def php_text(text: str) -> str:
    """A text as a literal of PHP, in which no variable is looked for."""
    if text.isprintable():
        return _quoted(text, "'", {"\\": "\\\\", "'": "\\'"}, _php_escape)
    return _quoted(text, '"', {"\\": "\\\\", '"': '\\"', "$": "\\$", **_LINE_ENDS}, _php_escape)


def csharp_text(text: str) -> str:
    """A text as a literal of C#."""
    return _quoted(text, '"', {"\\": "\\\\", '"': '\\"', **_LINE_ENDS}, _utf16_escape)


def shell_text(text: str) -> str:
    """A text as a word of a POSIX shell.

    Raises:
        CallNotWritableError: it has control characters other than line ends and tabs, on which a terminal
            acts when they are pasted; or it is longer than an argument of a command may be.
    """
    if len(text.encode()) > _LONGEST_ARGUMENT:
        raise CallNotWritableError(
            f"A value has more than {_LONGEST_ARGUMENT} bytes, which an argument of a command cannot have."
        )
    if control := _CONTROLS.search(text):
        code = f"U+{ord(control[0]):04X}"
        raise CallNotWritableError(f"A value has the control character {code}; a terminal would act on it.")
    if _BARE.fullmatch(text):
        return text
    # Line ends and all else are literal between single quotes, which POSIX knows no escape for.
    return "'" + text.replace("'", "'\\''") + "'"


def _quoted(text: str, quote: str, escapes: Mapping[str, str], by_code: Callable[[str], str]) -> str:
    pieces = (escapes.get(char) or (char if char.isprintable() else by_code(char)) for char in text)
    return f"{quote}{''.join(pieces)}{quote}"


def _long_escape(char: str) -> str:
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _long_escape_of_go(char: str) -> str:
    # An escape \xNN is a byte in Go, not a character.
    code = ord(char)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _utf16_escape(char: str) -> str:
    units = char.encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def _java_escape(char: str) -> str:
    return f"\\{ord(char):03o}" if ord(char) < 0x80 else _utf16_escape(char)


def _php_escape(char: str) -> str:
    return f"\\u{{{ord(char):x}}}"
