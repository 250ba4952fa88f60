"""Takes the pictures of the README: `make pictures`. It needs a Chromium on this machine."""

import sys
from pathlib import Path

from playwright.sync_api import Browser, expect
from tests.browser.chromium import chromium, opened
from tests.processes import start_sandbox

DOCS = Path(__file__).parents[1] / "docs"
_READER, _WITHOUT_RECEIPT = "#phone-4915112345678", "#phone-4915112340002"

_FILLED = (
    "ChannelType=viber&Type=message&MessageType=text&From=20001&To=4915112345678&Label=promotion"
    "&Content=%7B%22text%22%3A%22Your%20parcel%20is%20here.%22%7D"
)


def take(browser: Browser, address: str) -> None:
    """Sends the examples from the page of a new sandbox, and takes the pictures of what follows."""
    with opened(browser, address) as watched:
        page = watched.page
        page.get_by_role("button", name="Send four examples").click()
        expect(page.locator(f"{_READER} .ticks.read")).to_have_count(1)
        page.get_by_role("button", name="To the next timer").click()
        expect(page.locator(f"{_WITHOUT_RECEIPT} .ticks.delivered")).to_have_count(1)
        page.locator("#live-switch").focus()
        page.screenshot(path=DOCS / "sandbox.png")
        page.locator(f"{_WITHOUT_RECEIPT} .dress-sms").get_by_role("link", name="timeline").click()
        expect(page.locator(".lane").first).to_be_visible()
        page.screenshot(path=DOCS / "message.png")
        # So high that the code is in it.
        page.set_viewport_size({"width": 1280, "height": 1400})
        page.goto(f"{address}/explorer/SendChatappMessage?{_FILLED}")
        page.get_by_role("button", name="Make the call").click()
        expect(page.locator("#answer .lane").first).to_be_visible()
        page.screenshot(path=DOCS / "explorer.png")
        watched.check()


def main() -> int:
    """Takes them."""
    with chromium() as browser, start_sandbox() as running:
        take(browser, running.address)
    return 0


if __name__ == "__main__":
    sys.exit(main())
