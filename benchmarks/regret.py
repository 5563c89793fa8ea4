"""How good a configuration each sampler finds: the regret against the number of trials."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from contestants import CONTESTANTS, Contestant
from matplotlib import pyplot as plt
from problems import PROBLEMS, Problem
from results import Results, markdown, setting
from tqdm import tqdm

from hpo_helpers import Exhausted, recommend
from hpo_helpers.plots.colors import COLORS

NAMES = tuple(CONTESTANTS)
PICTURE = "regret.png"
BUDGETS = (30, 100)  # trials, in the table
FLOOR = 1e-6  # in the figure: smaller regrets are drawn there
COLUMNS = {  # of the figure
    "Gaussian processes": ("random", "gp", "optuna-gp"),
    "TPE and annealing": ("random", "tpe", "hyperopt-tpe", "hyperopt-anneal", "optuna-tpe"),
}
# Ours are blue and solid. Whatever shares a color differs in its marker.
LOOKS = {
    name: {"color": COLORS[color], "linestyle": dashes, "marker": marker, "markersize": 5}
    for name, color, dashes, marker in (
        ("random", "gray", ":", ""),
        ("tpe", "blue", "-", "o"),
        ("gp", "blue", "-", "s"),
        ("hyperopt-tpe", "vermillion", "--", "^"),
        ("hyperopt-anneal", "green", "-.", "v"),
        ("optuna-tpe", "purple", (0, (5, 1)), "D"),
        ("optuna-gp", "purple", (0, (5, 1)), "P"),
    )
}
Found = dict[tuple[str, str], np.ndarray]  # regrets, shape (seeds, trials), by sampler and problem


def searched(
    contestant: Contestant, problem: Any, seed: int, n_trials: int
) -> tuple[list[float], list[float]]:
    """Run one search. Of trials that run at once, that which was asked for first ends first.

    Returns
    -------
    picked : list of float
        After each trial, the regret of the trial whose observed loss is lowest, or that is recommended. The
        observed loss has the noise, the regret has not. A search with nothing left to try keeps its last.
    tried : list of float
        The lowest regret of all that were tried, which nobody knows who searches.
    """
    search, best, running = contestant.start(problem.space, seed), np.inf, list[Any]()
    picked, tried = list[float](), list[float]()
    with contestant.change, suppress(Exhausted):
        for number in range(n_trials):
            n_asked = min(contestant.n_parallel, n_trials - number) - len(running)
            running += [search.ask() for _ in range(n_asked)]
            trial = running.pop(0)
            configuration = trial.configuration
            loss, regret = problem.observed(configuration, seed, number), problem.regret(configuration)
            search.tell(trial, loss)
            home = recommend(search.trials).configuration if contestant.recommends else None
            picked.append(problem.regret(home) if home else regret if loss < best else picked[-1])
            tried.append(min([regret, *tried[-1:]]))
            best = min(best, loss)
    n_left = n_trials - len(picked)
    return picked + picked[-1:] * n_left, tried + tried[-1:] * n_left


def run_searches(results: Results, who: Mapping[str, Contestant], n_seeds: int, n_trials: int) -> None:
    """Run the searches that are not there yet, one seed after the other."""
    whole = [record for record in results.records if len(record.get("regrets", ())) >= n_trials]
    done = {(r["seed"], r["name"], r["problem"], r["version"]) for r in whole}
    todo = [
        (seed, name, problem)
        for seed in range(n_seeds)
        for name in who
        for problem in who[name].problems
        if (seed, name, problem, who[name].version) not in done
    ]
    for seed, name, problem in tqdm(todo, f"searches of {n_trials} trials", mininterval=1, smoothing=0):
        contestant = who[name]
        found = searched(contestant, contestant.problems[problem], seed, n_trials)
        picked, tried = ([float(f"{regret:.5g}") for regret in row] for row in found)
        key = {"name": name, "version": contestant.version, "problem": problem, "seed": seed}
        results.add(**key, regrets=picked, tried=tried)


def collect(results: Results, names: Sequence[str], what: str = "regrets") -> Found:
    """Return the regrets of the longest searches, of the seeds that all of them have."""
    kin = [record for record in results.records if record["name"] in names]
    n_trials = max((len(record["regrets"]) for record in kin), default=0)
    rows: dict[tuple[str, str], dict[int, list[float]]] = {}
    for record in kin:
        if len(record["regrets"]) == n_trials:
            key = record["name"], record["problem"]
            rows.setdefault(key, {})[record["seed"]] = record[what]
    seeds = sorted(set.intersection(*map(set, rows.values()))) if rows else []
    keys = sorted(rows, key=lambda key: names.index(key[0]))
    return {key: np.array([rows[key][seed] for seed in seeds]) for key in keys} if seeds else {}


def columns(found: Found, problems: Mapping[str, Problem]) -> dict[tuple[str, int], str]:
    """Return the titles of a table's columns by problem and number of trials."""
    n_trials = next(iter(found.values())).shape[1]
    budgets = sorted({min(budget, n_trials) for budget in BUDGETS})
    return {(p, budget): f"{problems[p].title}: {budget} trials" for p in problems for budget in budgets}


