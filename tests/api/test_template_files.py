"""A template whose file cannot be downloaded is refused, and nothing of it is kept."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.api.operation_calls import carry_out
from tests.connectors.providers import Canned, canned
from waypost.api.errors.catalogue import ApiError
from waypost.model.configuration import Account, Configuration
from waypost.model.identifiers import AccountId
from waypost.outbound.file_check import FileCheck
from waypost.outbound.name_resolution import NameResolver
from waypost.storage.sqlite import SqliteStore

BODY = {"Type": "BODY", "Text": "Hi"}


def picture(url: str) -> dict[str, Any]:
    return {"Type": "HEADER", "Format": "IMAGE", "Url": url}


# Viber takes no picture by http.
DOCUMENT = {"Type": "HEADER", "Format": "DOCUMENT", "Url": "FILE", "FileName": "d.pdf", "FileType": "pdf"}


def made(path: Path, reply: Canned, channel: str, components: Any) -> tuple[Any, int]:
    """The result of the call, and how often the file was requested."""

    async def main() -> tuple[Any, int]:
        async with canned(reply) as server:
            text = json.dumps(components).replace("FILE", f"{server.url}/a.jpg")
            params = {
                "TemplateType": channel,
                "Category": "MARKETING",
                "Name": "offer",
                "Language": "en",
                "Components": text,
            }
            store = SqliteStore(path / "waypost.db")
            try:
                result = await carry_out(
                    "CreateChatappTemplate",
                    params,
                    Configuration([Account(id=AccountId("1"))]),
                    store,
                    file_error=FileCheck(NameResolver(), allow_private=True).download_error,
                )
                return result, len(server.requests)
            finally:
                await store.close()

    return asyncio.run(main())


@pytest.mark.parametrize(
    ("channel", "components", "requests"),
    [
        ("VIBER", [DOCUMENT], 1),
        ("WHATSAPP", [BODY, picture("FILE")], 1),
        ("WHATSAPP", [BODY, picture("$(file)")], 0),
        ("WHATSAPP", [BODY], 0),
        (
            "WHATSAPP",
            [BODY, {"Type": "CAROUSEL", "Cards": [{"CardComponents": [picture("FILE"), BODY]}] * 2}],
            1,
        ),
    ],
)
def test_a_file_that_exists_is_requested_once(
    tmp_path: Path, channel: str, components: Any, requests: int
) -> None:
    result, times = made(tmp_path, Canned(200, b"file"), channel, components)
    assert (bool(result.changes), times) == (True, requests)


def test_one_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ApiError) as refused:
        made(tmp_path, Canned(404), "WHATSAPP", [BODY, picture("FILE")])
    assert (refused.value.code, refused.value.status) == ("InvalidParameter.FileUrlError", 400)
    assert "HTTP 404" in refused.value.message
