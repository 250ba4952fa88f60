"""A browser without scripts as far as forms need one: it keeps a cookie, and reads forms out of pages."""

import re
from collections.abc import Mapping
from html.parser import HTMLParser
from http.client import HTTPConnection
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

HOSTILE = (
    "<script>document.title='ran'</script><img src=x onerror=\"document.title='ran'\">'\"{{7*7}}</textarea>"
)


class Page(NamedTuple):
    """A page that came back.

    Attributes:
        fields: the fields of its form that is called `call`, as a browser would send them.
    """

    status: int
    headers: Mapping[str, str]
    text: str
    fields: Mapping[str, str]

    @property
    def code(self) -> str:
        """The code of the answer that is shown; `OK` for an accepted call."""
        found = re.search(r'id="answer"[^>]* data-code="([^"]*)" data-request-id="[^"]+"', self.text)
        assert found is not None, self.text
        return found[1] or "OK"


class FormReader(HTMLParser):
    """Reads the fields of the form `call` and the scripts of a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.fields: dict[str, str] = {}
        self.scripts: list[str] = []
        self._is_in = False
        self._select = self._textarea = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "script":
            self.scripts.append(values.get("src", "inline"))
        if tag == "form":
            self._is_in = values.get("id") == "call"
        if not self._is_in and values.get("form") != "call":
            return
        name = values.get("name", "")
        if tag == "input" and (values.get("type") != "radio" or "checked" in values):
            self.fields[name] = values.get("value", "")
        elif tag == "select":
            self._select = name
            self.fields[name] = ""
        elif tag == "option" and "selected" in values and self._select:
            self.fields[self._select] = values.get("value", "\x00")
        elif tag == "textarea":
            self._textarea = name
            self.fields[name] = ""

    def handle_data(self, data: str) -> None:
        if self._select and self.fields[self._select] == "\x00":
            self.fields[self._select] = data.strip()
        if self._textarea:
            self.fields[self._textarea] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._is_in = False
        elif tag == "select":
            self._select = ""
        elif tag == "textarea" and self._textarea:
            # A browser leaves out the line end after the start of the tag.
            self.fields[self._textarea] = self.fields[self._textarea].removeprefix("\n")
            self._textarea = ""


class FormSession:
    """Opens and sends forms.

    Args:
        address: `http://host:port`, and the path that a named sandbox has.
    """

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self.host, self.root = parts.netloc, parts.path
        self.cookie = ""

    def open(self, path: str) -> Page:
        """GETs a path below the address."""
        return self._exchange("GET", self.root + path, {}, None)

    def send(self, path: str, fields: Mapping[str, str], headers: Mapping[str, str] | None = None) -> Page:
        """POSTs a form, as a page of the same address does; `headers` stand for what the browser says."""
        own = {"origin": f"http://{self.host}", "sec-fetch-site": "same-origin"}
        return self._exchange("POST", self.root + path, own if headers is None else headers, fields)

    def run(self, operation: str, parameters: Mapping[str, str], **own: str) -> Page:
        """Opens the form of an operation, fills it in and makes the call."""
        form = self.open(f"/explorer/{operation}")
        fields = {**form.fields, **parameters, **own, "do": "run"}
        return self.send(f"/explorer/{operation}", fields)

    def _exchange(
        self, method: str, path: str, headers: Mapping[str, str], fields: Mapping[str, str] | None
    ) -> Page:
        connection = HTTPConnection(self.host, timeout=40)
        sent = {"accept": "text/html", **headers}
        if self.cookie:
            sent["cookie"] = self.cookie
        body = None
        if fields is not None:
            sent["content-type"] = "application/x-www-form-urlencoded"
            # As browsers do.
            body = urlencode({name: text.replace("\n", "\r\n") for name, text in fields.items()})
        try:
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        received = {name.lower(): value for name, value in answer.getheaders()}
        if "waypost_form" in received.get("set-cookie", ""):
            self.cookie = received["set-cookie"].partition(";")[0]
        reader = FormReader()
        reader.feed(text)
        return Page(answer.status, received, text, reader.fields)
