"""`waypost db rotate-key`: secrets get a new key while the service runs."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException

from tests.processes import run_waypost, start_sandbox, until
from tests.sdk.access import Credentials, assumed, cams, fixed, refused, user_with
from tests.sdk.callers import FREE, Sandbox
from tests.sdk.test_temporary_credentials import LIST

OWNER = fixed("sandbox")
CLERK = fixed("clerk")


@contextmanager
def calling(sandbox: Sandbox) -> Iterator[list[str]]:
    """Calls all the while, each time by a key whose secret was just looked up; the codes of the answers."""
    stop = threading.Event()
    codes: list[str] = []

    def call() -> None:
        while not stop.is_set():
            try:
                codes.append(str(sandbox.answer(**FREE, to="4915112345678")["Code"]))
            except AlibabaCloudException as error:
                codes.append(str(error.code))

    thread = threading.Thread(target=call)
    thread.start()
    try:
        yield codes
    finally:
        stop.set()
        thread.join()


def ended(sandbox: Sandbox, session: Credentials) -> bool:
    refusal = refused(cams(sandbox, session).list_chatapp_template, LIST)
    return refusal.code == "InvalidSecurityToken.Malformed"


def rotate(data: Path, *options: str) -> str:
    done = run_waypost("db", "rotate-key", "--data", str(data), *options)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.long
def test_secrets_get_a_new_key_while_the_service_runs(tmp_path: Path) -> None:
    key_file = tmp_path / "secret.key"
    with start_sandbox(tmp_path) as process:
        sandbox = Sandbox(process)
        before = key_file.read_text(encoding="utf-8")
        session = assumed(sandbox, CLERK, "courier")
        with calling(sandbox) as codes:
            for _ in range(3):
                rotate(tmp_path)
            # What the service encrypts from now on is encrypted with the new key.
            _, user = user_with(sandbox, {"Version": "1", "Statement": [_ANYTHING]})
        assert set(codes) == {"OK"}
        assert cams(sandbox, user).list_chatapp_template(LIST).body.code == "OK"
        assert refused(cams(sandbox, session).list_chatapp_template, LIST).code == "Ram.PermissionDeny"
        assert key_file.read_text(encoding="utf-8").split()[3:] == before.split()
        rotate(tmp_path, "--drop-old")
        assert len(key_file.read_text(encoding="utf-8").split()) == 1
        assert key_file.stat().st_mode & 0o777 == 0o600
        assert sandbox.send(**FREE, to="4915112345678")
        # A token is stored nowhere: it ends with the key that it was encrypted with.
        until(lambda: ended(sandbox, session), what="the token is worth nothing")
    with start_sandbox(tmp_path) as process:
        assert cams(Sandbox(process), user).list_chatapp_template(LIST).body.code == "OK"
    key_file.write_text(before, encoding="utf-8")
    done = run_waypost("db", "rotate-key", "--data", str(tmp_path))
    assert (done.returncode, "was encrypted with another key file" in done.stderr) == (2, True)


def test_without_a_key_file_there_is_nothing_to_rotate(tmp_path: Path) -> None:
    with start_sandbox(tmp_path):
        pass
    (tmp_path / "secret.key").unlink()
    done = run_waypost("db", "rotate-key", "--data", str(tmp_path))
    assert (done.returncode, "there is no key file" in done.stderr) == (2, True)
    assert not (tmp_path / "secret.key").exists()


_ANYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}
