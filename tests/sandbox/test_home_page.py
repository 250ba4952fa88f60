"""`/here`: it shows what there is, under the address by which its reader reached it."""

import html
import re

import pytest

from tests.sandbox.asgi_client import Answer, AsgiClient
from waypost.model.channels import CHANNELS
from waypost.sandbox import fixture
from waypost.sandbox.home_page import HomePage
from waypost.sandbox.scenarios import OTHERWISE, SCENARIOS


async def page(*, limit: int = 100, callback_url: str = "", scheme: str = "http") -> Answer:
    return await AsgiClient(HomePage(fixture.SEED, limit, callback_url).routes()).get("/here", scheme)


def text_of(answer: Answer) -> str:
    """What a person reads of it, its tags aside."""
    without_tags = re.sub(r"<[^>]+>", "", answer.body.decode())
    return " ".join(html.unescape(without_tags).split())


def cells_of(answer: Answer, heading: str) -> list[list[str]]:
    """The rows of the first table below a heading."""
    below = answer.body.decode().split(f'<h2 id="{heading}">')[1]
    rows = re.findall(r"<tr>(.*?)</tr>", below.split("</table>")[0], re.DOTALL)
    plain = [
        [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<t[dh].*?>(.*?)</t[dh]>", row)] for row in rows
    ]
    return [[html.unescape(cell) for cell in row] for row in plain]


async def test_it_is_a_page_that_loads_nothing_from_elsewhere() -> None:
    answer = await page()
    assert (answer.status, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    links = re.findall(r'(?:href|src)="([^"]+)"', answer.body.decode())
    assert links
    assert [link for link in links if not link.startswith(("/", "#", "?", "data:"))] == []


async def test_every_row_of_the_magic_table_is_on_it() -> None:
    assert cells_of(await page(), "numbers")[1:] == [
        *([row.digits, row.description] for row in SCENARIOS),
        ["any other", OTHERWISE.description],
    ]


async def test_every_key_is_on_it() -> None:
    assert cells_of(await page(), "keys")[1:] == [[key.id, key.id, key.description] for key in fixture.KEYS]


async def test_it_names_a_simulated_provider_of_every_channel() -> None:
    start = text_of(await page()).partition("Send a message")[0].lower()
    for channel in CHANNELS:
        assert channel in start


async def test_what_each_account_has_is_on_it() -> None:
    head, *rows = cells_of(await page(), "accounts")
    columns = [dict(zip(head, row, strict=False)) for row in rows]
    assert [row["Account"] for row in columns] == ["1", "2", "3"]
    assert columns[0]["CustSpaceId"] == "cams-sandbox cams-sandbox-2"
    assert (columns[0]["From on viber"], columns[1]["From on viber"]) == ("20001", "30001")
    assert columns[0]["From on whatsapp"] == "15550100001"
    assert columns[1]["From on line"] == "30003"
    assert (columns[0]["SMS sender"], columns[0]["FallBackId"]) == ("Waypost", "S_000001")
    assert "sandbox_welcome (en, zh_CN)" in columns[0]["TemplateCode"]
    assert columns[0]["TemplateParams"] == "name code"


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_its_examples_can_be_copied_as_they_are(scheme: str) -> None:
    read = text_of(await page(scheme=scheme))
    assert 'endpoint="sandbox.example:8080"' in read
    assert f'protocol="{scheme}"' in read
    assert f"curl {scheme}://sandbox.example:8080/sandbox/clock" in read
    assert 'access_key_id="sandbox", access_key_secret="sandbox"' in read
    assert 'from_="20001"' in read
    assert 'fall_back_id="S_000001"' in read


@pytest.mark.parametrize(
    ("limit", "words"),
    [(0, "Calls are not limited."), (7, "Each account may call an operation 7 times a second")],
)
async def test_it_shows_how_often_an_account_may_call(limit: int, words: str) -> None:
    assert words in text_of(await page(limit=limit))


@pytest.mark.parametrize(
    ("url", "there", "absent"),
    [
        ("", "/sandbox/callbacks?message_id=", "They are pushed to"),
        (
            "http://127.0.0.1:9/hook?a=<b>",
            "They are pushed to http://127.0.0.1:9/hook?a=<b>.",
            "--callback-url",
        ),
    ],
)
async def test_it_shows_where_callbacks_go(url: str, there: str, absent: str) -> None:
    answer = await page(callback_url=url)
    assert there in text_of(answer)
    assert absent not in text_of(answer)
    assert b"<b>" not in answer.body
