"""The coverage page: its operations are those of the official SDK."""

import importlib.metadata
import inspect
import re

from alibabacloud_cams20200606.client import Client

from waypost.api.operations.catalogue import EVERY, OPERATIONS, PRODUCTS
from waypost.api.reference.markdown import coverage_markdown
from waypost.api.reference.official_operations import OFFICIAL_OPERATIONS, OFFICIAL_SDK

_ACTION = re.compile(r"action\s*=\s*'(\w+)'")


def _of_the_sdk() -> list[str]:
    methods = inspect.getmembers(Client, inspect.isfunction)
    sources = [inspect.getsource(method) for name, method in methods if name.endswith("_with_options")]
    return sorted(found[1] for source in sources if (found := _ACTION.search(source)))


def test_the_names_are_the_installed_sdks() -> None:
    assert sorted(OFFICIAL_OPERATIONS) == _of_the_sdk()
    package, version = OFFICIAL_SDK.split()
    assert importlib.metadata.version(package) == version


def test_the_page_lists_for_each_whether_it_is_answered() -> None:
    page = coverage_markdown()
    for name in OFFICIAL_OPERATIONS:
        answer = f"[{name}](reference.md#{name.lower()})" if name in OPERATIONS else "no"
        assert f"| `{name}` | {answer} |" in page
    for name in OPERATIONS.keys() - OFFICIAL_OPERATIONS:
        assert f"- [{name}](reference.md#{name.lower()})" in page


def test_no_two_products_have_an_operation_of_one_name() -> None:
    # Reference pages, the OpenAPI document and the limits know an operation by its name alone.
    assert len(EVERY) == sum(len(operations) for operations in PRODUCTS.values())
    assert not EVERY.keys() - OPERATIONS.keys() & OFFICIAL_OPERATIONS
