"""Execute the notebooks headless and write their outputs and figures back.

    python notebooks/execute.py                      every notebook
    python notebooks/execute.py notebooks/03_*.ipynb these notebooks
    python notebooks/execute.py --figure 03_noise    the notebook that draws this figure
"""

import argparse
import asyncio
import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from PIL import Image
from tqdm import tqdm

ROOT = Path(__file__).resolve().parent.parent
FIGURE_CALL = re.compile(r"save_figure\(\s*\w+,\s*[\"']([^\"']+)[\"']")
# One thread a notebook: sums are taken in the same order on 2 cores as on 16, and notebooks
# that run side by side do not fight for cores. AVX2's arithmetic everywhere: AVX-512 adds in
# another order, and a search that is near a tie then takes another way. Progress bars would be
# stored half-drawn.
ENVIRONMENT = {
    "PYTHONHASHSEED": "0",
    "OPENBLAS_CORETYPE": "Haswell",
    "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "TQDM_DISABLE": "1",
    "HPO_HELPERS_CLAIMS": "",  # a false claim stops its notebook; claims.py counts them instead
}
CELL_TIMEOUT = 600  # seconds


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebooks", nargs="*", type=Path, metavar="NOTEBOOK")
    parser.add_argument("--figure", metavar="NAME", help="run the notebook that draws this figure")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="notebooks side by side")
    options = parser.parse_args(arguments)
    every = sorted((ROOT / "notebooks").glob("*.ipynb"))
    paths = [owner_of(options.figure, every)] if options.figure else options.notebooks or every
    for path in paths:
        if not path.is_file():
            parser.error(f"there is no notebook {path}")
    try:
        failures = asyncio.run(run_all(paths, max(1, options.jobs)))
        write(figures_folder() / "README.md", gallery(figures_folder()))
    except OSError as error:
        sys.exit(f"{error.filename or 'A file'} could not be read or written: {error.strerror}.")
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.exit("Stopped. Notebooks that had not finished are left as they were.")
    for failure in failures:
        print(failure, file=sys.stderr)
    return 1 if failures else 0


def figures_folder():
    return Path(os.environ.get("HPO_HELPERS_FIGURES") or ROOT / "figures")


def figure_names(notebook):
    """The names of the figures that a notebook's code cells save, in order."""
    code = (cell.source for cell in notebook.cells if cell.cell_type == "code")
    return [name for source in code for name in FIGURE_CALL.findall(source)]


def owner_of(figure, paths):
    """The notebook that draws a figure; ends the program when there is none."""
    name = Path(figure).stem
    owners = {n: path for path in paths for n in figure_names(nbformat.read(path, as_version=4))}
    if name not in owners:
        sys.exit(f"No notebook draws a figure {name!r}. There are: {', '.join(sorted(owners))}.")
    return owners[name]


async def run_all(paths, n_jobs):
    """Run notebooks, `n_jobs` at a time, each in a kernel of its own; return what went wrong."""
    turns = asyncio.Semaphore(n_jobs)
    notebooks = [nbformat.read(path, as_version=4) for path in paths]
    n_cells = sum(cell.cell_type == "code" for nb in notebooks for cell in nb.cells)
    # disable=None: no bar when the output goes to a file.
    with tqdm(total=n_cells, unit="cell", disable=None, file=sys.stdout) as bar:

        async def run_in_turn(path, notebook):
            async with turns:
                return await run_one(path, notebook, bar)

        results = await asyncio.gather(*map(run_in_turn, paths, notebooks))
    return [failure for failure in results if failure]


