"""Every page in Chinese: what is shown is Chinese, code, or English that is marked as English."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import urlencode

import pytest

from tests.api.flawed_clients import PARAMETERS, SECRET, pairs_of, v1_request, v3_request
from tests.sdk.callers import FREE, Raw, Sandbox, exchange
from tests.sdk.test_doctor_page import STAMP, as_wire
from waypost.api.errors.catalogue import ERRORS
from waypost.api.operations.catalogue import EVERY
from waypost.api.reference.coverage import coverage_rows
from waypost.api.sdk_code.languages import LANGUAGES as CLIENTS
from waypost.console.catalogue import LANGUAGES
from waypost.model.channels import CHANNELS

CHINESE = {"accept": "text/html", "accept-language": "zh-CN,zh;q=0.9,en;q=0.5"}
VOID = {"meta", "link", "input", "br", "img"}
# Code and numbers; and the drawing of a message's time, which has the English reasons of its events.
LEFT_OUT = {"code", "pre", "script", "style", "textarea", "kbd", "time", "svg"}
SPOKEN = ("aria-label", "title", "placeholder", "data-label", "data-copied", "data-not-copied", "alt")
# Names that are the same in every language, beside those of operations, codes, channels and parameters.
NAMES = {
    *("Waypost", "OpenAPI", "HTTP", "HTTP:", "English", "OK", "UTC", "min", "h", "RAM", "s", "ms", "JSON"),
    *("AccessKeyId", "RequestId", "MessageId", "TaskId", "GroupMessageId", "AccessKey", "cams", "ram", "sts"),
    *(
        "dybaseapi",
        "Dybaseapi",
        "SMS",
        "delivered",
        "read",
        "sent",
        "queued",
        "failed",
        "expired",
        "accepted",
    ),
    *(
        "refused",
        "template",
        "text",
        "submitting",
        "Sent",
        "Delivered",
        "Read",
        "Failed",
        "Python",
        "TypeScript",
    ),
    *("Java", "Go", "PHP", "C#", "curl", "waypost", "call", "V3", "V1", "ChatAppStatus", "ChatAppInbound"),
    *("under_way", "sandbox-viber", "T-1"),
    *EVERY,
    *ERRORS,
    *CHANNELS,
    *(row.name for row in coverage_rows()),
    *(word for language in CLIENTS for word in language.client.replace("/", " ").split()),
}
# Codes that have the name of a parameter in them.
CODE = re.compile(r"(Missing|Invalid)[A-Z][A-Za-z.]+")
WORD = re.compile(r"@?[A-Za-z][A-Za-z0-9_.#-]*")
TWO_WORDS = re.compile(r"\b[a-z]{2,}[a-z]* (?:[a-z]+ )*[a-z]{2,}\b")
# Of a sandbox in which nobody else has written anything.
KEY = "chinese@sandbox"
CJK = re.compile(r"[\u4e00-\u9fff]")


class Texts(HTMLParser):
    """The texts of a page that somebody sees or hears, without those of code and those marked as English."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._open: list[tuple[str, bool]] = []
        self._goes_on = False
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        # A word that is marked within a text does not end it.
        self._goes_on = tag == "mark"
        is_left_out = self._is_left_out or tag in LEFT_OUT or values.get("lang") == "en"
        # Values that are the same in every language, such as those of a parameter.
        is_left_out = is_left_out or values.get("translate") == "no"
        if not is_left_out:
            self.texts += [values[name] or "" for name in SPOKEN if name in values]
        if tag not in VOID:
            self._open.append((tag, is_left_out))

    def handle_endtag(self, tag: str) -> None:
        self._goes_on = tag == "mark"
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self._is_left_out or not data.strip():
            return
        if self._goes_on and self.texts:
            self.texts[-1] += data
        else:
            self.texts.append(" ".join(data.split()))

    @property
    def _is_left_out(self) -> bool:
        return bool(self._open) and self._open[-1][1]


def untranslated(source: str) -> list[str]:
    texts = [re.sub(r"<[a-z ]+>|waypost call", "", text) for text in Texts(source).texts]
    return [text for text in texts if TWO_WORDS.search(text) or _is_english(text)]


def _is_english(text: str) -> bool:
    return not CJK.search(text) and any(
        word.rstrip(".") not in NAMES and not word.isupper() and not CODE.fullmatch(word)
        for word in WORD.findall(text)
    )


def chinese(sandbox: Sandbox, path: str) -> str:
    return _page(exchange(sandbox, path, CHINESE, method="GET"))


def _page(answer: Raw) -> str:
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    source = answer.body.decode()
    assert '<html lang="zh">' in source
    assert "<main>" in source
    return source


