"""Tree-structured Parzen estimators: try what is likely among good trials, unlikely among bad.

Bergstra, Bardenet, Bengio & Kégl (2011), "Algorithms for hyper-parameter optimization", NIPS,
section 4. With l(x) the density of the configurations of good trials, g(x) that of the others and
gamma the share of the good, the expected improvement is proportional to
1 / (gamma + (1 - gamma) g(x) / l(x)): it is largest where l(x) / g(x) is.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from numbers import Integral, Real
from typing import Any, NamedTuple

import numpy as np

from ..models.parzen import TRUNCATIONS, ParzenEstimator
from ..spaces import Choice, Parameter, Uniform, flatten, parameters, sample, unflatten
from ..trials import Trial
from .columns import Memory, count_configurations, leave_out_inactive, typed
from .tpe_rules import SPLITTINGS, WEIGHTS, good_group_size

RULES = {
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

    Options are drawn, not compared: of the candidates only those with the options of the first
    compete. Else the option that is best at first would go on to win, and the others would never
    have the trials that they need to show what they can do.

    A parameter that exists only under some option is learned from the trials that have it.
    Trials that failed, or are not finished yet, belong to the bad. No configuration comes twice:
    a candidate that was tried gives way to the next best, and if all were, to a random one.

    Parameters
    ----------
    gamma : float, optional
        Between 0 and 1. Default: what is usual with the splitting.
    n_startup, n_candidates : int
    splitting : {"textbook", "hyperopt", "optuna"}
        How many of n trials are good: ``ceil(gamma n)``, as in the paper, with gamma 0.15;
        ``ceil(gamma sqrt(n))``, at most 25, with gamma 0.25; or ``ceil(gamma n)``, at most 25,
        with gamma 0.1.
    multivariate : bool
        Model all parameters together, by products of kernels, or each by itself. Then each
        parameter takes the best of its own candidates, choices included.
    bandwidth : str or float
        Of numbers' kernels, see `ParzenEstimator`.
    option_width : float or "hyperopt"
        Probability of a choice's kernel to be any option; see `ParzenEstimator`.
    weights : {"rank", "equal", "hyperopt"}
        How trials count in their group. "rank": the k-th best of n good ones by log((n + 1) / k),
        much as in CMA-ES (Hansen 2016, arXiv:1604.00772), and the bad by 1. "equal": by 1.
        "hyperopt": those before the group's last 25 less and less.
    prior_weight : float
        Weight of the prior in the density of the good, where a trial has 1 on average.
    prior : {"share", "weight"}
        What the prior has in the density of the bad: its share in that of the good, so that
        far from all trials the ratio is 1, or the same weight, as in hyperopt and Optuna.
    truncation : {"kernel", "mixture"}
        See `ParzenEstimator`.

    Raises
    ------
    ValueError
        If an argument makes no sense.
    """

    gamma: float | None = None
    n_startup: int = 10
    n_candidates: int = 100
    splitting: str = "textbook"
    multivariate: bool = True
    bandwidth: str | float = "hyperopt"
    option_width: str | float = 0.5
    weights: str = "rank"
    prior_weight: float = 1.0
    prior: str = "share"
    truncation: str = "kernel"
    _memory: Memory = field(default_factory=Memory, init=False, repr=False, compare=False)

    @classmethod
    def hyperopt(cls, **changes: Any) -> "TPESampler":
        """Make a sampler with the rules of hyperopt 0.3, but for what is given."""
        rules = {
            **{"n_startup": 20, "n_candidates": 24, "multivariate": False},
            **dict.fromkeys(("splitting", "bandwidth", "option_width", "weights"), "hyperopt"),
            **{"prior_weight": 1.0, "prior": "weight", "truncation": "mixture"},
        }
        return cls(**(rules | changes))

    def __post_init__(self) -> None:
        if self.gamma is not None and not (_is(Real, self.gamma) and 0 < self.gamma < 1):
            raise ValueError(f"gamma must be between 0 and 1, such as 0.1, got {self.gamma!r}.")
        for name, least in (("n_startup", 0), ("n_candidates", 1)):
            value = getattr(self, name)
            if not _is(Integral, value) or value < least:
                raise ValueError(f"{name} must be an integer of at least {least}, got {value!r}.")
        for name, rules in RULES.items():
            value = getattr(self, name)
            if value not in rules:
                raise ValueError(f"{name} must be one of {list(rules)}, got {value!r}.")
        if not _is(Real, self.prior_weight) or not 0 < self.prior_weight < math.inf:
            raise ValueError(f"prior_weight must be a number above 0, got {self.prior_weight!r}.")
        for distribution in (Uniform(0, 1), Choice([0])):  # refuse bad widths
            self._density([Parameter("x", distribution)], np.zeros((1, 1)), np.ones(1), 1.0)

    def suggest(self, space: Any, trials: Sequence[Trial], rng: np.random.Generator) -> Any:
        """Return the next configuration.

        Raises
        ------
        StopIteration
            When every configuration was tried, which takes a space without real numbers.
        """
        trials, found = list(trials), parameters(space)
        keys, table = self._flattened(space, found, trials)
        tried = set(keys)
        if len(tried) >= count_configurations(space):
            raise StopIteration
        if sum(trial.state == "finished" for trial in trials) >= max(self.n_startup, 1):
            densities = self._densities(found, table, _losses(trials))
            for candidate in self._candidates(densities, rng):
                configuration = unflatten(space, candidate)
                if tuple(flatten(space, configuration).items()) not in tried:
                    return configuration
        while True:
            configuration = sample(space, rng)
            if tuple(flatten(space, configuration).items()) not in tried:
                return configuration

    def split(self, trials: Sequence[Trial]) -> tuple[list[Trial], list[Trial]]:
        """Return the good trials and the bad ones, each in the order of the search."""
        pairs = list(zip(trials, self._is_good(_losses(trials)), strict=True))
        return [t for t, good in pairs if good], [t for t, good in pairs if not good]

    def densities(self, space: Any, trials: Sequence[Trial]) -> list[Densities]:
        """Return the densities of all parameters together, or of each if not `multivariate`."""
        found = parameters(space)
        _, table = self._flattened(space, found, trials)
        return self._densities(found, table, _losses(trials))

    def _flattened(
        self, space: Any, found: list[Parameter], trials: Sequence[Trial]
    ) -> tuple[list[tuple], np.ndarray]:
        """Return configurations as tuples, and as rows with NaN for a parameter not active."""

        def compute(configuration):
            values = flatten(space, configuration)
            return tuple(values.items()), [values.get(p.name, math.nan) for p in found]

        kept = self._memory.of(trials, space, compute)
        table = np.array([row for _, row in kept], float).reshape(len(kept), len(found))
        return [key for key, _ in kept], table

    def _is_good(self, losses: np.ndarray) -> np.ndarray:
        is_good = np.zeros(len(losses), bool)
        n_good = good_group_size(len(losses), self.splitting, self.gamma)
        is_good[np.argsort(losses, kind="stable")[:n_good]] = True
        return is_good & np.isfinite(losses)

    def _densities(
        self, found: list[Parameter], table: np.ndarray, losses: np.ndarray
    ) -> list[Densities]:
        blocks = [found] if self.multivariate else [[p] for p in found]
        tables = [table] if self.multivariate else np.hsplit(table, len(found))
        is_good, result = self._is_good(losses), []
        for block, rows in zip(blocks, tables, strict=True):
            there = ~np.isnan(rows).all(axis=1)
            groups = there & is_good, there & ~is_good
            rules = zip(WEIGHTS[self.weights], groups, strict=True)
            weights = [rule(losses[group]) for rule, group in rules]
            priors = [self.prior_weight] * 2
            if self.prior == "share":
                priors[1] *= max(weights[1].sum(), 1) / max(weights[0].sum(), 1)
            pair = [
                self._density(block, rows[group], w, prior)
                for group, w, prior in zip(groups, weights, priors, strict=True)
            ]
            result.append(Densities(block, *pair))
        return result

    def _density(
        self, found: list[Parameter], samples: np.ndarray, weights: np.ndarray, prior: float
    ) -> ParzenEstimator:
        kinds = [p.distribution for p in found]
        return ParzenEstimator(
            samples,
            kinds,
            bandwidth=[
                self.option_width if isinstance(kind, Choice) else self.bandwidth for kind in kinds
            ],
            weights=weights,
            prior_weight=prior,
            truncation=self.truncation,
        )

    def _candidates(
        self, densities: list[Densities], rng: np.random.Generator
    ) -> Iterator[dict[str, Any]]:
        """Yield the values of candidates, the best first."""
        columns: dict[str, list] = {}
        for found, good, bad in densities:
            drawn = good.sample(self.n_candidates, rng)
            if self.multivariate:
                leave_out_inactive(drawn, found)
                choices = [isinstance(p.distribution, Choice) for p in found]
                options = np.nan_to_num(drawn[:, choices])
                drawn = drawn[(options == options[0]).all(axis=1)]
            log_ratio = good.logpdf(drawn) - bad.logpdf(drawn)
            drawn = drawn[np.argsort(-log_ratio, kind="stable")]
            columns |= {p.name: typed(p, x) for p, x in zip(found, drawn.T, strict=True)}
        for row in zip(*columns.values(), strict=True):
            yield dict(zip(columns, row, strict=True))


def _losses(trials: Sequence[Trial]) -> np.ndarray:
    """Return losses, infinite where a trial is not finished."""
    return np.array([math.inf if trial.loss is None else trial.loss for trial in trials])


def _is(kind: type, value: Any) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool)
