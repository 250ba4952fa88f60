"""What is pasted comes back as the call that it is; what is none is refused with a sentence."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.pasted.clients import curl_text, raw_text, url_text, v1_call, v3_call, verbose_text
from tests.sdk_code.calls import SEND
from waypost.api.description import CALL_PARAMETERS
from waypost.api.pasted.not_a_request import NotARequestError
from waypost.api.pasted.pasted_call import pasted_call, pasted_request
from waypost.api.pasted.shell_words import UNKNOWN, shell_commands
from waypost.api.request import decoded_pairs
from waypost.api.sdk_code.api_call import ApiCall
from waypost.api.sdk_code.languages import BY_ID
from waypost.api.sdk_code.literals import shell_text
from waypost.api.signatures.scheme import Scheme

CAPTURED = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "interop" / "captured_requests.jsonl")
    .read_text(encoding="utf-8")
    .splitlines()
]
RPC = [request for request in CAPTURED if request["scheme"] != "MNS"]
_NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12).filter(
    lambda name: name not in CALL_PARAMETERS
)
_VALUES = st.text(
    st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from("\"'`\\$\n\r &=+%#?;|>")), max_size=30
)
_PARAMETERS = st.dictionaries(_NAMES, _VALUES, max_size=5)


@given(_PARAMETERS, st.booleans(), st.sampled_from([raw_text, curl_text]))
def test_a_call_of_v3_comes_back(parameters: dict[str, str], in_body: bool, text_of: Any) -> None:
    call = v3_call("SendChatappMessage", parameters, in_body=in_body)
    pasted = pasted_call(text_of(call))
    assert pasted.parameters == parameters
    assert (pasted.operation, pasted.version) == ("SendChatappMessage", "2020-06-06")
    assert (pasted.scheme, pasted.access_key_id) == (Scheme.V3, "LTAI5t")
    assert pasted.request.call.body == call.body
    assert pasted.request.call.raw_query == call.raw_query
    assert pasted.headers["x-acs-date"] == call.headers["x-acs-date"]


@given(
    _PARAMETERS,
    st.sampled_from([("GET", raw_text), ("GET", curl_text), ("GET", url_text), ("POST", raw_text)]),
)
def test_a_call_of_v1_comes_back(parameters: dict[str, str], how: Any) -> None:
    method, text_of = how
    pasted = pasted_call(text_of(v1_call("ListInstance", parameters, method)))
    assert pasted.parameters == parameters
    assert (pasted.operation, pasted.version, pasted.scheme) == ("ListInstance", "2020-06-06", Scheme.V1)
    assert (pasted.access_key_id, pasted.request.endpoint) == ("LTAI5t", "127.0.0.1:8080")


@given(_PARAMETERS)
def test_our_own_curl_comes_back_unsigned(parameters: dict[str, str]) -> None:
    call = ApiCall("SendChatappMessage", "2020-06-06", parameters, "waypost.example:8443", "https", "LTAI5t")
    pasted = pasted_call(BY_ID["curl"].code(call))
    assert (pasted.operation, pasted.version, pasted.parameters) == (call.operation, call.version, parameters)
    assert (pasted.request.protocol, pasted.request.endpoint) == ("https", "waypost.example:8443")
    assert pasted.scheme is None


@pytest.mark.parametrize("request_", RPC, ids=[f"{index}-{one['client']}" for index, one in enumerate(RPC)])
@pytest.mark.parametrize("line_end", ["\r\n", "\n"])
def test_a_request_of_an_official_client_comes_back(request_: dict[str, Any], line_end: str) -> None:
    lines = [f"{request_['method']} {request_['target']} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in request_["headers"]]
    body = request_["body"]
    if request_["chunked"]:
        body = "".join(f"{len(piece.encode()):x}{line_end}{piece}{line_end}" for piece in (body, "") if piece)
        body += f"0{line_end}{line_end}"
    pasted = pasted_call(line_end.join((*lines, "", body)))
    raw = f"{request_['target'].partition('?')[2]}&{request_['body']}"
    params = dict(decoded_pairs(raw))
    assert pasted.parameters == {name: text for name, text in params.items() if name not in CALL_PARAMETERS}
    assert pasted.scheme is Scheme[request_["scheme"]]
    assert pasted.access_key_id == request_["key"]
    assert pasted.operation
    assert pasted.request.call.body == request_["body"].encode()


def test_what_curl_shows_of_a_request_is_read() -> None:
    pasted = pasted_call(verbose_text(v3_call("ListInstance", {"PageSize": "10"}, in_body=False)))
    assert (pasted.operation, pasted.parameters) == ("ListInstance", {"PageSize": "10"})
    assert pasted.scheme is Scheme.V3


@pytest.mark.parametrize(
    "command",
    [
        "curl -G http://h -d Action=ListInstance -d PageSize=10 --data-urlencode 'Tag=a b&c'",
        "curl -sSXPOST http://h --data 'Action=ListInstance&PageSize=10' --data-urlencode Tag='a b&c'",
        'curl --url "http://h/?Action=ListInstance" --data-raw=PageSize=10 -d "Tag=a%20b%26c" -o out -kv',
        "T=a+b%26c; /usr/bin/curl h/ -dAction=ListInstance -d PageSize=10 -d Tag=$T | jq .",
        "# It\ncurl $'http://h/' \\\n -d $'Action=ListInstance&PageSize=\\x31\\060' -d \"Tag=a+b%26c\" #",
    ],
)
def test_the_ways_to_write_a_curl_command(command: str) -> None:
    pasted = pasted_call(command)
    assert (pasted.operation, pasted.parameters) == ("ListInstance", {"PageSize": "10", "Tag": "a b&c"})
    assert pasted.request.endpoint == "h"
    assert pasted.scheme is None


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "There is no text"),
        ("hello", "must begin with a request line"),
        ("http://h/?Action=A x", "spaces or line ends"),
        ("http://h/", "names no operation"),
        ("http:///?Action=A", "have a host"),
        ("http://h:99999999/?Action=A", "cannot be read"),
        ("http://h/?Action=A&B=%zz", "two hexadecimal digits"),
        ("http://h/queues/q/messages", "goes to a queue"),
        ("http://h/api?Action=A", "has the path"),
        ("POST / HTTP/1.1\nno header", "Line 2 is no header"),
        ("curl", "must begin"),
        ("curl -d a=b", "has 0 URLs"),
        ("curl http://a http://b", "has 2 URLs"),
        ("curl http://h -d @file", "is in the file"),
        ("curl http://h --data-urlencode Tag@file", "is in the file"),
        ("curl http://h -F a=b", "The option -F"),
        ("curl http://h --form a=b", "The option --form"),
        ("curl http://h -d", "has no value"),
        ("curl http://h -d $BODY", "not in the text"),
        ('curl "http://h/?Action=$(cat action)"', "not in the text"),
        ('curl http://h --data-urlencode "Tag=$TAG"', "not in the text"),
        ("curl http://h -X $METHOD", "not in the text"),
        ("curl 'http://h", "has no end"),
        ('curl "http://h', "has no end"),
        ("curl $'http://h", "has no end"),
        ("curl $(cat", "has no end"),
        ("curl `cat", "has no end"),
        ("curl ^\nhttp://h", "cmd of Windows"),
        ("http://h/?Action=A&B=" + "a" * 4_194_304, "longer than"),
        ("http://h/?" + "a=b&" * 20_000, "more than"),
    ],
    ids=range(30),
)
def test_what_is_no_call_is_refused_with_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(NotARequestError, match=sentence) as refused:
        pasted_call(text)
    assert str(refused.value)[0].isupper()
    assert str(refused.value).endswith((".", ". "))


@given(st.text(st.one_of(st.characters(), st.sampled_from("curl -dH'\"$\\`(){}=:/?&% \n>"))))
def test_nothing_but_a_sentence_comes_of_any_text(text: str) -> None:
    for pasted in (text, f"curl {text}", f"http://h/?{text}", f"POST / HTTP/1.1\n{text}"):
        try:
            pasted_call(pasted)
        except NotARequestError:
            continue


@pytest.mark.parametrize(
    "text",
    [
        *(
            f"curl '{'a' * 1000}' {piece * 100_000}"
            for piece in ("$", "'a'", '"$x"', "\\\\", "$x", "a b ", "-s")
        ),
        "POST / HTTP/1.1\nTransfer-Encoding: chunked\n\n" + "1\na\n" * 500_000 + "0\n",
        "POST / HTTP/1.1\n" + "a: b\n" * 500_000,
        "> POST / HTTP/1.1\n" + "> a: b\n" * 300_000,
        "POST /" + " " * 1_000_000,
        "curl $((((" + "(" * 1_000_000,
        "a=" + "a" * 1000 + "\n" + "a=$a$a\n" * 100 + "curl http://h",
    ],
    ids=range(13),
)
def test_a_long_text_is_read_in_moments(text: str) -> None:
    # Each character is looked at once; where one is not, a megabyte takes minutes, or all there is of RAM.
    with pytest.raises(NotARequestError):
        pasted_call(text)


def test_the_chunks_of_a_body_are_joined() -> None:
    head = "POST / HTTP/1.1\r\nx-acs-action: ListInstance\r\ntransfer-encoding: chunked\r\n"
    head += "content-type: application/x-www-form-urlencoded\r\n\r\n"
    assert pasted_call(f"{head}4\r\nA=1&\r\n3\r\nB=2\r\n0\r\n\r\n").parameters == {"A": "1", "B": "2"}
    assert pasted_call(f"{head}A=1&B=2").parameters == {"A": "1", "B": "2"}


@given(st.lists(_VALUES, max_size=5))
def test_words_of_a_shell_come_back(texts: list[str]) -> None:
    words = [text for text in texts if not any(char < " " and char not in "\n\t" for char in text)]
    words = [word for word in words if not any("\x7f" <= char <= "\x9f" for char in word)]
    assert shell_commands(" ".join(["echo", *map(shell_text, words)])) == [["echo", *words]]


@given(st.lists(st.text(st.sampled_from("ab'\"\\ $"), max_size=8), max_size=5))
def test_words_are_those_of_a_real_shell(pieces: list[str]) -> None:
    # $'...' and $"..." are of bash alone, and $$ is a number.
    command = re.sub(r"\$(?=['\"$])", "", " ".join(pieces))
    done = subprocess.run(
        (shutil.which("sh") or "sh", "-c", f'printf "%s\\0" . {command}'), capture_output=True, check=False
    )
    if done.returncode:
        return
    real = done.stdout.decode().split("\0")[1:-1]
    words = shell_commands(f". {command}")[0][1:]
    known = [word.replace(UNKNOWN, "") for word in words]
    # An empty word is one only if it is quoted; of a variable that is not set it is none.
    assert [word for word in known if word] == [word for word in real if word]


def test_the_code_of_the_explorer_is_pasted_again() -> None:
    assert pasted_call(BY_ID["curl"].code(SEND)).parameters == SEND.parameters


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://example.com:443/", "example.com"),
        ("http://example.com:80/", "example.com"),
        ("https://example.com:80/", "example.com:80"),
        ("http://[::1]:80/", "[::1]"),
        ("http://[::1]:8080/", "[::1]:8080"),
    ],
)
def test_a_usual_port_is_no_part_of_the_host(url: str, host: str) -> None:
    assert pasted_request(url).call.headers["host"] == host
