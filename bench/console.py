"""The sandbox's live page: what it costs the sandbox, and how fast it is in a browser.

    page       10,000 messages on as many phones; a new browser opens the page until its first content is
               painted, and until a click on "+1 min", as soon as it can be made, is answered; all its bytes
    updates    50 messages a second; the CPU of the sandbox with one browser that watches the page, less that
               without, in turns
    accepts    prepared calls as fast as they are answered, until all are delivered and read, with ten
               watchers against none, in turns. A watcher holds `/view/changes` and asks for `/view/live` at
               each change, as a browser does; they are one process of their own

The browser is Chromium (`tests/browser/chromium.py`). CPU seconds are of the sandbox's whole process.
"""

import argparse
import http.client
import multiprocessing
import multiprocessing.synchronize
import random
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from playwright.sync_api import Browser, Page
from tests.browser.chromium import CHROMIUM, chromium
from tests.processes import Running, start_sandbox

from bench import load, signed
from bench.processes import cpu_seconds

MESSAGES = 10_000
RATE = 50
SECONDS = 20.0
ROUNDS = 5
CALLS = 3_000
WATCHERS = 10
CONNECTIONS = 50
# Numbers of people whose messages are delivered and read.
READ = "5678"
TRANSFERRED = """() => ['navigation', 'resource']
  .flatMap(kind => performance.getEntriesByType(kind)).reduce((sum, each) => sum + each.transferSize, 0)"""
_PAINTED_MS = "() => performance.getEntriesByName('first-contentful-paint')[0].startTime"
# From the start of the navigation until the page shows what a click has changed.
_CLICKED_MS = """async () => {
  // Before its scripts have begun, a click sends the form without them, and the answer is another page.
  while (!document.querySelector('.clock form[data-htmx-powered]')) await new Promise(requestAnimationFrame);
  const minute = () => document.querySelector('.clock time').title.slice(0, 16);
  const before = minute();
  document.querySelector('.clock button[value="60"]').click();
  while (minute() === before) await new Promise(requestAnimationFrame);
  return performance.now();
}"""


def fill(sandbox: Running) -> None:
    """Sends the messages, each to another phone, and waits until all has been done."""
    calls = signed.requests(MESSAGES, sandbox.port, last_digits=READ)
    load.run(sandbox.port, calls, CONNECTIONS)
    sandbox.advance(600)


def measure_page(browser: Browser, sandbox: Running, rounds: int) -> None:
    """Prints how fast a new browser has the page, and what it transfers."""
    painted, interactive, weights = [], [], []
    for _ in range(rounds):
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        page = context.new_page()
        page.goto(f"{sandbox.address}/", wait_until="commit")
        interactive.append(page.evaluate(_CLICKED_MS))
        painted.append(page.evaluate(_PAINTED_MS))
        weights.append(page.evaluate(TRANSFERRED))
        context.close()
    print(
        f"page with {MESSAGES:,} messages, medians of {rounds}: "
        f"first content {statistics.median(painted):.0f} ms, "
        f"a click is answered {statistics.median(interactive):.0f} ms after the start "
        f"(worst {max(interactive):.0f} ms); {statistics.median(weights) / 1000:.0f} KB",
        flush=True,
    )


@contextmanager
def sending(port: int, rate: int) -> Iterator[None]:
    """Sends a number of messages a second meanwhile."""
    is_over = threading.Event()

    def send() -> None:
        calls = iter(signed.requests(int(rate * SECONDS * 2), port, last_digits=READ))
        began, sent = time.perf_counter(), 0
        while not is_over.is_set():
            load.run(port, [next(calls)], 1)
            sent += 1
            is_over.wait(max(0.0, began + sent / rate - time.perf_counter()))

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def measure_updates(browser: Browser, sandbox: Running, rounds: int) -> None:
    """Prints what a page that is watched costs the sandbox, as a share of a core."""
    shares: dict[bool, list[float]] = {True: [], False: []}
    for number in range(rounds):
        for is_watched in (True, False) if number % 2 else (False, True):
            page = watching_page(browser, sandbox) if is_watched else None
            with sending(sandbox.port, RATE):
                time.sleep(1.0)
                before = cpu_seconds(int(sandbox.process.pid))
                time.sleep(SECONDS)
                shares[is_watched].append((cpu_seconds(int(sandbox.process.pid)) - before) / SECONDS)
            if page is not None:
                page.context.close()
    watched, alone = statistics.median(shares[True]), statistics.median(shares[False])
    each = [with_page - without for with_page, without in zip(shares[True], shares[False], strict=True)]
    print(
        f"{RATE} messages a second, medians of {rounds} rounds of {SECONDS:g} s: "
        f"{watched:.1%} of a core with a page that is watched, {alone:.1%} without; "
        f"the page {statistics.median(each):.1%} ({min(each):.1%} to {max(each):.1%})",
        flush=True,
    )


