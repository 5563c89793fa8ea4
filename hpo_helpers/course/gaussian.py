"""The multivariate Gaussian distribution: sample it, condition it, draw its ellipse."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from ..checks import checked_array, checked_integer, checked_number, checked_rng, refuse

any_floats = np.errstate(over="ignore", under="ignore")  # a density may be zero, and its logarithm -inf


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
    TypeError, ValueError
        If a shape is wrong, a number is not finite, or `covariance` is not a covariance.

    Examples
    --------
    >>> gaussian = MultivariateGaussian([0.0, 1.0], [[1.0, 0.7], [0.7, 2.5]])
    >>> gaussian.condition({0: 2.0}).mean
    array([2.4])
    """

    @any_floats
    def __init__(self, mean: ArrayLike, covariance: ArrayLike) -> None:
        self.mean = np.array(checked_array("mean", mean))
        matrix, d = checked_array("covariance", covariance), self.mean.size
        if self.mean.ndim != 1 or d == 0:
            refuse("mean", "be a vector of d numbers", f"the shape {self.mean.shape}")
        if matrix.shape != (d, d):
            refuse("covariance", f"have shape {(d, d)} to fit the mean", f"the shape {matrix.shape}")
        self.covariance = matrix / 2 + matrix.T / 2
        if np.abs(self.covariance - matrix).max() > 5e-9 * np.abs(matrix).max():
            refuse("covariance", "be symmetric", covariance)
        # Rounding makes zero eigenvalues slightly negative; only larger ones are a mistake.
        eigenvalues, self._axes = np.linalg.eigh(self.covariance)
        if eigenvalues[0] < -1e-8 * np.abs(eigenvalues).max():
            least = f"the eigenvalue {eigenvalues[0]:.3g}"
            refuse("covariance", "be positive semi-definite", least, "keep correlations within -1 and 1")
        self._variances = eigenvalues.clip(min=0)

    def __repr__(self) -> str:
        return f"MultivariateGaussian(mean={self.mean!r}, covariance={self.covariance!r})"

    @any_floats
    def sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Draw n vectors.

        Independent normal numbers are multiplied by a square root of the covariance
        (Rasmussen & Williams 2006, section A.2): the symmetric one, which, unlike a Cholesky
        factor, also exists for a singular covariance, and is the same on every machine.

        Returns
        -------
        ndarray, shape (n, d)
        """
        shape = checked_integer("n", n, 0), self.mean.size
        root = self._axes * np.sqrt(self._variances) @ self._axes.T
        return self.mean + checked_rng(rng).standard_normal(shape) @ root

    @any_floats
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
        TypeError, ValueError
            If a coordinate does not exist or is named twice, if none remains, or if the
            number of values is not the number of coordinates.
        """
        if isinstance(observed, Mapping):
            values, observed = list(observed.values()), list(observed)
        b = self._checked("observed", observed)
        a = np.setdiff1d(np.arange(self.mean.size), b)
        if a.size == 0:
            refuse("observed", "not name every coordinate", observed, "leave out at least one")
        given = np.atleast_1d(checked_array("values", np.nan if values is None else values, finite=False))
        if given.shape != b.shape or not np.isfinite(given).all():
            refuse("values", f"be {b.size} finite numbers, one for each observed coordinate", values)
        cov_ab = self.covariance[np.ix_(a, b)]
        # The pseudo-inverse is the inverse where there is one, and copes where there is none.
        std, known, directions = self._standardized(b)
        kept = known > known.max(initial=0) * b.size * np.finfo(float).eps
        half = cov_ab / std @ directions[:, kept] / np.sqrt(known[kept])
        weights = half / np.sqrt(known[kept]) @ directions[:, kept].T / std
        covariance = self.covariance[np.ix_(a, a)] - half @ half.T  # squares lose fewer digits
        variances, axes = np.linalg.eigh((covariance + covariance.T) / 2)
        return MultivariateGaussian(
            self.mean[a] + weights @ (given - self.mean[b]),
            axes * variances.clip(min=0) @ axes.T,
        )

    @any_floats
    def ellipse(self, n_std: float, coordinates: tuple[int, int] = (0, 1), n_points: int = 200) -> np.ndarray:
        """Outline of the ellipse at `n_std` standard deviations, for two coordinates.

        Within it lies a share of 1 - exp(-n_std² / 2) of the distribution: 39 %, 86 % and
        99 % for 1, 2 and 3 (the squared Mahalanobis distance has a chi-squared law).

        Returns
        -------
        ndarray, shape (n_points, 2)
            A closed curve: the last point is the first.
        """
        n_std, n_points = checked_number("n_std", n_std), checked_integer("n_points", n_points, 1)
        pair = self._checked("coordinates", coordinates)
        if pair.size != 2:
            refuse("coordinates", "be two", coordinates)
        variances, axes = np.linalg.eigh(self.covariance[np.ix_(pair, pair)])
        angle = np.linspace(0, 2 * np.pi, n_points)
        circle = np.column_stack([np.cos(angle), np.sin(angle)])
        return self.mean[pair] + n_std * circle @ (axes * np.sqrt(variances.clip(min=0))).T

    @any_floats
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
        TypeError, ValueError
            If the rows of x are not of d numbers, or if the covariance is singular: then there is no density.
        """
        points, d = checked_array("x", x), self.mean.size
        if points.ndim == 0 or points.shape[-1] != d:
            refuse("x", f"have {d} numbers a row", f"the shape {points.shape}")
        std, variances, axes = self._standardized(np.arange(d))
        if variances[0] <= d * np.finfo(float).eps * variances[-1]:
            refuse("covariance", "not be singular, to have a density", self.covariance)
        along_axes = (points - self.mean) / std @ axes
        distance = (along_axes**2 / variances).sum(axis=-1)
        return -0.5 * (distance + np.log(variances).sum() + 2 * np.log(std).sum() + d * np.log(2 * np.pi))

    def _standardized(self, coordinates: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return standard deviations, and variances along the axes of what is divided by them.

        Of a coordinate in a small unit, the variance beside another's looks like rounding.
        """
        std = np.sqrt(self.covariance.diagonal()[coordinates].clip(min=0))
        std = np.where(std > 0, std, 1)
        return std, *np.linalg.eigh(self.covariance[np.ix_(coordinates, coordinates)] / std / std[:, None])

    def _checked(self, name: str, coordinates: Sequence[int]) -> np.ndarray:
        """Return different coordinates as integers."""
        d, found = self.mean.size, np.atleast_1d(np.asarray(coordinates))
        if found.size == 0:
            return found.astype(int)
        inside = found.dtype.kind in "iu" and found.ndim == 1 and ((found >= 0) & (found < d)).all()
        if not inside or len(set(found.tolist())) < found.size:
            refuse(name, f"be different coordinates from 0 to {d - 1}", coordinates)
        return found
