"""Tree-structured Parzen estimators: try what is likely among good trials, unlikely among bad.

Bergstra, Bardenet, Bengio & Kégl (2011), "Algorithms for hyper-parameter optimization", NIPS,
section 4. With l(x) the density of the configurations of good trials, g(x) that of the others and
gamma the share of the good, the expected improvement is proportional to
1 / (gamma + (1 - gamma) g(x) / l(x)): it is largest where l(x) / g(x) is.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any, NamedTuple

import numpy as np

from ..models.bandwidths import BANDWIDTHS, WEIGHTS
from ..models.parzen import TRUNCATIONS, ParzenEstimator
from ..spaces import Choice, Numeric, Parameter, Uniform, flatten, parameters, sample, unflatten
from ..trials import Trial

SPLITTINGS = {  # the number of good trials among n, before it is rounded up
    "textbook": lambda gamma, n: gamma * n,
    "hyperopt": lambda gamma, n: min(gamma * math.sqrt(n), 25),
    "optuna": lambda gamma, n: min(gamma * n, 25),
}
GAMMAS = {"textbook": 0.2, "hyperopt": 0.25, "optuna": 0.1}


def good_group_size(n_trials: int, splitting: str, gamma: float | None = None) -> int:
    """Return how many of some trials count as good.

    Parameters
    ----------
    n_trials : int
    splitting, gamma
        See `TPESampler`.
    """
    gamma = GAMMAS[splitting] if gamma is None else gamma
    return math.ceil(SPLITTINGS[splitting](gamma, n_trials))


class Densities(NamedTuple):
    """The two densities of parameters that are modeled together."""

    parameters: list[Parameter]
    good: ParzenEstimator
    bad: ParzenEstimator


@dataclass(frozen=True)
class TPESampler:
    """Try the most promising of candidates drawn where good trials were.

    After `n_startup` finished trials, all drawn at random, the trials are split into a group of
    good ones and the rest, and a `ParzenEstimator` is made of each. Of `n_candidates` drawn from
    that of the good, the next trial is the one with the largest ratio of the two densities.

    A parameter that exists only under some option of a choice is learned from the trials that
    have it. Trials that failed, or are not finished yet, belong to the bad. No configuration
    comes twice: of candidates that were tried before the next best is taken, and if all were,
    one is drawn at random among those that remain.

    Parameters
    ----------
    gamma : float, optional
        Between 0 and 1: the share of good trials in "textbook" and "optuna". Default: the
        splitting's own, as below.
    n_startup : int
    n_candidates : int
    splitting : {"textbook", "hyperopt", "optuna"}
        How many of n trials are good: ``ceil(gamma n)`` with gamma 0.2, as in the paper;
        ``ceil(gamma sqrt(n))``, at most 25, with gamma 0.25; or ``ceil(gamma n)``, at most 25,
        with gamma 0.1.
    bandwidth : str or float
        Of the kernels, see `ParzenEstimator`.
    multivariate : bool
        Model all parameters together by products of kernels, or each by itself. Then each
        parameter takes the best of its own candidates.
    weights : {"equal", "hyperopt"}
        Whether all trials of a group count the same, or those before its last 25 less and less.
    prior_weight : float
        Weight of the prior in each density, where a trial's is 1.
    truncation : {"kernel", "mixture"}
        See `ParzenEstimator`.

    Raises
    ------
    ValueError
        If an argument makes no sense.
    """

    gamma: float | None = None
    n_startup: int = 20
    n_candidates: int = 100
    splitting: str = "optuna"
    bandwidth: str | float = "hyperopt"
    multivariate: bool = True
    weights: str = "equal"
    prior_weight: float = 1.0
    truncation: str = "kernel"

    def __post_init__(self) -> None:
        if self.gamma is not None and not (_is(Real, self.gamma) and 0 < self.gamma < 1):
            raise ValueError(f"gamma must be between 0 and 1, such as 0.1, got {self.gamma!r}.")
        for name, least in (("n_startup", 0), ("n_candidates", 1)):
            value = getattr(self, name)
            if not _is(Integral, value) or value < least:
                raise ValueError(f"{name} must be an integer of at least {least}, got {value!r}.")
        for name, rules in (
            ("splitting", SPLITTINGS),
            ("weights", WEIGHTS),
            ("truncation", TRUNCATIONS),
        ):
            if getattr(self, name) not in rules:
                raise ValueError(
                    f"{name} must be one of {list(rules)}, got {getattr(self, name)!r}."
                )
        if not _is(Real, self.prior_weight) or not 0 < self.prior_weight < math.inf:
            raise ValueError(f"prior_weight must be a number above 0, got {self.prior_weight!r}.")
        ParzenEstimator([], Uniform(0, 1), bandwidth=self.bandwidth)  # refuses an unknown rule

    def suggest(self, space: Any, trials: Sequence[Trial], rng: np.random.Generator) -> Any:
        """Return the next configuration.

        Raises
        ------
        StopIteration
            When every configuration was tried, which takes a space without real numbers.
        """
        tried = {_key(flatten(space, trial.configuration)) for trial in trials}
        if len(tried) >= _count(space):
            raise StopIteration
        n_finished = sum(trial.state == "finished" for trial in trials)
        if n_finished >= max(self.n_startup, 1):
            for values in self._candidates(space, trials, rng):
                configuration = unflatten(space, values)
                if _key(flatten(space, configuration)) not in tried:
                    return configuration
        while True:
            configuration = sample(space, rng)
            if _key(flatten(space, configuration)) not in tried:
                return configuration

    def split(self, trials: Sequence[Trial]) -> tuple[list[Trial], list[Trial]]:
        """Return the good trials and the bad ones, each in the order of the search."""
        finished = [trial for trial in trials if trial.state == "finished"]
        n_good = good_group_size(len(trials), self.splitting, self.gamma)
        good = {id(trial) for trial in sorted(finished, key=lambda t: t.loss)[:n_good]}
        return (
            [trial for trial in trials if id(trial) in good],
            [trial for trial in trials if id(trial) not in good],
        )

    def densities(self, space: Any, trials: Sequence[Trial]) -> list[Densities]:
        """Return the densities of all parameters together, or of each if not `multivariate`."""
        found = parameters(space)
        tables = [_table(space, group, found) for group in self.split(trials)]
        if self.multivariate:
            return [Densities(found, *(self._density(found, table) for table in tables))]
        return [
            Densities([p], *(self._density([p], table[:, [j]]) for table in tables))
            for j, p in enumerate(found)
        ]

    def _density(self, found: list[Parameter], samples: np.ndarray) -> ParzenEstimator:
        samples = samples[~np.isnan(samples).all(axis=1)]
        return ParzenEstimator(
            samples,
            [p.distribution for p in found],
            bandwidth=self.bandwidth,
            weights=WEIGHTS[self.weights](len(samples)),
            prior_weight=self.prior_weight,
            truncation=self.truncation,
        )

    def _candidates(
        self, space: Any, trials: Sequence[Trial], rng: np.random.Generator
    ) -> Iterator[dict[str, Any]]:
        """Yield the values of candidates, the best first."""
        columns: dict[str, np.ndarray] = {}
        for found, good, bad in self.densities(space, trials):
            drawn = good.sample(self.n_candidates, rng)
            _leave_out_inactive(drawn, found)
            log_ratio = good.logpdf(drawn) - bad.logpdf(drawn)
            drawn = drawn[np.argsort(-log_ratio, kind="stable")]
            columns |= {p.name: _typed(p, x) for p, x in zip(found, drawn.T, strict=True)}
        for row in zip(*columns.values(), strict=True):
            yield dict(zip(columns, row, strict=True))


def _table(space: Any, trials: Sequence[Trial], found: list[Parameter]) -> np.ndarray:
    """Return values, shape (n_trials, n_parameters), with NaN for a parameter not active."""
    rows = [flatten(space, trial.configuration) for trial in trials]
    table = [[row.get(p.name, math.nan) for p in found] for row in rows]
    return np.array(table, float).reshape(len(rows), len(found))


def _leave_out_inactive(rows: np.ndarray, found: list[Parameter]) -> None:
    """Put NaN where another option was drawn than one that the parameter needs."""
    place = {p.name: j for j, p in enumerate(found)}
    for j, p in enumerate(found):
        for name, option in p.conditions:
            if name in place:
                rows[rows[:, place[name]] != option, j] = np.nan


def _typed(parameter: Parameter, values: np.ndarray) -> list:
    """Return values as Python numbers of the parameter's type; 0 where it is not active."""
    whole = isinstance(parameter.distribution, Choice) or type(parameter.distribution.low) is int
    return np.nan_to_num(values).astype(int if whole else float).tolist()


def _key(values: dict[str, Any]) -> tuple:
    return tuple(values.items())


def _count(space: Any) -> float:
    """Return the number of configurations, infinite if the space has a real number."""
    if isinstance(space, Choice):
        return sum(map(_count, space.options))
    if isinstance(space, Numeric):
        return space.high - space.low + 1 if type(space.low) is int else math.inf
    if isinstance(space, dict):
        space = list(space.values())
    return math.prod(map(_count, space)) if isinstance(space, (list, tuple)) else 1


def _is(kind: type, value: Any) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool)
