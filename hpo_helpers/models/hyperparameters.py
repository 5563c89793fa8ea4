"""What a Gaussian process must be given or learn: its hyperparameters, and what is believed of them before.

They are one vector, theta, see `kernels`.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from ..checks import checked_array, checked_bool, checked_number, checked_option, refuse
from .kernels import KERNELS, Kernel


class Prior(NamedTuple):
    """Independent normal distributions of the entries of theta."""

    center: np.ndarray  # (d + 2,)
    width: np.ndarray  # (d + 2,): standard deviations
    bounds: np.ndarray  # (d + 2, 2): of what is learned, with a prior or without

    @classmethod
    def of(cls, X: np.ndarray, categorical: np.ndarray, y_scale: float) -> "Prior":
        """The prior in the units of the data: of inputs (n, d), and of observations less their mean.

        It is centered at a quarter of the range of the inputs, at a half for categories, times sqrt(d) for
        length scales (which must grow like that for the model to stay as smooth in d dimensions: Hvarfner,
        Hellsten & Nardi 2024), at twice `y_scale`² for the signal (few observations span less than the
        function does), and at a hundredth of it for the noise; its standard deviations are 1, 1.5 and 2.
        """
        d, x_range = X.shape[1], np.ptp(X, axis=0)
        x_scale = np.where(categorical, 2, np.where(x_range > 0, x_range, 1))
        unit = np.log(np.append(x_scale, [y_scale, y_scale])) * ([1] * d + [2, 2])  # variances: y²
        center = unit + np.log([0.25 * np.sqrt(d)] * d + [2, 0.01])
        limits = np.log([[1e-3, 1e3]] * d + [[1e-6, 1e4], [1e-8, 10]])
        return cls(center, np.array([1] * d + [1.5, 2]), unit[:, None] + limits)

    def log_density(self, theta: np.ndarray) -> tuple[float, np.ndarray]:
        """Logarithm of the density, but for a constant, and its gradient."""
        z = (theta - self.center) / self.width
        return float(-0.5 * z @ z), -z / self.width


def checked_hyperparameters(d: int, given: Mapping[str, Any]) -> tuple[np.ndarray, Kernel, np.ndarray]:
    """Return theta, the kernel's function, and which of d columns are categories.

    Parameters
    ----------
    d : int
    given : dict
        The parameters of a `GaussianProcess`; in theta, NaN stands for what is None.

    Raises
    ------
    TypeError, ValueError
        If one is not what `GaussianProcess` takes.
    """
    kernel = KERNELS[checked_option("kernel", given["kernel"], KERNELS)]
    checked_bool("prior", given["prior"])
    if given["mean"] is not None:
        checked_number("mean", given["mean"])
    theta, length_scale = np.full(d + 2, np.nan), given["length_scale"]
    if length_scale is not None:
        scales = checked_array("length_scale", length_scale, finite=False)
        if scales.shape not in ((), (d,)) or not ((scales > 0) & (scales < np.inf)).all():
            refuse("length_scale", f"be None, a positive number or {d} of them", length_scale)
        theta[:d] = scales
    if given["signal_variance"] is not None:
        theta[d] = checked_number("signal_variance", given["signal_variance"], above=0)
    if given["noise_variance"] is not None:
        theta[d + 1] = checked_number("noise_variance", given["noise_variance"], least=0)
    categories = given["categorical_features"]
    categorical = np.zeros(d, bool) if categories is None else np.asarray(categories)
    if categorical.shape != (d,) or categorical.dtype != bool:
        refuse("categorical_features", f"be None or {d} of True and False", categories)
    with np.errstate(divide="ignore"):  # A noise variance of 0 is a theta of minus infinity.
        return np.log(theta), kernel, categorical
