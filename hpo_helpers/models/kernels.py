"""How alike the values of a function are at two inputs, and the algebra that needs only that.

A kernel is a function of the squared distance r² = sum_j (apart_j / length_scale_j)², where apart_j
is x_j - x'_j for a number, and for a category 0 or 1, as it is the same or another (Hutter et al. 2011,
"Sequential model-based optimization for general algorithm configuration", section 4.1).
Hyperparameters are one vector, theta: the logarithms of d length scales, of the signal variance
and of the noise variance. R&W is Rasmussen & Williams (2006), *Gaussian Processes for Machine
Learning*.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy.spatial.distance import cdist

# From r² to the correlation k(r) and to -2 dk/dr².
Kernel = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]


def squared_exponential(r2: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Correlation exp(-r²/2), and -2 times its derivative in r² (R&W Eq. 4.9)."""
    correlation = np.exp(-0.5 * r2)
    return correlation, correlation


def matern52(r2: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Matérn correlation with nu = 5/2, and -2 times its derivative in r² (R&W Eq. 4.17)."""
    root = np.sqrt(5 * r2)
    decay = np.exp(-root)
    once = (1 + root) * decay
    return once + 5 / 3 * r2 * decay, 5 / 3 * once


KERNELS: dict[str, Kernel] = {"matern52": matern52, "squared_exponential": squared_exponential}


def covariance(
    kernel: Kernel, theta: np.ndarray, A: np.ndarray, B: np.ndarray, categorical: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Covariance of a function's values at the rows of A and of B, and -2 d/dr² of it.

    Parameters
    ----------
    kernel : callable
        See `Kernel`.
    theta : ndarray, shape (d + 2,)
        Hyperparameters; the noise plays no part.
    A, B : ndarray, shapes (m, d) and (n, d)
    categorical : ndarray of bool, shape (d,)
        Which columns hold categories.

    Returns
    -------
    covariance, slope : ndarray, shape (m, n)
    """
    length_scale, signal = np.exp(theta[:-2]), np.exp(theta[-2])
    numeric = np.where(categorical, np.inf, length_scale)
    r2 = cdist(A / numeric, B / numeric, "sqeuclidean")
    for j in np.flatnonzero(categorical):
        r2 += (A[:, j, None] != B[:, j]) / length_scale[j] ** 2
    correlation, slope = kernel(r2)
    return signal * correlation, signal * slope


class Pairs(NamedTuple):
    """All pairs of n inputs: what a covariance matrix needs of them, whatever theta is."""

    squares: np.ndarray  # (d, n(n-1)/2): apart² for all i < j
    places: np.ndarray  # (n(n-1)/2,): where (i, j) lies in a flattened (n, n) matrix

    @classmethod
    def of(cls, X: np.ndarray, categorical: np.ndarray) -> "Pairs":
        """The pairs of the rows of X, shape (n, d), with categories in some columns."""
        i, j, places = _upper_triangle(len(X))
        squares = X.T[:, i] - X.T[:, j]
        squares[categorical] = squares[categorical] != 0
        squares *= squares
        return cls(squares, places)


@lru_cache(maxsize=4)
def _upper_triangle(n: int) -> tuple[np.ndarray, ...]:
    """Rows, columns and places of the entries above the diagonal; a search asks often."""
    i, j = np.triu_indices(n, 1)
    return i, j, i * n + j
