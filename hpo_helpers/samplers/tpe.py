"""Tree-structured Parzen estimators: try what is likely among good trials, unlikely among bad.

Bergstra, Bardenet, Bengio & Kégl (2011), "Algorithms for hyper-parameter optimization", NIPS,
section 4. With l(x) the density of the values of good trials, g(x) that of the others and
gamma the share of the good, the expected improvement is proportional to
1 / (gamma + (1 - gamma) g(x) / l(x)): it is largest where l(x) / g(x) is.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ..checks import checked_bool, checked_integer, checked_number, refuse
from ..models.parzen import ParzenEstimator
from ..spaces import Parameter, Space, Values
from ..trials import Trial, Trials
from .cube import Cube
from .random import draw_new
from .rows import keys, values_of, without_inactive

N_NEAREST = 5  # trials from whose losses that of one that still runs is guessed


class Densities(NamedTuple):
    """The two densities of parameters that are modeled together."""

    parameters: list[Parameter]
    good: ParzenEstimator
    bad: ParzenEstimator


@dataclass(frozen=True)
class TPESampler:
    """Try the most promising of candidates drawn where good trials were.

    After `n_startup` trials with a loss, all drawn at random, the trials are split into a group of
    good ones and the rest, and a `ParzenEstimator` is made of each. Candidates are drawn from
    that of the good, and the next trial is the one with the largest ratio of the two densities.

    An option that other parameters lie below is drawn, not compared: of the candidates only those with the
    options of the first compete. Else the option that is best at first would go on to win, and the others
    would never have the trials that they need to show what their parameters can do.

    A parameter that exists only under some option is learned from the trials that have it.
    Trials that failed belong to the bad, and pruned ones come after all finished ones. One that still runs
    counts as the median of the five nearest that do not, so that what is near good trials is not avoided only
    because it is being tried. Nothing comes twice: a candidate that was tried gives way to the next best, and
    if all were, to a random one.

    Other rules make another sampler: a subclass with its own `n_good`, `weights` or `estimator`.

    Parameters
    ----------
    gamma : float
        Share of the trials that are good, between 0 and 1.
    n_startup, n_candidates : int
    multivariate : bool
        Model all parameters together, by products of kernels, or each by itself. Then each
        parameter takes the best of its own candidates, choices included.

    Raises
    ------
    TypeError, ValueError
        If an argument makes no sense.
    """

    gamma: float = 0.15
    n_startup: int = 10
    n_candidates: int = 100
    multivariate: bool = True

    def __post_init__(self) -> None:
        if not 0 < checked_number("gamma", self.gamma) < 1:
            refuse("gamma", "be between 0 and 1", self.gamma, "0.15 makes 15 % of the trials good")
        checked_integer("n_startup", self.n_startup, 0)
        checked_integer("n_candidates", self.n_candidates, 1)
        checked_bool("multivariate", self.multivariate)

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
            candidates = self._candidates(space, self._densities(space, table, trials), rng)
            for candidate, key in zip(candidates, keys(candidates), strict=True):
                if key not in tried:
                    return values_of(space, candidate)
        return draw_new(space, tried, rng)

    def n_good(self, n_trials: int) -> int:
        """Return how many of some trials are good."""
        return math.ceil(self.gamma * n_trials)

    def weights(self, good: np.ndarray, bad: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return what trials weigh in the density of their group, and as the last what its prior weighs.

        The k-th best of n good trials weighs log((n + 1) / k), much as in CMA-ES (Hansen 2016,
        arXiv:1604.00772), over the mean of these, and the bad 1 each. The prior of the good weighs 1,
        and that of the bad has the same share of its density, so that far from all trials the ratio is 1.

        Parameters
        ----------
        good, bad : ndarray
            Losses, in the order of the search.
        """
        n, ranked = len(good), np.empty(len(good))
        ranked[np.argsort(good, kind="stable")] = np.log((n + 1) / np.arange(1, n + 1))
        ranked = ranked / ranked.mean() if n else ranked
        return np.append(ranked, 1.0), np.append(np.ones(len(bad)), max(len(bad), 1) / max(ranked.sum(), 1))

    def estimator(self, samples: np.ndarray, kinds: Sequence[Any], weights: np.ndarray) -> ParzenEstimator:
        """Return the density of a group, from rows of values, distributions, and `weights`.

        What has few values needs other widths than what is real. Among n samples, the kernel of one of m
        options leaves 1 / (m + n + 1) to each other option, so that the more samples there are the less it
        blurs them. And the kernel of a value with a step is at least as wide as the value's cell: where
        many samples share few values, the gaps between them do not tell that neighbors are alike.
        """
        n = np.count_nonzero(~np.isnan(samples), axis=0)
        widths = [None if k.ordered else k.size / (k.size + m + 1) for k, m in zip(kinds, n, strict=True)]
        weight = {"weights": weights[:-1], "prior_weight": weights[-1]}
        estimator = ParzenEstimator(samples, kinds, bandwidth=widths, **weight)
        for kind, center, width in zip(kinds, estimator.centers.T, estimator.widths.T, strict=True):
            if kind.ordered and kind.step is not None:
                low, high = kind.cells(kind.unscaled(center))
                np.maximum(width, (high - low).clip(max=width[-1]), out=width)  # that of the prior is last
        return estimator

    def split(self, trials: Sequence[Trial]) -> tuple[list[Trial], list[Trial]]:
        """Return the good trials and the bad ones, each in the order of the search."""
        pairs = list(zip(trials, self._is_good(_believed(Trials(trials).space, trials)), strict=True))
        return [t for t, good in pairs if good], [t for t, good in pairs if not good]

    def densities(self, space: Any, trials: Sequence[Trial]) -> list[Densities]:
        """Return the densities of all parameters together, or of each if not `multivariate`."""
        space = Space(space)
        return self._densities(space, space.table([trial.values for trial in trials]), trials)

    def _is_good(self, losses: np.ndarray) -> np.ndarray:
        places = losses.argsort(kind="stable").argsort()
        return (places < self.n_good(len(losses))) & np.isfinite(losses)

    def _densities(self, space: Space, table: np.ndarray, trials: Sequence[Trial]) -> list[Densities]:
        losses, parameters, result = _believed(space, trials), list(space.parameters.values()), []
        is_good = self._is_good(losses)
        n = len(parameters) if self.multivariate else 1
        for j in range(0, len(parameters), n):
            block, rows = parameters[j : j + n], table[:, j : j + n]
            there = ~np.isnan(rows).all(axis=1)
            groups, kinds = (there & is_good, there & ~is_good), [p.distribution for p in block]
            weights = self.weights(*(losses[group] for group in groups))
            good, bad = (self.estimator(rows[g], kinds, w) for g, w in zip(groups, weights, strict=True))
            result.append(Densities(block, good, bad))
        return result

    def _candidates(self, space: Space, densities: list[Densities], rng: np.random.Generator) -> np.ndarray:
        """Return rows of a table, the best first."""
        columns = []
        for _, good, bad in densities:
            drawn = good.sample(self.n_candidates, rng)
            if self.multivariate:
                drawn = self._competing(space, without_inactive(space, drawn))
            log_ratio = good.logpdf(drawn) - bad.logpdf(drawn)
            columns.append(drawn[np.argsort(-log_ratio, kind="stable")])
        return columns[0] if self.multivariate else without_inactive(space, np.hstack(columns))

    def _competing(self, space: Space, drawn: np.ndarray) -> np.ndarray:
        """Return the rows that have the options of the first, where other parameters lie below them."""
        parents = {name for p in space.parameters.values() for name, _ in p.conditions}
        options = np.nan_to_num(drawn[:, [name in parents for name in space.parameters]])
        return drawn[(options == options[0]).all(axis=1)]