def measure(results: Results, names: Sequence[str], options: Any) -> None:
    """Run the searches of some contestants."""
    who = {name: CONTESTANTS[name] for name in names if not CONTESTANTS[name].missing}
    run_searches(results, who, options.seeds, options.trials)


def report(results: Results) -> str:
    """Return what the contestants reached."""
    if not results.records:
        return "Nothing was measured yet."
    return setting(results.records, "hyperopt", "optuna", "torch") + "\n\n" + table_of(results, CONTESTANTS)


def table_of(results: Results, who: Mapping[str, Contestant]) -> str:
    """Return medians and quartiles, the lowest median of a column in bold."""
    found = collect(results, list(who))
    heads, names = columns(found, PROBLEMS), list(dict.fromkeys(name for name, _ in found))
    table = [["sampler", *(who[name].title for name in names)]]
    for (problem, budget), head in heads.items():
        reached = np.array([found[name, problem][:, budget - 1] for name in names])
        low, middle, high = np.percentile(reached, [25, 50, 75], axis=1)
        bold = np.where(middle == middle.min(), "**", "")
        rows = zip(bold, middle, low, high, strict=True)
        table.append([head, *(f"{b}{m:.2g}{b} [{q:.2g}, {r:.2g}]" for b, m, q, r in rows)])
    n_seeds = len(found[names[0], "hartmann"])
    caption = f"Median regret [quartiles] of {n_seeds} seeds; the lowest is bold."
    return caption + "\n\n" + markdown([list(row) for row in zip(*table, strict=True)])


def draw(results: Results, path: Path) -> None:
    """Draw medians and the bands between quartiles, a row a problem."""
    found = collect(results, NAMES)
    fig, axes = plt.subplots(len(PROBLEMS), len(COLUMNS), figsize=(10, 10.5), sharex=True, sharey="row")
    for row, (key, problem) in zip(axes, PROBLEMS.items(), strict=True):
        for ax, (kind, names) in zip(row, COLUMNS.items(), strict=True):
            for name in names:
                if (name, key) in found:
                    low, middle, high = np.percentile(found[name, key].clip(FLOOR), [25, 50, 75], axis=0)
                    x = np.arange(1, len(middle) + 1)
                    marks = np.unique(np.geomspace(1, len(x), 5).astype(int) - 1).tolist()
                    ax.fill_between(x, low, high, color=LOOKS[name]["color"], alpha=0.13, linewidth=0)
                    ax.plot(x, middle, markevery=marks, label=CONTESTANTS[name].title, **LOOKS[name])
            ax.set(xscale="log", yscale="log", title=f"{problem.title}\n{kind}")
            ax.xaxis.set_major_formatter("{x:g}")
        row[0].set_ylabel("regret")
    for ax in axes[-1]:
        ax.set_xlabel("trials")
        ax.legend(loc="lower left", fontsize=10)
    fig.savefig(path, dpi=120, metadata={"Software": None}, pil_kwargs={"optimize": True})