def watching_page(browser: Browser, sandbox: Running) -> Page:
    """A page that follows."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    with page.expect_response(lambda response: "/view/live" in response.url):
        page.goto(f"{sandbox.address}/")
    return page


def watch(
    port: int, is_over: multiprocessing.synchronize.Event, fetched: "multiprocessing.Queue[int]"
) -> None:
    """Watches as that many browsers do until it is over, and says how often a part was asked for."""
    counts = [0] * WATCHERS
    threads = [
        threading.Thread(target=_follow, args=(port, counts, number), daemon=True)
        for number in range(WATCHERS)
    ]
    for thread in threads:
        thread.start()
    is_over.wait()
    fetched.put(sum(counts))


def _follow(port: int, counts: list[int], number: int) -> None:
    stream = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    stream.request("GET", "/view/changes")
    lines = stream.getresponse()
    part = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    while line := lines.readline():
        if line.startswith(b"event: change"):
            part.request("GET", "/view/live", headers={"Accept": "text/html", "HX-Request": "true"})
            part.getresponse().read()
            counts[number] += 1


def measure_accepts(sandbox: Running, rounds: int) -> None:
    """Prints what ten watchers cost the API's accepts."""
    rates: dict[bool, list[float]] = {True: [], False: []}
    cpu: dict[bool, list[float]] = {True: [], False: []}
    fetches = 0
    for number in range(2 * rounds + 1):
        order = [True, False]
        random.shuffle(order)
        for is_watched in order:
            is_over = multiprocessing.Event()
            fetched: multiprocessing.Queue[int] = multiprocessing.Queue()
            process = multiprocessing.Process(target=watch, args=(sandbox.port, is_over, fetched))
            if is_watched:
                process.start()
                time.sleep(1.0)
            calls = signed.requests(CALLS, sandbox.port, last_digits=READ)
            before = cpu_seconds(int(sandbox.process.pid))
            found = load.run(sandbox.port, calls, CONNECTIONS)
            # Until all of them have been delivered, read and published.
            sandbox.advance(60)
            taken = cpu_seconds(int(sandbox.process.pid)) - before
            if is_watched:
                is_over.set()
                fetches += fetched.get()
                process.join()
            # In the first round connections are opened and code is loaded.
            if number:
                rates[is_watched].append(found.rate)
                cpu[is_watched].append(taken * 1000 / CALLS)
    rate = statistics.median(a / b for a, b in zip(rates[True], rates[False], strict=True))
    cost = statistics.median(a / b for a, b in zip(cpu[True], cpu[False], strict=True))
    print(
        f"accepts with {WATCHERS} watchers against none, medians of {2 * rounds} rounds of {CALLS:,}: "
        f"rate {rate:.3f} "
        f"({statistics.median(rates[True]):.0f}/s, alone {statistics.median(rates[False]):.0f}/s), "
        f"CPU {cost:.3f} ({statistics.median(cpu[True]):.3f} s for 1,000, alone "
        f"{statistics.median(cpu[False]):.3f}); {fetches} parts were asked for",
        flush=True,
    )


def main() -> None:
    parts: Sequence[str] = ("page", "updates", "accepts")
    parser = argparse.ArgumentParser()
    parser.add_argument("parts", nargs="*", default=list(parts))
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    chosen, rounds = options.parts or parts, options.rounds
    with start_sandbox(limit=0) as sandbox:
        fill(sandbox)
        if "accepts" in chosen:
            measure_accepts(sandbox, rounds)
        if set(chosen) & {"page", "updates"} and not CHROMIUM:
            print("no chromium on this machine: the page is not opened")
        elif set(chosen) & {"page", "updates"}:
            with chromium() as browser:
                measures: dict[str, Callable[[Browser, Running, int], None]] = {
                    "page": measure_page,
                    "updates": measure_updates,
                }
                for name, measure in measures.items():
                    if name in chosen:
                        measure(browser, sandbox, rounds)


if __name__ == "__main__":
    main()
