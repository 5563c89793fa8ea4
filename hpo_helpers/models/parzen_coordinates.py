"""The kernels of a Parzen estimator along one coordinate: of numbers, and of options."""

import math
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from ..checks import checked_number, refuse

OPTION_WIDTH = 0.5  # probability of a kernel of an option to be any option
LEAST = 1e-300  # a kernel's mass and the prior's width are at least this
HALF_LOG_TAU = 0.5 * math.log(2 * math.pi)


class Numbers:
    """Normal kernels within bounds, on a number's scale; masses of cells for one with a step.

    Parameters
    ----------
    distribution : Distribution
        Of numbers, or of options in order.
    """

    def __init__(self, distribution: Any) -> None:
        self._of = distribution
        self.prior = distribution.center, max(distribution.width, LEAST)
        low, high = float(distribution.low), float(distribution.high)
        self._bounds = float(distribution.cells(low)[0]), float(distribution.cells(high)[1])

    def bandwidth(self, given: Any, centers: np.ndarray) -> Any:
        """Return the kernels' standard deviations: the one that is given, or by the gaps."""
        if given is None:
            return widths_of_gaps(centers, *self.prior)
        width = checked_number("bandwidth", given, above=0)
        if not 1e-12 <= width / self.prior[1] <= 1e6:
            refuse("bandwidth", f"be from 1e-12 to 1e6 of the width of {self._of}, {self.prior[1]:g}", given)
        return width

    def mass(self, center: np.ndarray, width: np.ndarray) -> np.ndarray:
        """Return how much of each normal kernel lies within the bounds."""
        low, high = self._bounds
        return _between((low - center) / width, (high - center) / width)

    def log_kernels(self, x: np.ndarray, center: np.ndarray, width: np.ndarray, out: np.ndarray) -> None:
        """Write the logarithm of each kernel at each x into an array (len(x), len(center))."""
        if self._of.step is not None:  # values and kernels that come several times are computed once
            values, row = np.unique(x, return_inverse=True)
            kernels, column = np.unique(center + 1j * width, return_inverse=True)
            center, width = kernels.real, kernels.imag
            below, above = (np.subtract.outer(ends, center) / width for ends in self._of.cells(values))
            own = np.log(_between(below, above)) - np.log(self.mass(center, width))
            np.take(own.take(column, axis=1), row, axis=0, out=out, mode="clip")
        else:
            z = self._of.scaled(x)
            np.subtract.outer(z, center, out=out)
            out *= math.sqrt(0.5) / width
            out *= out
            np.subtract(-np.log(self.mass(center, width)) - HALF_LOG_TAU - np.log(width), out, out=out)
            if self._of.log:  # the density of x is that of log x times its derivative, 1 / x
                out -= np.maximum(z, -1e3)[:, None]  # 0 has none

    def draw(self, u: np.ndarray, center: np.ndarray, width: np.ndarray) -> np.ndarray:
        """Return a value of each kernel for random u in [0, 1)."""
        low, high = self._bounds
        side = np.where(center < low, -1.0, 1.0)  # mirrored, since probabilities near 1 lose their digits
        ends = side * (low - center) / width, side * (high - center) / width
        start, end = ndtr(np.minimum(*ends)), ndtr(np.maximum(*ends))
        z = center + side * width * ndtri(start + u * (end - start))
        if math.isinf(high - low):  # still there are ends to what a distribution draws
            z = z.clip(min(self._of.start, center.min()), max(self._of.end, center.max()))
        return self._of.unscaled(z)


class Options:
    """Kernels of an option's index; a kernel's width is its probability of any option."""

    prior = 0.0, 1.0

    def __init__(self, distribution: Any) -> None:
        self._n = int(distribution.size)

    def bandwidth(self, given: Any, centers: np.ndarray) -> float:
        """Return the kernels' probability of any option."""
        given = OPTION_WIDTH if given is None else given
        return checked_number("bandwidth of a choice", given, least=0, most=1)

    def log_kernels(self, x: np.ndarray, center: np.ndarray, width: np.ndarray, out: np.ndarray) -> None:
        """Write the logarithm of each kernel at each x into an array (len(x), len(center))."""
        other, (options, row) = width / self._n, np.unique(x, return_inverse=True)
        own = np.where(options[:, None] == center, np.log(other + (1 - width)), np.log(other))
        np.take(own, row, axis=0, out=out, mode="clip")

    def draw(self, u: np.ndarray, center: np.ndarray, width: np.ndarray) -> np.ndarray:
        """Return the kernel's option, or any where u is less than the width."""
        any_option = np.minimum(u / np.maximum(width, LEAST) * self._n, self._n - 1)
        return np.where(u < width, np.floor(any_option), center)


def widths_of_gaps(centers: np.ndarray, center: float, width: float) -> np.ndarray:
    """Distance to the farther of the two neighbors, the prior's center being a neighbor, too.

    A width is at least the prior's over the number of kernels plus 1, or over 100 if they are
    more, and at most the prior's. A lone sample has half of it. (``adaptive_parzen_normal``
    in hyperopt 0.3, after Bergstra et al. 2011, "Algorithms for hyper-parameter optimization",
    section 4.2.)

    Parameters
    ----------
    centers : ndarray, shape (n,)
        Of the samples' kernels.
    center, width : float
        Of the prior's kernel.

    Returns
    -------
    ndarray, shape (n,)
    """
    n = len(centers)
    if n < 2:
        return np.full(n, width / 2)
    order = np.argsort(centers)
    place = np.searchsorted(centers, center, sorter=order)
    row, farther = np.empty(n + 1), np.zeros(n + 1)
    row[:place], row[place], row[place + 1 :] = centers[order[:place]], center, centers[order[place:]]
    farther[:-1] = gaps = row[1:] - row[:-1]
    np.maximum(farther[1:], gaps, out=farther[1:])
    widths = np.empty(n)
    widths[order[:place]], widths[order[place:]] = farther[:place], farther[place + 1 :]
    return np.minimum(np.maximum(widths, width / min(100, n + 2)), width)


def _between(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Return the normal probability of intervals, never 0.

    An interval above 0 is mirrored, since there, probabilities near 1 lose their digits.
    """
    return np.maximum(ndtr(np.minimum(high, -low)) - ndtr(np.minimum(low, -high)), LEAST)
