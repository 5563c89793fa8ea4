"""Where things are, for the tests in a browser."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "site/_build"
SCREENSHOTS = ROOT / "build/screenshots"
