"""The files by which programs trust a sandbox's certificate, and the environment variables that name them."""

import os
import re
import secrets
import ssl
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption
from cryptography.hazmat.primitives.serialization.pkcs12 import PKCS12Certificate, serialize_java_truststore
from cryptography.utils import CryptographyDeprecationWarning

from waypost.config.certificate import CertificateError
from waypost.sandbox.local_authority import Authority

PASSWORD = "changeit"
"""Of Java's trust store, which has no secret in it: the one of every JDK's own."""

_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----\n?", re.DOTALL)
_BUNDLE_VARIABLES = (
    # OpenSSL, and so Python's ssl and the current Python SDK, PHP and Ruby; Go and the `aliyun` command line.
    "SSL_CERT_FILE",
    "CURL_CA_BUNDLE",
    # requests by itself; the older Python SDK reads the one below.
    "REQUESTS_CA_BUNDLE",
    "ALIBABA_CLOUD_CA_BUNDLE",
)
_SYSTEM_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
    "/opt/homebrew/etc/ca-certificates/cert.pem",
)
_JAVA_OPTION = "-Djavax.net.ssl.trustStore"


class TrustFiles(NamedTuple):
    """Files of one folder.

    Attributes:
        authority: the certificate of the sandbox's authority alone, in PEM.
        bundle: the same behind the authorities that programs trust else, in PEM.
        java: the same as the bundle, as PKCS #12.
        system: where the others were taken from; None if none were found.
    """

    authority: Path
    bundle: Path
    java: Path
    system: Path | None


def write_trust_files(folder: Path, authority: Authority, environment: Mapping[str, str]) -> TrustFiles:
    """Writes the files, each at once.

    Args:
        environment: may name a bundle that programs use at present, such as a company's.

    Raises:
        CertificateError: they cannot be written.
    """
    files = TrustFiles(
        folder / "authority.pem",
        folder / "bundle.pem",
        folder / "trust.p12",
        _system_bundle(folder, environment),
    )
    trusted = files.system.read_bytes() if files.system is not None else b""
    trusted = b"".join(_CERTIFICATE.findall(trusted))
    try:
        _write(files.authority, authority.pem)
        _write(files.bundle, trusted + authority.pem)
        _write(files.java, _java_trust_store(trusted + authority.pem))
    except OSError as error:
        raise CertificateError(f"{folder}: cannot be written to: {error.strerror}") from None
    return files


def trust_variables(files: TrustFiles, environment: Mapping[str, str]) -> dict[str, str]:
    """The environment variables by which programs of each language trust the sandbox.

    Args:
        environment: the present one; options for Java that it has are kept.
    """
    others = [
        option for option in environment.get("JAVA_TOOL_OPTIONS", "").split() if _JAVA_OPTION not in option
    ]
    path = f'"{files.java}"' if " " in str(files.java) else str(files.java)
    java = (f"{_JAVA_OPTION}={path}", f"{_JAVA_OPTION}Type=PKCS12", f"{_JAVA_OPTION}Password={PASSWORD}")
    return {
        **dict.fromkeys(_BUNDLE_VARIABLES, str(files.bundle)),
        # Node adds what is in it to its own.
        "NODE_EXTRA_CA_CERTS": str(files.authority),
        "JAVA_TOOL_OPTIONS": " ".join([*others, *java]),
    }


def _system_bundle(folder: Path, environment: Mapping[str, str]) -> Path | None:
    """The file with the authorities that programs trust at present."""
    default = ssl.get_default_verify_paths()
    named = [environment.get(name, "") for name in _BUNDLE_VARIABLES]
    paths = [*named, default.openssl_cafile, *_SYSTEM_BUNDLES]
    readable = (Path(path) for path in paths if path and os.access(path, os.R_OK) and Path(path).is_file())
    return next((path for path in readable if path.parent != folder), None)


def _java_trust_store(pem: bytes) -> bytes:
    certificates = []
    with warnings.catch_warnings():
        # Among the system's there are some of a form that will not be read for ever.
        warnings.simplefilter("ignore", CryptographyDeprecationWarning)
        for number, found in enumerate(_CERTIFICATE.findall(pem)):
            try:
                certificate = x509.load_pem_x509_certificate(found)
            except ValueError:
                # And may be some that are not read already.
                continue
            certificates.append(PKCS12Certificate(certificate, f"authority-{number}".encode()))
    return serialize_java_truststore(certificates, BestAvailableEncryption(PASSWORD.encode()))


def _write(file: Path, content: bytes) -> None:
    part = file.with_name(f"{file.name}.{secrets.token_hex(4)}.part")
    try:
        part.write_bytes(content)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
