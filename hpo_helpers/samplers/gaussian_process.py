"""Bayesian optimization: try next what a Gaussian process expects to improve most.

The model sees a configuration as a point of a cube, with one coordinate for each parameter of the
space, active or not. What is tried next is the maximum of the expected improvement over that cube.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_ndtr

from ..models.acquisition import log_expected_improvement
from ..models.gaussian_process import GaussianProcess
from ..spaces import (
    Choice,
    Integer,
    LogInteger,
    LogUniform,
    Numeric,
    Uniform,
    flatten,
    parameters,
    unflatten,
)
from ..trials import Trial

N_CANDIDATES = 1000  # points all over the space that compete for the next trial
N_NEARBY = 200  # and points near the best trials
N_CLIMBS = 5  # candidates from which the maximum is climbed
N_LEARN = 250  # trials that hyperparameters are learned from; of more, the best and some others


@dataclass(frozen=True)
class GaussianProcessSampler:
    """Try where a Gaussian process expects the largest improvement.

    The first trials are spread over the space. After them a Gaussian process is fitted to all
    losses, and the next trial is the configuration with the largest expected improvement among
    many, some of them climbed to a peak by its gradient.

    All parameters are in the model: logarithmic ones by their logarithm, integers by the value
    they are rounded to, a choice by a coordinate for each option, and one that is not active by
    the middle of its range. A trial that failed counts as the worst loss seen. No configuration
    is tried twice.

    Parameters
    ----------
    n_startup : int
        Number of trials that are spread over the space before the model is used.
    """

    n_startup: int = 10

    def __post_init__(self) -> None:
        n = self.n_startup
        if not isinstance(n, int) or isinstance(n, bool) or n < 1:
            raise ValueError(f"n_startup must be an integer of at least 1, got {n!r}.")

    def suggest(self, space: Any, trials: Sequence[Trial], rng: np.random.Generator) -> Any:
        """Return the configuration to try next.

        Raises
        ------
        StopIteration
            When every configuration of a space without real numbers was tried.
        """
        cube = _Cube(space)
        tried = cube.points([trial.configuration for trial in trials])
        if len(np.unique(tried, axis=0)) >= cube.size():
            raise StopIteration
        losses = np.array([t.loss if t.state == "finished" else np.nan for t in trials], float)
        finished = np.isfinite(losses)
        candidates = _untried(cube, tried, rng)
        if len(trials) < self.n_startup or len(np.unique(losses[finished])) < 2:
            return cube.configuration(_most_remote(cube, candidates, tried))
        losses[~finished] = losses[finished].max()
        return cube.configuration(_most_promising(cube, candidates, tried, _tamed(losses), rng))


class _Cube:
    """A space as a cube, with a coordinate in [0, 1] for each parameter, active or not.

    A point stands for a configuration if it is `snapped`: integers and choices are in the middle
    of their cells, and what is not active is at 0.5.
    """

    def __init__(self, space: Any) -> None:
        self.space = space
        self.parameters = parameters(space)
        self.place = {p.name: j for j, p in enumerate(self.parameters)}
        self.is_real = np.array(
            [isinstance(p.distribution, (Uniform, LogUniform)) for p in self.parameters]
        )
        self.is_choice = np.array([isinstance(p.distribution, Choice) for p in self.parameters])
        widths = [len(p.distribution.options) if c else 1
                  for p, c in zip(self.parameters, self.is_choice)]
        self.columns = np.cumsum(widths) - widths  # of each parameter's first feature

    def points(self, configurations: Sequence) -> np.ndarray:
        """Return the points of configurations, shape (n, d)."""
        points = np.full((len(configurations), len(self.parameters)), 0.5)
        for point, configuration in zip(points, configurations):
            for name, value in flatten(self.space, configuration).items():
                j = self.place[name]
                point[j] = self.parameters[j].distribution.to_unit(value)
        return self.snapped(points)

    def configuration(self, point: np.ndarray) -> Any:
        """Return what a point stands for."""
        values = {p.name: p.distribution.from_unit(u) for p, u in zip(self.parameters, point.tolist())}
        return unflatten(self.space, values)

    def is_active(self, j: int, points: np.ndarray) -> np.ndarray:
        """Tell at which points the choices that coordinate j depends on are made, shape (n,)."""
        active = np.ones(len(points), bool)
        for name, option in self.parameters[j].conditions:
            i = self.place[name]
            options = len(self.parameters[i].distribution.options)
            active &= np.floor(points[:, i] * options) == option
        return active

    def snapped(self, points: np.ndarray) -> np.ndarray:
        """Return the nearest points that stand for configurations."""
        points = points.copy()
        for j, p in enumerate(self.parameters):
            points[:, j] = np.where(self.is_active(j, points), _snapped(p.distribution, points[:, j]), 0.5)
        return points

    def features(self, points: np.ndarray) -> np.ndarray:
        """Return what the model sees: numbers as they are, and 0 or 1 for each option."""
        columns = []
        for j, p in enumerate(self.parameters):
            column = points[:, j, None]
            if self.is_choice[j]:
                n = len(p.distribution.options)
                column = np.floor(column * n) == np.arange(n)
            columns.append(column)
        return np.hstack(columns).astype(float)

    def size(self, conditions: tuple = ()) -> float:
        """Count the configurations of the parameters under some options; inf with real numbers."""
        sizes = []
        for p in self.parameters:
            if p.conditions == conditions:
                if isinstance(p.distribution, Choice):
                    options = range(len(p.distribution.options))
                    sizes.append(sum(self.size((*conditions, (p.name, i))) for i in options))
                else:
                    whole = isinstance(p.distribution, (Integer, LogInteger))
                    sizes.append(p.distribution.high - p.distribution.low + 1 if whole else math.inf)
        return math.prod(sizes)


def _snapped(distribution: Numeric | Choice, u: np.ndarray) -> np.ndarray:
    """Return the middle of the cell that each u lies in; u itself for a real number."""
    if isinstance(distribution, Choice):
        n = len(distribution.options)
        return (np.floor(u * n).clip(0, n - 1) + 0.5) / n
    if not isinstance(distribution, (Integer, LogInteger)):
        return u
    log, exp = (np.log, np.exp) if isinstance(distribution, LogInteger) else (np.positive,) * 2
    start, end = log(distribution.low - 0.5), log(distribution.high + 0.5)
    k = np.floor(exp(start + u * (end - start)) + 0.5).clip(distribution.low, distribution.high)
    return ((log(k - 0.5) + log(k + 0.5)) / 2 - start) / (end - start)


def _untried(cube: _Cube, tried: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw points until some of them were not tried."""
    while True:
        points = cube.snapped(rng.random((N_CANDIDATES, len(cube.parameters))))
        points = points[_is_new(points, tried)]
        if len(points):
            return points


