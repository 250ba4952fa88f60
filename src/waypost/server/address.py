"""The address of this service as others use it in a URL."""

from ipaddress import ip_address


def service_address(host: str, port: int) -> str:
    """`http://host:port` for a socket that listens on `host`.

    An address that stands for all of this machine is given to others as the loopback address of its family,
    and an address of IPv6 stands in brackets (RFC 3986, section 3.2.2; RFC 6874 for zones).
    """
    try:
        address = ip_address(host)
    except ValueError:
        return f"http://{host}:{port}"
    if address.is_unspecified:
        host = "127.0.0.1" if address.version == 4 else "::1"
    return f"http://{host}:{port}" if address.version == 4 else f"http://[{host.replace('%', '%25')}]:{port}"
