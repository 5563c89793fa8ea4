"""A regression seen: the posterior with its band, and the likelihood of its hyperparameters."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from ...checks import checked_array, refuse
from ...plots.colors import COLORS
from ...plots.drawing import current

#: Half the width of a 95 % interval of a Gaussian, in standard deviations.
N_STD = 1.96
#: Log likelihoods this far below the highest, and all lower ones, share the darkest shade.
DEPTH = 8
MARKS = ("*", "P", "D", "X")


def plot_posterior(
    x: ArrayLike,
    mean: ArrayLike,
    std: ArrayLike,
    observed: tuple[ArrayLike, ArrayLike] | None = None,
    *,
    noisy_std: ArrayLike | None = None,
    samples: ArrayLike | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw a mean with its 95 % band, the observations it rests on, and sample functions.

    Parameters
    ----------
    x : array_like of shape (m,) or (m, 1)
        Inputs, in increasing order.
    mean, std : array_like of shape (m,)
        Mean and standard deviation of the function at `x`, of the posterior or the prior.
    observed : tuple of two array_like of shape (n,), optional
        Inputs and values of the observations.
    noisy_std : array_like of shape (m,), optional
        Standard deviation of a new noisy observation at `x`; its band is drawn as two dashed lines.
    samples : array_like of shape (k, m), optional
        Functions to draw as thin lines, one a row.
    ax : matplotlib.axes.Axes, optional
        Where to draw. The default is the current Axes.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on.

    Raises
    ------
    ValueError
        If `mean`, `std`, `noisy_std` or a sample does not have one number for each of `x`.
    """
    x = np.ravel(checked_array("x", x))
    middle, half, blue = curve("mean", mean, x), N_STD * curve("std", std, x), COLORS["blue"]
    ax = current(ax)
    style: dict[str, Any] = {"color": blue, "linewidth": 0, "alpha": 0.2}
    ax.fill_between(x, middle - half, middle + half, label="95 % band", **style)
    if noisy_std is not None:
        half = N_STD * curve("noisy_std", noisy_std, x)
        style = {"color": blue, "linewidth": 1.2, "linestyle": "--"}
        ax.plot(x, middle - half, label="95 % band of a new observation", **style)
        ax.plot(x, middle + half, **style)
    for k, sample in enumerate(() if samples is None else np.asarray(samples)):
        label = None if k else "samples"
        ax.plot(x, curve("sample", sample, x), color="0.35", linewidth=0.8, label=label)
    ax.plot(x, middle, color=blue, linewidth=2.2, label="mean")
    if observed is not None:
        style = {"color": COLORS["vermillion"], "markeredgecolor": COLORS["black"], "zorder": 4}
        ax.plot(np.ravel(observed[0]), np.ravel(observed[1]), "o", label="observed", **style)
    ax.margins(x=0.01)
    return ax


def plot_marginal_likelihood(
    length_scales: ArrayLike,
    noise_stds: ArrayLike,
    log_likelihood: ArrayLike,
    marks: Mapping[str, tuple[float, float]] | None = None,
    *,
    ax: Axes | None = None,
) -> Axes:
    """Draw the log marginal likelihood of length scale and noise as a map with contour lines.

    Parameters
    ----------
    length_scales : array_like of shape (m,)
        In the units of the input, in increasing order; drawn on a logarithmic axis.
    noise_stds : array_like of shape (n,)
        In the units of the observations, in increasing order; drawn on a logarithmic axis.
    log_likelihood : array_like of shape (n, m)
        One row for each of `noise_stds`. The lines are one unit apart, where the likelihood
        changes by a factor of e, and end 8 units below the highest value.
    marks : mapping of str to (length scale, noise std), optional
        Points to mark, at most four, by their name in the legend.
    ax : matplotlib.axes.Axes, optional
        Where to draw. The default is the current Axes.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on, with a color bar beside it.

    Raises
    ------
    ValueError
        If `log_likelihood` does not have the shape (n, m), or if there are more than four marks.
    """
    x, y, marks = np.ravel(length_scales), np.ravel(noise_stds), marks or {}
    values = checked_array("log_likelihood", log_likelihood)
    if values.shape != (y.size, x.size):
        must = f"have a row for each of {y.size} noise_stds, a column for each of {x.size} length_scales"
        refuse("log_likelihood", must, f"shape {values.shape}")
    if len(marks) > len(MARKS):
        refuse("marks", f"hold at most {len(MARKS)} points", f"{len(marks)} points")
    ax, below_best = current(ax), values - values.max()
    levels = np.arange(-DEPTH, 1)
    filled = ax.contourf(x, y, below_best, levels, extend="min")
    ax.contour(x, y, below_best, levels, colors="white", linewidths=0.5, linestyles="solid")
    ax.figure.colorbar(filled, ax=ax, label="log likelihood below the best")
    style: dict[str, Any] = {"color": COLORS["vermillion"], "markeredgecolor": "white", "markersize": 13}
    for marker, (name, point) in zip(MARKS, marks.items(), strict=False):
        ax.plot(*point, marker, linestyle="none", label=name, **style)
    ax.set(xscale="log", yscale="log")
    ax.grid(False)
    return ax


def curve(name: str, values: ArrayLike, x: np.ndarray) -> np.ndarray:
    """Return the values of a curve as an array, one for each of `x`."""
    array = checked_array(name, values)
    if array.shape != x.shape:
        refuse(name, f"be one number for each of the {x.size} x", f"shape {array.shape}")
    return array
