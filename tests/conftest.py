"""What every test can rely on: one thread, no screen, and figures/ out of reach."""

import os
import re
import signal
import sys
import tempfile

import pytest
import tqdm.auto  # noqa: F401  it asks once, here, whether this is a notebook; some tests pretend that it is
from hypothesis import settings

FOLDER = tempfile.TemporaryDirectory(prefix="hpo_helpers_", ignore_cleanup_errors=True)
os.environ.update(
    HPO_HELPERS_FIGURES=os.path.join(FOLDER.name, "figures"),
    MPLBACKEND="agg",
    OMP_NUM_THREADS="1",
    OPENBLAS_NUM_THREADS="1",
)
# Ctrl-C is tested, and a shell that runs the tests in the background has them ignore it.
signal.signal(signal.SIGINT, signal.default_int_handler)
# The same examples on every run: a red test stays red until it is mended. No deadline: how long
# an example takes says more about the machine than about the code.
settings.register_profile("course", deadline=None, derandomize=True)
settings.load_profile("course")


# What a module makes once is made in one worker; so is all that is looked at on a page of the site.
TOGETHER = ("test_cluster.py", "test_packaging.py", "test_lab.py")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Spread the tests over the workers by names: xdist's own mark for groups is lost on pytest 9.2."""
    from xdist.scheduler import LoadGroupScheduling

    class Scheduling(LoadGroupScheduling):
        def _split_scope(self, nodeid):
            path, page = nodeid.partition("::")[0], re.search(r"test_pages\.py::.*\[(.*\.html)\]", nodeid)
            return path if path.endswith(TOGETHER) else page[1] if page else nodeid

    return Scheduling(config, log) if config.getvalue("dist") == "loadgroup" else None


@pytest.fixture(autouse=True)
def close_figures():
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
