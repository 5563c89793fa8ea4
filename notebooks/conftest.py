"""nbval runs the notebooks in the environment that execute.py gave them, and leaves figures/ alone."""

import os
import tempfile

from execute import kernel_environment

FOLDER = tempfile.TemporaryDirectory(prefix="hpo_helpers_", ignore_cleanup_errors=True)
os.environ["HPO_HELPERS_FIGURES"] = os.path.join(FOLDER.name, "figures")
os.environ.update(kernel_environment(FOLDER.name))


def pytest_collection_modifyitems(items):
    """Compare no HTML: a figure's holds its pixels, and a table's is there as text too."""
    for item in items:
        item.parent.skip_compare += ("text/html",)
