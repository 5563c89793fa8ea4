"""Configurations chosen without a look at the losses: at random, or evenly spread."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from numbers import Integral
from typing import Any

import numpy as np

from ..spaces import parameters, sample, unflatten
from ..trials import Trial

METHODS = ("sobol", "halton", "hammersley", "poisson")


@dataclass(frozen=True)
class RandomSampler:
    """Draw every configuration at random, independently of the others."""

    def suggest(self, space: Any, trials: Sequence[Trial], rng: np.random.Generator) -> Any:
        """Draw a configuration."""
        return sample(space, rng)


@dataclass(frozen=True)
class QuasiRandomSampler:
    """Spread configurations more evenly than chance does.

    Each parameter of the space, active or not, is one coordinate of the points.

    Parameters
    ----------
    method : {"sobol", "halton", "hammersley", "poisson"}
    n_points : int, optional
        Where to stop. "hammersley" and "poisson" need it, since all their points depend on it.
    seed : int or None
        Of the points, see `quasi_random_points`; the seed of the search plays no part.
    """

    method: str = "sobol"
    n_points: int | None = None
    seed: int | None = 0

    def __post_init__(self) -> None:
        if self.n_points is None and self.method in ("hammersley", "poisson"):
            raise ValueError(f"method={self.method!r} needs n_points, the number of trials.")
        _check(self.method, 1 if self.n_points is None else self.n_points, 1, self.seed)

    def suggest(self, space: Any, trials: Sequence[Trial], rng: np.random.Generator) -> Any:
        """Return the configuration at point ``len(trials)``.

        Raises
        ------
        StopIteration
            After `n_points`.
        """
        number, found = len(trials), parameters(space)
        if self.n_points is not None and number >= self.n_points:
            raise StopIteration
        n_points = self.n_points or 2 ** number.bit_length()
        _check(self.method, n_points, len(found), self.seed)
        point = _points(self.method, n_points, len(found), self.seed)[number]
        units = zip(found, point.tolist(), strict=True)
        return unflatten(space, {p.name: p.distribution.from_unit(u) for p, u in units})


def quasi_random_points(
    method: str, n_points: int, n_dimensions: int, seed: int | None = 0
) -> np.ndarray:
    """Return points that fill the unit cube more evenly than random ones.

    Parameters
    ----------
    method : {"sobol", "halton", "hammersley", "poisson"}
        "hammersley" has k / n_points as its first coordinate and Halton's points as the others.
        "poisson" has random points that keep their distance (Bridson, "Fast Poisson disk sampling
        in arbitrary dimensions", SIGGRAPH 2007). The cube is filled with one radius after another,
        until it holds `n_points` or at most 5 % more, of which the last are left out.
    n_points : int
    n_dimensions : int
    seed : int or None
        Scrambles the points; None gives the sequences of the textbook. "poisson" needs one.

    Returns
    -------
    numpy.ndarray
        Shape (n_points, n_dimensions), in [0, 1]. The first points of "sobol" and "halton" are
        the same whatever `n_points` is.

    Raises
    ------
    ValueError
        If an argument is out of range.
    """
    _check(method, n_points, n_dimensions, seed)
    return _points(method, n_points, n_dimensions, seed).copy()


def _check(method: str, n_points: int, n_dimensions: int, seed: int | None) -> None:
    if method not in METHODS:
        raise ValueError(f"method must be one of {METHODS}, got {method!r}.")
    for name, value in (("n_points", n_points), ("n_dimensions", n_dimensions)):
        if not _is_integer(value, 1):
            raise ValueError(f"{name} must be an integer of at least 1, got {value!r}.")
    if seed is not None and not _is_integer(seed, 0):
        raise ValueError(f"seed must be None or an integer of at least 0, got {seed!r}.")
    if method == "poisson" and seed is None:
        raise ValueError("method='poisson' needs a seed, got None.")
    if method == "poisson" and n_dimensions > 6:
        raise ValueError(
            f"method='poisson' is too slow beyond 6 dimensions, got {n_dimensions}; use 'sobol'."
        )


def _is_integer(value: Any, least: int) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool) and value >= least


@lru_cache(maxsize=16)
def _points(method: str, n: int, d: int, seed: int | None) -> np.ndarray:
    from scipy.stats import qmc  # slow to import

    scramble = seed is not None
    if method == "sobol":
        # SciPy warns unless the points come by a power of two, which alone is balanced.
        return qmc.Sobol(d, scramble=scramble, rng=seed).random_base2((n - 1).bit_length())[:n]
    if method == "halton":
        return qmc.Halton(d, scramble=scramble, rng=seed).random(n)
    if method == "hammersley":
        first = np.arange(n)[:, None] / n
        return np.hstack([first, _points("halton", n, d - 1, seed)]) if d > 1 else first
    return _poisson_disk(n, d, seed)


def _poisson_disk(n: int, d: int, seed: int) -> np.ndarray:
    """Fill the cube anew, the radius set by the last count, until at most 5 % too many fit."""
    from scipy.stats import qmc

    rng = np.random.default_rng(seed)
    radius, points = n ** (-1 / d), np.empty((0, d))
    while not n <= len(points) <= 1.05 * n + 1:
        points = qmc.PoissonDisk(d, radius=radius, rng=rng).fill_space()
        radius *= np.clip((len(points) / n) ** (1 / d), 0.8, 1.25)
    return points[:n]
