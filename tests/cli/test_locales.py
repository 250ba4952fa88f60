"""The same files give the same service in every locale: all that is read and written is UTF-8."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.configs import write_config
from tests.processes import environment_of, run_waypost, start_sandbox, start_serve
from tests.sdk.callers import Sandbox, exchange, signed_call

TEXT = "Grüße, Zoë: 你好"
_TEMPLATE = f"""
[[accounts.acme.templates]]
code = "welcome"
name = "{TEXT}"
language = "de"
channel = "viber"
message_type = "text"
content = {{ text = "{TEXT}" }}
"""


@pytest.fixture(
    params=[
        pytest.param(("de_DE", "ISO-8859-1"), marks=pytest.mark.long),
        pytest.param(("zh_CN", "GBK"), marks=pytest.mark.long),
        pytest.param(("zh_CN", "GB18030"), marks=pytest.mark.long),
    ],
    ids=lambda each: each[1],
)
def locale(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """The environment of a process in a locale that is not of UTF-8."""
    language, charset = request.param
    if shutil.which("localedef") is None:
        pytest.skip("no localedef here: other locales are not tried")
    name = f"{language}.{charset}"
    made = subprocess.run(
        ["localedef", "-c", "-i", language, "-f", charset, str(tmp_path / name)],
        capture_output=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    if not (tmp_path / name).is_dir():
        pytest.skip(f"localedef cannot make {name}: {made.stderr[-200:]!r}")
    return {"LOCPATH": str(tmp_path), "LC_ALL": name, "PYTHONUTF8": "0"}


def test_a_service_is_the_same_in_another_locale(locale: dict[str, str], tmp_path: Path) -> None:
    config = write_config(tmp_path, more=_TEMPLATE)
    made = run_waypost(
        "keys", "create", "--account", "acme", "--config", str(config), "--json", environment=locale
    )
    key = json.loads(made.stdout)
    with start_serve(config, environment=locale) as running:
        query = {"TemplateType": "VIBER", "TemplateCode": "welcome", "Language": "de"}
        target, headers = signed_call(
            running.endpoint,
            "GetChatappTemplateDetail",
            key["access_key_id"],
            key["access_key_secret"],
            query,
        )
        answer = exchange(Sandbox(running), target, headers).json
        assert answer["Data"]["Name"] == TEXT
        assert TEXT in json.dumps(answer["Data"]["Components"], ensure_ascii=False)
        listed = run_waypost("templates", "list", "--config", str(config), "--json", environment=locale)
        assert TEXT in str(json.loads(listed.stdout)), listed.stderr
        shown = subprocess.run(
            [sys.executable, "-m", "waypost", "templates", "list", "--config", str(config)],
            env=environment_of(locale),
            capture_output=True,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        assert shown.returncode == 0, shown.stderr
        assert b"welcome" in shown.stdout


def test_no_file_is_opened_in_the_encoding_of_the_locale() -> None:
    environment = {"PYTHONWARNDEFAULTENCODING": "1", "PYTHONWARNINGS": "error::EncodingWarning"}
    with start_sandbox(environment=environment) as running:
        assert running.get("/healthz")["status"] == "ok"
        assert running.stop() == 0
        assert "EncodingWarning" not in running.log
