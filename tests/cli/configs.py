"""Settings for `waypost serve` under test: the providers are on this machine, so nothing leaves it."""

from pathlib import Path

NOWHERE = "http://127.0.0.1:9/vibersrvc/1/send_message"


def write_config(folder: Path, *, viber: str = NOWHERE, status_url: str = "", more: str = "") -> Path:
    """One account, acme, with a Viber sender 20001, an SMS sender and a user that may send."""
    path = folder / "waypost.toml"
    path.write_text(
        f"""
[store]
data = "{folder / "data"}"

[routes.viber-main]
kind = "viber"
url = "{viber}"
secret = "viber-receipts-0001"

[routes.sms-main]
kind = "kannel"
url = "http://127.0.0.1:9/cgi-bin/sendsms"
username = "waypost"
password = "kannel"
secret = "sms-receipts-000001"

[accounts.acme]
name = "Acme"
status_url = "{status_url}"
callback_secret = "signs-the-pushes"
spaces = ["cams-acme0000main"]
users.sender.policies.send = {{ Version = "1", Statement = [
  {{ Effect = "Allow", Action = "cams:SendChatappMessage", Resource = "*" }} ] }}

[[accounts.acme.senders]]
channel = "viber"
id = "20001"
route = "viber-main"

[[accounts.acme.senders]]
channel = "sms"
id = "Acme"
route = "sms-main"
{more}
""",
        encoding="utf-8",
    )
    return path
