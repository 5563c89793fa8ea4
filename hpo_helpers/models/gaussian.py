"""The multivariate Gaussian distribution: sample it, condition it, draw its ellipse."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike


class MultivariateGaussian:
    """A Gaussian distribution over vectors of d numbers.

    Parameters
    ----------
    mean : array_like, shape (d,)
        The expected value of each coordinate.
    covariance : array_like, shape (d, d)
        Symmetric and positive semi-definite; it may be singular, as the covariance of a
        smooth function at close points is in floating-point arithmetic.

    Raises
    ------
    ValueError
        If a shape is wrong, a number is not finite, or `covariance` is not a covariance.

    Examples
    --------
    >>> gaussian = MultivariateGaussian([0.0, 1.0], [[1.0, 0.7], [0.7, 2.5]])
    >>> gaussian.condition({0: 2.0}).mean
    array([2.4])
    """

    def __init__(self, mean: ArrayLike, covariance: ArrayLike) -> None:
        mean = np.array(mean, dtype=float)
        covariance = np.array(covariance, dtype=float)
        if mean.ndim != 1 or mean.size == 0:
            raise ValueError(f"mean must be a vector of d numbers, but its shape is {mean.shape}.")
        if covariance.shape != (mean.size, mean.size):
            raise ValueError(
                f"covariance must have shape {(mean.size, mean.size)} to fit a mean of "
                f"{mean.size} numbers, but its shape is {covariance.shape}."
            )
        if not (np.isfinite(mean).all() and np.isfinite(covariance).all()):
            raise ValueError("mean and covariance must be finite, but one holds NaN or infinity.")
        asymmetry = np.abs(covariance - covariance.T).max()
        if asymmetry > 1e-8 * np.abs(covariance).max():
            raise ValueError(
                f"covariance must be symmetric, but differs from its transpose by {asymmetry:.3g}."
            )
        self.mean = mean
        self.covariance = (covariance + covariance.T) / 2
        # Rounding makes zero eigenvalues slightly negative; only larger ones are a mistake.
        eigenvalues, self._axes = np.linalg.eigh(self.covariance)
        if eigenvalues[0] < -1e-8 * np.abs(eigenvalues).max():
            raise ValueError(
                "covariance must be positive semi-definite, but has the negative eigenvalue "
                f"{eigenvalues[0]:.3g}; a correlation beyond -1 or 1 is the usual reason."
            )
        self._variances = eigenvalues.clip(min=0)

    def __repr__(self) -> str:
        return f"MultivariateGaussian(mean={self.mean!r}, covariance={self.covariance!r})"

    def sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Draw n vectors.

        Independent normal numbers are multiplied by a square root of the covariance
        (Rasmussen & Williams 2006, section A.2): the symmetric one, which, unlike a Cholesky
        factor, also exists for a singular covariance, and is the same on every machine.

        Returns
        -------
        ndarray, shape (n, d)
        """
        standard_normal = rng.standard_normal((n, self.mean.size))
        root = self._axes * np.sqrt(self._variances) @ self._axes.T
        return self.mean + standard_normal @ root

    def condition(
        self, observed: Mapping[int, float] | Sequence[int], values: ArrayLike | None = None
    ) -> "MultivariateGaussian":
        """Distribution of the other coordinates once some are known.

        With the known coordinates called b and the others a, Rasmussen & Williams (2006),
        Eq. A.6: mean_a + C_ab C_bb^-1 (values - mean_b) and C_aa - C_ab C_bb^-1 C_ba.

        Parameters
        ----------
        observed : mapping of int to float, or sequence of int
            The known coordinates, counted from 0, with their values or without.
        values : array_like, shape (len(observed),), optional
            The values, where `observed` does not hold them.

        Returns
        -------
        MultivariateGaussian
            Over the remaining coordinates, in their old order.

        Raises
        ------
        ValueError
            If a coordinate does not exist or is named twice, if none remains, or if the
            number of values is not the number of coordinates.
        """
        if isinstance(observed, Mapping):
            observed, values = list(observed), list(observed.values())
        b = np.atleast_1d(np.asarray(observed, dtype=int))
        values = np.atleast_1d(np.asarray(values, dtype=float))
        a = np.setdiff1d(np.arange(self.mean.size), b)
        if a.size + b.size != self.mean.size:
            raise ValueError(
                f"observed must name different coordinates from 0 to {self.mean.size - 1}, "
                f"but is {b.tolist()}."
            )
        if a.size == 0:
            raise ValueError("observed names every coordinate; leave out at least one.")
        if values.shape != b.shape or not np.isfinite(values).all():
            raise ValueError(
                f"values must be {b.size} finite numbers, one for each observed coordinate, "
                f"but is {values.tolist()}."
            )
        cov_ab = self.covariance[np.ix_(a, b)]
        # The pseudo-inverse is the inverse where there is one, and copes where there is none.
        weights = cov_ab @ np.linalg.pinv(
            self.covariance[np.ix_(b, b)], rcond=b.size * np.finfo(float).eps, hermitian=True
        )
        covariance = self.covariance[np.ix_(a, a)] - weights @ cov_ab.T
        variances, axes = np.linalg.eigh((covariance + covariance.T) / 2)
        return MultivariateGaussian(
            self.mean[a] + weights @ (values - self.mean[b]),
            axes * variances.clip(min=0) @ axes.T,
        )

    def ellipse(
        self, n_std: float, coordinates: tuple[int, int] = (0, 1), n_points: int = 200
    ) -> np.ndarray:
        """Outline of the ellipse at `n_std` standard deviations, for two coordinates.

        Within it lies a share of 1 - exp(-n_std² / 2) of the distribution: 39 %, 86 % and
        99 % for 1, 2 and 3 (the squared Mahalanobis distance has a chi-squared law).

        Returns
        -------
        ndarray, shape (n_points, 2)
            A closed curve: the last point is the first.
        """
        pair = list(coordinates)
        variances, axes = np.linalg.eigh(self.covariance[np.ix_(pair, pair)])
        angle = np.linspace(0, 2 * np.pi, n_points)
        circle = np.column_stack([np.cos(angle), np.sin(angle)])
        return self.mean[pair] + n_std * circle @ (axes * np.sqrt(variances.clip(min=0))).T

    def logpdf(self, x: ArrayLike) -> np.ndarray:
        """Logarithm of the density (Rasmussen & Williams 2006, Eq. A.1).

        Parameters
        ----------
        x : array_like, shape (d,) or (n, d)

        Returns
        -------
        ndarray, shape () or (n,)

        Raises
        ------
        ValueError
            If the covariance is singular: then there is no density.
        """
        x = np.asarray(x, dtype=float)
        d = self.mean.size
        if x.ndim == 0 or x.shape[-1] != d:
            raise ValueError(f"x must have {d} numbers a row, but its shape is {x.shape}.")
        if self._variances[0] <= d * np.finfo(float).eps * self._variances[-1]:
            raise ValueError("covariance is singular, so that the distribution has no density.")
        along_axes = (x - self.mean) @ self._axes
        distance = (along_axes**2 / self._variances).sum(axis=-1)
        return -0.5 * (distance + np.log(self._variances).sum() + d * np.log(2 * np.pi))
