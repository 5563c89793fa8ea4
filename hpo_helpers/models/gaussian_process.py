"""Gaussian process regression, after Rasmussen & Williams (2006), *Gaussian Processes for
Machine Learning* (cited below as R&W), with the hyperparameters learned from the data.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import cho_solve, solve_triangular
from scipy.linalg.lapack import dpotrf, dpotri
from scipy.optimize import minimize
from scipy.spatial.distance import cdist
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import check_is_fitted

from .gaussian import MultivariateGaussian

# Added to the diagonal of the covariance, in units of the signal variance: first the first, then
# ten times more, up to the last, until the Cholesky decomposition succeeds.
JITTERS = 10.0 ** np.arange(-10, -3)


def squared_exponential(r2: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Correlation exp(-r²/2) at squared distance `r2`, and -2 times its slope (R&W Eq. 4.9)."""
    correlation = np.exp(-0.5 * r2)
    return correlation, correlation


def matern52(r2: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Matérn correlation with nu = 5/2 and -2 times its slope in `r2` (R&W Eq. 4.17)."""
    root = np.sqrt(5 * r2)
    decay = np.exp(-root)
    once = (1 + root) * decay
    return once + 5 / 3 * r2 * decay, 5 / 3 * once


KERNELS = {"matern52": matern52, "squared_exponential": squared_exponential}


class GaussianProcess(RegressorMixin, BaseEstimator):
    """A distribution over functions, conditioned on observations of one of them.

    The function has a constant mean and the covariance signal_variance * k(r), where
    r² = sum_j ((x_j - x'_j) / length_scale_j)². Observations carry independent noise.
    Hyperparameters given as None are learned: they maximize their posterior density, which is
    the marginal likelihood times a weak prior (see `prior`). A learned mean has a flat prior
    and is integrated out (R&W section 2.7), so that predictions know how uncertain it is.

    Parameters
    ----------
    kernel : {"matern52", "squared_exponential"}
        Matérn's functions are twice differentiable, the others infinitely often.
    length_scale : float, array_like of shape (d,), or None
        How far apart inputs must be for the function to differ, in the units of X.
    signal_variance : float or None
        Variance of the function around its mean, in the units of y².
    noise_variance : float or None
        Variance of the noise, in the units of y². With 0.0 the observations are exact: the mean
        passes through them (inputs that repeat count once, with their average). The
        covariance then has only the jitter on its diagonal that its decomposition needs.
    mean : float or None
        Mean of the function, in the units of y.
    prior : bool
        Whether learned hyperparameters have log-normal priors: length scales around a fifth
        of the data's range times sqrt(d) (Hvarfner et al. 2024), signal variance
        around the variance of y, noise variance around a hundredth of it. A dozen points
        outvote them, but for two or three, whose likelihood is flat or has its maximum at infinity,
        they make the difference between a sensible model and none. With False the marginal
        likelihood alone is maximized, within wide bounds.

    Attributes
    ----------
    length_scale_ : ndarray, shape (d,)
    signal_variance_, noise_variance_, mean_, jitter_ : float
    theta_ : ndarray
        Logarithms of the learned hyperparameters: length scales, signal and noise variance.
    log_marginal_likelihood_value_ : float
        At `theta_`, without the prior.
    n_features_in_ : int

    Examples
    --------
    >>> gp = GaussianProcess().fit([1.0, 2.0, 4.0], [0.0, 1.0, -1.0])
    >>> mean, std = gp.predict([2.0, 3.0], return_std=True)
    >>> bool(abs(mean[0] - 1.0) < 1e-6), bool(std[0] < 0.01 < std[1])
    (True, True)
    """

    def __init__(
        self,
        kernel: str = "matern52",
        *,
        length_scale: ArrayLike | None = None,
        signal_variance: float | None = None,
        noise_variance: float | None = 0.0,
        mean: float | None = None,
        prior: bool = True,
    ) -> None:
        self.kernel = kernel
        self.length_scale = length_scale
        self.signal_variance = signal_variance
        self.noise_variance = noise_variance
        self.mean = mean
        self.prior = prior

    def fit(self, X: ArrayLike, y: ArrayLike) -> "GaussianProcess":
        """Learn the hyperparameters that are None, and condition on the observations.

        Parameters
        ----------
        X : array_like, shape (n, d) or (n,)
            Inputs; one of shape (n,) has one dimension.
        y : array_like, shape (n,)
            Observed values.

        Returns
        -------
        GaussianProcess
            Itself.

        Raises
        ------
        ValueError
            If a shape or a hyperparameter is wrong, or a number is not finite.
        """
        X, y = _checked_data(X, y)
        self._theta, self._kernel = self._checked_hyperparameters(X.shape[1])
        self.n_features_in_ = X.shape[1]
        if self.noise_variance == 0:  # Exact observations cannot disagree.
            X, which, count = np.unique(X, axis=0, return_inverse=True, return_counts=True)
            y = np.bincount(which, weights=y) / count
        self._X, self._shift = X, y.mean() if self.mean is None else self.mean
        self._residual = y - self._shift  # Centered first: large means cost no precision.
        self._learned = np.isnan(self._theta)
        if self._learned.any():
            self._theta[self._learned] = self._most_probable(_squares(X), y)
        self._condition()
        return self

    def _checked_hyperparameters(self, d):
        """Logarithms of length scales, signal and noise variance, NaN where learned."""
        if self.kernel not in KERNELS:
            raise ValueError(f"kernel must be one of {sorted(KERNELS)}, but is {self.kernel!r}.")
        theta = np.full(d + 2, np.nan)
        for name, place, lowest in (
            ("length_scale", slice(d), np.nextafter(0, 1)),
            ("signal_variance", d, np.nextafter(0, 1)),
            ("noise_variance", d + 1, 0.0),
        ):
            value = getattr(self, name)
            if value is None:
                continue
            value = np.asarray(value, dtype=float)
            if not (np.isfinite(value).all() and (value >= lowest).all()):
                sign = "positive" if lowest else "zero or positive"
                raise ValueError(f"{name} must be {sign} and finite, or None, but is {value}.")
            if value.shape not in ((), np.shape(theta[place])):
                raise ValueError(
                    f"{name} must be a number{f', or {d} of them' if name == 'length_scale' else ''}"
                    f", but its shape is {value.shape}."
                )
            with np.errstate(divide="ignore"):  # Noise variance 0 is theta = -inf.
                theta[place] = np.log(value)
        if self.mean is not None and not np.isfinite(self.mean):
            raise ValueError(f"mean must be a finite number or None, but is {self.mean}.")
        return theta, KERNELS[self.kernel]

    def _most_probable(self, squares, y):
        """Learned entries of theta with the highest posterior (or likelihood) density."""
        d = len(squares)
        x_scale = np.sqrt(squares.max(axis=(1, 2)))
        y_scale = y.std() if np.ptp(y) > 0 else abs(y[0])
        unit = np.log(np.append(np.where(x_scale > 0, x_scale, 1), [y_scale or 1] * 2))
        unit[d:] *= 2
        free = self._learned
        center = unit + np.log([0.2 * np.sqrt(d)] * d + [1.0, 0.01])
        width = np.array([np.sqrt(3)] * d + [1.5, 2.0])
        bounds = unit[:, None] + np.log([[1e-3, 1e3]] * d + [[1e-6, 1e6], [1e-8, 10.0]])

        def objective(learned):
            theta = np.where(free, 0, self._theta)
            theta[free] = learned
            value, gradient = self._log_likelihood(theta, squares)
            if self.prior:
                z = ((theta - center) / width)[free]
                return 0.5 * z @ z - value, z / width[free] - gradient[free]
            return -value, -gradient[free]

        # One climb, from the best of three length scales: cheaper than three, nearly as safe.
        shorter_to_longer = np.append(np.ones(d), [0, 0]) * np.log([[0.3], [1], [3]])
        starts = (center + shorter_to_longer)[:, free]
        start = min(starts, key=lambda learned: objective(learned)[0])
        return minimize(objective, start, jac=True, method="L-BFGS-B", bounds=bounds[free]).x

    def _log_likelihood(self, theta, squares):
        """Log marginal likelihood and its gradient in all of theta."""
        d, n = len(squares), len(squares[0])
        signal, noise = np.exp(theta[d:])
        inverse_square = np.exp(-2 * theta[:d])
        squares = squares.reshape(d, -1)
        correlation, slope = self._kernel((inverse_square @ squares).reshape(n, n))
        cholesky, _, alpha, ones, precision, _ = self._solve(correlation, signal, noise)
        # R&W Eq. 2.30; with the mean integrated out, Eq. 2.45.
        value = -0.5 * self._residual @ alpha - np.log(np.diag(cholesky)).sum()
        value -= 0.5 * n * np.log(2 * np.pi)
        weights = np.outer(alpha, alpha)
        if self.mean is None:
            value -= 0.5 * (np.log(precision) - np.log(2 * np.pi))
            weights += np.outer(ones, ones / precision)
        # R&W Eq. 5.9: 1/2 tr((alpha alpha' - K^-1) dK/dtheta). LAPACK returns one triangle of the
        # symmetric K^-1: it counts twice (the diagonals of `squares` are zero).
        inverse = dpotri(cholesky, lower=1)[0].T
        trace = np.trace(weights) - np.trace(inverse)
        weights -= 2 * inverse
        weights *= slope
        gradient = np.empty(d + 2)
        gradient[:d] = 0.5 * signal * inverse_square * (squares @ weights.ravel())
        gradient[d + 1] = 0.5 * noise * trace
        # tr((alpha alpha' - K^-1) K) needs no matrix, and K = signal part + noise part.
        in_all = self._residual @ alpha - n + (self.mean is None)
        gradient[d] = 0.5 * in_all - gradient[d + 1]
        return value, gradient

    def _solve(self, correlation, signal, noise):
        """R&W Algorithm 2.1, lines 2 and 3, and the mean by generalized least squares (Eq. 2.42)."""
        cholesky, jitter = _cholesky(signal * correlation, signal, noise)
        right = np.column_stack([self._residual, np.ones(len(cholesky))])
        alpha, ones = cho_solve((cholesky, True), right, check_finite=False).T
        precision = ones.sum()  # of the mean: 1' K^-1 1
        offset = alpha.sum() / precision if self.mean is None else 0.0
        return cholesky, jitter, alpha - offset * ones, ones, precision, offset

    def _condition(self):
        d = self.n_features_in_
        self.theta_ = self._theta[self._learned]
        self.length_scale_ = np.exp(self._theta[:d])
        self.signal_variance_, self.noise_variance_ = np.exp(self._theta[d:])
        correlation, _ = self._correlation(self._X)
        (self._cholesky, self.jitter_, self._alpha, self._ones, self._precision, offset) = (
            self._solve(correlation, self.signal_variance_, self.noise_variance_)
        )
        self.mean_ = self._shift + offset
        self.log_marginal_likelihood_value_ = self.log_marginal_likelihood()

    def _correlation(self, X):
        return self._kernel(cdist(X / self.length_scale_, self._X / self.length_scale_, "sqeuclidean"))

    def log_marginal_likelihood(self, theta=None, eval_gradient=False):
        """Logarithm of the marginal likelihood of the observations (R&W Eq. 2.30, 5.8).

        Where the mean is learned it is integrated out (Eq. 2.45).

        Parameters
        ----------
        theta : array_like, optional
            Logarithms of the learned hyperparameters, ordered as `theta_`, which is the default.
        eval_gradient : bool
            Whether to return the gradient (Eq. 5.9) with respect to theta as well.

        Returns
        -------
        float, or tuple of float and ndarray
        """
        check_is_fitted(self)
        full = self._theta.copy()
        if theta is not None:
            full[self._learned] = theta
        value, gradient = self._log_likelihood(full, _squares(self._X))
        return (value, gradient[self._learned]) if eval_gradient else value

    def predict(self, X, return_std=False, return_cov=False, noise=False):
        """Mean of the function at new inputs, with its standard deviation or covariance.

        R&W Eq. 2.25 and 2.26 by Algorithm 2.1; for a learned mean with Eq. 2.42, by which its
        own uncertainty widens the prediction.

        Parameters
        ----------
        X : array_like, shape (m, d) or (m,)
        return_std, return_cov : bool
            What to return beside the mean; not both.
        noise : bool
            Whether to predict a noisy observation instead of the function.

        Returns
        -------
        mean : ndarray, shape (m,)
        std : ndarray, shape (m,), or covariance : ndarray, shape (m, m)
        """
        check_is_fitted(self)
        X = self._checked_inputs(X)
        correlation, _ = self._correlation(X)
        cross = self.signal_variance_ * correlation
        mean = self.mean_ + cross @ self._alpha
        if not (return_std or return_cov):
            return mean
        v = solve_triangular(self._cholesky, cross.T, lower=True, check_finite=False)
        gap = (1 - cross @ self._ones) / np.sqrt(self._precision) * (self.mean is None)
        added = self.noise_variance_ if noise else 0.0
        if return_cov:
            scaled = X / self.length_scale_
            prior, _ = self._kernel(cdist(scaled, scaled, "sqeuclidean"))
            covariance = self.signal_variance_ * prior - v.T @ v + np.outer(gap, gap)
            return mean, covariance + added * np.eye(len(X))
        variance = self.signal_variance_ - np.einsum("ij,ij->j", v, v) + gap**2
        return mean, np.sqrt(variance.clip(min=0) + added)

    def predict_gradient(self, X):
        """Mean and standard deviation of the function, and how they change with the input.

        Returns
        -------
        mean, std : ndarray, shape (m,)
        mean_gradient, std_gradient : ndarray, shape (m, d)
        """
        mean, std = self.predict(X, return_std=True)
        X = self._checked_inputs(X)
        correlation, slope = self._correlation(X)
        cross = self.signal_variance_ * correlation
        slope = self.signal_variance_ * slope
        pull = cho_solve((self._cholesky, True), cross.T, check_finite=False).T
        if self.mean is None:
            pull += np.outer((1 - cross @ self._ones) / self._precision, self._ones)

        def along(weights):  # sum_i weights_i dk(x, x_i)/dx, where dk/dx = slope (x_i - x) / l²
            weights = slope * weights
            return (weights @ self._X - weights.sum(axis=1)[:, None] * X) / self.length_scale_**2

        return mean, std, along(self._alpha), -along(pull) / np.where(std > 0, std, np.inf)[:, None]

    def sample(self, X, n_samples, rng):
        """Draw functions: from the posterior, or before `fit` from the prior.

        The prior takes 1 for length scale and signal variance, and 0 for the mean, where these are None.

        Returns
        -------
        ndarray, shape (n_samples, m)
            The values of one function a row.
        """
        if hasattr(self, "jitter_"):
            mean, covariance = self.predict(X, return_cov=True)
            signal = self.signal_variance_
        else:
            X = _checked_inputs(X)
            theta, kernel = self._checked_hyperparameters(X.shape[1])
            theta = np.nan_to_num(theta)
            scaled = X / np.exp(theta[:-2])
            signal = np.exp(theta[-2])
            mean = np.full(len(X), self.mean or 0.0)
            covariance = signal * kernel(cdist(scaled, scaled, "sqeuclidean"))[0]
        covariance[np.diag_indices(len(mean))] += JITTERS[0] * signal
        return MultivariateGaussian(mean, covariance).sample(n_samples, rng)

    def _checked_inputs(self, X):
        X = _checked_inputs(X)
        if X.shape[1] != self.n_features_in_:
            raise ValueError(
                f"X must have {self.n_features_in_} columns, as in fit, but has {X.shape[1]}."
            )
        return X


def gaussian_process(x_train, y_train, x_test):
    """Gaussian process regression with the squared exponential kernel, in one call.

    Parameters
    ----------
    x_train : array_like, shape (n,), (n, 1) or (n, d)
        Inputs that were tried; at least two.
    y_train : array_like, shape (n,) or (n, 1)
        What was observed there, without noise.
    x_test : array_like, shape (m,), (m, 1) or (m, d)
        Where to predict.

    Returns
    -------
    mean, std : ndarray, shape (m,)

    Raises
    ------
    ValueError
        If there are fewer than two observations, shapes differ, or a number is not finite.
    """
    if np.size(y_train) < 2:
        raise ValueError(
            f"y_train must hold at least two observations, but holds {np.size(y_train)}."
        )
    return GaussianProcess("squared_exponential").fit(x_train, y_train).predict(
        x_test, return_std=True
    )


def _checked_inputs(X):
    X = np.asarray(X, dtype=float)
    X = X[:, None] if X.ndim == 1 else X
    if X.ndim != 2 or X.size == 0:
        raise ValueError(f"X must have shape (n, d) or (n,), but its shape is {X.shape}.")
    if not np.isfinite(X).all():
        raise ValueError("X must be finite, but holds NaN or infinity.")
    return X


def _checked_data(X, y):
    X = _checked_inputs(X)
    y = np.asarray(y, dtype=float)
    y = y[:, 0] if y.ndim == 2 and y.shape[1] == 1 else y
    if y.shape != X.shape[:1]:
        raise ValueError(
            f"y must hold one number for each of the {len(X)} rows of X, but its shape is {y.shape}."
        )
    if not np.isfinite(y).all():
        raise ValueError("y must be finite, but holds NaN or infinity; drop failed trials first.")
    return X, y


def _squares(X):
    """Squared differences of all pairs in each dimension, shape (d, n, n)."""
    return (X.T[:, :, None] - X.T[:, None, :]) ** 2


def _cholesky(covariance, signal, noise):
    """Lower Cholesky factor of covariance + (noise + jitter * signal) I, and the jitter."""
    for jitter in JITTERS:
        noisy = covariance.copy()
        noisy[np.diag_indices(len(noisy))] += noise + jitter * signal
        cholesky, failed = dpotrf(noisy.T, lower=1, overwrite_a=1)
        if not failed:
            return cholesky, jitter
    raise np.linalg.LinAlgError(
        f"The covariance is not positive definite even with a jitter of {JITTERS[-1]:g} times the "
        "signal variance; give noise_variance or shorter length scales."
    )
