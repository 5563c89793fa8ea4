"""The kernels of a Parzen estimator along one coordinate: of numbers, and of options."""

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
        self._lowest, self._highest = distribution.low, distribution.high
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
        inside = (self._lowest <= x) & (x <= self._highest)
        return inside & (x == np.round(x)) if self._half else inside

    def bandwidth(self, rule, centers, n_dimensions, weights, prior_weight) -> np.ndarray:
        """Return the kernels' standard deviations, see `bandwidths`."""
        return bandwidths(rule, centers, self.low, self.high, n_dimensions)

    def mass(self, center: np.ndarray, width: np.ndarray) -> np.ndarray:
        """Return how much of each normal kernel lies within the bounds."""
        return ndtr((self.high - center) / width) - ndtr((self.low - center) / width)

    def log_kernels(self, x: np.ndarray, center: np.ndarray, width: np.ndarray) -> np.ndarray:
        """Return the logarithm of each kernel at each x, shape (len(x), len(center))."""
        inside = self.contains(x)
        x = np.where(inside, x, self._lowest)
        if self._half:
            k, where = np.unique(x, return_inverse=True)
            edges = self.scaled(np.append(k - 0.5, k + 0.5))
            below = ndtr((edges[:, None] - center) / width)
            with np.errstate(divide="ignore"):
                table = np.log(below[len(k) :] - below[: len(k)])
            table -= np.log(self.mass(center, width))
            result = table[where]
        else:
            z = self.scaled(x)
            result = z[:, None] / width - center / width
            result *= result
            result *= -0.5
            result -= np.log(np.sqrt(2 * np.pi) * width * self.mass(center, width))
            if self._log:  # the density of x is that of log x times its derivative, 1 / x
                result -= z[:, None]
        if not inside.all():
            result[~inside] = -np.inf
        return result

    def draw(self, u: np.ndarray, center: np.ndarray, width: np.ndarray) -> np.ndarray:
        """Return each kernel's quantile at u in [0, 1]."""
        start = ndtr((self.low - center) / width)
        x = center + width * ndtri(start + u * self.mass(center, width))
        x = np.exp(x) if self._log else x
        x = np.floor(x + 0.5) if self._half else x
        return np.clip(x, self._lowest, self._highest)


class Options:
    """Kernels of an option's index; a kernel's width is its probability of any option."""

    prior = 0.0, 1.0

    def __init__(self, distribution: Choice) -> None:
        self._n = len(distribution.options)

    def scaled(self, x: np.ndarray) -> np.ndarray:
        """Return x, for which there is no other scale."""
        return x

    def contains(self, x: np.ndarray) -> np.ndarray:
        """Tell which values are the index of an option."""
        return np.isin(x, np.arange(self._n))

    def bandwidth(self, rule, centers, n_dimensions, weights, prior_weight) -> np.ndarray:
        """Return the width with which the mixture counts every option `prior_weight` times more.

        That is hyperopt's rule (``ap_randint_sampler``): the probability of an option is
        proportional to the weight of its samples plus the prior's, n times which is shared by
        the n options. The prior's kernel brings one of the n shares, the widths the others.
        """
        width = (self._n - 1) * prior_weight / (weights.sum() + self._n * prior_weight or 1)
        return np.full(len(centers), width)

    def mass(self, center: np.ndarray, width: np.ndarray) -> np.ndarray:
        """Return 1 for each kernel: none reaches past the options."""
        return np.ones(len(center))

    def log_kernels(self, x: np.ndarray, center: np.ndarray, width: np.ndarray) -> np.ndarray:
        """Return the logarithm of each kernel at each x, shape (len(x), len(center))."""
        inside = self.contains(x)
        own = np.arange(self._n)[:, None] == center
        with np.errstate(divide="ignore"):
            table = np.log(width / self._n + (1 - width) * own)
        result = table[np.where(inside, x, 0).astype(int)]
        result[~inside] = -np.inf
        return result

    def draw(self, u: np.ndarray, center: np.ndarray, width: np.ndarray) -> np.ndarray:
        """Return the kernel's option, or any where u is less than the width."""
        any_option = np.minimum(u / np.maximum(width, 1e-300) * self._n, self._n - 1)
        return np.where(u < width, np.floor(any_option), center)
