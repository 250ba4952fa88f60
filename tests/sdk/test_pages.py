"""The HTML pages: readable without JavaScript, complete, and free of secrets in production."""

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate

from tests.processes import Running, start_serve
from tests.sdk.callers import FREE, Raw, Sandbox, exchange
from waypost.api.errors.catalogue import ERRORS
from waypost.api.operations.catalogue import OPERATIONS
from waypost.api.reference import operation_rows
from waypost.sandbox.fixture import KEYS
from waypost.sandbox.scenarios import SCENARIOS

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
PAGES = [
    "/",
    "/find?q=nothing",
    "/errors",
    "/errors/MissingTo",
    "/reference",
    "/reference/SendChatappMessage",
    "/coverage",
    "/nowhere",
]

SCRIPTS = [f'<script src="/{name}.js" defer></script>' for name in ("htmx", "page")]
"""All that any page runs."""

SETTINGS = """
[store]
data = "{data}"

[routes.viber]
kind = "viber"
url = "http://127.0.0.1:1/send"
secret = "end-of-the-address"

[routes.sms]
kind = "kannel"
url = "http://127.0.0.1:1/sms"
username = "u"
password = "p"
secret = "end-of-the-address"

[accounts.secretive]
name = "Secretive Customers Inc"
spaces = ["cams-secretive"]
senders = [{{channel = "viber", id = "70717", route = "viber"}}]
"""


def page(sandbox: Sandbox, path: str, headers: dict[str, str] | None = None) -> Raw:
    return exchange(sandbox, path, BROWSER if headers is None else headers, method="GET")


def text(sandbox: Sandbox, path: str, status: int = 200) -> str:
    answer = page(sandbox, path)
    assert answer.status == status
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return answer.body.decode()


@pytest.mark.parametrize("path", PAGES)
def test_pages_load_nothing_from_elsewhere_and_run_our_own_scripts_alone(sandbox: Sandbox, path: str) -> None:
    answer = page(sandbox, path)
    html = answer.body.decode()
    assert re.findall(r"<script.*?</script>", html, re.DOTALL) == SCRIPTS
    assert html.count("<script") == len(SCRIPTS)
    assert not re.search(r"""(src|<link[^>]*href)=["']?(https?:)?//""", html)
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert '<html lang="en">' in html
    assert 'name="viewport"' in html


def test_the_style_knows_light_and_dark(sandbox: Sandbox) -> None:
    style = page(sandbox, "/style.css")
    assert style.headers["content-type"].startswith("text/css")
    assert b"prefers-color-scheme: dark" in style.body


def test_all_errors_are_on_their_page_and_have_one_of_their_own(sandbox: Sandbox) -> None:
    html = text(sandbox, "/errors")
    for code in ERRORS:
        assert f'href="/errors/{code}"' in html
    assert "Missing&lt;Parameter&gt;" in html
    assert "Invalid&lt;Parameter&gt;" in html
    one = text(sandbox, "/errors/System.LimitControl")
    assert "x-acs-retry-after" in one
    assert 'href="/reference/SendChatappMessage"' in one
    assert "error code Nothing.Known" in text(sandbox, "/errors/Nothing.Known", 404)


def test_where_an_error_leads(sandbox: Sandbox) -> None:
    refusal = sandbox.refused(**{**FREE, "to": "4915112345678", "ttl": 1})
    path = refusal.body["Recommend"].removeprefix(sandbox.process.address)
    assert path.startswith("/errors?q=InvalidTtl&product=cams&requestId=")
    html = text(sandbox, path)
    assert refusal.body["RequestId"] in html
    assert "The value of Ttl is not allowed." in html


def test_a_fixed_code_is_marked_in_the_table(sandbox: Sandbox) -> None:
    html = text(sandbox, "/errors?q=Product.Unsubscript&requestId=A-1")
    assert '<tr id="Product.Unsubscript" class="found">' in html
    assert "<code>A-1</code>" in html


@pytest.mark.parametrize("query", ["q=%3Cscript%3E", "q=MissingTo&requestId=%3Cscript%3E", "q=%ff"])
def test_what_a_url_holds_is_never_markup(sandbox: Sandbox, query: str) -> None:
    assert "<script>" not in text(sandbox, f"/errors?{query}")
    assert "<script>" not in text(sandbox, "/errors/%3Cscript%3E", 404)
    assert "<script>" not in text(sandbox, "/%3Cscript%3E", 404)


