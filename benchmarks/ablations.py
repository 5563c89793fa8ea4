"""What each ingredient of our samplers is worth: the regret of searches that do without it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from ingredients import CASES
from regret import Found, collect, columns, run_searches
from results import Results, markdown, setting

NAMES = tuple(CASES)
FLOOR = 1e-3  # of medians in ratios: differences below do not matter
N_DRAWS = 2000  # of the bootstrap


def measure(results: Results, names: Sequence[str], options: Any) -> None:
    """Run the searches of some cases, and of the whole samplers beside them."""
    wanted = {*names, *(CASES[name].rival for name in names)}
    who = {name: case for name, case in CASES.items() if name in wanted}
    run_searches(results, who, options.seeds, options.trials)


def report(results: Results) -> str:
    """Return a table for each sampler, with a row for each ingredient."""
    parts = [setting(results.records)] if results.records else ["Nothing was measured yet."]
    for whole in dict.fromkeys(case.rival for case in CASES.values()):
        found = collect(results, [name for name, case in CASES.items() if case.rival == whole])
        if found:
            n, title = len(next(iter(found.values()))), CASES[whole].title
            caption = f"Median / upper quartile of the regret, {n} seeds; {title}."
            parts += [caption, _table(found, whole)]
    return "\n\n".join(parts)


def _table(found: Found, whole: str) -> str:
    """Return medians and upper quartiles, and the medians as multiples of the whole sampler's."""
    heads = columns(found, CASES[whole].problems)
    table = [["without", *heads.values(), "times the regret"]]
    for name in dict.fromkeys(name for name, _ in found):
        there = [(problem, budget) for problem, budget in heads if (name, problem) in found]
        reached, usual = (np.array([found[n, p][:, b - 1] for p, b in there]) for n in (name, whole))
        quartiles = zip(there, np.percentile(reached, [50, 75], axis=1).T, strict=True)
        cells = {column: "{:.2g} / {:.2g}".format(*pair) for column, pair in quartiles}
        ends = ("nothing", "1") if name == whole else (CASES[name].title, times(reached, usual))
        table.append([ends[0], *(cells.get(column, "–") for column in heads), ends[1]])
    return markdown(table)


def times(reached: np.ndarray, usual: np.ndarray) -> str:
    """Return the geometric mean of ratios of medians, with a bootstrap interval over the seeds.

    Parameters
    ----------
    reached, usual : ndarray, shape (columns, seeds)
        Regrets without an ingredient, and with all.
    """
    n = reached.shape[1]
    drawn = np.vstack([np.arange(n), np.random.default_rng(0).integers(n, size=(N_DRAWS, n))])
    medians = [np.median(rows[:, drawn], axis=-1).clip(FLOOR) for rows in (reached, usual)]
    ratio, *others = np.exp(np.log(medians[0] / medians[1]).mean(axis=0))  # first of all seeds once
    low, high = np.percentile(others, [5, 95])
    return f"{ratio:.2f} [{low:.2f}, {high:.2f}]"
