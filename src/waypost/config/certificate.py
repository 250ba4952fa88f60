"""The certificate that the service shows, and what of TLS it takes."""

import ssl
from collections.abc import Iterator
from pathlib import Path

from waypost.config.mistakes import Mistake
from waypost.config.settings import ServerSettings, SettingsError


class CertificateError(SettingsError):
    """A certificate or its key cannot be used; the message says which, and why."""


def check_certificate(server: ServerSettings) -> Iterator[Mistake]:
    """Yields a certificate without a key, and files that cannot be used."""
    if bool(server.certificate) != bool(server.certificate_key):
        absent = "certificate" if server.certificate_key else "certificate_key"
        allowed = "HTTPS needs both [server] certificate and certificate_key, plain HTTP neither"
        yield Mistake(("server", absent), "is empty", allowed)
    elif server.certificate:
        try:
            tls_context(Path(server.certificate), Path(server.certificate_key))
        except CertificateError as error:
            relies_on = (("server", "certificate_key"),)
            yield Mistake(("server", "certificate"), f"cannot be used: {error}", relies_on=relies_on)


def tls_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """TLS 1.2 or later with HTTP/1.1 in it.

    Args:
        certificate: a PEM file, the server's own certificate in front of those that signed it.
        key: the PEM file of its key, without a password.

    Raises:
        CertificateError: a file cannot be read, holds something else, or they do not belong together.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # A client could have the server make a handshake again and again.
    context.options |= ssl.OP_NO_RENEGOTIATION
    context.set_alpn_protocols(["http/1.1"])
    for file in (certificate, key):
        _check_readable(file)
    try:
        context.load_cert_chain(certificate, key, password=_refuse_password)
    except ssl.SSLError as error:
        raise CertificateError(_reason(error, certificate, key)) from None
    return context


def _check_readable(file: Path) -> None:
    try:
        file.open("rb").close()
    except OSError as error:
        raise CertificateError(f"{file} cannot be read: {error.strerror}") from None


def _refuse_password() -> str:
    # Otherwise OpenSSL would ask for it at the terminal.
    raise CertificateError(
        "the key has a password: write it without one, and let only its owner read the file"
    )


def _reason(error: ssl.SSLError, certificate: Path, key: Path) -> str:
    if error.reason == "KEY_VALUES_MISMATCH":
        return f"the key in {key} is not that of the certificate in {certificate}"
    reason = (error.reason or "not PEM").lower().replace("_", " ")
    return f"{certificate} and {key} are no certificate and its key in PEM: {reason}"
