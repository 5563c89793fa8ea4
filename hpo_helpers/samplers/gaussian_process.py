"""Bayesian optimization: try next what a Gaussian process expects to improve most.

The model sees a configuration as a point of a cube, with one coordinate for each parameter of the
space, active or not. What is tried next is where the expected improvement (Jones, Schonlau & Welch
1998) is largest in the cube; its logarithm is climbed, as by Ament et al. (2023).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_ndtr

from ..models.acquisition import LOG_SQRT_2PI, log_expected_improvement
from ..models.gaussian_process import GaussianProcess
from ..spaces import Choice, Integer, LogInteger, Numeric, flatten, parameters, unflatten
from ..trials import Trial
from .columns import count_configurations

N_CANDIDATES = 1000  # points all over the space that compete for the next trial
N_NEARBY = 200  # points near the best that join them
N_CLIMBS = 5  # candidates from which the expected improvement is climbed
N_LEARN = 250  # trials that hyperparameters are learned from; of more, the best and some others


@dataclass(frozen=True)
class GaussianProcessSampler:
    """Try where a Gaussian process expects the largest improvement.

    The first trials are spread over the space. After them a Gaussian process is fitted to all
    losses, and the next trial is the configuration with the largest expected improvement among
    many, the best of which are climbed to a peak by the gradient.

    All parameters are in the model: logarithmic ones by their logarithm, integers by the value
    they are rounded to, a choice by a coordinate for each option, and one that is not active by
    the middle of its range. Whether losses are noisy is learned from them. A trial that has no
    loss counts as the worst loss seen. No configuration is tried twice.

    Parameters
    ----------
    n_startup : int
        Number of trials that are spread over the space before the model is used.
    """

    n_startup: int = 10

    def __post_init__(self) -> None:
        n = self.n_startup
        if not isinstance(n, Integral) or isinstance(n, bool) or n < 1:
            raise ValueError(f"n_startup must be an integer of at least 1, got {n!r}.")

    def suggest(self, space: Any, trials: Sequence[Trial], rng: np.random.Generator) -> Any:
        """Return the configuration to try next.

        Raises
        ------
        StopIteration
            When every configuration was tried, which takes a space without real numbers.
        """
        cube = _Cube(space)
        tried = cube.points([trial.configuration for trial in trials])
        if len(np.unique(tried, axis=0)) >= count_configurations(space):
            raise StopIteration
        losses = np.array([np.nan if t.loss is None else t.loss for t in trials], float)
        finished = np.isfinite(losses)
        if len(trials) < self.n_startup or len(set(losses[finished])) < 2:
            return cube.configuration(_most_remote(cube, tried, rng))
        losses[~finished] = losses[finished].max()
        return cube.configuration(_most_promising(cube, tried, _tamed(losses), rng))


class _Cube:
    """A space as a cube, with a coordinate in [0, 1] for each parameter, active or not.

    A point stands for a configuration where it is snapped: integers and choices are in the middle
    of their cells, and what is not active is at 0.5.
    """

    def __init__(self, space: Any) -> None:
        self.space = space
        self.parameters = parameters(space)
        self.place = {p.name: j for j, p in enumerate(self.parameters)}
        distributions = [p.distribution for p in self.parameters]
        self.is_choice = np.array([isinstance(d, Choice) for d in distributions])
        # A number is one feature of the model, a choice is one for each option.
        widths = [len(d.options) if isinstance(d, Choice) else 1 for d in distributions]
        self.widths, self.columns = np.array(widths), np.cumsum(widths) - widths

    def points(self, configurations: Sequence) -> np.ndarray:
        """Return the points of configurations, shape (n, d)."""
        points = np.full((len(configurations), len(self.parameters)), 0.5)
        for point, configuration in zip(points, configurations, strict=True):
            for name, value in flatten(self.space, configuration).items():
                j = self.place[name]
                point[j] = self.parameters[j].distribution.to_unit(value)
        return self.snapped(points)

    def configuration(self, point: np.ndarray) -> Any:
        """Return what a point stands for."""
        pairs = zip(self.parameters, point.tolist(), strict=True)
        return unflatten(self.space, {p.name: p.distribution.from_unit(u) for p, u in pairs})

    def snapped(self, points: np.ndarray) -> np.ndarray:
        """Return the nearest points that stand for configurations."""
        columns = zip(self.parameters, points.T, strict=True)
        points = np.column_stack([_middle_of_cell(p.distribution, u) for p, u in columns])
        return np.where(self.is_active(points), points, 0.5)

    def is_active(self, points: np.ndarray) -> np.ndarray:
        """Tell which coordinates count at each point, shape (n, d)."""
        active = np.ones(points.shape, bool)
        for j, parameter in enumerate(self.parameters):
            for name, option in parameter.conditions:
                i = self.place[name]
                active[:, j] &= np.floor(points[:, i] * self.widths[i]) == option
        return active

    def features(self, points: np.ndarray) -> np.ndarray:
        """Return what the model sees: numbers as they are, and 0 or 1 for each option."""
        columns = []
        for u, is_choice, width in zip(points.T, self.is_choice, self.widths, strict=True):
            options = np.floor(u[:, None] * width) == np.arange(width)
            columns.append(options if is_choice else u[:, None])
        return np.hstack(columns).astype(float)


def _middle_of_cell(distribution: Numeric | Choice, u: np.ndarray) -> np.ndarray:
    """Return to_unit(from_unit(u)) for integers and choices, and u itself for a real number."""
    if isinstance(distribution, Choice):
        n = len(distribution.options)
        return (np.floor(u * n).clip(0, n - 1) + 0.5) / n
    if not isinstance(distribution, (Integer, LogInteger)):
        return u
    log, exp = (np.log, np.exp) if isinstance(distribution, LogInteger) else (np.positive,) * 2
    start, end = log(distribution.low - 0.5), log(distribution.high + 0.5)
    k = np.floor(exp(start + u * (end - start)) + 0.5).clip(distribution.low, distribution.high)
    return ((log(k - 0.5) + log(k + 0.5)) / 2 - start) / (end - start)


def _untried(points: np.ndarray, tried: np.ndarray) -> np.ndarray:
    """Return those of some points that were not tried."""
    seen = set(map(tuple, tried.round(9).tolist()))
    return points[[tuple(point) not in seen for point in points.round(9).tolist()]]


def _anywhere(cube: _Cube, tried: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw points of all the cube until there is one that was not tried."""
    while True:
        points = _untried(cube.snapped(rng.random((N_CANDIDATES, tried.shape[1]))), tried)
        if len(points):
            return points


