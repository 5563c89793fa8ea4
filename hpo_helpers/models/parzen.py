"""A density from samples: one kernel a sample, plus a prior (Parzen 1962)."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from ..distributions import Choice, Numeric
from .parzen_coordinates import Numbers, Options

TRUNCATIONS = ("kernel", "mixture")


class ParzenEstimator:
    """A mixture of kernels, one centered at each sample, and of a wide one, the prior.

    In several coordinates a kernel is the product of one kernel a coordinate, so that the
    mixture keeps what the samples say about coordinates together (Falkner, Klein & Hutter 2018,
    "BOHB", section 3.2). The kernel of a

    - real number is a normal density in it, or in its logarithm if the distribution is
      log-uniform, restricted to the bounds;
    - an integer is such a kernel's mass in the integer's cell, half a step to either side;
    - a choice is the sample's own option, except with a small probability, the kernel's width,
      with which it is any option.

    The prior is centered in the bounds and as wide as they are; its options are equally likely.

    Parameters
    ----------
    samples : array_like, shape (n,) or (n, d)
        Values; the option's index for a choice. NaN where a coordinate does not exist for a
        sample, as under an option that was not chosen: the kernel there is the prior's. n may
        be 0.
    distributions : Uniform, LogUniform, Integer, LogInteger or Choice, or a sequence of d
        The bounds and the scale of each coordinate. One alone means arrays of shape (n,).
    bandwidth : str, float or sequence of d floats
        A rule, "hyperopt" or "scott", see `hpo_helpers.models.bandwidths`, or a number: the
        kernels' standard deviation, for a log-uniform coordinate that of the natural logarithm;
        for a choice the probability of any option. Whatever the rule, options are counted, as if
        each had been seen `prior_weight` times more.
    weights : array_like, shape (n,), optional
        Relative weight of each sample. Default: 1 each.
    prior_weight : float
        Weight of the prior, where a sample's is 1. 0 leaves the prior out.
    truncation : {"kernel", "mixture"}
        What is cut off at the bounds and scaled up: each kernel, which keeps its weight, or the
        mixture as a whole, as in hyperopt, so that kernels near a bound lose weight.

    Attributes
    ----------
    centers, widths : ndarray, shape (n + 1, d)
        Of the kernels, the prior's last; logarithms where the distribution is log-uniform.
    weights : ndarray, shape (n + 1,)
        Their sum is 1.

    Raises
    ------
    ValueError
        If an argument makes no sense or a sample lies outside its bounds.

    Examples
    --------
    >>> from hpo_helpers import Uniform
    >>> estimator = ParzenEstimator([0.2, 0.3], Uniform(0, 1), bandwidth=0.1, prior_weight=0)
    >>> estimator.pdf([0.25, 0.9]).round(3)
    array([3.601, 0.   ])
    """

    def __init__(
        self,
        samples: ArrayLike,
        distributions: Numeric | Choice | Sequence[Numeric | Choice],
        *,
        bandwidth: str | float | Sequence[float] = "hyperopt",
        weights: ArrayLike | None = None,
        prior_weight: float = 1.0,
        truncation: str = "kernel",
    ) -> None:
        self._single = isinstance(distributions, (Choice, Numeric))
        kinds = [distributions] if self._single else list(distributions)
        self._coordinates = [Options(k) if isinstance(k, Choice) else Numbers(k) for k in kinds]
        samples = self._columns(samples, "samples")
        n = len(samples)
        weights = np.ones(n) if weights is None else np.asarray(weights, float)
        if weights.shape != (n,) or not (np.isfinite(weights) & (weights >= 0)).all():
            raise ValueError(f"weights must be {n} numbers of at least 0, got {weights.tolist()}.")
        if not 0 <= prior_weight < np.inf or weights.sum() + prior_weight == 0:
            raise ValueError(
                "prior_weight must be at least 0, and above 0 if there is no weight on a sample, "
                f"got {prior_weight!r}."
            )
        if truncation not in TRUNCATIONS:
            raise ValueError(f"truncation must be one of {TRUNCATIONS}, got {truncation!r}.")
        rules = [bandwidth] * len(kinds) if np.ndim(bandwidth) == 0 else list(bandwidth)
        if len(rules) != len(kinds):
            raise ValueError(f"bandwidth must be one rule or {len(kinds)}, got {bandwidth!r}.")

        self.centers, self.widths = np.empty((2, n + 1, len(kinds)))
        missing = np.isnan(samples)
        gaps = missing.any(axis=0)
        for j, (coordinate, rule) in enumerate(zip(self._coordinates, rules, strict=True)):
            there = ~missing[:, j] if gaps[j] else slice(None)  # a slice copies nothing
            if not coordinate.contains(samples[there, j]).all():
                raise ValueError(
                    f"samples must lie in {kinds[j]}, got {samples[there, j].tolist()}."
                )
            self.centers[:, j], self.widths[:, j] = coordinate.prior
            centers = coordinate.scaled(samples[there, j])
            self.centers[:-1][there, j] = centers
            self.widths[:-1][there, j] = coordinate.bandwidth(
                rule, centers, len(kinds), weights[there], prior_weight
            )
        self.weights = np.append(weights, prior_weight)
        if truncation == "mixture":
            for coordinate, center, width in self._by_coordinate():
                self.weights *= coordinate.mass(center, width)
        self.weights /= self.weights.sum()

    def kernels(self, x: ArrayLike) -> np.ndarray:
        """Weighted density of each kernel at each x; the rows' sums are the density.

        Returns
        -------
        ndarray, shape (m, n + 1)
        """
        return np.exp(self._log_kernels(self._columns(x, "x")))

    def logpdf(self, x: ArrayLike) -> np.ndarray:
        """Logarithm of the density.

        Parameters
        ----------
        x : array_like, shape (m,) or (m, d)
            NaN where a coordinate does not exist: it is left out of the product.

        Returns
        -------
        ndarray, shape (m,)
            Per unit of each real coordinate, itself and not its logarithm; of integers and
            choices it is a probability. Minus infinity outside the bounds.
        """
        rows = self._log_kernels(self._columns(x, "x"))
        highest = rows.max(axis=1)
        highest[np.isneginf(highest)] = 0.0
        rows -= highest[:, None]
        with np.errstate(divide="ignore"):
            return np.log(np.exp(rows, out=rows).sum(axis=1)) + highest

    def pdf(self, x: ArrayLike) -> np.ndarray:
        """Density, see `logpdf`."""
        return np.exp(self.logpdf(x))

    def sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Draw values: first a kernel by its weight, then from the kernel.

        Returns
        -------
        ndarray, shape (n,) or (n, d)
        """
        chosen = rng.choice(len(self.weights), size=n, p=self.weights)
        drawn = [
            coordinate.draw(rng.random(n), center[chosen], width[chosen])
            for coordinate, center, width in self._by_coordinate()
        ]
        return drawn[0] if self._single else np.column_stack(drawn)

    def _by_coordinate(self):
        return zip(self._coordinates, self.centers.T, self.widths.T, strict=True)

    def _columns(self, x: ArrayLike, name: str) -> np.ndarray:
        """Return values as an array of shape (m, d)."""
        x = np.asarray(x, float)
        d = len(self._coordinates)
        if x.size == 0 and x.ndim <= 2:
            return np.empty((0, d))
        expected = "(n,)" if self._single else f"(n, {d})"
        if (x.ndim != 1) if self._single else (x.ndim != 2 or x.shape[1] != d):
            raise ValueError(f"{name} must have shape {expected}, got {x.shape}.")
        return x[:, None] if self._single else x

    def _log_kernels(self, x: np.ndarray) -> np.ndarray:
        """Return the logarithms of the weighted kernels, shape (m, n + 1), at rows."""
        with np.errstate(divide="ignore"):
            total = np.tile(np.log(self.weights), (len(x), 1))
        log_kernels = np.empty_like(total)  # one array for all coordinates, which is faster
        for column, (coordinate, center, width) in zip(x.T, self._by_coordinate(), strict=True):
            inside = coordinate.contains(column)
            if inside.all():
                coordinate.log_kernels(column, center, width, log_kernels)
            else:
                x_inside = np.where(inside, column, coordinate.first)
                coordinate.log_kernels(x_inside, center, width, log_kernels)
                log_kernels[~inside] = np.where(np.isnan(column[~inside, None]), 0.0, -np.inf)
            total += log_kernels
        return total
