"""The names of the operations of the official API, taken from its Python SDK."""

from importlib.resources import files

OFFICIAL_SDK = "alibabacloud_cams20200606 5.3.1"

OFFICIAL_OPERATIONS = frozenset(
    files("waypost.api.reference").joinpath("official_operations.txt").read_text(encoding="utf-8").split()
)
"""All operations of the product cams, whether Waypost implements them or not."""
