"""A template whose file cannot be downloaded is refused, and nothing of it is kept."""

import asyncio
import json
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

import pytest

from tests.connectors.providers import Canned, canned
from waypost.api.caller import Caller, Origin
from waypost.api.errors.catalogue import ApiError
from waypost.api.operations.endpoint import Request, Result
from waypost.api.operations.templates.templates import create
from waypost.model.configuration import Account, Configuration
from waypost.outbound.file_check import FileCheck
from waypost.storage.secrets import SecretBox
from waypost.storage.sqlite import SqliteStore

BODY = {"Type": "BODY", "Text": "Hi"}


def picture(url: str) -> dict[str, Any]:
    return {"Type": "HEADER", "Format": "IMAGE", "Url": url}


def made(path: Path, reply: Canned, channel: str, components: Any) -> tuple[Result, int]:
    """What the call comes to, and how often the file was asked for."""

    async def main() -> tuple[Result, int]:
        async with canned(reply) as server:
            text = json.dumps(components).replace("FILE", f"{server.url}/a.jpg")
            given = {
                "TemplateType": channel,
                "Category": "MARKETING",
                "Name": "offer",
                "Language": "en",
                "Components": text,
            }
            store = SqliteStore(path / "waypost.db")
            request = Request(
                given,
                Caller("1", None),
                Configuration([Account(id="1")]),
                store,
                0,
                str,
                60,
                Origin("", False, 0.0),
                SecretBox(bytes(32)),
                FileCheck(allow_private=True).problem,
            )
            result = create(request)
            try:
                return await result if isinstance(result, Awaitable) else result, len(server.asked)
            finally:
                await store.close()

    return asyncio.run(main())


@pytest.mark.parametrize(
    ("channel", "components", "asked"),
    [
        ("VIBER", [BODY, picture("FILE")], 1),
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
def test_a_file_that_is_there_is_asked_for_once(
    tmp_path: Path, channel: str, components: Any, asked: int
) -> None:
    result, times = made(tmp_path, Canned(200, b"file"), channel, components)
    assert (result.write is not None, times) == (True, asked)


def test_one_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ApiError) as refused:
        made(tmp_path, Canned(404), "WHATSAPP", [BODY, picture("FILE")])
    assert (refused.value.code, refused.value.status) == ("InvalidParameter.FileUrlError", 400)
    assert "HTTP 404" in refused.value.message
