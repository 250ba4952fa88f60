"""The signatures of the simulated providers' webhooks, computed apart from the connectors that check them,
because a mistake that both shared would go unnoticed.

Sources: Meta, "Webhooks from Meta", getting started (`X-Hub-Signature-256`); LINE Developers, "Verify webhook
signature" (`x-line-signature`); Telegram's Bot API, `setWebhook` (`secret_token`). Viber's partner API
documents no signature, and its webhooks carry none.
"""

import base64
import hmac
from collections.abc import Mapping

from waypost.sandbox.phone_network import Signer


def meta_signer(app_secret: str) -> Signer:
    """Signs as a Meta app does: HMAC-SHA256 of the body's bytes, in lower-case hexadecimal digits."""
    key = app_secret.encode()

    def sign(body: bytes) -> Mapping[str, str]:
        return {"X-Hub-Signature-256": "sha256=" + hmac.digest(key, body, "sha256").hex()}

    return sign


def line_signer(channel_secret: str) -> Signer:
    """Signs as a LINE channel does: HMAC-SHA256 of the body's bytes, in Base64."""
    key = channel_secret.encode()

    def sign(body: bytes) -> Mapping[str, str]:
        return {"x-line-signature": base64.b64encode(hmac.digest(key, body, "sha256")).decode("ascii")}

    return sign


def telegram_signer(secret_token: str) -> Signer:
    """Sends the secret that the webhook was registered with, whatever the body."""
    return lambda body: {"X-Telegram-Bot-Api-Secret-Token": secret_token}