async def run_one(path, notebook, bar):
    """Run one notebook and write it back; return None, or a sentence if a cell failed."""
    started = time.perf_counter()
    at = {"cell": 0}

    async def on_start(cell, cell_index):
        at["cell"] = cell_index + 1

    async def on_end(cell, cell_index):
        bar.update()

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        client = new_client(notebook, folder, on_cell_execute=on_start, on_cell_complete=on_end)
        try:
            # What the code writes to stderr goes into the notebook; what the kernel itself has
            # to say about its start goes nowhere.
            await client.async_execute(env=kernel_environment(folder), stderr=subprocess.DEVNULL)
        except CellExecutionError as error:
            reason = f"{error.ename}: {last_lines(error.evalue)}"
        except CellTimeoutError:
            reason = f"ran longer than {CELL_TIMEOUT} seconds"
        except DeadKernelError:
            reason = "the kernel died (out of memory?)"
        else:
            write_notebook(path, notebook)
            bar.write(f"{path.stem}: {time.perf_counter() - started:.0f} s", file=sys.stdout)
            return None
    return f"{path.name}, cell {at['cell']}: {reason}\nThe notebook is left as it was."


def keep_ctrl_c(notebook):
    """Take Ctrl-C back from nbclient, which would stop this one notebook and start the next."""
    with contextlib.suppress(NotImplementedError):  # on Windows nbclient leaves it alone
        asyncio.get_running_loop().remove_signal_handler(signal.SIGINT)


def kernel_environment(folder):
    """The caller's environment, with what would change results fixed, and IPython's start-up
    files and settings of the user left out."""
    paths = [str(ROOT), os.environ.get("PYTHONPATH", "")]
    return {
        **os.environ,
        **ENVIRONMENT,
        "IPYTHONDIR": str(Path(folder, "ipython")),
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        "HPO_HELPERS_FIGURES": str(figures_folder().resolve()),
    }


def new_client(notebook, folder, **options):
    """A client that runs a notebook in an empty folder: it must not care where it is started."""
    start = Path(folder, "start")
    start.mkdir()
    return NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT,
        kernel_name="python3",
        record_timing=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(start)}},
        on_notebook_start=keep_ctrl_c,
        **options,
    )


def last_lines(message, n=3):
    return "\n".join(message.strip().splitlines()[-n:])


def write_notebook(path, notebook):
    """Write a notebook without anything that differs from run to run or from author to author."""
    notebook.metadata = {
        "kernelspec": {
            "display_name": "Python 3 (ipykernel)",
            "language": "python",
            "name": "python3",
        },
        "language_info": {"name": "python"},
    }
    for number, cell in enumerate(notebook.cells, start=1):
        cell.id = f"c{number:02d}"
        for key in ("execution", "collapsed", "trusted", "ExecuteTime", "jupyter"):
            cell.metadata.pop(key, None)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    nbformat.validate(notebook)
    write(path, nbformat.writes(notebook) + "\n")


def write(path, text):
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(text, encoding="utf-8", newline="\n")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def gallery(folder):
    """The text of a gallery, made of the titles and alt texts inside a folder's PNG files."""
    notebooks = sorted((ROOT / "notebooks").glob("*.ipynb"))
    chapters = {path.name[:2]: (path.name, title_of(path)) for path in notebooks}
    lines = ["# Figures", "", "Made by `make run` from the text inside the PNG files.", ""]
    chapter = None
    for path in sorted(folder.glob("*.png")):
        with Image.open(path) as image:
            caption, alt = image.text.get("Title", ""), image.text["Description"]
        if path.name[:2] != chapter:
            chapter = path.name[:2]
            name, title = chapters.get(chapter, ("", f"Chapter {chapter}"))
            lines += [f"## [{title}](../notebooks/{name})", ""]
        alt = re.sub(r"([\[\]\\`])", r"\\\1", alt)
        lines += [f"![{alt}]({path.name})", ""]
        lines += [f"{caption} ([SVG]({path.stem}.svg))".lstrip(), ""]
    return "\n".join(lines)


def title_of(path):
    first = nbformat.read(path, as_version=4).cells[0].source
    return first.splitlines()[0].lstrip("# ")


if __name__ == "__main__":
    sys.exit(main())
