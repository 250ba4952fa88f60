"""Makes the folder; the README beside has the command.

A service of 9fc7a0b is configured and called by the official SDKs, with providers and a customer that answer,
refuse, fail and hang as each message needs it; then it is killed. What it left is packed, with a manifest of
what must become of it. At last a copy is finished by the code of 9fc7a0b, which must keep the manifest, too.
"""

import json
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
from collections import deque
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import cases as before
import cases_at_death as at_death
import configuration as made
from alibabacloud_cams20200606 import models
from cases import Case
from tests.processes import environment_of, until
from tests.sdk.operations import call, own
from tests.sdk.queues import STATUS, queue_account, received
from tests.upgrade.customer import DOWN, UP, Customer
from tests.upgrade.driving import Driver, still_service
from tests.upgrade.folder import CUSTOMER, counts, finish, unpacked
from tests.upgrade.inventory import KEY, Caller, inventory
from tests.upgrade.providers import Providers, inbound, receipt

HERE = Path(__file__).parent
SERVICE = [str(HERE / "service.py")]
HOUR = 3_600_000
# 2026-03-02 08:00:00 UTC, a Monday.
START = 1_772_438_400_000
LAST_DAY = START + 50 * HOUR
DIED = LAST_DAY + 95_000
RESTARTED = DIED + 20_000


