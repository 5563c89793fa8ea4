"""A real browser for the built site and for JupyterLab, in tests that run only when asked for by name."""

import functools
import http.server
import os
import shutil
import threading
from pathlib import Path

import pytest
from places import SITE

BROWSERS = (
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge"),
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)


def pytest_ignore_collect(collection_path, config):
    """`pytest tests` leaves them out, since they need the built site and a browser: make browser."""
    return None if any("browser" in str(argument) for argument in config.args) else True


@pytest.fixture(scope="session")
def browser():
    """Chromium, or another browser of its family, without a window."""
    playwright = pytest.importorskip("playwright.sync_api", reason="make site installs Playwright")
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    with playwright.sync_playwright() as driver:
        if not (found or Path(driver.chromium.executable_path).exists()):
            pytest.exit(
                "There is no browser here to test with: install one (Debian: sudo apt install chromium; "
                "elsewhere: .venv/bin/python -m playwright install chromium), or say where it is: "
                "CHROMIUM=/path/to/it.",
                returncode=2,
            )
        # A container's root may not use the browser's own sandbox; the pages are ours.
        yield driver.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-dev-shm-usage"])


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="session")
def address():
    """Where the built site is served."""
    if not (SITE / "index.html").is_file():
        pytest.exit("There is no site to look at: make site.", returncode=2)
    handler = functools.partial(Quiet, directory=SITE)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


class Visit:
    """A page of the site that is open, and what went wrong on it."""

    def __init__(self, context, address):
        self.page, self.address, self.faults, self.weight = context.new_page(), address, [], 0
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        self.page.on("requestfailed", lambda request: self.faults.append(f"no answer: {request.url}"))
        self.page.on("response", self._answered)
        context.route(lambda url: not url.startswith(address), self._elsewhere)

    def _said(self, message):
        if message.type in ("error", "warning"):
            self.faults.append(f"console: {message.text}")

    def _answered(self, response):
        self.weight += int(response.headers.get("content-length", 0))
        if response.status >= 400:
            self.faults.append(f"{response.status}: {response.url}")

    def _elsewhere(self, route):
        if not route.request.url.startswith(("data:", "blob:")):
            self.faults.append(f"a request elsewhere: {route.request.url}")
        route.abort()

    def open(self, name):
        self.page.goto(self.address + name, wait_until="networkidle")
        return self.page


@pytest.fixture
def visit(browser, address, request):
    """Open a visit: `visit(width=390, mode="dark", touch=True)`."""
    contexts = []

    def opened(width=1440, mode="light", touch=False):
        size = {"width": width, "height": 844 if width < 500 else 900}
        contexts.append(browser.new_context(viewport=size, color_scheme=mode, has_touch=touch))
        contexts[-1].set_default_timeout(20_000)
        return Visit(contexts[-1], address)

    yield opened
    for context in contexts:
        context.close()