def _is_new(points: np.ndarray, tried: np.ndarray) -> np.ndarray:
    seen = {point.tobytes() for point in tried}
    return np.array([point.tobytes() not in seen for point in points])


def _most_remote(cube: _Cube, candidates: np.ndarray, tried: np.ndarray) -> np.ndarray:
    """Return the candidate farthest from what was tried, on a cube whose opposite sides meet.

    (Without that trick the first trials would crowd in the corners.)
    """
    if not len(tried):
        return candidates[0]
    apart = np.abs(candidates[:, None] - tried)
    apart = np.where(cube.is_choice, 0.5 * (apart > 0.01), np.minimum(apart, 1 - apart))
    return candidates[(apart**2).sum(axis=2).min(axis=1).argmax()]


def _tamed(losses: np.ndarray) -> np.ndarray:
    """Pull in the huge losses, whose exact size says nothing about where the minimum is.

    Losses beyond the fence grow with the logarithm of their distance to it. The fence is four
    times as far above the median as the lower quartile is below; of normally distributed losses
    it is Tukey's, and since it depends on the better half only, half of the losses may be huge.
    """
    low, median = np.percentile(losses, [25, 50])
    width = 2 * (median - low)
    beyond = (losses - (median + 2 * width)).clip(min=0)
    if width > 0:
        losses = losses - beyond + width * np.log1p(beyond / width)
    return (losses - losses.mean()) / losses.std()


