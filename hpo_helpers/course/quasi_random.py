"""Points that fill a cube more evenly than random ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.stats import qmc

from ..checks import checked_integer, checked_option, refuse
from ..spaces import Space, Values
from ..trials import Trial

METHODS = ("sobol", "halton", "hammersley", "poisson")


def quasi_random_points(method: str, n_points: int, n_dimensions: int, seed: int | None = 0) -> np.ndarray:
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
    TypeError, ValueError
        If an argument makes no sense.
    """
    checked_option("method", method, METHODS)
    checked_integer("n_points", n_points, 1)
    checked_integer("n_dimensions", n_dimensions, 1)
    if seed is not None:
        checked_integer("seed", seed, 0)
    elif method == "poisson":
        refuse("seed", "be an integer with method='poisson'", seed)
    if method == "poisson" and n_dimensions > 6:
        refuse("n_dimensions", "be at most 6 with method='poisson'", n_dimensions, "use 'sobol'")
    return _points(method, n_points, n_dimensions, seed)


def _points(method: str, n: int, d: int, seed: int | None) -> np.ndarray:
    if method == "sobol":
        return _sobol_points((n - 1).bit_length(), d, seed)[:n].copy()
    if method == "halton":
        return qmc.Halton(d, scramble=seed is not None, rng=seed).random(n)
    if method == "hammersley":
        first = np.arange(n)[:, None] / n
        return np.hstack([first, _points("halton", n, d - 1, seed)]) if d > 1 else first
    return _poisson_disk(n, d, seed or 0)


def _poisson_disk(n: int, d: int, seed: int) -> np.ndarray:
    """Fill the cube anew, the radius set by the last count, until at most 5 % too many fit."""
    rng = np.random.default_rng(seed)
    radius, points = n ** (-1 / d), np.empty((0, d))
    while not n <= len(points) <= 1.05 * n + 1:
        points = qmc.PoissonDisk(d, radius=radius, rng=rng).fill_space()
        radius *= np.clip((len(points) / n) ** (1 / d), 0.8, 1.25)
    return points[:n]


@dataclass(frozen=True)
class QuasiRandomSampler:
    """Spread configurations more evenly than chance does, by Sobol's points.

    Each parameter of the space, active or not, is one coordinate of the points.

    Parameters
    ----------
    seed : int or None
        Scrambles the points; None gives the sequence of the textbook. The seed of the search plays no part.

    Raises
    ------
    TypeError, ValueError
        If it is not an integer of at least 0.
    """

    seed: int | None = 0

    def __post_init__(self) -> None:
        if self.seed is not None:
            checked_integer("seed", self.seed, 0)

    def suggest(self, space: Space, trials: Sequence[Trial], rng: np.random.Generator) -> Values:
        """Return the values at point ``len(trials)``."""
        number = len(trials)
        point = _sobol_points(number.bit_length(), len(space.parameters), self.seed)[number]
        units = dict(zip(space.parameters, point, strict=True))
        return space.values(lambda p: p.distribution.type(p.distribution.from_unit(units[p.name])))


@lru_cache(maxsize=4)
def _sobol_points(log2_n: int, n_dimensions: int, seed: int | None) -> np.ndarray:
    """Return the first 2^log2_n points, a number that alone is balanced; more begin with the same ones."""
    return qmc.Sobol(n_dimensions, scramble=seed is not None, rng=seed).random_base2(log2_n)
