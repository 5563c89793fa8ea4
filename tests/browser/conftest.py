"""A real browser for the built site and for JupyterLab, in tests that run only when asked for by name."""

import functools
import http.server
import os
import shutil
import threading
from pathlib import Path

import pytest
from places import SITE
from visits import Visit

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


@pytest.fixture
def visit(browser, address):
    """A visit to the site on a large screen."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    yield Visit(context, address)
    context.close()