def _most_promising(
    cube: _Cube,
    candidates: np.ndarray,
    tried: np.ndarray,
    losses: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    """Return the untried point with the largest expected improvement that was found."""
    X = cube.features(tried)
    gp = _fitted(X, losses)
    expected = gp.predict(X)
    best = expected.min()  # of what is expected, and not of what noise made look good

    def score(points: np.ndarray) -> np.ndarray:
        mean, std = gp.predict(cube.features(points), return_std=True)
        return log_expected_improvement(mean, std, best)

    candidates = np.vstack([candidates, _nearby(cube, tried[np.argsort(expected)[:5]], rng)])
    peaks = candidates[np.argsort(-score(candidates))[:N_CLIMBS]]
    peaks = _climbed(cube, gp, best, peaks)
    neighbors = np.vstack([_neighbors(cube, peak) for peak in peaks])
    candidates = np.vstack([candidates, peaks, neighbors])
    candidates = candidates[_is_new(candidates, tried)]
    return candidates[score(candidates).argmax()]


def _fitted(X: np.ndarray, losses: np.ndarray) -> GaussianProcess:
    """Return a Gaussian process on all trials; of very many, only some teach hyperparameters."""
    gp = GaussianProcess(noise_variance=None)
    if len(X) <= N_LEARN:
        return gp.fit(X, losses)
    half = N_LEARN // 2
    order = np.argsort(losses)
    some = np.concatenate([order[:half], order[half :: math.ceil(len(X) / half)]])
    gp.fit(X[some], losses[some])
    return GaussianProcess(
        length_scale=gp.length_scale_,
        signal_variance=gp.signal_variance_,
        noise_variance=gp.noise_variance_,
    ).fit(X, losses)


def _nearby(cube: _Cube, centers: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw points around some points: each coordinate moves with probability 1/2, near or far."""
    points = centers[rng.integers(len(centers), size=N_NEARBY)]
    moves = rng.random(points.shape) < 0.5
    reach = 0.1 * rng.random((N_NEARBY, 1)) ** 2
    moved = points + reach * rng.standard_normal(points.shape)
    moved = 1 - np.abs(1 - np.abs(moved))  # reflected at both ends
    moved = np.where(cube.is_choice, rng.random(points.shape), moved)
    return cube.snapped(np.where(moves, moved, points).clip(0, 1))


def _climbed(cube: _Cube, gp: GaussianProcess, best: float, points: np.ndarray) -> np.ndarray:
    """Return the peaks above some points, real coordinates moving along the gradient."""
    free = np.flatnonzero(cube.is_real)
    if not len(free):
        return points
    active = np.column_stack([cube.is_active(j, points) for j in free])
    columns = cube.columns[free]
    unit = np.minimum(gp.length_scale_[columns], 1)  # steps in length scales

    def downhill(x: np.ndarray) -> tuple[float, np.ndarray]:
        at = points.copy()
        at[:, free] = x.reshape(len(points), -1) * unit
        mean, std, mean_slope, std_slope = gp.predict_gradient(cube.features(at))
        value = log_expected_improvement(mean, std, best)
        # d EI = phi(z) d std - Phi(z) d mean (Jones et al. 1998), here divided by EI.
        z = (best - mean) / std
        below = np.exp(log_ndtr(z) - value)[:, None]
        density = np.exp(-0.5 * z**2 - 0.5 * math.log(2 * math.pi) - value)[:, None]
        slope = (density * std_slope - below * mean_slope)[:, columns] * unit * active
        return -value.sum(), -slope.ravel()

    start = (points[:, free] / unit).ravel()
    bounds = [(0, 1 / u) for u in np.tile(unit, len(points))]
    found = minimize(downhill, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 50})
    peaks = points.copy()
    peaks[:, free] = (found.x.reshape(len(points), -1) * unit).clip(0, 1)
    return cube.snapped(peaks)


def _neighbors(cube: _Cube, point: np.ndarray) -> np.ndarray:
    """Return the points that differ in one choice, or in one integer by a step up or down."""
    found = [point]
    for j, p in enumerate(cube.parameters):
        if cube.is_choice[j]:
            values = np.arange(len(p.distribution.options))
        elif not cube.is_real[j]:
            k = p.distribution.from_unit(point[j])
            values = k + np.array([-16, -4, -1, 1, 4, 16])
            values = values.clip(p.distribution.low, p.distribution.high)
        else:
            continue
        for value in values.tolist():
            found.append(point.copy())
            found[-1][j] = p.distribution.to_unit(value)
    return cube.snapped(np.array(found))
