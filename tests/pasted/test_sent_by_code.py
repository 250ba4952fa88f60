"""What the code of a language sends, pasted as it went over the wire, is the call that the code was for."""

import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.interop.toolchains import NODE, installed
from tests.sdk_code import test_executed
from tests.sdk_code.calls import SEND, as_values
from tests.sdk_code.test_literals import CONTROLS, HOSTILE, needs
from waypost.api.pasted.pasted_call import pasted_call
from waypost.api.sdk_code.api_call import ApiCall
from waypost.api.sdk_code.languages import BY_ID
from waypost.api.signatures.scheme import Scheme

pytestmark = pytest.mark.long


class Recorder(ThreadingHTTPServer):
    """Keeps each request as text, and answers it with an empty object."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.texts: list[str] = []

    @property
    def endpoint(self) -> str:
        return f"127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Recorder)
        is_chunked = self.headers.get("transfer-encoding") == "chunked"
        length = int(self.headers.get("content-length") or 0)
        body = (self._chunks() if is_chunked else self.rfile.read(length)).decode()
        head = "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
        self.server.texts.append(f"{self.requestline}\r\n{head}\r\n{body}")
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def _chunks(self) -> bytes:
        """The body as it was sent, with the length before each chunk."""
        lines: list[bytes] = []
        while not lines or int(lines[-2], 16):
            size = self.rfile.readline()
            lines += [size, self.rfile.read(int(size, 16)) + self.rfile.readline()]
        return b"".join(lines)

    def log_message(self, *_: object) -> None:
        """Writes nothing."""


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    with Recorder() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("language", ["python", "python-core", "typescript", "typescript-core", "curl"])
def test_what_code_sends_is_read_again(recorder: Recorder, language: str) -> None:
    hostile = [text for text in HOSTILE if text and not CONTROLS.search(text)]
    members = {"ChannelType": "viber", "Content": json.dumps(hostile), "Tag": "".join(hostile)}
    unknown = {f"Tag{index}": text for index, text in enumerate(hostile)}
    calls = [
        ApiCall(SEND.operation, SEND.version, parameters, recorder.endpoint, "http", "LTAI5tKey")
        for parameters in (SEND.parameters, members, unknown)
    ]
    codes = [BY_ID[language].code(call) for call in calls]
    if language == "curl":
        needs("curl", "openssl")
        test_executed.run(("sh",), [], script="\n".join(f"(\n{code}\n)" for code in codes))
    elif language.startswith("python"):
        test_executed.run((sys.executable, test_executed.HERE / "run_python.py"), codes)
    else:
        test_executed.run(("node", test_executed.HERE / "run_typescript.js"), codes, installed(NODE))
    assert len(recorder.texts) == len(calls)
    for call, text in zip(calls, recorder.texts, strict=True):
        pasted = pasted_call(text)
        assert as_values(pasted.parameters) == as_values(call.parameters)
        assert (pasted.operation, pasted.version) == (call.operation, call.version)
        assert (pasted.request.endpoint, pasted.access_key_id) == (call.endpoint, call.access_key_id)
        assert pasted.scheme is Scheme[BY_ID[language].signature]
