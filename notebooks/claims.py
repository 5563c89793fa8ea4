"""Run the chapters with other seeds, and count in how many runs each claim held.

    python notebooks/claims.py                         every chapter that claims something, seeds 1 to 5
    python notebooks/claims.py notebooks/04_*.ipynb    these chapters
    python notebooks/claims.py --seeds 6 7 8           other seeds

No notebook and no figure is written, only notebooks/CLAIMS.md, where a chapter's table stays until the
chapter is run again.
"""

import argparse
import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
from copy import deepcopy
from pathlib import Path

import nbformat
from execute import kernel_environment, new_client, title_of, write
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from tqdm import tqdm

FOLDER = Path(__file__).resolve().parent
SEED_LINE = re.compile(r"^SEED = \d+\b", re.MULTILINE)
HEAD = """\
# Do the claims survive other seeds?

Each experiment of the course ends with its claims in code, `holds("a sentence", condition)`. Here the
chapters ran with seeds that are not the stored ones. Where a claim reads recorded trainings, as most of
chapter 8's and many of chapter 5's do, these are the same each time, and only what is computed from them
differs. Made by `make claims`.
"""


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebooks", nargs="*", type=Path, metavar="NOTEBOOK")
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3, 4, 5], metavar="SEED")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="runs side by side")
    parser.add_argument("--table", type=Path, default=FOLDER / "CLAIMS.md", help="the file to write")
    options = parser.parse_args(arguments)
    every = sorted(FOLDER.glob("*.ipynb"))
    paths = options.notebooks or [path for path in every if "holds(" in code_of(path)]
    for path in paths:
        if not path.is_file():
            parser.error(f"there is no notebook {path}")
        if len(SEED_LINE.findall(code_of(path))) != 1:
            parser.error(f"{path} must have one line that begins with SEED = and a number")
    try:
        runs = asyncio.run(run_all(paths, options.seeds, max(1, options.jobs)))
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.exit("Stopped. The table is left as it was.")
    tables = old_tables(options.table)
    for path in paths:
        tables[path.name] = table_of(path, {seed: runs[path, seed] for seed in options.seeds})
        print(f"\n{tables[path.name]}", end="")
    write(options.table, "\n".join([HEAD, *(tables[name] for name in sorted(tables))]))


def code_of(path):
    cells = nbformat.read(path, as_version=4).cells
    return "\n".join(cell.source for cell in cells if cell.cell_type == "code")


async def run_all(paths, seeds, n_jobs):
    """Run each notebook with each seed; return what each run claimed, and what went wrong in it."""
    turns = asyncio.Semaphore(n_jobs)
    notebooks = {path: nbformat.read(path, as_version=4) for path in paths}
    pairs = [(path, seed) for seed in seeds for path in paths]
    with tqdm(total=len(pairs), unit="run", disable=None, file=sys.stdout) as bar:

        async def run_in_turn(path, seed):
            async with turns:
                result = await run_one(with_seed(notebooks[path], seed))
                bar.update()
                return result

        results = await asyncio.gather(*(run_in_turn(*pair) for pair in pairs))
    return dict(zip(pairs, results, strict=True))


def with_seed(notebook, seed):
    notebook = deepcopy(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.source = SEED_LINE.sub(f"SEED = {seed}", cell.source)
    return notebook


async def run_one(notebook):
    """Run a notebook, on past cells that fail; return whether each claim held, and the failures."""
    failures = []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        file = Path(folder, "claims.jsonl")
        file.touch()
        ours = {"HPO_HELPERS_CLAIMS": str(file), "HPO_HELPERS_FIGURES": ""}
        client = new_client(notebook, folder, allow_errors=True)
        try:
            await client.async_execute(env=kernel_environment(folder) | ours, stderr=subprocess.DEVNULL)
        except (CellTimeoutError, DeadKernelError, AssertionError) as error:  # nbclient asserts over the dead
            failures.append(f"the run ended early: {type(error).__name__}")
        claims = {}
        for line in file.read_text("utf-8").splitlines():
            claim = json.loads(line)  # a sentence that is claimed in a loop must hold each time
            claims[claim["sentence"]] = claim["held"] and claims.get(claim["sentence"], True)
    for number, cell in enumerate(notebook.cells, start=1):
        errors = [output for output in cell.get("outputs", []) if output.output_type == "error"]
        failures += [f"cell {number}: {e.ename}: {' '.join(e.evalue.split())[:100]}" for e in errors]
    return claims, failures


def table_of(path, runs):
    """The table of one chapter's claims, from its runs by seed."""
    sentences = list(dict.fromkeys(sentence for claims, _ in runs.values() for sentence in claims))
    lines = [f"## [{title_of(path)}]({path.name})", "", f"Seeds {', '.join(map(str, runs))}.", ""]
    lines += ["| claim | held in | not with seed | not reached with seed |", "|---|---|---|---|"]
    for sentence in sentences:
        false = [str(seed) for seed, (claims, _) in runs.items() if claims.get(sentence) is False]
        missing = [str(seed) for seed, (claims, _) in runs.items() if sentence not in claims]
        held = f"{len(runs) - len(false) - len(missing)} of {len(runs)}"
        row = [sentence.replace("|", r"\|"), held, ", ".join(false), ", ".join(missing)]
        lines.append("|" + "|".join(f" {part} ".replace("  ", " ") for part in row) + "|")
    failures = [f"- seed {seed}, {failure}" for seed, (_, failures) in runs.items() for failure in failures]
    return "\n".join(lines + [""] * bool(failures) + failures) + "\n"


def old_tables(path):
    """The tables of an earlier run, by the file name of their chapter."""
    text = path.read_text("utf-8") if path.exists() else ""
    return {re.search(r"\((.+?)\)", part)[1]: f"## {part.rstrip()}\n" for part in text.split("\n## ")[1:]}


if __name__ == "__main__":
    main()
