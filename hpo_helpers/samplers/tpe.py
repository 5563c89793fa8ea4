"""Tree-structured Parzen estimators: try what is likely among good trials, unlikely among bad.

Bergstra, Bardenet, Bengio & Kégl (2011), "Algorithms for hyper-parameter optimization", NIPS,
section 4. With l(x) the density of the values of good trials, g(x) that of the others and
gamma the share of the good, the expected improvement is proportional to
1 / (gamma + (1 - gamma) g(x) / l(x)): it is largest where l(x) / g(x) is.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ..checks import checked_bool, checked_integer, checked_number, checked_option, refuse
from ..models.parzen import TRUNCATIONS, ParzenEstimator
from ..spaces import Parameter, Space, Values
from ..trials import Trial
from .random import draw_new, keys
from .tpe_rules import SPLITTINGS, WEIGHTS, good_group_size

RULES: dict[str, Collection[str]] = {
    "splitting": SPLITTINGS,
    "weights": WEIGHTS,
    "prior": ("share", "weight"),
    "truncation": TRUNCATIONS,
}


class Densities(NamedTuple):
    """The two densities of parameters that are modeled together."""

    parameters: list[Parameter]
    good: ParzenEstimator
    bad: ParzenEstimator


@dataclass(frozen=True)
class TPESampler:
    """Try the most promising of candidates drawn where good trials were.

    After `n_startup` finished trials, all drawn at random, the trials are split into a group of
    good ones and the rest, and a `ParzenEstimator` is made of each. Candidates are drawn from
    that of the good, and the next trial is the one with the largest ratio of the two densities.

    Options of a choice are drawn, not compared: of the candidates only those with the options of the
    first compete. Else the option that is best at first would go on to win, and the others would never
    have the trials that they need to show what they can do.

    A parameter that exists only under some option is learned from the trials that have it.
    Trials that failed, were pruned or are not finished yet belong to the bad. Nothing comes twice:
    a candidate that was tried gives way to the next best, and if all were, to a random one.

    Parameters
    ----------
    gamma : float, optional
        Between 0 and 1. Default: what is usual with the splitting.
    n_startup, n_candidates : int
    multivariate : bool
        Model all parameters together, by products of kernels, or each by itself. Then each
        parameter takes the best of its own candidates, choices included.
    splitting : {"textbook", "hyperopt"}
        How many of n trials are good: ``ceil(gamma n)``, as in the paper, with gamma 0.15; or
        ``ceil(gamma sqrt(n))``, at most 25, with gamma 0.25.
    weights : {"rank", "equal", "hyperopt"}
        How trials count in their group. "rank": the k-th best of n good ones by log((n + 1) / k),
        much as in CMA-ES (Hansen 2016, arXiv:1604.00772), and the bad by 1. "equal": by 1.
        "hyperopt": those before the group's last 25 less and less.
    option_width : float or "hyperopt"
        Probability of a choice's kernel to be any option; see `ParzenEstimator`.
    prior : {"share", "weight"}
        What the prior, in the density of the good as heavy as a trial, has in that of the bad: the
        same share, so that far from all trials the ratio is 1, or the same weight, as in hyperopt
        and Optuna.
    truncation : {"kernel", "mixture"}
        See `ParzenEstimator`.

    Raises
    ------
    TypeError, ValueError
        If an argument makes no sense.
    """

    gamma: float | None = None
    n_startup: int = 10
    n_candidates: int = 100
    multivariate: bool = True
    splitting: str = "textbook"
    weights: str = "rank"
    option_width: float | str = 0.5
    prior: str = "share"
    truncation: str = "kernel"

    @classmethod
    def hyperopt(cls, **changes: Any) -> "TPESampler":
        """Make a sampler with the rules of hyperopt 0.3, but for what is given."""
        rules: dict[str, Any] = {"n_startup": 20, "n_candidates": 24, "multivariate": False}
        rules |= dict.fromkeys(("splitting", "weights", "option_width"), "hyperopt")
        return cls(**(rules | {"prior": "weight", "truncation": "mixture"} | changes))

    def __post_init__(self) -> None:
        if self.gamma is not None and not 0 < checked_number("gamma", self.gamma) < 1:
            refuse("gamma", "be between 0 and 1", self.gamma, "0.15 makes 15 % of the trials good")
        checked_integer("n_startup", self.n_startup, 0)
        checked_integer("n_candidates", self.n_candidates, 1)
        checked_bool("multivariate", self.multivariate)
        for name, rules in RULES.items():
            checked_option(name, getattr(self, name), rules)
        if isinstance(self.option_width, str):
            checked_option("option_width", self.option_width, ("hyperopt",))
        else:
            checked_number("option_width", self.option_width, least=0, most=1)

    def suggest(self, space: Space, trials: Sequence[Trial], rng: np.random.Generator) -> Values:
        """Return the values to try next.

        Raises
        ------
        Exhausted
            When every combination of values was tried, which takes a space without real numbers.
        """
        trials = list(trials)
        table = space.table([trial.values for trial in trials])
        tried = set(keys(table))
        if sum(trial.loss is not None for trial in trials) >= max(self.n_startup, 1):
            candidates = self._candidates(space, self._densities(space, table, _losses(trials)), rng)
            for candidate, key in zip(candidates, keys(candidates), strict=True):
                if key not in tried:
                    return _values(space, candidate)
        return draw_new(space, tried, rng)

    def split(self, trials: Sequence[Trial]) -> tuple[list[Trial], list[Trial]]:
        """Return the good trials and the bad ones, each in the order of the search."""
        pairs = list(zip(trials, self._is_good(_losses(trials)), strict=True))
        return [t for t, good in pairs if good], [t for t, good in pairs if not good]

    def densities(self, space: Any, trials: Sequence[Trial]) -> list[Densities]:
        """Return the densities of all parameters together, or of each if not `multivariate`."""
        space = Space(space)
        return self._densities(space, space.table([trial.values for trial in trials]), _losses(trials))

    def _is_good(self, losses: np.ndarray) -> np.ndarray:
        is_good = np.zeros(len(losses), bool)
        n_good = good_group_size(len(losses), self.splitting, self.gamma)
        is_good[np.argsort(losses, kind="stable")[:n_good]] = True
        good: np.ndarray = is_good & np.isfinite(losses)
        return good

    def _densities(self, space: Space, table: np.ndarray, losses: np.ndarray) -> list[Densities]:
        parameters, is_good, result = list(space.parameters.values()), self._is_good(losses), []
        n = len(parameters) if self.multivariate else 1
        for j in range(0, len(parameters), n):
            block, rows = parameters[j : j + n], table[:, j : j + n]
            there = ~np.isnan(rows).all(axis=1)
            groups = there & is_good, there & ~is_good
            weights = [rule(losses[g]) for rule, g in zip(WEIGHTS[self.weights], groups, strict=True)]
            share = max(weights[1].sum(), 1) / max(weights[0].sum(), 1)
            priors = 1.0, share if self.prior == "share" else 1.0
            kinds = [p.distribution for p in block]
            options: dict[str, Any] = {"truncation": self.truncation}
            options["bandwidth"] = ["hyperopt" if kind.ordered else self.option_width for kind in kinds]
            good, bad = (
                ParzenEstimator(rows[group], kinds, weights=w, prior_weight=prior, **options)
                for group, w, prior in zip(groups, weights, priors, strict=True)
            )
            result.append(Densities(block, good, bad))
        return result

    def _candidates(self, space: Space, densities: list[Densities], rng: np.random.Generator) -> np.ndarray:
        """Return rows of a table, the best first."""
        columns = []
        for _, good, bad in densities:
            drawn = good.sample(self.n_candidates, rng)
            if self.multivariate:
                drawn = self._competing(space, _without_inactive(space, drawn))
            log_ratio = good.logpdf(drawn) - bad.logpdf(drawn)
            columns.append(drawn[np.argsort(-log_ratio, kind="stable")])
        return columns[0] if self.multivariate else _without_inactive(space, np.hstack(columns))

    def _competing(self, space: Space, drawn: np.ndarray) -> np.ndarray:
        """Return the rows that have the options of the first."""
        choices = [not p.distribution.ordered for p in space.parameters.values()]
        if not any(choices):
            return drawn
        options = np.nan_to_num(drawn[:, choices])
        rows: np.ndarray = drawn[(options == options[0]).all(axis=1)]
        return rows


def _without_inactive(space: Space, table: np.ndarray) -> np.ndarray:
    """Put NaN where another option was drawn than one that the parameter needs."""
    place = {name: j for j, name in enumerate(space.parameters)}
    for j, p in enumerate(space.parameters.values()):
        for name, option in p.conditions:
            table[table[:, place[name]] != option, j] = np.nan
    return table


def _values(space: Space, row: np.ndarray) -> Values:
    """Return the values in a row of a table."""
    found = dict(zip(space.parameters, row.tolist(), strict=True))
    return space.values(lambda p: p.distribution.type(found[p.name]))


def _losses(trials: Sequence[Trial]) -> np.ndarray:
    """Return losses, infinite where there is none; with stopped trials, the places of all in their order.

    Stopped trials come after finished ones, those that got further first.
    """
    if not any(t.state == "pruned" for t in trials):
        return np.array([math.inf if t.loss is None else t.loss for t in trials], float)
    keys = [(t.state == "pruned", -len(t.curve or ()) * (t.state == "pruned"), t.loss) for t in trials]
    places = np.full(len(trials), math.inf)
    ranked = sorted((k for k, t in enumerate(trials) if t.loss is not None), key=lambda k: keys[k])
    places[ranked] = np.arange(len(ranked))
    return places
