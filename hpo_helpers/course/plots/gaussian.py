"""A Gaussian in two dimensions seen: samples with sigma ellipses, and a slice through them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from ...checks import refuse
from ...plots.colors import COLORS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..gaussian import MultivariateGaussian

LINE_STYLES = ("-", "--", ":")
MANY_DOTS = 1000  # from here on the dots are stored as pixels: SVG files stay small


def plot_gaussian(
    gaussian: MultivariateGaussian,
    samples: ArrayLike | None = None,
    *,
    ax: Axes | None = None,
) -> Axes:
    """Draw samples of two variables, their mean, and the 1, 2 and 3 sigma ellipses.

    Parameters
    ----------
    gaussian : MultivariateGaussian
        A Gaussian in two dimensions.
    samples : array_like of shape (n, 2), optional
        Points to draw as dots.
    ax : matplotlib.axes.Axes, optional
        Where to draw. The default is the current Axes.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on, both axes at one scale.

    Raises
    ------
    ValueError
        If `gaussian` or `samples` are not two-dimensional.
    """
    import matplotlib.pyplot as plt

    _check_two_dimensional(gaussian, samples)
    ax = plt.gca() if ax is None else ax
    if samples is not None:
        _dots(ax, samples, color=COLORS["blue"], alpha=0.6)
    for n_std, style in enumerate(LINE_STYLES, start=1):
        ax.plot(*gaussian.ellipse(n_std).T, style, color="0.2", label=f"{n_std} sigma", zorder=3)
    ax.plot(*gaussian.mean, "+", color="0.2", markersize=12, markeredgewidth=2, zorder=4)
    ax.set(xlabel="variable 1", ylabel="variable 2", aspect="equal")
    return ax


def plot_slice(
    gaussian: MultivariateGaussian,
    value: float,
    samples: ArrayLike,
    *,
    half_width: float = 0.1,
    height: float = 1.5,
    ax: Axes | None = None,
) -> Axes:
    """Draw what is left of two variables when the first is known.

    Samples near the slice ``x1 = value`` are drawn strong, the others faint. The density of
    variable 2 given ``x1 = value`` leans against the slice, to its right.

    Parameters
    ----------
    gaussian : MultivariateGaussian
        A Gaussian in two dimensions.
    value : float
        The known value of variable 1.
    samples : array_like of shape (n, 2)
        Points to draw as dots.
    half_width : float
        Samples at most this far from the slice are drawn strong.
    height : float
        How far the density's peak stands out from the slice, in units of variable 1.
    ax : matplotlib.axes.Axes, optional
        Where to draw. The default is the current Axes.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on.

    Raises
    ------
    ValueError
        If `gaussian` or `samples` are not two-dimensional.
    """
    import matplotlib.pyplot as plt

    _check_two_dimensional(gaussian, samples)
    ax = plt.gca() if ax is None else ax
    samples = np.asarray(samples, dtype=float)
    near = np.abs(samples[:, 0] - value) <= half_width
    _dots(ax, samples[~near], color="0.75", alpha=0.6)
    _dots(ax, samples[near], color=COLORS["vermillion"], alpha=0.9, label="samples near the slice")
    conditional = gaussian.condition({0: value})
    mean, std = conditional.mean[0], np.sqrt(conditional.covariance[0, 0])
    y = mean + std * np.linspace(-3.5, 3.5, 200)
    density = np.exp(-0.5 * ((y - mean) / std) ** 2)
    ax.axvline(value, color="0.2", linewidth=1.0)
    ax.fill_betweenx(y, value, value + height * density, color=COLORS["blue"], alpha=0.25)
    ax.plot(value + height * density, y, color=COLORS["blue"], label="conditional density")
    ridge = ([value, value + height], [mean, mean])
    ax.plot(*ridge, "--", color=COLORS["blue"], label="conditional mean")
    ax.set(xlabel="variable 1", ylabel="variable 2")
    return ax


def _dots(ax: Axes, samples: ArrayLike, **style: Any) -> None:
    x, y = np.asarray(samples, dtype=float).T
    ax.scatter(x, y, s=14, linewidths=0, rasterized=len(x) > MANY_DOTS, zorder=2, **style)


def _check_two_dimensional(gaussian: MultivariateGaussian, samples: ArrayLike | None) -> None:
    if len(gaussian.mean) != 2:
        refuse("gaussian", "have 2 dimensions", len(gaussian.mean))
    if samples is not None and (np.ndim(samples) != 2 or np.shape(samples)[1] != 2):
        refuse("samples", "have shape (n, 2)", np.shape(samples))
