"""What each ingredient of our samplers is worth: the regret of searches that do without it.

Prints a table for each sampler, with a row for each ingredient. Every search is kept at once: a
run that was stopped, with Ctrl-C or otherwise, goes on where it was.
"""

import os

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

import argparse
import platform
import warnings
from contextlib import nullcontext
from importlib.metadata import version
from pathlib import Path

import numpy as np
from ingredients import CASES
from regret import BUDGETS, regrets
from results import Marked, Results
from tqdm import tqdm

HERE = Path(__file__).resolve().parent
PLACE = Marked("ablations")
FLOOR = 1e-3  # of medians in ratios: differences below do not matter
N_DRAWS = 2000  # of the bootstrap


def measure(results: Results, names: list[str], n_seeds: int, n_trials: int) -> None:
    """Run the searches that are not there yet, one seed after the other."""
    todo = [
        (seed, name, problem)
        for seed in range(n_seeds)
        for name in names
        for problem in CASES[name].problems
        if len(stored(results, name, problem, seed)) < n_trials
    ]
    bar = tqdm(todo, f"searches of {n_trials} trials", unit="search", smoothing=0, mininterval=1)
    for seed, name, problem in bar:
        case = CASES[name]
        with case.change or nullcontext():
            found = regrets(case, case.problems[problem], seed, n_trials)
        key = {"sampler": name, "version": case.version, "problem": problem, "seed": seed}
        results.add(part="ablation", **key, regrets=found)


def stored(results: Results, name: str, problem: str, seed: int) -> list[float]:
    """Return the regrets of a search after each trial; none if it was not run."""
    key = {"sampler": name, "version": CASES[name].version, "problem": problem, "seed": seed}
    record = results.find(part="ablation", **key)
    return record["regrets"] if record else []


def collect(
    results: Results, names: list[str], n_trials: int
) -> dict[tuple[str, str, int], np.ndarray]:
    """Return regrets, shape (n,), by case, problem and budget, of all seeds that all cases have."""
    found: dict[tuple[str, str, int], list] = {}
    for seed in sorted({record["seed"] for record in results.records}):
        keys = [(name, problem) for name in names for problem in CASES[name].problems]
        rows = {key: stored(results, *key, seed) for key in keys}
        if all(len(row) >= n_trials for row in rows.values()):
            for (name, problem), row in rows.items():
                for budget in budgets(n_trials):
                    found.setdefault((name, problem, budget), []).append(row[budget - 1])
    return {key: np.array(values) for key, values in found.items()}


def budgets(n_trials: int) -> list[int]:
    """Return the numbers of trials after which regrets are reported."""
    return sorted({min(budget, n_trials) for budget in BUDGETS})


def table(found: dict[tuple[str, str, int], np.ndarray], whole: str) -> str:
    """Return medians and upper quartiles, and the medians as multiples of the whole sampler's."""
    columns = [key[1:] for key in found if key[0] == whole]
    problems = CASES[whole].problems
    titles = [f"{problems[problem].title}: {budget} trials" for problem, budget in columns]
    rows = [["without", *titles, "times the regret"], ["---"] * (len(titles) + 2)]
    for name in dict.fromkeys(name for name, _, _ in found):
        there = [column for column in columns if (name, *column) in found]
        reached, usual = (np.array([found[n, *c] for c in there]) for n in (name, whole))
        quartiles = np.percentile(reached, [50, 75], axis=1).T
        cells = {c: "{:.2g} / {:.2g}".format(*q) for c, q in zip(there, quartiles, strict=True)}
        cells = [cells.get(column, "–") for column in columns]
        ends = ("nothing", "1") if name == whole else (CASES[name].title, times(reached, usual))
        rows.append([ends[0], *cells, ends[1]])
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def times(reached: np.ndarray, usual: np.ndarray) -> str:
    """Return the geometric mean of ratios of medians, with a bootstrap interval over the seeds.

    Parameters
    ----------
    reached, usual : ndarray, shape (columns, seeds)
        Regrets without an ingredient, and with all.
    """
    n = reached.shape[1]
    drawn = np.random.default_rng(0).integers(n, size=(N_DRAWS, n))
    medians = [
        np.median(rows[:, np.vstack([np.arange(n), drawn])], axis=-1).clip(FLOOR)
        for rows in (reached, usual)
    ]  # each of shape (columns, 1 + N_DRAWS)
    ratio, *others = np.exp(np.log(medians[0] / medians[1]).mean(axis=0))
    low, high = np.percentile(others, [5, 95])
    return f"{ratio:.2f} [{low:.2f}, {high:.2f}]"


def read_arguments(arguments=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    number = {"type": int, "metavar": "N"}
    names = {"nargs": "+", "choices": CASES, "metavar": "NAME"}
    add = parser.add_argument
    add(
        "--seeds",
        default=20,
        **number,
        help="searches of each case (default 20); if there are more already, the tables have them",
    )
    add("--trials", default=100, **number, help="trials of a search (default 100)")
    add(
        "--cases",
        default=list(CASES),
        **names,
        help=f"what to take out (default all): {', '.join(CASES)}; the first of a kind is the "
        "whole sampler, which takes part anyway",
    )
    add("--again", default=[], **names, help="forget these searches, and measure anew")
    add(
        "--results",
        type=Path,
        default=HERE / "results",
        metavar="FOLDER",
        help="where searches are kept, in ablations.jsonl (default benchmarks/results)",
    )
    add(
        "--write",
        type=Path,
        nargs="?",
        const=HERE / "README.md",
        metavar="FILE",
        help="put the tables between the marks in this file, too (default benchmarks/README.md)",
    )
    options = parser.parse_args(arguments)
    if options.write:
        PLACE.check(options.write, parser)
    return options


def report(results: Results, names: list[str], n_trials: int) -> str:
    """Return with what the tables were made, and the tables."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("hpo_helpers", "numpy", "scipy"))
    day = max((record["date"] for record in results.records), default="nothing yet")
    parts = [
        f"Measured with Python {platform.python_version()}, {packages} on {platform.system()} "
        f"{platform.machine()}, one thread, last on {day}."
    ]
    for whole in dict.fromkeys(CASES[name].rival for name in names):
        kin = [name for name in names if CASES[name].rival == whole]
        found = collect(results, kin, n_trials)
        if found:
            n, title = len(next(iter(found.values()))), CASES[whole].title
            parts += [f"Median / upper quartile of the regret, {n} seeds; {title}."]
            parts += [table(found, whole)]
    return "\n\n".join(parts) + "\n"


def main(arguments=None):
    options = read_arguments(arguments)
    warnings.simplefilter("ignore")
    results = Results(options.results / "ablations.jsonl")
    if options.again:
        results.drop(lambda record: record["sampler"] in options.again)
    wanted = {*options.cases, *(CASES[name].rival for name in options.cases)}
    names = [name for name in CASES if name in wanted]
    try:
        measure(results, names, options.seeds, options.trials)
    except KeyboardInterrupt:
        print("\nStopped; the same command without --again goes on. What is there so far:\n")
    tables = report(results, names, options.trials)
    print(tables)
    if options.write:
        PLACE.write(options.write, tables)


if __name__ == "__main__":
    main()
