"""What each ingredient of our samplers is worth: the regret of searches that do without it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from ingredients import CASES
from regret import BUDGETS, Found, collect, columns, run_searches
from results import Results, markdown, setting
from tables import PACKAGE, TABLES

TAIL = "-tables"  # of what is the same on tables of real networks
WHO = CASES | {
    name + TAIL: replace(c, problems=TABLES, packages=(*c.packages, PACKAGE), rival=f"{c.rival}{TAIL}")
    for name, c in CASES.items()
}
NAMES = tuple(WHO)
FLOOR = 1e-3  # of medians in ratios: differences below do not matter
N_DRAWS = 2000  # of the bootstrap


def measure(results: Results, names: Sequence[str], options: Any) -> None:
    """Run the searches of some cases, and of the whole samplers beside them."""
    wanted = {*names, *(WHO[name].rival for name in names)}
    who = {name: case for name, case in WHO.items() if name in wanted and not case.missing}
    run_searches(results, who, options.seeds, options.trials)


def report(results: Results) -> str:
    """Return a table for each sampler, with a row for each ingredient."""
    parts = [setting(results.records)] if results.records else ["Nothing was measured yet."]
    for whole in dict.fromkeys(case.rival for case in CASES.values()):
        names = [name for name, case in CASES.items() if case.rival == whole]
        found, on_tables = (collect(results, [name + end for name in names]) for end in ("", TAIL))
        if found:
            n, title = len(next(iter(found.values()))), CASES[whole].title
            caption = f"Median / upper quartile of the regret, {n} seeds; {title}."
            parts += [caption, _table(found, on_tables, whole)]
    return "\n\n".join(parts)


def _table(found: Found, on_tables: Found, whole: str) -> str:
    """Return medians and upper quartiles, and the medians as multiples of the whole sampler's."""
    heads = columns(found, CASES[whole].problems)
    table = [["without", *heads.values(), "times the regret", "on tables"]]
    for name in dict.fromkeys(name for name, _ in found):
        there = [(problem, budget) for problem, budget in heads if (name, problem) in found]
        reached, usual = (np.array([found[n, p][:, b - 1] for p, b in there]) for n in (name, whole))
        quartiles = zip(there, np.percentile(reached, [50, 75], axis=1).T, strict=True)
        cells = {column: "{:.2g} / {:.2g}".format(*pair) for column, pair in quartiles}
        title = "nothing" if name == whole else CASES[name].title
        ends = times(reached, usual), times(*(_ends(on_tables, n + TAIL) for n in (name, whole)))
        table.append([title, *(cells.get(column, "–") for column in heads), *ends])
    return markdown(table)


def _ends(found: Found, name: str) -> np.ndarray:
    """Return regrets after the budgets on each table, shape (columns, seeds)."""
    rows = [row for (who, _), row in found.items() if who == name]
    return np.array([row[:, min(budget, row.shape[1]) - 1] for row in rows for budget in BUDGETS])


def times(reached: np.ndarray, usual: np.ndarray) -> str:
    """Return the geometric mean of ratios of medians, with a bootstrap interval over the seeds.

    Parameters
    ----------
    reached, usual : ndarray, shape (columns, seeds)
        Regrets without an ingredient, and with all. If there are none, a dash stands for the ratio.
    """
    if not reached.size:
        return "–"
    n = reached.shape[1]
    drawn = np.vstack([np.arange(n), np.random.default_rng(0).integers(n, size=(N_DRAWS, n))])
    medians = [np.median(rows[:, drawn], axis=-1).clip(FLOOR) for rows in (reached, usual)]
    ratio, *others = np.exp(np.log(medians[0] / medians[1]).mean(axis=0))  # first of all seeds once
    low, high = np.percentile(others, [5, 95])
    return f"{ratio:.2f} [{low:.2f}, {high:.2f}]"
