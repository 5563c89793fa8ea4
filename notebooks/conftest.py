"""nbval runs the notebooks as execute.py does, and compares figures/ with what they draw."""

import importlib.metadata
import os
import platform
import re
import tempfile
from pathlib import Path

import numpy as np
import pytest
from execute import FIGURE_CALL, ROOT, kernel_environment
from PIL import Image

FOLDER = tempfile.TemporaryDirectory(prefix="hpo_helpers_", ignore_cleanup_errors=True)
FIGURES = Path(FOLDER.name, "figures")
os.environ["HPO_HELPERS_FIGURES"] = str(FIGURES)
os.environ.update(kernel_environment(FOLDER.name))


def pytest_collection_modifyitems(items):
    """Compare no HTML: a figure's holds its pixels, and a table's is there as text too."""
    for item in items:
        item.parent.skip_compare += ("text/html",)


def elsewhere():
    """Why figures may differ here from those in the checkout, or an empty string."""
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        return f"on Linux x86_64, not on {platform.system()} {platform.machine()}"
    locked = dict(re.findall(r"^([\w-]+)==(\S+)", (ROOT / "requirements.txt").read_text(), re.M))
    for package in ("matplotlib", "numpy", "pillow", "scipy", "scikit-learn"):
        version = importlib.metadata.version(package)
        if version != locked[package]:
            return f"with {package} {locked[package]}, not {version}"
    return ""


ELSEWHERE = elsewhere()


def pytest_configure(config):
    if ELSEWHERE:
        message = f"the figures of the checkout are compared only where they were made: {ELSEWHERE}"
        config.issue_config_time_warning(pytest.PytestWarning(message), stacklevel=2)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """What a cell saved looks as in the checkout, unless trained networks decide what its notebook shows."""
    result = yield
    tags = {tag for cell in item.parent.nb.cells for tag in cell.metadata.get("tags", [])}
    if not ELSEWHERE and "nbval-ignore-output" not in tags:
        for name in FIGURE_CALL.findall(item.cell.source):
            compare(f"{name}.png")
    return result


def compare(name):
    """Pixels alone, since another processor may round the last digit of a number differently."""
    with Image.open(FIGURES / name) as new, Image.open(ROOT / "figures" / name) as old:
        assert new.text == old.text
        assert new.size == old.size
        difference = np.abs(np.asarray(new, dtype=float) - np.asarray(old, dtype=float))
    assert np.mean(difference.max(axis=-1) > 32) < 1e-3, f"{name} has changed"
