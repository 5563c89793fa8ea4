"""Bayesian optimization: try next what a Gaussian process expects to improve most.

The model sees a configuration as a point of a cube, with one coordinate for each parameter of the
space, active or not. What is tried next is where the expected improvement (Jones, Schonlau & Welch
1998) is largest in the cube; its logarithm is climbed, as by Ament et al. (2023).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from sklearn.base import clone

from ..checks import checked_integer
from ..models.gaussian_process import GaussianProcess
from ..spaces import Space, Values
from ..trials import Trial
from .cube import Cube
from .improvement import DECIMALS, Improvement, best_first
from .random import draw_new
from .rows import keys, values_of

N_NEARBY = 200  # points near the best that compete with those all over the space
N_CLIMBS = 5  # candidates from which the expected improvement is climbed
N_LEARN = 250  # trials, all of which hyperparameters are learned from; of more, from the best and some others
N_SINGLY = 8  # trials that can begin, up to which they are suggested one at a time
N_RIVALS = 8  # candidates for each of the trials that are suggested together


class Seen(NamedTuple):
    """Trials as a model sees them."""

    cube: Cube
    points: np.ndarray  # (n, d)
    ended: np.ndarray  # (n,): which do not run
    losses: np.ndarray  # of those that ended

    @classmethod
    def of(cls, space: Space, trials: Sequence[Trial]) -> "Seen":
        """See some trials."""
        cube, ended = Cube(space), [trial for trial in trials if trial.state != "running"]
        points = cube.points(space.table([trial.values for trial in trials]))
        return cls(cube, points, np.array([t.state != "running" for t in trials], bool), _losses(ended))


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

    def suggest(self, space: Space, trials: Sequence[Trial], rng: np.random.Generator) -> Values:
        """Return the values to try next.

        Raises
        ------
        Exhausted
            When every configuration was tried, or no other was found among few real numbers.
        """
        return self.suggest_together(space, trials, rng, 1)[0]

    @np.errstate(divide="ignore", over="ignore", under="ignore")
    def suggest_together(self, space: Space, trials: Sequence[Trial], rng: Any, n: int) -> list[Values]:
        """Return what to try at once, at least one and at most n.

        The first is what `suggest` returns; if at most eight can begin, the only one: each is worth a climb.
        Of more, each other is the candidate whose expected improvement is the largest if those before it
        end as expected. 64 take a few times the work of one, more with few trials or parameters.
        """
        if n > 1 and type(self).suggest is not GaussianProcessSampler.suggest:  # a subclass has its own
            return [self.suggest(space, trials, rng)]
        seen, n = Seen.of(space, trials), n if n > N_SINGLY else 1
        tried, found = set(keys(space.table([trial.values for trial in trials]))), list[Values]()
        if len(tried) < space.size:
            if len(trials) < self.n_startup or len(set(seen.losses)) < 2:
                candidates, n = _most_remote(seen.cube, seen.points, rng), 1
            else:
                candidates = _most_promising(seen, tried, rng, n)
            points = _untried(seen.cube, candidates, tried)[:n]
            found = [values_of(space, row) for row in seen.cube.table(points)]
        return found or [draw_new(space, tried, rng)]


@np.errstate(divide="ignore", over="ignore", under="ignore")
def expected_losses(space: Space, trials: Sequence[Trial], at: Sequence[Trial]) -> tuple[np.ndarray, ...]:
    """Return what trials say of some configurations: their losses' means and standard deviations.

    The losses are meant without their noise, and standardized.
    """
    gp, points = _believed(Seen.of(space, trials))[0], Seen.of(space, at).points
    mean, std = gp.predict(points, return_std=True)
    return mean.round(DECIMALS), std.round(DECIMALS)


def _losses(trials: Sequence[Trial]) -> np.ndarray:
    """Return losses, of a trial that has none the worst of the others'."""
    losses = np.array([trial.loss for trial in trials], float)  # None is NaN there
    return np.where(missing := np.isnan(losses), losses[~missing].max(initial=-np.inf), losses)


def _untried(cube: Cube, points: np.ndarray, tried: set[bytes]) -> np.ndarray:
    """Return the points that do not stand for what was tried."""
    return points[[key not in tried for key in keys(cube.table(points))]]


def _most_remote(cube: Cube, tried: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return points, those far from what was tried first."""
    points = cube.anywhere(rng)
    return best_first(points, cube.distances(points, tried).min(axis=1, initial=np.inf))


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
    return (losses - losses.mean()) / losses.std()


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
    return model(**options).fit(points, losses)


def _believed(seen: Seen) -> tuple[GaussianProcess, np.ndarray]:
    """Return a Gaussian process to which running trials end as expected, and what is expected of all."""
    losses, categorical = _tamed(seen.losses), tuple((~seen.cube.ordered).tolist())
    gp = _fitted(GaussianProcess, seen.points[seen.ended].tobytes(), losses.tobytes(), categorical)
    expected = gp.predict(seen.points)
    if not seen.ended.all():
        believed = expected.copy()
        believed[seen.ended] = losses
        gp = clone(gp).fit(seen.points, believed)
    return gp, expected


def _most_promising(seen: Seen, tried: set[bytes], rng: np.random.Generator, n: int) -> np.ndarray:
    """Return points with a large expected improvement, the largest first, or n to try at once."""
    gp, expected = _believed(seen)
    improvement = Improvement(seen.cube, gp, expected.min())  # luck has no part in the best
    lowest = best_first(seen.points, -expected)[:N_CLIMBS]
    candidates = np.vstack([seen.cube.anywhere(rng), seen.cube.nearby(lowest, N_NEARBY, rng)])
    candidates = _untried(seen.cube, best_first(candidates, improvement(candidates)), tried)
    best = candidates[:N_CLIMBS]
    if not len(best):
        return best
    best = np.vstack([best, improvement.climbed(best)])
    if n > 1:
        return improvement.together(np.vstack([best, candidates[: N_RIVALS * n]]), n)
    return best_first(best, improvement(best))
