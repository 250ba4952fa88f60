"""The certificate authority of sandboxes, which is good for this machine's loopback addresses alone.

It is made once and kept, so that a program that trusts it trusts the next sandbox, too. No system's list of
authorities is touched, and name constraints (RFC 5280, section 4.2.1.10) make it useless for any other host.
The key of a server's certificate is never kept: each process makes its own.
"""

import datetime
import os
import re
import secrets
import ssl
from collections.abc import Callable
from contextlib import suppress
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from waypost.clock import wall_seconds
from waypost.config.certificate import CertificateError, tls_context
from waypost.storage.private_files import make_private_folder

_KEPT = datetime.timedelta(days=3650)
_RENEWED_BEFORE = datetime.timedelta(days=90)
_SERVER_FOR = datetime.timedelta(days=60)
# A machine whose clock is a little behind must not find it too young.
_BACKDATED = datetime.timedelta(days=1)
_FILE = re.compile(r"authority-(\d{1,6})\.pem")


class Authority(NamedTuple):
    """A certificate authority.

    Attributes:
        certificate: what programs trust.
        key: what signs.
    """

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        """The certificate in PEM."""
        return self.certificate.public_bytes(Encoding.PEM)

    def server_context(self, folder: Path, now: datetime.datetime) -> ssl.SSLContext:
        """TLS with a new certificate for localhost, 127.0.0.1 and ::1.

        Args:
            folder: where OpenSSL reads it from; it is removed at once.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _server_certificate(self, key, now)
        file = folder / f"server-{secrets.token_hex(8)}.pem"
        try:
            _write_private(file, certificate.public_bytes(Encoding.PEM) + self.pem + _private_pem(key))
            return tls_context(file, file)
        finally:
            file.unlink(missing_ok=True)


def open_authority(folder: Path, wall_clock: Callable[[], float] = wall_seconds) -> Authority:
    """The authority that is kept in a folder; one that is made if there is none, or it ends soon.

    Whoever makes one at the same time gets the same: of the files `authority-<number>.pem` the highest number
    counts, and only one process can create a number.

    Args:
        wall_clock: seconds UTC.

    Raises:
        CertificateError: it can be neither read nor made.
    """
    now = _time_of(wall_clock)
    try:
        make_private_folder(folder)
        while True:
            number = _highest_number(folder)
            present = _read(folder / f"authority-{number}.pem")
            if present is not None and now < present.certificate.not_valid_after_utc - _RENEWED_BEFORE:
                return present
            _create(folder, number + 1, now)
    except OSError as error:
        raise _no_place(folder, error) from None


def _no_place(folder: Path, error: OSError) -> CertificateError:
    return CertificateError(
        f"{folder}: no certificate can be kept there: {error.strerror}. Choose a folder with --data, or by "
        "XDG_STATE_HOME"
    )


def _time_of(wall_clock: Callable[[], float]) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(wall_clock(), datetime.UTC)


def _highest_number(folder: Path) -> int:
    names = (_FILE.fullmatch(file.name) for file in folder.iterdir())
    return max((int(name[1]) for name in names if name is not None), default=0)


class LocalCertificate:
    """The certificate of a running sandbox, made when a client first begins TLS, and anew before it ends.

    Args:
        folder: where its authority is kept.
        wall_clock: seconds UTC.
    """

    def __init__(self, folder: Path, wall_clock: Callable[[], float] = wall_seconds) -> None:
        self._folder = folder
        self._wall_clock = wall_clock
        self._context: ssl.SSLContext | None = None
        self._renewed_at = datetime.datetime.min.replace(tzinfo=datetime.UTC)

    def context(self) -> ssl.SSLContext:
        """What a new connection gets.

        Raises:
            CertificateError: it cannot be made.
        """
        now = _time_of(self._wall_clock)
        if self._context is None or now >= self._renewed_at:
            authority = open_authority(self._folder, self._wall_clock)
            try:
                self._context = authority.server_context(self._folder, now)
            except OSError as error:
                raise _no_place(self._folder, error) from None
            self._renewed_at = now + _SERVER_FOR / 2
        return self._context


def _read(file: Path) -> Authority | None:
    """The authority in a file; None if it holds none."""
    try:
        pem = file.read_bytes()
    except FileNotFoundError:
        return None
    try:
        key = load_pem_private_key(pem, None)
        certificate = x509.load_pem_x509_certificate(pem)
    except ValueError:
        # Another one replaces what was damaged.
        return None
    return Authority(certificate, key) if isinstance(key, ec.EllipticCurvePrivateKey) else None


def _create(folder: Path, number: int, now: datetime.datetime) -> None:
    """Writes a new authority under a number, unless another process was first."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Waypost sandbox {secrets.token_hex(4)}")])
    hosts = x509.NameConstraints(
        [
            x509.DNSName("localhost"),
            x509.IPAddress(IPv4Network("127.0.0.0/8")),
            x509.IPAddress(IPv6Network("::1/128")),
        ],
        None,
    )
    certificate = (
        _builder(key, name, name, now, _KEPT)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .add_extension(hosts, critical=True)
        .sign(key, hashes.SHA256())
    )
    part = folder / f"part-{secrets.token_hex(8)}.pem"
    try:
        _write_private(part, certificate.public_bytes(Encoding.PEM) + _private_pem(key))
        with suppress(FileExistsError):
            os.link(part, folder / f"authority-{number}.pem")
    finally:
        part.unlink(missing_ok=True)


def _server_certificate(
    authority: Authority, key: ec.EllipticCurvePrivateKey, now: datetime.datetime
) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = [
        x509.DNSName("localhost"),
        x509.IPAddress(IPv4Address("127.0.0.1")),
        x509.IPAddress(IPv6Address("::1")),
    ]
    signer = x509.SubjectKeyIdentifier.from_public_key(authority.key.public_key())
    return (
        _builder(key, name, authority.certificate.subject, now, _SERVER_FOR)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(signer), critical=False)
        .sign(authority.key, hashes.SHA256())
    )


def _builder(
    key: ec.EllipticCurvePrivateKey,
    subject: x509.Name,
    issuer: x509.Name,
    now: datetime.datetime,
    duration: datetime.timedelta,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATED)
        .not_valid_after(now + duration)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _private_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write_private(file: Path, content: bytes) -> None:
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())
