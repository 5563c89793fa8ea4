"""The rules of hyperopt's TPE where `TPESampler` has others."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..models.parzen import ParzenEstimator
from ..samplers.tpe import TPESampler


@dataclass(frozen=True)
class HyperoptRules(TPESampler):
    """TPE whose groups and densities are those of hyperopt 0.3.

    Examples
    --------
    >>> from hpo_helpers.course.hyperopt_rules import HyperoptRules
    >>> HyperoptRules(gamma=0.2).n_good(200)
    3
    """

    gamma: float = 0.25
    n_startup: int = 20
    n_candidates: int = 24
    multivariate: bool = False

    def n_good(self, n_trials: int) -> int:
        """Return how many of some trials are good: gamma times the root of their number, at most 25."""
        return math.ceil(min(self.gamma * math.sqrt(n_trials), 25))

    def weights(self, good: np.ndarray, bad: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return `forgetting` weights of both groups; each prior weighs 1."""
        return np.append(forgetting(len(good)), 1.0), np.append(forgetting(len(bad)), 1.0)

    def estimator(self, samples: np.ndarray, kinds: Sequence[Any], weights: np.ndarray) -> ParzenEstimator:
        """Return a density of `counted` options that is cut off at the bounds as a whole."""
        options = {"weights": weights[:-1], "prior_weight": weights[-1]}
        return CutAsAWhole(samples, kinds, bandwidth=counted(samples, kinds, weights), **options)


def forgetting(n: int) -> np.ndarray:
    """Return 1 for the last 25 of n samples, and less, down to 1 / n, the older the others are.

    (``linear_forgetting_weights`` in hyperopt.)
    """
    return np.append(np.linspace(1 / n, 1, n - 25), np.ones(25)) if n > 25 else np.ones(n)


def counted(samples: np.ndarray, kinds: Sequence[Any], weights: np.ndarray) -> list[float | None]:
    """Return bandwidths of a `ParzenEstimator` with which options are counted; of numbers the usual ones.

    The probability of an option is proportional to the weight of its samples plus the prior's
    (``ap_randint_sampler`` in hyperopt): of as many such shares of the prior as there are options its own
    kernel brings one, and the widths of the others' kernels bring the rest.

    Parameters
    ----------
    samples : array_like, shape (n, d)
        NaN where a coordinate does not exist.
    kinds : sequence of d distributions
    weights : array_like, shape (n + 1,)
        Of the samples, and of the prior.
    """
    widths: list[float | None] = []
    for column, kind in zip(np.transpose(samples), kinds, strict=True):
        there = np.append(~np.isnan(column), True)
        total = np.sum(np.asarray(weights)[there]) + (kind.size - 1) * weights[-1]
        widths.append(None if kind.ordered else (kind.size - 1) * weights[-1] / (total or 1))
    return widths


class CutAsAWhole(ParzenEstimator):
    """A mixture of kernels that is cut off at the bounds, and scaled up, as a whole.

    So kernels near a bound lose weight, which those of a `ParzenEstimator`, each cut off by itself, do not.
    """

    def __init__(self, samples: Any, distributions: Any, **options: Any) -> None:
        super().__init__(samples, distributions, **options)
        for coordinate, kind, center, width in self._by_coordinate():
            if kind.ordered:
                self.weights *= coordinate.mass(center, width)
        self.weights /= self.weights.sum()
