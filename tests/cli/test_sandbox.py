"""`waypost sandbox` as a process."""

from pathlib import Path

import pytest
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException

from tests.cli.listener import listening
from tests.processes import run_waypost, start, start_sandbox, until
from tests.sdk.callers import FREE, Sandbox


def test_it_prints_where_things_are_and_exits_with_0() -> None:
    with start_sandbox() as sandbox:
        assert sandbox.get("/healthz")["status"] == "ok"
        for named in ("id sandbox, secret sandbox", "20001", "S_000001", "/sandbox/callbacks", "its page"):
            assert named in sandbox.output
    assert sandbox.process.returncode == 0


def test_it_opens_its_page_in_the_browser_of_the_environment(tmp_path: Path) -> None:
    opened, browser = tmp_path / "opened", tmp_path / "browser"
    script = f'printf %s "$1" > {opened}.new && mv {opened}.new {opened}'
    browser.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    browser.chmod(0o700)
    with start(["sandbox", "--port", "0", "--open"], {"BROWSER": f"{browser} %s"}) as sandbox:
        until(opened.exists, what="the page in the browser")
        assert opened.read_text(encoding="utf-8") == sandbox.address


def test_without_a_browser_it_prints_where_to_look() -> None:
    with start(["sandbox", "--port", "0", "--open"], {"BROWSER": "/nowhere %s", "PATH": ""}) as sandbox:
        until(lambda: f"look at {sandbox.address}" in sandbox.log, what="the address of the page")
        assert sandbox.get("/healthz")["status"] == "ok"


def test_a_taken_port_is_one_sentence() -> None:
    with start_sandbox() as sandbox:
        done = run_waypost("sandbox", "--port", str(sandbox.port))
    assert done.returncode == 2
    assert done.stderr.startswith(f"waypost: cannot listen on 127.0.0.1 port {sandbox.port}: ")
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.long
def test_a_folder_has_one_holder_and_outlives_it(tmp_path: Path) -> None:
    with start_sandbox(tmp_path) as sandbox:
        sent = run_waypost("send", "--to", "4915112345678", "--text", "hi", "--endpoint", sandbox.address)
        assert sent.returncode == 0, sent.stderr
        second = run_waypost("sandbox", "--port", "0", "--data", str(tmp_path))
        assert second.returncode == 2
        assert f"process {sandbox.process.pid} holds this folder" in second.stderr
        sandbox.kill()
    with start_sandbox(tmp_path) as sandbox:
        assert sandbox.get(f"/sandbox/messages/{sent.stdout.strip()}")["to"] == "4915112345678"


def test_callbacks_go_to_the_url_of_the_option() -> None:
    with listening({"code": 0}) as listener, start_sandbox(callback_url=listener.url) as sandbox:
        sent = run_waypost("send", "--to", "4915112345678", "--text", "hi", "--endpoint", sandbox.address)
        sandbox.advance(5)
        assert [(callback["MessageId"], callback["Status"]) for callback in listener.objects()] == [
            (sent.stdout.strip(), status) for status in ("Sent", "Delivered", "Read")
        ]


def test_the_option_sets_the_limit() -> None:
    with start_sandbox(limit=1) as running:
        sandbox = Sandbox(running)
        codes: list[str] = []
        while "System.LimitControl" not in codes and len(codes) < 50:
            try:
                codes.append(sandbox.answer(**FREE, to="4915112345678")["Code"])
            except AlibabaCloudException as refused:
                codes.append(refused.code)
    assert {"OK", "System.LimitControl"} == set(codes)
