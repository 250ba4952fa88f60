"""A real browser, which reaches loopback alone and is skipped out loud where there is none."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
LOCALES = {"en": "en-US", "zh": "zh-CN"}


class Watched:
    """A page, with what was wrong on it.

    Attributes:
        errors: of its console and its scripts.
        elsewhere: the requests that went to another host.
    """

    def __init__(self, page: Page, host: str) -> None:
        self.page = page
        self.errors: list[str] = []
        self.elsewhere: list[str] = []
        page.on("console", lambda line: self.errors.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on(
            "request",
            lambda sent: (
                self.elsewhere.append(sent.url)
                if urlsplit(sent.url).scheme != "data" and urlsplit(sent.url).netloc != host
                else None
            ),
        )

    def check(self) -> None:
        """Asserts that nothing was wrong."""
        assert self.errors == []
        assert self.elsewhere == []


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser; the test is skipped if there is none."""
    if not CHROMIUM:
        pytest.skip("no chromium on this machine: the pages are not tried in a browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened(
    browser: Browser,
    address: str,
    path: str = "/",
    *,
    language: str = "en",
    dark: bool = False,
    width: int = 1280,
    scripts: bool = True,
) -> Iterator[Watched]:
    """A page in a profile of its own."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if dark else "light",
        locale=LOCALES[language],
        java_script_enabled=scripts,
    )
    try:
        watched = Watched(context.new_page(), urlsplit(address).netloc)
        watched.page.goto(address + path)
        yield watched
    finally:
        context.close()
