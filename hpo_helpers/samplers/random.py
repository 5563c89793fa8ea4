"""Configurations chosen without a look at the losses: at random, or evenly spread."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ..checks import checked_integer, checked_option, refuse
from ..spaces import Exhausted, Space, Values
from ..trials import Trial
from .grid import Combinations
from .rows import keys

METHODS = ("sobol", "halton", "hammersley", "poisson")
N_DRAWS = 1000  # that find nothing new, before all of a space is looked through


def draw_new(space: Space, tried: set[bytes], rng: np.random.Generator) -> Values:
    """Draw values that were not tried.

    Parameters
    ----------
    space : Space
    tried : set of bytes
        Of `keys` of the trials' table.
    rng : numpy.random.Generator

    Raises
    ------
    Exhausted
        If there are none; for a space with real numbers, if none were found.
    """
    for _ in range(N_DRAWS):
        values = space.sample(rng)
        if keys(space.table([values]))[0] not in tried:
            return values
    every = Combinations.of_all(space)
    if every is not None:
        start = int(rng.integers(min(every.size(), 2**62)))
        for index in range(min(every.size(), len(tried) + 1)):
            values = every[(start + index) % every.size()]
            if keys(space.table([values]))[0] not in tried:
                return values
    raise Exhausted


@dataclass(frozen=True)
class RandomSampler:
    """Draw every configuration at random, independently of the others."""

    def suggest(self, space: Space, trials: Sequence[Trial], rng: np.random.Generator) -> Values:
        """Draw values."""
        return space.sample(rng)


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

    Raises
    ------
    TypeError, ValueError
        If an argument makes no sense.
    """

    method: str = "sobol"
    n_points: int | None = None
    seed: int | None = 0

    def __post_init__(self) -> None:
        _check(self.method, 1 if self.n_points is None else self.n_points, 1, self.seed)
        if self.n_points is None and self.method in ("hammersley", "poisson"):
            refuse("n_points", f"be the number of trials with method={self.method!r}", None)

    def size(self, space: Space) -> int | None:
        """Return `n_points`."""
        return self.n_points

    def suggest(self, space: Space, trials: Sequence[Trial], rng: np.random.Generator) -> Values:
        """Return the values at point ``len(trials)``.

        Raises
        ------
        Exhausted
            After `n_points`.
        """
        number, d = len(trials), len(space.parameters)
        if self.n_points is not None and number >= self.n_points:
            raise Exhausted
        n_points = self.n_points or 2 ** number.bit_length()
        _check(self.method, n_points, d, self.seed)
        point = _points(self.method, n_points, d, self.seed)[number]
        units = dict(zip(space.parameters, point, strict=True))
        return space.values(lambda p: p.distribution.type(p.distribution.from_unit(units[p.name])))


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
    _check(method, n_points, n_dimensions, seed)
    return _points(method, n_points, n_dimensions, seed).copy()


def _check(method: str, n_points: int, n_dimensions: int, seed: int | None) -> None:
    checked_option("method", method, METHODS)
    checked_integer("n_points", n_points, 1)
    checked_integer("n_dimensions", n_dimensions, 1)
    if seed is not None:
        checked_integer("seed", seed, 0)
    elif method == "poisson":
        refuse("seed", "be an integer with method='poisson'", seed)
    if method == "poisson" and n_dimensions > 6:
        refuse("n_dimensions", "be at most 6 with method='poisson'", n_dimensions, "use 'sobol'")


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
    return _poisson_disk(n, d, seed or 0)


def _poisson_disk(n: int, d: int, seed: int) -> np.ndarray:
    """Fill the cube anew, the radius set by the last count, until at most 5 % too many fit."""
    from scipy.stats import qmc

    rng = np.random.default_rng(seed)
    radius, points = n ** (-1 / d), np.empty((0, d))
    while not n <= len(points) <= 1.05 * n + 1:
        points = qmc.PoissonDisk(d, radius=radius, rng=rng).fill_space()
        radius *= np.clip((len(points) / n) ** (1 / d), 0.8, 1.25)
    return points[:n]
