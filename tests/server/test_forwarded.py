"""The client behind trusted proxies: read from the right, and never what the client itself wrote."""

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waypost.server.forwarded import Client, forwarded_client, plain_address
from waypost.server.http_bounds import Bounds

TRUSTED = Bounds(trusted_proxies=("127.0.0.1/32", "10.0.0.0/8", "fd00::/8")).is_trusted
PROXY = Client("127.0.0.1", False)
FOR, PROTO, FORWARDED = "X-Forwarded-For", "x-forwarded-proto", "Forwarded"


def client(*headers: tuple[str, str], connected: Client = PROXY) -> tuple[str, bool]:
    encoded = [(name.encode(), value.encode("latin-1")) for name, value in headers]
    found = forwarded_client(encoded, connected, TRUSTED)
    return found.address, found.secure


@pytest.mark.parametrize(
    ("headers", "address", "secure"),
    [
        ((), "127.0.0.1", False),
        (((FOR, "203.0.113.7"),), "203.0.113.7", False),
        (((FOR, "203.0.113.7"), (PROTO, "https")), "203.0.113.7", True),
        (((FOR, "203.0.113.7"), (PROTO, "HTTPS")), "203.0.113.7", True),
        # What the client wrote is left of what the proxy appended.
        (((FOR, "10.1.1.1, 203.0.113.7"),), "203.0.113.7", False),
        (((FOR, "10.1.1.1"), (FOR, "203.0.113.7")), "203.0.113.7", False),
        (((FOR, "nonsense,203.0.113.7"),), "203.0.113.7", False),
        # Two proxies, one behind the other.
        (((FOR, "198.51.100.1, 203.0.113.7, 10.2.2.2"), (PROTO, "https")), "203.0.113.7", True),
        (((FOR, "203.0.113.7, 10.2.2.2"), (PROTO, "https, http")), "203.0.113.7", True),
        (((FOR, "203.0.113.7, 10.2.2.2"), (PROTO, "http, https")), "203.0.113.7", False),
        (((FOR, "10.3.3.3, 10.2.2.2"),), "10.3.3.3", False),
        # A proxy that does not know is as far as anything is certain.
        (((FOR, "203.0.113.7, unknown"),), "127.0.0.1", False),
        (((FOR, "203.0.113.7, unknown, 10.2.2.2"),), "10.2.2.2", False),
        (((FOR, ""),), "127.0.0.1", False),
        (((PROTO, "https"),), "127.0.0.1", True),
        (((PROTO, "gopher"), (FOR, "203.0.113.7")), "203.0.113.7", False),
        (((FOR, "203.0.113.7:4711"),), "203.0.113.7", False),
        (((FOR, "2001:DB8::7"),), "2001:db8::7", False),
        (((FOR, "[2001:db8::7]:4711, fd00::1"),), "2001:db8::7", False),
        (((FOR, "::ffff:203.0.113.7"),), "203.0.113.7", False),
        (((FORWARDED, "for=203.0.113.7;proto=https;by=10.0.0.1"),), "203.0.113.7", True),
        (((FORWARDED, 'For="[2001:db8::7]:4711";Proto=HTTPS'),), "2001:db8::7", True),
        (((FORWARDED, "for=10.1.1.1, for=203.0.113.7, for=10.2.2.2;proto=http"),), "203.0.113.7", False),
        (((FORWARDED, "for=10.1.1.1"), (FORWARDED, "for=203.0.113.7")), "203.0.113.7", False),
        (((FORWARDED, "for=203.0.113.7, for=_hidden"),), "127.0.0.1", False),
        (((FORWARDED, "for=203.0.113.7, proto=https"),), "127.0.0.1", True),
        # A quote that the client left open, or a comma in one, moves nothing.
        (((FORWARDED, 'for="10.1.1.1'), (FORWARDED, "for=203.0.113.7")), "203.0.113.7", False),
        (((FORWARDED, 'for="10.1.1.1, for=203.0.113.7'),), "203.0.113.7", False),
        (((FORWARDED, 'for=x;a=b c, for=203.0.113.7;proto="https"'),), "203.0.113.7", True),
        (((FORWARDED, "for=203.0.113.7, ;;"),), "127.0.0.1", False),
        # What most proxies write counts, as they pass on a Forwarded of the client.
        (((FORWARDED, "for=10.1.1.1"), (FOR, "203.0.113.7")), "203.0.113.7", False),
    ],
)
def test_the_client_of_a_request(headers: tuple[tuple[str, str], ...], address: str, secure: bool) -> None:
    assert client(*headers) == (address, secure)


def test_a_proxy_with_tls_is_taken_at_its_word() -> None:
    connected = Client("10.0.0.1", True)
    assert client((FOR, "203.0.113.7"), connected=connected) == ("203.0.113.7", True)
    assert client((FOR, "203.0.113.7"), (PROTO, "http"), connected=connected) == ("203.0.113.7", False)


@given(st.text(st.characters(codec="latin-1"), max_size=60), st.sampled_from([FOR, FORWARDED]))
def test_nothing_that_a_client_writes_gives_it_another_address(written: str, header: str) -> None:
    appended = "203.0.113.7" if header == FOR else "for=203.0.113.7"
    for headers in (((header, written), (header, appended)), ((header, f"{written}, {appended}"),)):
        # An open quote can swallow what follows it in one line; then nothing is known, not what it wrote.
        assert client(*headers)[0] in ("203.0.113.7", "127.0.0.1")


@given(st.ip_addresses())
def test_an_address_is_read_as_it_is_written(address: object) -> None:
    text = str(address)
    assert ip_address(plain_address(text)) == getattr(address, "ipv4_mapped", None) or ip_address(text)
    assert plain_address(f"[{text}]:80" if ":" in text else f"{text}:80") == plain_address(text)
