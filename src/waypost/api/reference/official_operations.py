"""The names of the operations that the official API has, as its Python SDK calls them."""

from importlib.resources import files

OFFICIAL_SDK = "alibabacloud_cams20200606 5.3.1"

OFFICIAL_OPERATIONS = frozenset(
    files("waypost.api.reference").joinpath("official_operations.txt").read_text().split()
)
"""All names of the product cams, answered here or not."""
