"""The services, and for each the suite of tests that is run against it."""

from pathlib import Path
from typing import NamedTuple

SUITES = Path(__file__).with_name("suites")


class Service(NamedTuple):
    """A service for tests.

    Attributes:
        name: what it is called.
        packages: what its users install into the environment of their tests.
        command: how it is started on a port; `{port}` and `{bin}` are filled in.
        module: of the Go program, if it is one.
    """

    name: str
    packages: tuple[str, ...]
    command: tuple[str, ...]
    module: str = ""

    @property
    def suite(self) -> Path:
        """Its suite of twenty tests."""
        return SUITES / f"test_{self.name.replace('-', '_')}.py"


SERVICES = (
    Service(
        "waypost",
        ("alibabacloud_cams20200606==5.3.1",),
        ("{bin}/waypost", "sandbox", "--port", "{port}", "--limit", "0", "--with-parent"),
    ),
    Service(
        "moto",
        ("moto[server]==5.2.5", "boto3==1.44.8"),
        ("{bin}/moto_server", "-H", "127.0.0.1", "-p", "{port}"),
    ),
    Service(
        "stripe-mock",
        ("stripe==16.1.0",),
        ("{program}", "-http-addr", "127.0.0.1:{port}"),
        module="github.com/stripe/stripe-mock@v0.203.0",
    ),
    Service(
        "pytest-httpserver",
        ("pytest-httpserver==1.2.0", "requests==2.34.2"),
        (
            "{bin}/python",
            "-c",
            "from pytest_httpserver import HTTPServer as S; s = S(port={port}); s.start(); input()",
        ),
    ),
)
PYTEST = "pytest==9.2.0"
