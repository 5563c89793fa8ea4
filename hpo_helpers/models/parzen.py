"""A density from samples: one kernel a sample, plus a prior (Parzen 1962)."""

from collections.abc import Iterator
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..checks import checked_array, checked_integer, checked_number, checked_rng, refuse
from .parzen_coordinates import Numbers, Options

# Of what is far from all kernels nothing is left, and that is meant.
_quiet = np.errstate(divide="ignore", over="ignore", under="ignore")


class ParzenEstimator:
    """A mixture of kernels, one centered at each sample, and of a wide one, the prior.

    In several coordinates a kernel is the product of one kernel a coordinate, so that the
    mixture keeps what the samples say about coordinates together (Falkner, Klein & Hutter 2018,
    "BOHB", section 4). The kernel of a

    - real number is a normal density on the distribution's scale, the number itself or its
      logarithm, restricted to the bounds if there are any;
    - number with a step, such as an integer, or of an option in order, is such a kernel's mass in
      the value's cell, half a step to either side;
    - choice is the sample's own option, except with a small probability, the kernel's width,
      with which it is any option.

    The prior has the distribution's center and width: of a uniform one the middle of the bounds and
    their distance, of a normal one mean and standard deviation. A choice's options are equally likely.

    Parameters
    ----------
    samples : array_like, shape (n,) or (n, d)
        Values; the option's index for a choice. NaN where a coordinate does not exist for a
        sample, as under an option that was not chosen: the kernel there is the prior's. n may
        be 0.
    distributions : distribution, such as Uniform, or a list or tuple of d
        The bounds and the scale of each coordinate. One alone means arrays of shape (n,).
    bandwidth : float, or sequence of d of them, optional
        The kernels' standard deviation, of a logarithmic coordinate that of the natural logarithm;
        for a choice the probability of any option. Default, also for a None among several: as wide
        as the gaps between samples, see `widths_of_gaps`; for a choice 0.5.
    weights : array_like, shape (n,), optional
        Relative weight of each sample. Default: 1 each.
    prior_weight : float
        Weight of the prior, where a sample's is 1. 0 leaves the prior out.

    Attributes
    ----------
    centers, widths : ndarray, shape (n + 1, d)
        Of the kernels, the prior's last; on the distributions' scales.
    weights : ndarray, shape (n + 1,)
        Their sum is 1.

    Raises
    ------
    TypeError, ValueError
        If an argument makes no sense or a sample lies outside its bounds.

    Examples
    --------
    >>> from hpo_helpers import ParzenEstimator, Uniform
    >>> estimator = ParzenEstimator([0.2, 0.3], Uniform(0, 1), bandwidth=0.1, prior_weight=0)
    >>> estimator.pdf([0.25, 0.9]).round(3)
    array([3.564, 0.   ])
    """

    @_quiet
    def __init__(
        self,
        samples: ArrayLike,
        distributions: Any,
        *,
        bandwidth: Any = None,
        weights: ArrayLike | None = None,
        prior_weight: float = 1.0,
    ) -> None:
        self._single = not isinstance(distributions, (list, tuple))
        self._kinds: list[Any] = _listed(distributions)
        self._coordinates = [Numbers(k) if k.ordered else Options(k) for k in self._kinds]
        table, d = self._columns(samples, "samples"), len(self._kinds)
        if np.isinf(table).any():
            refuse("samples", "be finite", samples)
        weights = _checked_weights(weights, len(table))
        prior_weight = checked_number("prior_weight", prior_weight, least=0, most=1e300)
        if weights.sum() + prior_weight == 0:
            refuse("prior_weight", "be above 0 if there is no weight on a sample", prior_weight)
        widths = list(bandwidth) if isinstance(bandwidth, (list, tuple, np.ndarray)) else [bandwidth] * d
        if len(widths) != d:
            refuse("bandwidth", f"be one or {d}", bandwidth)

        self.centers, self.widths = np.empty((2, len(table) + 1, d))
        self._there: Any = np.vstack([~np.isnan(table), np.ones(d, bool)])
        for j, (kind, coordinate) in enumerate(zip(self._kinds, self._coordinates, strict=True)):
            there: Any = slice(None) if self._there[:, j].all() else self._there[:-1, j]
            values = table[there, j]
            if not kind.contains(values).all() or (kind.log and not values.all()):
                refuse("samples", f"lie in {kind}", values)
            self.centers[:, j], self.widths[:, j] = coordinate.prior
            self.centers[:-1][there, j] = centers = kind.scaled(values)
            self.widths[:-1][there, j] = coordinate.bandwidth(widths[j], centers)
        self.weights = np.append(weights, prior_weight)
        self.weights /= self.weights.sum()

    @_quiet
    def kernels(self, x: ArrayLike) -> np.ndarray:
        """Weighted density of each kernel at each x; the rows' sums are the density.

        Returns
        -------
        ndarray, shape (m, n + 1)
        """
        return np.exp(self._log_kernels(self._columns(x, "x")))

    @_quiet
    def logpdf(self, x: ArrayLike) -> np.ndarray:
        """Logarithm of the density.

        Parameters
        ----------
        x : array_like, shape (m,) or (m, d)
            NaN where a coordinate does not exist: it is left out of the product.

        Returns
        -------
        ndarray, shape (m,)
            Per unit of each real coordinate, itself and not its logarithm; of what has a step and of
            choices it is a probability. Minus infinity outside the bounds.
        """
        rows = self._log_kernels(self._columns(x, "x"))
        highest = rows.max(axis=1)
        highest[np.isneginf(highest)] = 0.0
        rows -= highest[:, None]
        return np.log(np.exp(rows, out=rows).sum(axis=1)) + highest

    @_quiet
    def pdf(self, x: ArrayLike) -> np.ndarray:
        """Density, see `logpdf`."""
        return np.exp(self.logpdf(x))

    @_quiet
    def sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Draw values: first a kernel by its weight, then from the kernel.

        Returns
        -------
        ndarray, shape (n,) or (n, d)
        """
        n = checked_integer("n", n, 0)
        chosen = checked_rng(rng).choice(len(self.weights), size=n, p=self.weights)
        parts = self._by_coordinate()
        drawn = [part.draw(rng.random(n), center[chosen], width[chosen]) for part, _, center, width in parts]
        return drawn[0] if self._single else np.column_stack(drawn)

    def _by_coordinate(self) -> Iterator[tuple[Any, Any, np.ndarray, np.ndarray]]:
        return zip(self._coordinates, self._kinds, self.centers.T, self.widths.T, strict=True)

    def _columns(self, values: ArrayLike, name: str) -> np.ndarray:
        """Return values as an array of shape (m, d)."""
        x = checked_array(name, values, finite=False)
        d = len(self._kinds)
        if x.size == 0 and x.ndim <= 2:
            return np.empty((0, d))
        if (x.ndim != 1) if self._single else (x.ndim != 2 or x.shape[1] != d):
            refuse(name, f"have shape {'(n,)' if self._single else f'(n, {d})'}", f"the shape {x.shape}")
        return x[:, None] if self._single else x

    def _log_kernels(self, x: np.ndarray) -> np.ndarray:
        """Return the logarithms of the weighted kernels, shape (m, n + 1), at rows."""
        total = np.tile(np.log(self.weights), (len(x), 1))
        log_kernels = np.empty_like(total)  # one array for all coordinates, which is faster
        columns = zip(x.T, self._there.T, self._there.all(axis=0), self._by_coordinate(), strict=True)
        for column, there, always, (coordinate, kind, center, width) in columns:
            inside = kind.contains(column)
            if outside := not inside.all():
                if (missing := np.isnan(column)).all():
                    continue
                column = np.where(inside, column, kind.unscaled(kind.center))  # any value
            if always:
                coordinate.log_kernels(column, center, width, log_kernels)
            else:  # the kernels of samples that do not have it are the prior's, the last
                own = np.empty((len(x), np.count_nonzero(there)))
                coordinate.log_kernels(column, center[there], width[there], own)
                np.take(own, np.where(there, there.cumsum() - 1, -1), axis=1, out=log_kernels, mode="wrap")
            if outside:
                log_kernels[~inside] = np.where(missing[~inside, None], 0.0, -np.inf)
            total += log_kernels
        return total


def _listed(distributions: Any) -> list[Any]:
    """Return one distribution, or several, as a list."""
    kinds = distributions if isinstance(distributions, (list, tuple)) else [distributions]
    if not kinds or not all(isinstance(getattr(kind, "center", ""), Real) for kind in kinds):
        refuse("distributions", "be one or a list, such as Uniform(0, 1)", distributions, kind=TypeError)
    return list(kinds)


def _checked_weights(weights: Any, n: int) -> np.ndarray:
    array = np.ones(n) if weights is None else checked_array("weights", weights)
    if array.shape != (n,) or (n and not 0 <= array.min() <= array.max() <= 1e300):
        refuse("weights", f"be {n} numbers from 0 to 1e300", weights)
    return array
