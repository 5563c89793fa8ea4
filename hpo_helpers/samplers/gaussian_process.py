"""Bayesian optimization: try next what a Gaussian process expects to improve most.

The model sees a configuration as a point of a cube, with one coordinate for each parameter of the
space, active or not. What is tried next is where the expected improvement (Jones, Schonlau & Welch
1998) is largest in the cube; its logarithm is climbed, as by Ament et al. (2023).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from numbers import Integral
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_ndtr

from ..models.acquisition import LOG_SQRT_2PI, log_expected_improvement
from ..models.gaussian_process import GaussianProcess
from ..trials import Trial
from .columns import Memory, count_configurations
from .cube import Cube

N_NEARBY = 200  # points near the best that compete with those all over the space
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
    the middle of its range. Whether losses are noisy is learned from them. What is to be improved
    on is the lowest posterior mean among the trials, which without noise is the lowest loss: the
    lowest of noisy losses is partly luck. A trial that has no loss counts as the worst loss seen.
    No configuration is tried twice.

    Parameters
    ----------
    n_startup : int
        Number of trials that are spread over the space before the model is used.
    """

    n_startup: int = 10
    _memory: Memory = field(default_factory=Memory, init=False, repr=False, compare=False)

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
        cube = Cube(space)
        points = np.array(self._memory.of(trials, space, cube.point))
        tried = cube.snapped(points.reshape(len(trials), len(cube.parameters)))
        n_possible = count_configurations(space)
        if n_possible <= len(trials) and n_possible <= len(np.unique(tried, axis=0)):
            raise StopIteration
        losses = np.array([np.nan if t.loss is None else t.loss for t in trials], float)
        finished = np.isfinite(losses)
        if len(trials) < self.n_startup or len(set(losses[finished])) < 2:
            return cube.configuration(_most_remote(cube, tried, rng))
        losses[~finished] = losses[finished].max()
        return cube.configuration(_most_promising(cube, tried, _tamed(losses), rng))


def _most_remote(cube: Cube, tried: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a point far from what was tried."""
    while True:
        points = cube.anywhere(rng)
        apart = cube.distances(points, tried).min(axis=1, initial=np.inf)
        new = next(cube.new(points[(-apart).argsort()], tried), None)
        if new is not None:
            return new


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
    cube: Cube, tried: np.ndarray, losses: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Return the untried point with the largest expected improvement that was found."""
    X = cube.features(tried)
    gp = _fitted(X, losses)
    expected = gp.predict(X)
    improvement = _Improvement(cube, gp, expected.min())  # luck has no part in the best
    best = tried[expected.argsort()[:N_CLIMBS]]
    while True:
        points = np.vstack([cube.anywhere(rng), cube.nearby(best, N_NEARBY, rng)])
        points = points[(-improvement(points)).argsort()]
        best_new = list(islice(cube.new(points, tried), N_CLIMBS))
        if best_new:
            points = np.vstack([best_new, improvement.climbed(np.array(best_new))])
            points = points[(-improvement(points)).argsort(kind="stable")]
            return next(cube.new(points, tried))


class _Improvement:
    """Logarithm of the expected improvement, as a function on the cube."""

    def __init__(self, cube: Cube, gp: GaussianProcess, best: float) -> None:
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
