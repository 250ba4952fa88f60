"""A curl command as the request that curl would send."""

from collections.abc import Iterable, Sequence
from urllib.parse import quote, quote_plus

from waypost.api.pasted.not_a_request import NotARequestError
from waypost.api.pasted.sent_request import SentRequest, request_to_url
from waypost.api.pasted.shell_words import UNKNOWN, shell_commands
from waypost.model.quoting import quoted

_DATA = ("-d", "--data", "--data-ascii", "--data-raw", "--data-binary")
_OPTIONS = {
    "-X": "method",
    "--request": "method",
    "-H": "header",
    "--header": "header",
    "--url": "url",
    "--data-urlencode": "encoded",
    **dict.fromkeys(_DATA, "data"),
    **dict.fromkeys(
        [
            "-A",
            "--user-agent",
            "-e",
            "--referer",
            "-b",
            "--cookie",
            "-o",
            "--output",
            "-m",
            "--max-time",
            "--connect-timeout",
            "-w",
            "--write-out",
            "-x",
            "--proxy",
            "--cacert",
            "-u",
            "--user",
            "--resolve",
            "--retry",
            "-c",
            "--cookie-jar",
            "--interface",
            "--noproxy",
        ],
        "ignored",
    ),
}
"""Options with a value, and what it is."""
_FLAGS = frozenset(
    [
        "-s",
        "--silent",
        "-S",
        "--show-error",
        "-v",
        "--verbose",
        "-i",
        "--include",
        "-k",
        "--insecure",
        "-L",
        "--location",
        "-g",
        "--globoff",
        "-f",
        "--fail",
        "-N",
        "--no-buffer",
        "-4",
        "--ipv4",
        "-6",
        "--ipv6",
        "-0",
        "--http1.0",
        "--http1.1",
        "--http2",
        "--compressed",
        "--fail-with-body",
        "--tcp-nodelay",
        "--path-as-is",
        "-#",
        "--progress-bar",
        "--no-progress-meter",
    ]
)


def curl_request(text: str) -> SentRequest:
    """The request of the first curl command in a text.

    Raises:
        NotARequestError: there is none, it has an option that is not known here, or it needs a file or a
            variable that is not in the text.
    """
    if "^\n" in text or "^\r\n" in text:
        raise NotARequestError("The command is written for cmd of Windows; copy it as cURL for bash.")
    for words in shell_commands(text):
        if words[0].rpartition("/")[2] == "curl":
            return _CurlCommand(words[1:]).request()
    raise NotARequestError("There is no curl command in the text.")


class _CurlCommand:
    """The options of a command, as far as they make its request."""

    def __init__(self, words: Sequence[str]) -> None:
        self._values: dict[str, list[str]] = {
            kind: [] for kind in ("method", "header", "url", "body", "ignored")
        }
        self._in_query = self._head = False
        rest = iter(words)
        for word in rest:
            if word == "--":
                self._values["url"] += rest
            elif word.startswith("--"):
                self._long_option(word, rest)
            elif word.startswith("-") and len(word) > 1:
                self._short_options(word, rest)
            else:
                self._values["url"].append(word)

    def request(self) -> SentRequest:
        urls = self._values["url"]
        if len(urls) != 1:
            raise NotARequestError(f"The curl command has {len(urls)} URLs; one is understood.")
        _require_known("URL", urls[0])
        data = "&".join(self._values["body"])
        url, body = urls[0], data
        if self._in_query and data:
            url, body = f"{url}{'&' if '?' in url else '?'}{data}", ""
        usual = "HEAD" if self._head else "POST" if body else "GET"
        method = self._values["method"][-1] if self._values["method"] else usual
        headers = dict(self._headers())
        if body:
            headers.setdefault("content-type", "application/x-www-form-urlencoded")
        return request_to_url(method, url if "://" in url else f"http://{url}", headers, body)

    def _headers(self) -> Iterable[tuple[str, str]]:
        for line in self._values["header"]:
            name, colon, value = line.partition(":")
            # A header of the signature that the shell would compute: the call is then not signed.
            if colon and UNKNOWN not in line:
                yield name.strip().lower(), value.strip()

    def _long_option(self, word: str, rest: Iterable[str]) -> None:
        name, equals, value = word.partition("=")
        if name in ("--get", "--head"):
            self._flag(name)
        elif name in _OPTIONS:
            self._take(name, value if equals else _next(name, rest))
        elif name not in _FLAGS:
            raise NotARequestError(f"The option {name[:64]} of curl is not understood here; leave it out.")

    def _short_options(self, word: str, rest: Iterable[str]) -> None:
        for at, letter in enumerate(word[1:], 2):
            option = f"-{letter}"
            if option in _OPTIONS:
                self._take(option, word[at:] or _next(option, rest))
                return
            self._flag(option)

    def _flag(self, option: str) -> None:
        if option in ("-G", "--get"):
            self._in_query = True
        elif option in ("-I", "--head"):
            self._head = True
        elif option not in _FLAGS:
            raise NotARequestError(f"The option {option} of curl is not understood here; leave it out.")

    def _take(self, option: str, value: str) -> None:
        kind = _OPTIONS[option]
        if kind in ("method", "encoded", "data"):
            _require_known(f"value of {option}", value)
        if kind == "encoded":
            self._values["body"].append(_url_encoded(value))
        elif kind == "data":
            if value.startswith("@") and option != "--data-raw":
                raise NotARequestError(
                    f"The data of curl is in the file {quoted(value[1:])}; paste it with {option}."
                )
            self._values["body"].append(value)
        else:
            self._values[kind].append(value)


def _next(option: str, rest: Iterable[str]) -> str:
    for value in rest:
        return value
    raise NotARequestError(f"The option {option} of curl has no value.")


def _require_known(what: str, text: str) -> None:
    if UNKNOWN in text:
        raise NotARequestError(
            f"The {what} of the curl command comes from a variable or a command that is not in the text; "
            "paste it with its value."
        )


def _url_encoded(value: str) -> str:
    name, equals, content = value.partition("=")
    if "@" in name:
        raise NotARequestError(
            f"The data of curl is in the file {quoted(value.partition('@')[2])}; paste its text."
        )
    if not equals:
        return quote_plus(value)
    return f"{name}={quote(content, safe='')}" if name else quote(content, safe="")
