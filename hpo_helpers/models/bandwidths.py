"""How wide the kernels of a Parzen estimator are along a coordinate of numbers."""

from collections.abc import Callable
from numbers import Real

import numpy as np


def hyperopt(centers: np.ndarray, low: float, high: float, n_dimensions: int) -> np.ndarray:
    """Distance to the farther of the two neighbors, the prior's center being a neighbor, too.

    A width is at least the range over the number of kernels plus 1, or over 100 if they are
    more, and at most the range. A lone sample has half the range. (``adaptive_parzen_normal``
    in hyperopt 0.3, after Bergstra et al. 2011, "Algorithms for hyper-parameter optimization",
    section 4.2.)
    """
    n, width = len(centers), high - low
    if n < 2:
        return np.full(n, width / 2)
    order, middle = np.argsort(centers), (low + high) / 2
    place = np.searchsorted(centers, middle, sorter=order)
    row, farther = np.empty(n + 1), np.zeros(n + 1)
    row[:place], row[place], row[place + 1 :] = centers[order[:place]], middle, centers[order[place:]]
    farther[:-1] = gaps = row[1:] - row[:-1]
    np.maximum(farther[1:], gaps, out=farther[1:])
    widths = np.empty(n)
    widths[order[:place]], widths[order[place:]] = farther[:place], farther[place + 1 :]
    return widths.clip(width / min(100, n + 2), width)


def scott(centers: np.ndarray, low: float, high: float, n_dimensions: int) -> np.ndarray:
    """Standard deviation of the samples times n^(-1 / (d + 4)) (Scott 1992)."""
    n, width = len(centers), high - low
    spread = np.std(centers) if n > 1 else width / 2
    return np.clip(np.full(n, spread * max(n, 1) ** (-1 / (n_dimensions + 4))), width / 100, width)


BANDWIDTHS: dict[str, Callable] = {"hyperopt": hyperopt, "scott": scott}


def bandwidths(
    rule: str | float, centers: np.ndarray, low: float, high: float, n_dimensions: int
) -> np.ndarray:
    """Return the widths of kernels at n centers, by a rule or all the same.

    Parameters
    ----------
    rule : str or float
        A name from `BANDWIDTHS`, or the width.
    centers : ndarray, shape (n,)
    low, high : float
        Bounds.
    n_dimensions : int
        Number of coordinates that the kernels have.

    Returns
    -------
    ndarray, shape (n,)
    """
    if isinstance(rule, str) and rule in BANDWIDTHS:
        return BANDWIDTHS[rule](centers, low, high, n_dimensions)
    if not isinstance(rule, Real) or isinstance(rule, bool) or not 0 < rule < np.inf:
        raise ValueError(
            f"bandwidth must be a number above 0 or one of {list(BANDWIDTHS)}, got {rule!r}."
        )
    return np.full(len(centers), float(rule))
