"""`waypost senders` beside a running service: the operator's review, seen by the official SDK."""

import json
from pathlib import Path
from typing import Any

import pytest
from alibabacloud_cams20200606 import models
from alibabacloud_cams20200606.client import Client
from alibabacloud_tea_openapi.models import Config

from tests.beside import make_key
from tests.cli.configs import write_config
from tests.cli.listener import listening
from tests.processes import run_waypost, start_serve, until

SPACE = "cams-acme0000main"


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.long
def test_the_operator_reviews_and_the_owner_gets_a_callback(tmp_path: Path) -> None:
    viber = {"status": 0, "message_token": 5_000_000_000_000_000_001, "seq": 1}
    with listening({"code": 0}) as listener, listening(viber) as provider:
        config = str(write_config(tmp_path, status_url=listener.url, viber=provider.url))
        made = make_key(Path(config))

        def senders(*arguments: str) -> Any:
            return run_waypost("senders", *arguments, "--config", config)

        with start_serve(Path(config)) as running:
            client = Client(
                Config(
                    access_key_id=made.id,
                    access_key_secret=made.secret,
                    endpoint=running.endpoint,
                    protocol="http",
                )
            )

            def submit(name: str) -> str:
                record = models.AddAuditViberOpenRequestAuditRecord(
                    business_account_name=name, industry_involved="Retail", message_destination_country=["DE"]
                )
                request = models.AddAuditViberOpenRequest(cust_space_id=SPACE, audit_record=record)
                return str(client.add_audit_viber_open(request).body.data["RequestNo"])

            def state(number: str) -> tuple[str, str, str]:
                request = models.GetViberByRequestNoRequest(request_no=number)
                data = client.get_viber_by_request_no(request).body.data
                return data.state, data.reason, data.maap_service_no

            first = submit("Acme")
            listed = json.loads(senders("list", "--status", "unaudit", "--json").stdout)
            assert [(one["request_no"], one["type"]) for one in listed] == [(first, "open")]
            done = senders("reject", first, "--reason", "No logo")
            assert (done.returncode, done.stdout.strip()) == (0, f"{first}: fail")
            until(lambda: state(first) == ("fail", "No logo", ""), what="the rejection")

            second = submit("Acme again")
            for arguments, code, error in (
                (("approve", second), 2, "needs --service-id"),
                (("approve", second, "--service-id", "x", "--route", "viber-main"), 2, "needs --service-id"),
                (("approve", second, "--service-id", "25644", "--route", "none"), 2, "'none' is no route"),
                (("approve", second, "--service-id", "20001", "--route", "viber-main"), 1, "20001 already"),
                (("approve", first, "--service-id", "25644", "--route", "viber-main"), 1, "no request"),
            ):
                done = senders(*arguments)
                assert (done.returncode, error in done.stderr) == (code, True), done.stderr
            done = senders("approve", second, "--service-id", "25644", "--route", "viber-main")
            assert (done.returncode, done.stdout.strip()) == (0, f"{second}: pass 25644")
            until(lambda: state(second) == ("pass", "", "25644"), what="the approval")
            until(lambda: len(listener.objects()) == 2, what="the callbacks of both reviews")
            assert [one["AuditStatus"] for one in listener.objects()] == ["fail", "pass"]
            client.send_chatapp_message(
                models.SendChatappMessageRequest(
                    channel_type="viber",
                    type="message",
                    message_type="text",
                    content='{"text":"hello"}',
                    from_="25644",
                    to="4915112345678",
                    label="promotion",
                )
            )
            until(lambda: provider.got, what="the new sender sends")
            assert json.loads(provider.got[0].body)["service_id"] == 25644
            text = senders("list")
            assert "25644  Acme again" in text.stdout
            assert "2 requests" in text.stderr
        # It is there after a restart: the file does not declare it, and does not take it away.
        with start_serve(Path(config)):
            assert "25644" in senders("list", "--status", "pass").stdout
