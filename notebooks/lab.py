"""Open copies of the notebooks in JupyterLab, in playground/, which git does not track.

    python notebooks/lab.py [options of jupyterlab]

The copies run with the thread settings of execute.py, so they are as fast and give the same numbers. What
you change there stays yours; a copy that you did not change follows the course.
"""

import os
import shutil
import subprocess
import sys

import nbformat
from execute import ENVIRONMENT, ROOT
from ipykernel.ipkernel import IPythonKernel

PLAYGROUND = ROOT / "playground"


def main(options):
    for line in copy_notebooks(ROOT / "notebooks", PLAYGROUND):
        print(line)
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={ROOT}"]
    command += ["--LabApp.default_url=/lab/tree/playground", *options]
    return subprocess.call(command, env=lab_environment())


def lab_environment():
    """The caller's environment with execute.py's threads, with progress bars, and with no figure written."""
    environment = {**os.environ, **ENVIRONMENT, "HPO_HELPERS_FIGURES": ""}
    del environment["TQDM_DISABLE"]
    return environment


def copy_notebooks(course, playground):
    """Copy the notebooks that are not there yet or that the reader left as they were; yield what was not.

    A copy counts as changed when its cells are not those that were copied; outputs do not count. What was
    copied is kept in playground/.course, to compare with.
    """
    kept = playground / ".course"
    kept.mkdir(parents=True, exist_ok=True)
    for page in course.glob("*.md"):  # to which the notebooks link
        shutil.copyfile(page, playground / page.name)
    for path in sorted(course.glob("*.ipynb")):
        copy, origin = playground / path.name, kept / path.name
        if origin.exists() and cells_of(origin) == cells_of(path) and copy.exists():
            continue
        if copy.exists() and not (origin.exists() and cells_of(copy) == cells_of(origin)):
            yield (
                f"{path.name} is newer in the course. Your copy has changes, so it stays as it is; "
                "rename it and run make lab again to get the new one beside it."
            )
            continue
        shutil.copyfile(path, origin)
        notebook = nbformat.read(path, as_version=4)
        # What JupyterLab would write into it on opening, and then mark it as unsaved.
        notebook.metadata.language_info = IPythonKernel.language_info
        nbformat.write(notebook, copy)


def cells_of(path):
    """What a reader can change in a notebook, or None if it cannot be read."""
    try:
        return [(cell.cell_type, cell.source) for cell in nbformat.read(path, as_version=4).cells]
    except Exception:  # half a file, or none of Jupyter's: the reader's all the same
        return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
