"""The kernels of a Parzen estimator along one coordinate: of numbers, and of options."""

import math
from typing import Any, Protocol

import numpy as np
from scipy.special import ndtr, ndtri

from ..checks import checked_number, refuse
from .bandwidths import hyperopt

LEAST = 1e-300  # a kernel's mass and the prior's width are at least this
HALF_LOG_TAU = 0.5 * math.log(2 * math.pi)


class Distribution(Protocol):
    """What a coordinate is of: has all that `hpo_helpers.distributions.Distribution` has for arrays."""

    ordered: bool

    def contains(self, x: Any) -> Any:
        """Tell which numbers are values."""
        ...


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

    def bandwidth(self, rule: Any, centers: np.ndarray, weights: np.ndarray, prior: float) -> np.ndarray:
        """Return the kernels' standard deviations, by a rule or all the same."""
        if rule == "hyperopt":
            return hyperopt(centers, *self.prior)
        width = checked_number("bandwidth", rule, above=0)
        if not 1e-12 <= width / self.prior[1] <= 1e6:
            refuse("bandwidth", f"be from 1e-12 to 1e6 of the width of {self._of}, {self.prior[1]:g}", rule)
        return np.full(len(centers), width)

    def mass(self, center: np.ndarray, width: np.ndarray) -> np.ndarray:
        """Return how much of each normal kernel lies within the bounds."""
        low, high = self._bounds
        return _between((low - center) / width, (high - center) / width)

    def log_kernels(self, x: np.ndarray, center: np.ndarray, width: np.ndarray, out: np.ndarray) -> None:
        """Write the logarithm of each kernel at each x into an array (len(x), len(center))."""
        scale = np.log(self.mass(center, width))
        if self._of.step is not None:  # a value that comes several times is computed once
            values, row = np.unique(x, return_inverse=True)
            below, above = (np.subtract.outer(ends, center) / width for ends in self._of.cells(values))
            np.take(np.log(_between(below, above)) - scale, row, axis=0, out=out, mode="clip")
        else:
            z = self._of.scaled(x)
            np.subtract.outer(z, center, out=out)
            out *= math.sqrt(0.5) / width
            out *= out
            np.subtract(-scale - HALF_LOG_TAU - np.log(width), out, out=out)
            if self._of.log:  # the density of x is that of log x times its derivative, 1 / x
                out -= np.maximum(z, -1e3)[:, None]  # 0 has none

    def draw(self, u: np.ndarray, center: np.ndarray, width: np.ndarray) -> np.ndarray:
        """Return a value of each kernel for random u in [0, 1)."""
        low, high = self._bounds
        side, low_end, high_end = _mirrored((low - center) / width, (high - center) / width)
        start = ndtr(low_end)
        z = center + side * width * ndtri(start + u * (ndtr(high_end) - start))
        if math.isinf(high - low):  # still there are ends to what a distribution draws
            z = z.clip(min(self._of.start, center.min()), max(self._of.end, center.max()))
        values: np.ndarray = self._of.unscaled(z)
        return values


class Options:
    """Kernels of an option's index; a kernel's width is its probability of any option."""

    prior = 0.0, 1.0

    def __init__(self, distribution: Any) -> None:
        self._n = int(distribution.size)

    def bandwidth(self, rule: Any, centers: np.ndarray, weights: np.ndarray, prior: float) -> np.ndarray:
        """Return a number as it is; for hyperopt's rule, count options as hyperopt does.

        The mixture's probability of an option is then proportional to the weight of its samples
        plus the prior's (``ap_randint_sampler`` in hyperopt 0.3). Of n such shares of the prior
        its own kernel brings one, and the widths the others.
        """
        if rule == "hyperopt":
            width = (self._n - 1) * prior / (weights.sum() + self._n * prior or 1)
        else:
            width = checked_number("bandwidth of a choice", rule, least=0, most=1)
        return np.full(len(centers), width)

    def mass(self, center: np.ndarray, width: np.ndarray) -> np.ndarray:
        """Return 1 for each kernel: none reaches past the options."""
        return np.ones(len(center))

    def log_kernels(self, x: np.ndarray, center: np.ndarray, width: np.ndarray, out: np.ndarray) -> None:
        """Write the logarithm of each kernel at each x into an array (len(x), len(center))."""
        other = width / self._n
        np.copyto(out, np.log(other))
        np.copyto(out, np.log(other + (1 - width)), where=x[:, None] == center)

    def draw(self, u: np.ndarray, center: np.ndarray, width: np.ndarray) -> np.ndarray:
        """Return the kernel's option, or any where u is less than the width."""
        any_option = np.minimum(u / np.maximum(width, LEAST) * self._n, self._n - 1)
        return np.where(u < width, np.floor(any_option), center)


def _mirrored(low: np.ndarray, high: np.ndarray) -> tuple[Any, np.ndarray, np.ndarray]:
    """Return -1 where an interval is above 0, else 1, and ends mirrored so that none is above.

    Above 0, normal probabilities near 1 lose their digits.
    """
    above = low > 0
    if not above.any():
        return 1.0, low, high
    return np.where(above, -1.0, 1.0), np.where(above, -high, low), np.where(above, -low, high)


def _between(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Return the normal probability of intervals, never 0."""
    _, low, high = _mirrored(low, high)
    mass: np.ndarray = np.maximum(ndtr(high) - ndtr(low), LEAST)
    return mass
