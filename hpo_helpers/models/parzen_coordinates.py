"""The kernels of a Parzen estimator along one coordinate: of numbers, and of options."""

import math

import numpy as np
from scipy.special import ndtr, ndtri

from ..distributions import Choice, Integer, LogInteger, LogUniform, Numeric
from .bandwidths import bandwidths


class Numbers:
    """Normal kernels within bounds, for a number or its logarithm; masses for an integer.

    Parameters
    ----------
    distribution : Uniform, LogUniform, Integer or LogInteger
    """

    def __init__(self, distribution: Numeric) -> None:
        self.first, self._highest = distribution.low, distribution.high
        self._log = isinstance(distribution, (LogUniform, LogInteger))
        self._half = 0.5 if isinstance(distribution, (Integer, LogInteger)) else 0.0
        self.low = float(self.scaled(distribution.low - self._half))
        self.high = float(self.scaled(distribution.high + self._half))
        self.prior = (self.low + self.high) / 2, self.high - self.low

    def scaled(self, x: np.ndarray) -> np.ndarray:
        """Return x on the scale where kernels are normal."""
        return np.log(x) if self._log else x

    def contains(self, x: np.ndarray) -> np.ndarray:
        """Tell which values lie within the bounds and, for integers, are whole."""
        inside = (self.first <= x) & (x <= self._highest)
        return inside & (x == np.round(x)) if self._half else inside

    def bandwidth(self, rule, centers, n_dimensions, weights, prior_weight) -> np.ndarray:
        """Return the kernels' standard deviations, see `bandwidths`."""
        return bandwidths(rule, centers, self.low, self.high, n_dimensions)

    def mass(self, center: np.ndarray, width: np.ndarray) -> np.ndarray:
        """Return how much of each normal kernel lies within the bounds."""
        return ndtr((self.high - center) / width) - ndtr((self.low - center) / width)

    def log_kernels(self, x, center, width, out) -> None:
        """Write the logarithm of each kernel at each x into an array (len(x), len(center))."""
        scale = np.log(self.mass(center, width))
        if self._half:
            # Integers that come several times, and ends that two cells share, are computed once.
            k, row = np.unique(x, return_inverse=True)
            ends, place = np.unique(np.append(k - 0.5, k + 0.5), return_inverse=True)
            below = np.subtract.outer(self.scaled(ends), center)
            below /= width
            ndtr(below, out=below)
            cells = below[place[len(k) :]]
            cells -= below[place[: len(k)]]
            with np.errstate(divide="ignore"):
                np.log(cells, out=cells)
            cells -= scale
            np.take(cells, row, axis=0, out=out, mode="clip")
        else:
            z = self.scaled(x)
            np.subtract.outer(z, center, out=out)
            out *= math.sqrt(0.5) / width
            out *= out
            np.subtract(-scale - np.log(math.sqrt(2 * math.pi) * width), out, out=out)
            if self._log:  # the density of x is that of log x times its derivative, 1 / x
                out -= z[:, None]

    def draw(self, u: np.ndarray, center: np.ndarray, width: np.ndarray) -> np.ndarray:
        """Return each kernel's quantile at u in [0, 1]."""
        start = ndtr((self.low - center) / width)
        x = center + width * ndtri(start + u * self.mass(center, width))
        x = np.exp(x) if self._log else x
        x = np.floor(x + 0.5) if self._half else x
        return np.clip(x, self.first, self._highest)


class Options:
    """Kernels of an option's index; a kernel's width is its probability of any option."""

    first = 0
    prior = 0.0, 1.0

    def __init__(self, distribution: Choice) -> None:
        self._n = len(distribution.options)

    def scaled(self, x: np.ndarray) -> np.ndarray:
        """Return x, for which there is no other scale."""
        return x

    def contains(self, x: np.ndarray) -> np.ndarray:
        """Tell which values are the index of an option."""
        return (0 <= x) & (x < self._n) & (x == np.floor(x))

    def bandwidth(self, rule, centers, n_dimensions, weights, prior_weight) -> np.ndarray:
        """Return a number as it is; for any rule, count options as hyperopt does.

        The mixture's probability of an option is then proportional to the weight of its samples
        plus the prior's (``ap_randint_sampler`` in hyperopt 0.3). Of n such shares of the prior
        its own kernel brings one, and the widths the others.
        """
        if isinstance(rule, str):
            width = (self._n - 1) * prior_weight / (weights.sum() + self._n * prior_weight or 1)
        elif 0 <= rule <= 1:
            width = rule
        else:
            raise ValueError(f"bandwidth of a choice must be a rule or in [0, 1], got {rule!r}.")
        return np.full(len(centers), width)

    def mass(self, center: np.ndarray, width: np.ndarray) -> np.ndarray:
        """Return 1 for each kernel: none reaches past the options."""
        return np.ones(len(center))

    def log_kernels(self, x, center, width, out) -> None:
        """Write the logarithm of each kernel at each x into an array (len(x), len(center))."""
        own = np.arange(self._n)[:, None] == center
        with np.errstate(divide="ignore"):
            table = np.log(width / self._n + (1 - width) * own)
        np.take(table, x.astype(int), axis=0, out=out, mode="clip")

    def draw(self, u: np.ndarray, center: np.ndarray, width: np.ndarray) -> np.ndarray:
        """Return the kernel's option, or any where u is less than the width."""
        any_option = np.minimum(u / np.maximum(width, 1e-300) * self._n, self._n - 1)
        return np.where(u < width, np.floor(any_option), center)