def _nearby(cube: _Cube, centers: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw points that differ from one of the centers in about half of the coordinates."""
    points = centers[rng.integers(len(centers), size=N_NEARBY)]
    steps = 0.1 * rng.random((N_NEARBY, 1)) ** 2 * rng.standard_normal(points.shape)
    moved = np.where(cube.is_choice, rng.random(points.shape), (points + steps).clip(0, 1))
    return cube.snapped(np.where(rng.random(points.shape) < 0.5, moved, points))


def _most_remote(cube: _Cube, tried: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a point far from what was tried, in a cube whose opposite faces are glued.

    Without the glue, the first trials would crowd in the corners.
    """
    points = _anywhere(cube, tried, rng)
    apart = np.abs(points[:, None] - tried)
    apart = np.where(cube.is_choice, 0.5 * (apart > 0), np.minimum(apart, 1 - apart))
    return points[(apart**2).sum(axis=2).min(axis=1, initial=np.inf).argmax()]


def _tamed(losses: np.ndarray) -> np.ndarray:
    """Standardize losses, and pull in the huge ones, whose size tells nothing about the minimum.

    Beyond a fence, losses grow with the logarithm of the distance. The fence is four times as
    far above the median as the lower quartile is below, which for normally distributed losses
    is Tukey's fence; as it depends on the better half only, the worse may be of any size.
    """
    losses = losses / np.abs(losses).max()
    low, median = np.percentile(losses, [25, 50])
    width = 2 * (median - low)
    beyond = (losses - (median + 2 * width)).clip(min=0)
    if width > 0:
        losses = losses - beyond + width * np.log1p(beyond / width)
    return (losses - losses.mean()) / losses.std()


def _fitted(X: np.ndarray, y: np.ndarray) -> GaussianProcess:
    """Return a Gaussian process given all observations; it learns hyperparameters from some."""
    options: dict[str, Any] = {"noise_variance": None}
    if len(y) > N_LEARN:
        best, others = np.split(y.argsort(), [N_LEARN // 2])
        some = np.append(best, others[:: len(others) // (N_LEARN // 2)])
        gp = GaussianProcess(**options).fit(X[some], y[some])
        for name in ("length_scale", "signal_variance", "noise_variance"):
            options[name] = getattr(gp, f"{name}_")
    return GaussianProcess(**options).fit(X, y)


def _most_promising(
    cube: _Cube, tried: np.ndarray, losses: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Return the untried point with the largest expected improvement that was found."""
    X = cube.features(tried)
    gp = _fitted(X, losses)
    expected = gp.predict(X)
    improvement = _Improvement(cube, gp, expected.min())  # luck has no part in the best
    nearby = _nearby(cube, tried[expected.argsort()[:N_CLIMBS]], rng)
    points = np.vstack([_anywhere(cube, tried, rng), nearby])
    scores = improvement(points)
    climbed = improvement.climbed(points[scores.argsort()[-N_CLIMBS:]])
    points, scores = np.vstack([points, climbed]), np.append(scores, improvement(climbed))
    return _untried(points[(-scores).argsort()], tried)[0]


class _Improvement:
    """Logarithm of the expected improvement, as a function on the cube."""

    def __init__(self, cube: _Cube, gp: GaussianProcess, best: float) -> None:
        self.cube, self.gp, self.best = cube, gp, best

    def __call__(self, points: np.ndarray) -> np.ndarray:
        """Return the value at each point."""
        mean, std = self.gp.predict(self.cube.features(points), return_std=True)
        return log_expected_improvement(mean, std, self.best)

    def gradient(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the value at each point, and its gradient; that in choices means nothing."""
        mean, std, d_mean, d_std = self.gp.predict_gradient(self.cube.features(points))
        std = std.clip(min=1e-6)  # below it, rounding makes the quotients meaningless
        value = log_expected_improvement(mean, std, self.best)
        # EI = std (phi(z) + z Phi(z)) with z = (best - mean) / std: dEI = phi dstd - Phi dmean.
        z = (self.best - mean) / std
        phi, Phi = np.exp([-0.5 * z**2 - LOG_SQRT_2PI - value, log_ndtr(z) - value])
        return value, (phi[:, None] * d_std - Phi[:, None] * d_mean)[:, self.cube.columns]

    def climbed(self, points: np.ndarray) -> np.ndarray:
        """Climb from all points at once, in active numbers only, as if integers were real."""
        free = self.cube.is_active(points) & ~self.cube.is_choice
        if not free.any():
            return points
        points = points.copy()

        def negative(x: np.ndarray) -> tuple[float, np.ndarray]:
            points[free] = x
            value, gradient = self.gradient(points)
            return -value.sum(), -gradient[free]

        bounds, options = [(0, 1)] * free.sum(), {"maxiter": 20}
        found = minimize(negative, points[free], jac=True, bounds=bounds, options=options)
        points[free] = found.x
        return self.cube.snapped(points)
