"""Bayesian optimization: try next what a Gaussian process expects to improve most.

The model sees a configuration as a point of a cube, with one coordinate for each parameter of the
space, active or not. What is tried next is where the expected improvement (Jones, Schonlau & Welch
1998) is largest in the cube; its logarithm is climbed, as by Ament et al. (2023).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_ndtr
from sklearn.base import clone

from ..checks import checked_integer
from ..models.acquisition import LOG_SQRT_2PI, log_expected_improvement
from ..models.gaussian_process import GaussianProcess
from ..spaces import Space, Values
from ..trials import Trial
from .cube import Cube
from .random import draw_new
from .rows import keys, values_of

N_NEARBY = 200  # points near the best that compete with those all over the space
N_CLIMBS = 5  # candidates from which the expected improvement is climbed
N_LEARN = 250  # trials that hyperparameters are learned from; of more, the best and some others
DECIMALS = 6  # of what is compared or suggested: the last ones hang on the number of threads


@dataclass(frozen=True)
class GaussianProcessSampler:
    """Try where a Gaussian process expects the largest improvement.

    The first trials are spread over the space. After them a Gaussian process is fitted to all
    losses, and the next trial is the configuration with the largest expected improvement among
    many, the best of which are climbed to a peak by the gradient.

    All parameters are in the model: logarithmic ones by their logarithm, values in steps by the middle
    of what is rounded to them, options by whether they are the same, and what is not active by the
    middle of its range. Whether losses are noisy is learned from them. What is to be improved
    on is the lowest posterior mean among the trials, which without noise is the lowest loss: the
    lowest of noisy losses is partly luck. A trial that failed counts as the worst loss seen, and one that
    still runs as what is expected of it (Ginsbourger, Le Riche & Carraro 2010, "Kriging is well-suited to
    parallelize optimization": the kriging believer). No configuration is tried twice.

    Parameters
    ----------
    n_startup : int
        Number of trials that are spread over the space before the model is used.

    Raises
    ------
    TypeError, ValueError
        If it is not an integer of at least 1.
    """

    n_startup: int = 10

    def __post_init__(self) -> None:
        checked_integer("n_startup", self.n_startup, 1)

    @np.errstate(over="ignore", under="ignore")
    def suggest(self, space: Space, trials: Sequence[Trial], rng: np.random.Generator) -> Values:
        """Return the values to try next.

        Raises
        ------
        Exhausted
            When every configuration was tried, or no other was found among few real numbers.
        """
        cube, table = Cube(space), space.table([trial.values for trial in trials])
        points, tried = cube.points(table), set(keys(table))
        ended = np.array([trial.state != "running" for trial in trials], bool)
        losses = _losses([trial for trial in trials if trial.state != "running"])
        if len(tried) < space.size:
            if len(trials) < self.n_startup or len(set(losses)) < 2:
                candidates = _most_remote(cube, points, rng)
            else:
                candidates = _most_promising(cube, points, ended, _tamed(losses), tried, rng)
            for row in cube.table(_untried(cube, candidates, tried)[:1]):
                return values_of(space, row)
        return draw_new(space, tried, rng)


@np.errstate(over="ignore", under="ignore")
def optimistic_losses(space: Space, trials: Sequence[Trial]) -> np.ndarray:
    """Return what each trial's loss is without noise, standardized: its mean less its standard deviation."""
    cube, ended = Cube(space), np.array([trial.state != "running" for trial in trials], bool)
    points = cube.points(space.table([trial.values for trial in trials]))
    losses = _tamed(_losses([trial for trial in trials if trial.state != "running"]))
    mean, std = _believed(cube, points, ended, losses)[0].predict(points, return_std=True)
    optimistic: np.ndarray = (mean - std).round(DECIMALS)
    return optimistic


def _losses(trials: Sequence[Trial]) -> np.ndarray:
    """Return losses, of a trial that has none the worst of the others'."""
    losses = np.array([np.nan if trial.loss is None else trial.loss for trial in trials], float)
    missing = np.isnan(losses)
    losses[missing] = losses[~missing].max(initial=-np.inf)
    return losses


def _untried(cube: Cube, points: np.ndarray, tried: set[bytes]) -> np.ndarray:
    """Return the points that do not stand for what was tried."""
    return points[[key not in tried for key in keys(cube.table(points))]]


def _sorted(points: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Return points by their scores, the lowest first; those with equal ones stay in their order."""
    order = scores.round(DECIMALS).argsort(kind="stable")
    return np.take(points, order, axis=0)


def _most_remote(cube: Cube, tried: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return points, those far from what was tried first."""
    points = cube.anywhere(rng)
    apart = cube.distances(points, tried).min(axis=1, initial=np.inf)
    return _sorted(points, -apart)


def _tamed(losses: np.ndarray) -> np.ndarray:
    """Standardize losses, and pull in the huge ones, whose size tells nothing about the minimum.

    Beyond a fence, losses grow with the logarithm of the distance. The fence is four times as
    far above the median as the lower quartile is below, which for normally distributed losses
    is Tukey's fence; as it depends on the better half only, the worse may be of any size.
    """
    # In units of the better half, by a power of two: what is beyond all floats then is as far as can be.
    half = np.sort(losses)[: len(losses) // 2 + 1]
    losses = np.ldexp(losses, -np.frexp(np.abs(half).max())[1]).clip(max=2.0**1000)
    low, median = np.percentile(losses, [25, 50])
    width = 2 * (median - low)
    losses = losses - median
    if width > 0:
        beyond = (losses - 2 * width).clip(min=0)
        losses = np.where(beyond > 0, width * (2 + np.log1p((beyond / width).clip(max=2.0**1000))), losses)
    losses = losses / np.abs(losses).max()
    standardized: np.ndarray = (losses - losses.mean()) / losses.std()
    return standardized


@lru_cache(maxsize=4)
def _fitted(model: type, X: bytes, y: bytes, categorical: tuple[bool, ...]) -> GaussianProcess:
    """Return a Gaussian process given all observations; it learns hyperparameters from some.

    It is kept, since those who ask for several trials at once, with none ending between, need the same.
    """
    points, losses = np.frombuffer(X).reshape(-1, len(categorical)), np.frombuffer(y)
    options: dict[str, Any] = {"noise_variance": None, "categorical_features": np.array(categorical)}
    some = np.arange(len(losses))
    if len(losses) > N_LEARN:
        best, others = np.split(losses.argsort(kind="stable"), [N_LEARN // 2])
        some = np.append(best, others[:: len(others) // (N_LEARN // 2)])
    gp = model(**options).fit(points[some], losses[some])
    for name in ("length_scale", "signal_variance", "noise_variance"):
        options[name] = np.exp(np.log(getattr(gp, f"{name}_")).round(1))
    fitted: GaussianProcess = model(**options).fit(points, losses)
    return fitted


def _believed(
    cube: Cube, points: np.ndarray, ended: np.ndarray, losses: np.ndarray
) -> tuple[GaussianProcess, np.ndarray]:
    """Return a Gaussian process to which running trials end as expected, and what is expected of all."""
    known, categorical = points[ended], tuple((~cube.ordered).tolist())
    gp = _fitted(GaussianProcess, known.tobytes(), losses.tobytes(), categorical)
    expected = gp.predict(points)
    if not ended.all():
        believed = expected.copy()
        believed[ended] = losses
        gp = clone(gp).fit(points, believed)
    return gp, expected


def _most_promising(
    cube: Cube,
    points: np.ndarray,
    ended: np.ndarray,
    losses: np.ndarray,
    tried: set[bytes],
    rng: np.random.Generator,
) -> np.ndarray:
    """Return points with a large expected improvement, the largest first."""
    gp, expected = _believed(cube, points, ended, losses)
    improvement = _Improvement(cube, gp, expected.min())  # luck has no part in the best
    candidates = _candidates(cube, _sorted(points, expected)[:N_CLIMBS], rng)
    best = _untried(cube, _sorted(candidates, -improvement(candidates)), tried)[:N_CLIMBS]
    if not len(best):
        return best
    best = np.vstack([best, improvement.climbed(best)])
    return _sorted(best, -improvement(best))


def _candidates(cube: Cube, best: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw points all over the cube, and near the best."""
    return np.vstack([cube.anywhere(rng), cube.nearby(best, N_NEARBY, rng)])


class _Improvement:
    """Logarithm of the expected improvement, as a function on the cube."""

    def __init__(self, cube: Cube, gp: GaussianProcess, best: float) -> None:
        self.cube, self.gp, self.best = cube, gp, best

    def __call__(self, points: np.ndarray) -> np.ndarray:
        """Return the value at each point."""
        mean, std = self.gp.predict(points, return_std=True)
        return log_expected_improvement(mean, std, self.best)

    def gradient(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the value at each point, and its gradient, which is 0 in choices."""
        mean, std, d_mean, d_std = self.gp.predict_gradient(points)
        std = std.clip(min=1e-6)  # below it, rounding makes the quotients meaningless
        value = log_expected_improvement(mean, std, self.best)
        # EI = std (phi(z) + z Phi(z)) with z = (best - mean) / std: dEI = phi dstd - Phi dmean.
        z = (self.best - mean) / std
        phi, Phi = np.exp([-0.5 * z**2 - LOG_SQRT_2PI - value, log_ndtr(z) - value])
        return value, phi[:, None] * d_std - Phi[:, None] * d_mean

    def climbed(self, points: np.ndarray) -> np.ndarray:
        """Climb from all points at once, in active numbers only, as if those with a step were real."""
        free = self.cube.is_active(points) & self.cube.ordered
        if not free.any():
            return points
        points = points.copy()

        def negative(x: np.ndarray) -> tuple[float, np.ndarray]:
            points[free] = x
            value, gradient = self.gradient(points)
            return -float(value.sum()), -gradient[free]

        bounds = [(0.0, 1.0)] * int(free.sum())
        found = minimize(negative, points[free], jac=True, bounds=bounds, options={"maxiter": 20})
        points[free] = found.x.round(DECIMALS)
        return self.cube.snapped(points)
