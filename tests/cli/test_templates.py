"""`waypost templates` beside a running service: the operator's review, seen by the official SDK."""

import json
from pathlib import Path

import pytest
from alibabacloud_cams20200606 import models
from alibabacloud_cams20200606.client import Client
from alibabacloud_cams20200606.models import CreateChatappTemplateRequestComponents as Component
from alibabacloud_tea_openapi.models import Config
from Tea.exceptions import TeaException

from tests.beside import make_key
from tests.cli.configs import write_config
from tests.cli.listener import listening
from tests.processes import run_waypost, start_serve, until


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.long
def test_the_operator_reviews_and_the_owner_gets_a_callback(tmp_path: Path) -> None:
    with listening({"code": 0}) as listener:
        config = str(write_config(tmp_path, status_url=listener.url))
        key = make_key(Path(config))
        with start_serve(Path(config)) as running:
            client = Client(
                Config(
                    access_key_id=key.id,
                    access_key_secret=key.secret,
                    endpoint=running.endpoint,
                    protocol="http",
                )
            )

            def create(name: str, *more: Component) -> str | None:
                components = [Component(type="BODY", text="Hi $(name)"), *more]
                try:
                    body = client.create_chatapp_template(
                        models.CreateChatappTemplateRequest(
                            template_type="VIBER",
                            category="UTILITY",
                            name=name,
                            language="en",
                            components=components,
                        )
                    ).body
                except TeaException:
                    return None
                return str(body.data.template_code)

            good = until(lambda: create("good"), what="the new key is known")
            bad = create("bad")
            assert good
            assert bad
            # It is on this machine, which is no business of a customer's.
            file = Component(type="HEADER", format="IMAGE", url=f"{listener.url}/a.jpg")
            assert create("nosy", file) is None

            def status(code: str) -> tuple[str, str]:
                request = models.GetChatappTemplateDetailRequest(template_code=code, language="en")
                data = client.get_chatapp_template_detail(request).body.data
                return data.audit_status, data.reason

            listed = run_waypost("templates", "list", "--status", "unaudit", "--config", config, "--json")
            assert [one["name"] for one in json.loads(listed.stdout)] == ["bad", "good"]
            assert run_waypost("templates", "auditing", good, "--config", config).returncode == 0
            until(lambda: status(good) == ("auditing", ""), what="the review that has begun")
            done = run_waypost("templates", "approve", good, "--config", config)
            assert (done.returncode, done.stdout) == (0, f"{good} en: pass\n")
            done = run_waypost("templates", "reject", bad, "--reason", "Too vague", "--config", config)
            assert done.returncode == 0
            until(lambda: status(good) == ("pass", ""), what="the review that passed")
            until(lambda: status(bad) == ("fail", "Too vague"), what="the review that failed")
            again = run_waypost("templates", "approve", good, "--config", config)
            assert again.returncode == 1
            assert "waits for a review" in again.stderr
            until(lambda: len(listener.objects()) == 3, what="all callbacks")
            assert {(one["TemplateCode"], one["AuditStatus"]) for one in listener.objects()} == {
                (good, "auditing"),
                (good, "pass"),
                (bad, "fail"),
            }