def paths(sandbox: Sandbox) -> Iterator[str]:
    yield from ("/", "/here", "/coverage", "/reference", "/errors", "/doctor", "/nowhere", "/find?q=nothing")
    yield from ("/errors?q=template", "/errors?q=xyzzy", "/errors?q=MisingTo", "/errors/Nothing.Known")
    yield from ("/reference/Nothing", "/doctor?requestId=A-1", "/errors?q=MissingTo&requestId=A-1")
    yield from ("/errors/MissingTtl", "/errors/InvalidTtl", "/errors/InvalidParameter.UserName.Length")
    fields = {**FREE, "content": '{"text":"您好"}', "to": "4915112345678"}
    message_id = sandbox.send(key=KEY, **fields, task_id="T-1")
    refused = sandbox.refused(key=KEY, **fields, ttl=1).body
    yield from ("/explorer", "/explorer?q=Ttl", "/explorer/SendChatappMessage", "/calls")
    yield "/explorer/SendChatappMessage?ChannelType=viber&Type=message&example=1"
    yield from ("/tasks/T-1", f"/messages/{message_id}", "/phones/4915112345678")
    yield f"/calls/{refused['RequestId']}"
    yield f"/errors?q={refused['Code']}&requestId={refused['RequestId']}"


def test_every_page_is_chinese(sandbox: Sandbox) -> None:
    found = {path: untranslated(chinese(sandbox, f"/@chinese{path}")) for path in paths(sandbox)}
    assert {path: texts for path, texts in found.items() if texts} == {}


def test_the_pages_of_every_operation_are_chinese(sandbox: Sandbox) -> None:
    paths = [f"/{pages}/{name}" for pages in ("reference", "explorer") for name in EVERY]
    found = {path: untranslated(chinese(sandbox, path)) for path in paths}
    assert {path: texts for path, texts in found.items() if texts} == {}


def test_the_page_of_every_error_is_chinese(sandbox: Sandbox) -> None:
    found = {code: untranslated(chinese(sandbox, f"/errors/{code}")) for code in ERRORS}
    assert {code: texts for code, texts in found.items() if texts} == {}


@pytest.mark.parametrize(
    ("pasted", "words"),
    [
        (as_wire(v3_request(query=pairs_of(PARAMETERS).replace("%20", "+"), stamp=STAMP)), "空格写成了 +"),
        (as_wire(v3_request(stamp=STAMP)), "签名正确"),
        (as_wire(v1_request(stamp=STAMP)), "天前"),
        ("no request", "文本必须以请求行"),
        ("curl -F a=b http://h/", "不支持 curl 的选项 -F"),
        ("", "没有文本"),
    ],
)
def test_what_the_doctor_answers_is_chinese(sandbox: Sandbox, pasted: str, words: str) -> None:
    form = {**CHINESE, "content-type": "application/x-www-form-urlencoded"}
    answer = exchange(sandbox, "/doctor", form, urlencode({"request": pasted, "secret": SECRET}).encode())
    source = _page(answer)
    assert words in source
    assert untranslated(source) == []


def test_codes_are_found_by_chinese_words(sandbox: Sandbox) -> None:
    source = chinese(sandbox, f"/errors?{urlencode({'q': '随机数'})}")
    assert 'id="SignatureNonceUsed"' in source
    assert "<mark>随机数</mark>" in source
    assert 'id="MissingTo"' not in source


def test_the_language_that_was_chosen_stays(sandbox: Sandbox) -> None:
    chosen = exchange(sandbox, "/errors?lang=zh", {"accept": "text/html"}, method="GET")
    [cookie] = [value for name, value in chosen.headers.items() if name.lower() == "set-cookie"]
    headers = {"accept": "text/html", "accept-language": "en", "cookie": cookie.partition(";")[0]}
    for path in ("/", "/reference/SendChatappMessage", "/doctor", "/nowhere", "/coverage", "/here"):
        source = exchange(sandbox, path, headers, method="GET").body.decode()
        assert '<html lang="zh">' in source
        assert 'href="?lang=en" lang="en" hreflang="en">English</a>' in source
    assert set(LANGUAGES) == {"en", "zh"}


def test_an_untranslated_text_is_found() -> None:
    assert untranslated(
        '<p title="A hint">文</p><p>文 and more words</p><code>a b</code><p lang="en">c d</p>'
    ) == [
        "A hint",
        "文 and more words",
    ]
    assert untranslated("<td>AssumeRole</td><td>viber, whatsapp</td><td>使用 SDK 签名</td>") == []
    assert untranslated("<h2>Errors</h2>") == ["Errors"]