def test_the_reference_has_every_parameter_and_code(sandbox: Sandbox) -> None:
    whole = text(sandbox, "/reference")
    assert 'href="/reference/SendChatappMessage"' in whole
    for entry in operation_rows.gateway_errors():
        assert f'href="/errors/{entry.code}"' in whole
    for limit in operation_rows.gateway_limits():
        assert limit.value in unescape(whole)
    assert "50 for each account" in text(sandbox, "/reference/CreateChatappTemplate")
    html = text(sandbox, "/reference/SendChatappMessage")
    operation = OPERATIONS["SendChatappMessage"].operation
    for row in operation.parameters:
        assert f"<code>{row.name}</code>" in html
    any_call = {entry.code for entry in operation_rows.gateway_errors()}
    for code in set(operation.all_errors()) - any_call:
        assert f'href="/errors/{code}"' in html
    for words in ("30 to 1209600", "60 to 43200", "text_video_button", "MessageId"):
        assert words in html
    assert 'href="/reference#limits"' in html
    assert 'href="/reference#errors"' in html
    assert "operation Nothing" in text(sandbox, "/reference/Nothing", 404)


def test_openapi(sandbox: Sandbox) -> None:
    document: dict[str, Any] = json.loads(page(sandbox, "/openapi.json").body)
    validate(document)
    assert document["servers"] == [{"url": sandbox.process.address}]
    assert {"get", "post"} <= document["paths"]["/"].keys()


def test_what_is_here_has_all_one_needs(sandbox: Sandbox) -> None:
    html = text(sandbox, "/here")
    for key in KEYS:
        assert f"<code>{key.id}</code>" in html
    for scenario in SCENARIOS:
        assert scenario.digits in html
        assert scenario.description in html
    for words in ("20001", "S_000001", "cams-sandbox", "sandbox_welcome", "/sandbox/clock/advance"):
        assert words in html
    assert f'endpoint="{sandbox.process.endpoint}"' in html


def test_the_snippet_of_what_is_here_works(sandbox: Sandbox) -> None:
    html = text(sandbox, "/here")
    found = re.search(r"<pre[^>]*><code>(from alibabacloud.*?)</code></pre>", html, re.DOTALL)
    assert found
    printed: list[str] = []
    exec(found[1], {"print": printed.append})  # The page's own words are the test.
    assert len(printed) == 1
    assert sandbox.story(printed[0])["state"] in ("queued", "submitting", "sent", "delivered", "read")


def test_the_root_is_the_api_for_whoever_is_no_browser(sandbox: Sandbox) -> None:
    answer = page(sandbox, "/", {})
    assert (answer.status, answer.json["Code"]) == (400, "MissingAction")
    with_action = page(sandbox, "/?Action=SendChatappMessage", BROWSER)
    assert with_action.headers["content-type"] == "application/json;charset=utf-8"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_path_that_is_not_there(sandbox: Sandbox, method: str) -> None:
    answer = exchange(sandbox, "/cams/?Action=SendChatappMessage", {"accept": "*/*"}, method=method)
    assert (answer.status, answer.json["Code"]) == (404, "InvalidApi.NotFound")
    assert answer.json["Recommend"].startswith(f"{sandbox.process.address}/errors?q=InvalidApi.NotFound")
    assert "no page /nowhere here" in text(sandbox, "/nowhere", 404)


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder: Path = tmp_path_factory.mktemp("serve")
    config = folder / "waypost.toml"
    config.write_text(SETTINGS.format(data=folder / "data"), encoding="utf-8")
    with start_serve(config) as running:
        yield running


def test_in_production_the_pages_give_nothing_away(serving: Running) -> None:
    service = Sandbox(serving)
    front = text(service, "/")
    assert "chat-app message service" in front
    assert 'href="/reference"' in front
    for path in PAGES:
        html = page(service, path).body.decode()
        assert not re.search(
            r"secretive|70717|127\.0\.0\.1:1\b|end-of-the-address|curl ", html, re.IGNORECASE
        )
        # The pane of the latest calls is of a sandbox alone.
        assert "calls-pane" not in html
        assert "calls-open" not in html
    for path in ("/calls", "/view/calls", "/view/changes", "/view/live"):
        assert page(service, path).status == 404
    answer = page(service, "/sandbox/callbacks", {})
    assert (answer.status, answer.json["Code"]) == (404, "InvalidApi.NotFound")
