"""Compare our samplers with hyperopt's and Optuna's: what they find, and how long they think.

Prints two kinds of table, the regret against the number of trials and the CPU time of a
suggestion against the number of past trials, and draws a figure of each. Every measurement is
kept at once: a run that was stopped, with Ctrl-C or otherwise, goes on where it was. Peers take
part if they are installed.
"""

import os

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

import argparse
import platform
import shutil
import warnings
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import overhead
import regret
from results import Marked, Results
from searches import CONTESTANTS

from hpo_helpers.plots.style import use_style

HERE = Path(__file__).resolve().parent
PACKAGES = ("hpo_helpers", "numpy", "scipy", "hyperopt", "optuna", "torch")
PLACE = Marked("tables")


def read_arguments(arguments=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    number = {"type": int, "metavar": "N"}
    names = {"nargs": "+", "choices": CONTESTANTS, "metavar": "NAME"}
    add = parser.add_argument
    add("--seeds", default=20, **number, help="searches of each sampler (default 20; 0 for none)")
    add("--trials", default=100, **number, help="trials of a search (default 100)")
    add(
        "--past",
        nargs="+",
        default=[20, 50, 100, 200, 500, 1000],
        **number,
        help="past trials at which a suggestion is timed",
    )
    add("--rounds", default=5, **number, help="rounds of timing (default 5; 0 for none)")
    add(
        "--samplers",
        default=list(CONTESTANTS),
        **names,
        help=f"who takes part (default all): {', '.join(CONTESTANTS)}",
    )
    add(
        "--again",
        default=[],
        **names,
        help="forget what was measured of these samplers, and the CPU times of all, which are "
        "taken side by side, and measure anew",
    )
    add(
        "--results",
        type=Path,
        default=HERE / "results",
        metavar="FOLDER",
        help="where measurements, tables and figures are kept (default benchmarks/results)",
    )
    add(
        "--write",
        type=Path,
        nargs="?",
        const=HERE / "README.md",
        metavar="FILE",
        help="put the tables between the marks in this file, too (default benchmarks/README.md), "
        "and the figures beside it",
    )
    options = parser.parse_args(arguments)
    if options.write:
        PLACE.check(options.write, parser)
    return options


def installed(names):
    """Return those that can take part, and say who cannot."""
    for name in names:
        if CONTESTANTS[name].version is None:
            packages = " ".join(CONTESTANTS[name].packages)
            print(f"{CONTESTANTS[name].title} is left out; it needs: pip install {packages}")
    return [name for name in names if CONTESTANTS[name].version]


def setting(options, results):
    """Say in a sentence with what, when and how the tables were made."""
    found = [f"Python {platform.python_version()}"]
    for package in PACKAGES:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    day = max((record["date"] for record in results.records), default="nothing yet")
    return (
        f"Measured with {', '.join(found)} on {platform.system()} {platform.machine()}, one "
        f"thread, last on {day}, by `python benchmarks/samplers.py --seeds {options.seeds} "
        f"--trials {options.trials} --rounds {options.rounds}` (seeds from 0)."
    )


def report(options, results, names):
    """Draw the figures, and return the tables."""
    use_style()
    parts = [setting(options, results)]
    found = regret.collect(results, names, options.seeds, options.trials)
    if found:
        parts += ["Median regret [quartiles]; the lowest is bold.", regret.table(found)]
        regret.draw(found, options.results / "regret.png")
    found = overhead.collect(results, names, options.past, options.rounds)
    for space in dict.fromkeys(where for where, _ in found):
        title = overhead.PROBLEMS[space].title
        parts += [f"CPU milliseconds a suggestion (times as long as ours); {title}."]
        parts += [overhead.table(found, options.past, space)]
    if found:
        overhead.draw(found, options.past, options.results / "overhead.png")
    return "\n\n".join(parts) + "\n"


def main(arguments=None):
    options = read_arguments(arguments)
    warnings.simplefilter("ignore")
    names, results = installed(options.samplers), Results(options.results / "results.jsonl")
    if options.again:
        results.drop(lambda r: r["part"] == "overhead" or r["sampler"] in options.again)
    try:
        regret.measure(results, names, options.seeds, options.trials)
        overhead.measure(results, names, options.past, options.rounds)
    except KeyboardInterrupt:
        print("\nStopped; the same command without --again goes on. What is there so far:\n")
    tables = report(options, results, names)
    (options.results / "tables.md").write_text(tables, encoding="utf-8")
    print(f"{tables}\nTables and figures are in {options.results}.")
    if options.write:
        PLACE.write(options.write, tables)
        for figure in options.results.glob("*.png"):
            shutil.copy(figure, options.write.parent)


if __name__ == "__main__":
    main()