def _believed(space: Space | None, trials: Sequence[Trial]) -> np.ndarray:
    """Return losses as `_losses`, but guess those of trials that run."""
    losses, running = _losses(trials), np.array([t.state == "running" for t in trials], bool)
    if space and 0 < running.sum() < len(trials):
        cube = Cube(space)
        points = cube.points(space.table([trial.values for trial in trials]))
        near = cube.distances(points[running], points[~running]).argsort(axis=1)[:, :N_NEAREST]
        losses[running] = np.sort(losses[~running][near], axis=1)[:, near.shape[1] // 2]  # the median
    return losses


def _losses(trials: Sequence[Trial]) -> np.ndarray:
    """Return losses, infinite where there is none; with stopped trials, the places of all in their order.

    Stopped trials come after finished ones, those that got further first.
    """
    if not any(t.state == "pruned" for t in trials):
        return np.array([math.inf if t.loss is None else t.loss for t in trials], float)
    keys = [(t.state == "pruned", -len(t.curve or ()) * (t.state == "pruned"), t.loss) for t in trials]
    ranked = sorted((k for k, t in enumerate(trials) if t.loss is not None), key=lambda k: keys[k])
    places = {k: place for place, k in enumerate(ranked)}
    return np.array([places.get(k, math.inf) for k in range(len(trials))], float)
