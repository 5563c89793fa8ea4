"""How good a configuration each sampler finds: the regret against the number of trials."""

from collections.abc import Sequence
from pathlib import Path
from time import process_time

import numpy as np
from lines import LOOKS, label_ends, save
from matplotlib import pyplot as plt
from problems import PROBLEMS, Problem
from results import Results
from searches import CONTESTANTS, Contestant
from tqdm import tqdm

BUDGETS = (30, 100)  # trials, in the table
FLOOR = 1e-6  # in the figure: smaller regrets are drawn there
COLUMNS = {  # of the figure
    "Gaussian processes": ("random", "gp", "optuna-gp"),
    "TPE and annealing": ("random", "tpe", "hyperopt-tpe", "hyperopt-anneal", "optuna-tpe"),
}


def regrets(contestant: Contestant, problem: Problem, seed: int, n_trials: int) -> list[float]:
    """Run one search.

    Returns
    -------
    list of float
        After each trial, the regret of the trial whose observed loss is lowest. The observed
        loss has the noise, the regret has not. All samplers meet the same noise.
    """
    search, noise = contestant.start(problem.space, seed), np.random.default_rng([seed, 1])
    best, found = np.inf, []
    for _ in range(n_trials):
        configuration = search.ask()
        loss = problem.loss(configuration) + problem.noise * noise.standard_normal()
        search.tell(configuration, loss)
        found.append(problem.regret(configuration) if loss < best else found[-1])
        best = min(best, loss)
    return found


def measure(results: Results, names: Sequence[str], n_seeds: int, n_trials: int) -> None:
    """Run the searches that are not there yet, one seed after the other."""
    todo = [
        (seed, problem, name)
        for seed in range(n_seeds)
        for problem in PROBLEMS
        for name in names
        if len(_stored(results, name, problem, seed)) < n_trials
    ]
    bar = tqdm(todo, f"searches of {n_trials} trials", unit="search", smoothing=0, mininterval=1)
    for seed, problem, name in bar:
        contestant, start = CONTESTANTS[name], process_time()
        found = regrets(contestant, PROBLEMS[problem], seed, n_trials)
        key = {"sampler": name, "version": contestant.version, "problem": problem, "seed": seed}
        seconds = process_time() - start
        results.add(part="regret", **key, seconds=seconds, regrets=found)


def collect(
    results: Results, names: Sequence[str], n_seeds: int, n_trials: int
) -> dict[tuple[str, str], np.ndarray]:
    """Return the regrets that are there, shape (n_seeds, n_trials), by problem and sampler."""
    found = {}
    for problem in PROBLEMS:
        for name in names:
            rows = [_stored(results, name, problem, seed) for seed in range(n_seeds)]
            rows = [row[:n_trials] for row in rows if len(row) >= n_trials]
            if rows:
                found[problem, name] = np.array(rows)
    return found


def _stored(results: Results, name: str, problem: str, seed: int) -> list[float]:
    key = {"sampler": name, "version": CONTESTANTS[name].version}
    record = results.find(part="regret", **key, problem=problem, seed=seed)
    return record["regrets"] if record else []


def table(found: dict[tuple[str, str], np.ndarray]) -> str:
    """Return the medians and quartiles, the lowest median of a column in bold."""
    n_seeds, n_trials = np.max([rows.shape for rows in found.values()], axis=0)
    names = list(dict.fromkeys(name for _, name in found))
    columns = [["sampler", "---", *(CONTESTANTS[name].title for name in names)]]
    for key, problem in PROBLEMS.items():
        for budget in sorted({min(budget, n_trials) for budget in BUDGETS}):
            reached = {name: rows[:, budget - 1] for (k, name), rows in found.items() if k == key}
            best = min(map(np.median, reached.values()), default=None)
            cells = [_cell(reached.get(name, ()), best, n_seeds) for name in names]
            columns.append([f"{problem.title}: {budget} trials", "---", *cells])
    return "\n".join("| " + " | ".join(row) + " |" for row in zip(*columns, strict=True))


def _cell(reached: Sequence[float], best: float, n_seeds: int) -> str:
    if not len(reached):
        return "–"
    low, median, high = np.percentile(reached, [25, 50, 75])
    text = f"**{median:.2g}**" if median == best else f"{median:.2g}"
    note = "" if len(reached) == n_seeds else f" ({len(reached)} seeds)"
    return f"{text} [{low:.2g}, {high:.2g}]{note}"


def draw(found: dict[tuple[str, str], np.ndarray], path: Path) -> None:
    """Draw medians and the bands between quartiles, a row a problem."""
    shape = len(PROBLEMS), len(COLUMNS)
    fig, axes = plt.subplots(*shape, figsize=(10, 10.5), sharex=True, sharey="row")
    for row, (key, problem) in zip(axes, PROBLEMS.items(), strict=True):
        for ax, (kind, names) in zip(row, COLUMNS.items(), strict=True):
            ends = []
            for name in names:
                if (key, name) not in found:
                    continue
                low, middle, high = np.percentile(
                    found[key, name].clip(FLOOR), [25, 50, 75], axis=0
                )
                x, look = np.arange(1, len(middle) + 1), LOOKS[name]
                ax.fill_between(x, low, high, color=look["color"], alpha=0.13, linewidth=0)
                marks = [i for i in (0, 2, 9, 29, 99) if i < len(x)]
                ax.plot(x, middle, markevery=marks, **look)
                ends.append((x[-1], middle[-1], CONTESTANTS[name].title, look["color"]))
            ax.set(xscale="log", yscale="log", title=f"{problem.title}\n{kind}")
            ax.xaxis.set_major_formatter("{x:g}")
            label_ends(ax, ends)
        row[0].set_ylabel("regret")
    for ax in axes[-1]:
        ax.set_xlabel("trials")
    save(fig, path)
