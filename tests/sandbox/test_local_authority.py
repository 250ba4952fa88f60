"""The sandbox's own certificate authority: kept, good for loopback alone, renewed in time, made once."""

import datetime
import ssl
import stat
import warnings
from concurrent.futures import ProcessPoolExecutor
from ipaddress import ip_address, ip_network
from multiprocessing import get_context
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

from waypost.config.certificate import CertificateError
from waypost.sandbox.authority_folder import authority_folder
from waypost.sandbox.client_trust import PASSWORD, trust_variables, write_trust_files
from waypost.sandbox.local_authority import Authority, LocalCertificate, open_authority

NOW_S = 1_900_000_000
DAY_S = 86_400


def serial(folder: Path) -> int:
    return open_authority(folder).certificate.serial_number


def test_it_is_the_same_at_the_next_start(tmp_path: Path) -> None:
    assert open_authority(tmp_path).certificate == open_authority(tmp_path).certificate


def test_it_may_sign_for_this_machine_alone(tmp_path: Path) -> None:
    extensions = open_authority(tmp_path).certificate.extensions
    hosts = extensions.get_extension_for_class(x509.NameConstraints)
    assert hosts.critical
    assert hosts.value.permitted_subtrees == [
        x509.DNSName("localhost"),
        x509.IPAddress(ip_network("127.0.0.0/8")),
        x509.IPAddress(ip_network("::1/128")),
    ]
    assert extensions.get_extension_for_class(x509.BasicConstraints).value.path_length == 0


@pytest.mark.parametrize("name", [x509.DNSName("shop.example.com"), x509.IPAddress(ip_address("192.0.2.1"))])
def test_what_it_signs_for_another_host_is_not_trusted(tmp_path: Path, name: x509.GeneralName) -> None:
    """By OpenSSL, even though its key was used."""
    authority = open_authority(tmp_path)
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(authority.certificate.subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([name]), critical=True)
        .sign(authority.key, hashes.SHA256())
    )
    file = tmp_path / "forged.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(certificate.public_bytes(Encoding.PEM) + private)
    forging = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    forging.load_cert_chain(file)
    assert "permitted subtree violation" in handshake(authority, forging, str(name.value))


def handshake(authority: Authority, server: ssl.SSLContext, host: str) -> str:
    """How a client that trusts the authority finds a server's certificate; empty if it is right."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    trusting = ssl.create_default_context(cadata=authority.pem.decode())
    client = trusting.wrap_bio(to_client, to_server, server_hostname=host)
    serving = server.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(4):
        for side in (client, serving):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
            except ssl.SSLCertVerificationError as error:
                return error.verify_message
    return ""


def test_its_own_certificates_are_trusted(tmp_path: Path) -> None:
    authority = open_authority(tmp_path)
    server = authority.server_context(tmp_path, datetime.datetime.now(datetime.UTC))
    assert [handshake(authority, server, host) for host in ("localhost", "127.0.0.1", "::1")] == ["", "", ""]
    assert handshake(authority, server, "127.0.0.2") != ""
    assert [file.name for file in tmp_path.iterdir()] == ["authority-1.pem"]
    assert stat.S_IMODE((tmp_path / "authority-1.pem").stat().st_mode) == 0o600


def test_it_is_renewed_before_it_ends(tmp_path: Path) -> None:
    def opened(after: float) -> x509.Certificate:
        return open_authority(tmp_path, lambda: NOW_S + after * DAY_S).certificate

    first = opened(0)
    assert opened(9 * 365) == first
    second = opened(3650 - 90)
    assert second != first
    assert opened(3650) == second


def test_a_sandbox_that_runs_for_long_renews_its_own(tmp_path: Path) -> None:
    days = 0
    certificate = LocalCertificate(tmp_path, lambda: NOW_S + days * DAY_S)
    first = certificate.context()
    days = 29
    assert certificate.context() is first
    days = 31
    assert certificate.context() is not first


def test_a_damaged_one_is_replaced(tmp_path: Path) -> None:
    first = open_authority(tmp_path)
    (tmp_path / "authority-1.pem").write_bytes(b"-----BEGIN CERTIFICATE-----\nAAAA\n")
    second = open_authority(tmp_path)
    assert second.certificate != first.certificate
    assert open_authority(tmp_path).certificate == second.certificate


@pytest.mark.parametrize("_", range(3))
def test_processes_that_start_at_once_have_the_same(tmp_path: Path, _: int) -> None:
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as processes:
        assert len(set(processes.map(serial, [tmp_path] * 16))) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["authority-1.pem"]


def test_where_nothing_can_be_kept_the_remedy_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CertificateError, match="Choose a folder with --data, or by XDG_STATE_HOME"):
        open_authority(tmp_path / "file" / "tls")


def test_where_it_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/zoe")
    assert authority_folder(tmp_path, {}) == tmp_path / "tls"
    assert authority_folder(None, {"XDG_STATE_HOME": "/state"}) == Path("/state/waypost/tls")
    for unusable in ({}, {"XDG_STATE_HOME": ""}, {"XDG_STATE_HOME": "relative"}):
        assert authority_folder(None, unusable) == Path("/home/zoe/.local/state/waypost/tls")


def test_the_authorities_in_use_are_kept_beside_it(tmp_path: Path) -> None:
    """Those of a company, say, that a variable names; what cannot be read is left out of Java's."""
    company = open_authority(tmp_path / "company")
    bundle = tmp_path / "company.pem"
    damaged = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    bundle.write_bytes(b"# A comment\n" + damaged + company.pem)
    folder = tmp_path / "tls"
    own = open_authority(folder)
    environment = {
        "SSL_CERT_FILE": str(bundle),
        "JAVA_TOOL_OPTIONS": "-Xmx1g -Djavax.net.ssl.trustStore=old",
    }
    files = write_trust_files(folder, own, environment)
    assert files.system == bundle
    assert files.bundle.read_bytes() == damaged + company.pem + own.pem
    assert files.authority.read_bytes() == own.pem
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        stored = load_pkcs12(files.java.read_bytes(), PASSWORD.encode()).additional_certs
    assert [one.certificate for one in stored] == [company.certificate, own.certificate]
    variables = trust_variables(files, environment)
    assert variables["SSL_CERT_FILE"] == str(files.bundle)
    assert variables["JAVA_TOOL_OPTIONS"].split() == [
        "-Xmx1g",
        f"-Djavax.net.ssl.trustStore={files.java}",
        "-Djavax.net.ssl.trustStoreType=PKCS12",
        "-Djavax.net.ssl.trustStorePassword=changeit",
    ]
    # Evaluated twice: our own bundle is not taken for the system's, and no option comes twice.
    again = write_trust_files(folder, own, environment | variables)
    assert again.system != files.bundle
    assert trust_variables(again, variables)["JAVA_TOOL_OPTIONS"] == variables["JAVA_TOOL_OPTIONS"]