class Maker:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.providers = Providers(1_000)
        self.customer = Customer()
        self.environment = {
            "DATA": str(folder),
            "PROVIDERS": self.providers.url,
            "CUSTOMER": self.customer.url,
        }
        self.secrets: dict[str, str] = {}
        self.sent: list[tuple[Case, str]] = []

    def command(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "waypost", *arguments, "--config", str(HERE.parent / "waypost.toml")],
            env=environment_of({"PYTHONPATH": ":".join(sys.path), **self.environment}),
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    def keys(self) -> None:
        for account, id_, more in (
            ("acme", KEY, ()),
            ("quiet", "quiet-key", ()),
            ("acme", "sender-key", ("--user", "sender")),
            ("acme", "disabled-key", ()),
        ):
            shown = self.command("keys", "create", "--account", account, "--id", id_, *more, "--json")
            self.secrets[id_] = json.loads(shown)["access_key_secret"]
        self.command("keys", "disable", "disabled-key")

    @contextmanager
    def running(self):
        config = HERE.parent / "waypost.toml"
        with still_service(SERVICE, config, START, self.environment) as process:
            self.process = process
            self.caller = Caller(process, self.secrets)
            self.driver = Driver(process, self.providers, {})
            yield

    def send(self, case: Case) -> str:
        self.plan(case)
        key = KEY if case.account == "acme" else "quiet-key"
        message_id = self.caller.send(key=key, **case.call, to=case.to)
        self.sent.append((case, message_id))
        return message_id

    def plan(self, case: Case) -> None:
        for channel, answers in case.answers.items():
            self.providers.plans[channel, case.sms or case.to] = deque(answers)

    def report(self, case: Case) -> None:
        for channel, kind in case.told:
            [submission] = [
                one for one, _ in self.providers.asked if (one.channel, one.recipient) == (channel, case.to)
            ]
            now = self.process.get("/still")["now"] if case.answers.get(channel) != ["hang"] else DIED
            self.post(receipt(submission, kind, now))

    def post(self, webhook) -> None:
        from urllib.request import Request, urlopen

        with urlopen(Request(self.process.address + webhook.path, webhook.body, webhook.headers)) as answer:
            assert answer.status == 200

    def asked(self, count: int) -> None:
        until(lambda: len(self.providers.asked) >= count, what=f"{count} submissions")

    def write(self, channel: str, sender: str, user: str, text: str) -> None:
        self.driver.deliver(inbound(channel, sender, user, text, self.driver.settle()["now"]))

    def make(self) -> dict[str, Any]:
        self.keys()
        with self.running():
            codes = made.templates(self.caller)
            space, requests = made.viber_senders(self.caller)
            _, chain = made.fallbacks(self.caller)
            users = made.access(self.caller, self.caller.owner)
            made.receipts(self.caller, self.customer.url)
            codes |= {"chain": chain, "space": space, "paused": "25645"}
            own(
                self.caller,
                "CreateSuppression",
                key=KEY,
                To="380500000901",
                ChannelType="viber",
                From="20001",
            )
            self.past(codes)
            made.viber_change(self.caller, space, "suspend", suspension_date="2026-03-04 10:01:45")
            self.last_day(codes)
            token = self.death(codes)
            self.process.kill()
        self.written_by_the_store()
        return {
            "died": DIED,
            "restart": RESTARTED,
            "secrets": self.secrets | dict(users.values()),
            "users": {user: key for user, (key, _) in users.items()},
            "requests": requests,
            "token": token,
        }

    def past(self, codes: dict[str, str]) -> None:
        self.driver.move(START + HOUR)
        for case in before.history(codes):
            self.send(case)
            self.driver.settle()
            self.report(case)
        self.write("viber", "20001", "380500000902", "stop!")
        self.driver.move(START + 2 * HOUR)
        self.customer.mode = DOWN
        for case in before.dead():
            self.send(case)
            self.driver.settle()
            self.report(case)
        self.driver.move(START + 4 * HOUR)
        self.customer.mode = UP
        # The sender of the space "Changed" is suspended from 4 March on, and resumed an hour before the end.
        changed = call(self.caller, "list_instance", key=KEY)["Data"]
        [of] = [row["InstanceId"] for row in changed if row["InstanceName"] == "Changed"]
        self.driver.move(LAST_DAY - HOUR)
        made.viber_change(self.caller, of, "recover")

    def last_day(self, codes: dict[str, str]) -> None:
        self.driver.move(LAST_DAY)
        for channel, sender, user in (
            ("whatsapp", "100001", "491510000501"),
            ("messenger", "20004", "9000000501"),
            ("instagram", "20005", "9000000502"),
            ("viber", "20001", "380500000101"),
        ):
            self.write(channel, sender, user, "hello")
        for case in before.sent(codes):
            self.send(case)
            self.driver.settle()
            self.report(case)
        self.driver.move(DIED)

    def death(self, codes: dict[str, str]) -> dict[str, Any]:
        self.customer.mode, self.customer.hanging = DOWN, "/own"
        whose = queue_account(self.process.address, KEY, self.secrets[KEY])
        [received_one] = received(whose.get_queue(f"Alicom-Queue-acme-{STATUS}"), 1)
        for case in at_death.troubled():
            asked = len(self.providers.asked)
            self.send(case)
            self.asked(asked + len(case.answers or {"viber": []}))
            if case.name != "push under way":
                self.report(case)
        until(lambda: any(push.path == "/own" for push in self.customer.pushed), what="the push")
        self.settled_but(["push under way"])
        for place, case in enumerate(at_death.hanging_sms(), 1):
            self.send(case)
            self.asked_of("sms", min(place, 6))
        until(lambda: self.legs_of("SMS behind them") == [["failed", "queued"]] * 2, what="the two behind")
        for case in at_death.hanging(codes):
            asked = len(self.providers.asked)
            self.send(case)
            self.asked(asked + 1)
            self.report(case)
        self.receipt_waits()
        return {"handle": received_one.receipt_handle, **self.untouched(codes)}

    def asked_of(self, channel: str, hanging: int) -> None:
        def out() -> bool:
            return (
                sum(1 for one, how in self.providers.asked if (one.channel, how) == (channel, "hang"))
                == hanging
            )

        until(out, what=f"{hanging} requests out")

    def rows(self, sql: str, *values: Any) -> list[Any]:
        with closing(sqlite3.connect(f"file:{self.folder / 'waypost.db'}?mode=ro", uri=True)) as connection:
            return connection.execute(sql, values).fetchall()

    def legs_of(self, beginning: str) -> list[list[str]]:
        return [
            [row[0] for row in self.rows("SELECT state FROM leg WHERE message_id = ? ORDER BY leg", id_)]
            for case, id_ in self.sent
            if case.name.startswith(beginning)
        ]

    def settled_but(self, *_: Any) -> None:
        """All callbacks but the one under way were tried, and put off."""
        due = "SELECT count(*) FROM journal WHERE visible_at <= ? AND NOT (stage = 'callback' AND tries = 0)"
        until(lambda: self.rows(due, DIED) == [(0,)], what="quiet")

    def receipt_waits(self) -> None:
        kept = "SELECT count(*) FROM journal WHERE stage = 'receipt' AND tries = 1"
        until(lambda: self.rows(kept) == [(1,)], what="the receipt that overtook the answer")

    def untouched(self, codes: dict[str, str]) -> dict[str, Any]:
        again: dict[str, Any] = {}
        for case in at_death.untouched(codes):
            if case.name != "asked for twice":
                self.send(case)
                continue
            again = {"To": case.to, "ClientToken": "order-7", "Content": '{"text":"hello"}', "TaskId": "t-1"}
            again |= {"ChannelType": "viber", "Type": "message", "MessageType": "text", "From": "20001"}
            again |= {"Label": "transaction"}
            self.plan(case)
            message_id = own(self.caller, "SendChatappMessage", key=KEY, **again)["MessageId"]
            self.sent.append((case, message_id))
        many = at_death.mass()
        answer = call(
            self.caller,
            "send_chatapp_mass_message",
            key=KEY,
            channel_type="viber",
            from_="20001",
            label="promotion",
            template_code="welcome",
            language="en",
            task_id="many",
            sender_list=[
                models.SendChatappMassMessageRequestSenderList(
                    to=case.to, template_params={"name": case.to[-1]}
                )
                for case in many
            ],
        )
        ids = {
            json.loads(row[0])["recipient"]: row[1]
            for row in self.rows("SELECT body, message_id FROM message")
        }
        self.sent += [(case, ids[case.to]) for case in many]
        [first] = [id_ for case, id_ in self.sent if case.name == "asked for twice"]
        return {"again": again, "message_id": first, "group_id": answer["GroupMessageId"]}

    def written_by_the_store(self) -> None:
        """What no kill can be timed to catch: webhooks that are durable and not yet followed."""
        import asyncio

        from waypost.model.outcomes import Inbound, Receipt, ReceiptKind
        from waypost.storage.intake import accept_webhook
        from waypost.storage.sqlite import SqliteStore

        [waiting] = [case for case, _ in self.sent if case.name == "receipt in the journal"]
        [taken] = [one for one in self.providers.taken if one.recipient == waiting.to]
        words = [
            Receipt(
                route="viber-main",
                kind=ReceiptKind.DELIVERED,
                at=DIED,
                provider_id=taken.id,
                sender="20001",
                recipient=waiting.to,
            ),
            Inbound(
                route="viber-main",
                channel="viber",
                sender="20001",
                user="380500000903",
                at=DIED,
                provider_id="in.journal",
                type="TEXT",
                text="STOP",
            ),
        ]

        async def write() -> None:
            store = SqliteStore(self.folder / "waypost.db")
            await store.transact(lambda tx: accept_webhook(tx, words, DIED))
            await store.close()

        asyncio.run(write())

    def messages(self) -> list[dict[str, Any]]:
        ids = [message_id for _, message_id in self.sent]
        assert len(set(ids)) == len(ids)
        return [
            {
                "id": message_id,
                "name": case.name,
                "to": case.to,
                "account": case.account,
                "left": case.left,
                "submitted": [
                    list(one)
                    for one, how in self.providers.asked
                    if one.recipient == case.to and how not in ("refuse", "block", "busy")
                ],
                "acknowledged": self.customer.statuses(message_id),
                "first": case.first,
                "then": case.then,
                "ends": case.ends,
                "statuses": case.statuses,
                "sends": case.sends,
                "pushed": case.pushed,
            }
            for case, message_id in self.sent
        ]

    def pack(self) -> None:
        path = self.folder / "waypost.db"
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("UPDATE callback SET url = replace(url, ?, ?)", (self.customer.url, CUSTOMER))
            connection.execute(
                "UPDATE configuration SET body = CAST(replace(CAST(body AS TEXT), ?, ?) AS BLOB)",
                (self.customer.url, CUSTOMER),
            )
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        with tarfile.open(HERE.parent / "data.tar.gz", "w:gz") as packed:
            for name in ("waypost.db", "secret.key"):
                packed.add(self.folder / name, name)


def main() -> None:
    with tempfile.TemporaryDirectory() as place:
        maker = Maker(Path(place) / "data")
        try:
            manifest = maker.make()
            manifest["messages"] = maker.messages()
        finally:
            maker.providers.close()
            maker.customer.close()
        maker.pack()
        manifest["counts"] = counts(maker.folder / "waypost.db")
        write(manifest)
    with (
        tempfile.TemporaryDirectory() as place,
        unpacked(Path(place)) as folder,
        folder.serving(SERVICE) as (running, driver),
    ):
        driver.settle()
        caller = Caller(running, folder.secrets)
        manifest["inventory"] = folder.hidden(inventory(caller, manifest["requests"]))
        finish(folder, driver)
        manifest["said"] = folder.said()
    write(manifest)


def write(manifest: dict[str, Any]) -> None:
    text = json.dumps(manifest, indent=1, ensure_ascii=False, sort_keys=True)
    (HERE.parent / "manifest.json").write_text(text + "\n")


main()
