"""A regression seen: the posterior with its band, and the likelihood of its hyperparameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from .style import COLORS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

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
    import matplotlib.pyplot as plt

    ax = plt.gca() if ax is None else ax
    x = np.ravel(x)
    mean, std = curve("mean", mean, x), curve("std", std, x)
    blue = COLORS["blue"]
    band = (mean - N_STD * std, mean + N_STD * std)
    ax.fill_between(x, *band, color=blue, alpha=0.2, linewidth=0, label="95 % band")
    if noisy_std is not None:
        half = N_STD * curve("noisy_std", noisy_std, x)
        label = "95 % band of a new observation"
        ax.plot(x, mean - half, "--", color=blue, linewidth=1.2, label=label)
        ax.plot(x, mean + half, "--", color=blue, linewidth=1.2)
    for k, sample in enumerate([] if samples is None else samples):
        label = None if k else "samples"
        ax.plot(x, curve("sample", sample, x), color="0.35", linewidth=0.8, label=label)
    ax.plot(x, mean, color=blue, linewidth=2.2, label="mean")
    if observed is not None:
        style = {"color": COLORS["vermillion"], "markeredgecolor": COLORS["black"]}
        ax.plot(*map(np.ravel, observed), "o", **style, zorder=4, label="observed")
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
    import matplotlib.pyplot as plt

    ax = plt.gca() if ax is None else ax
    x, y = np.ravel(length_scales), np.ravel(noise_stds)
    log_likelihood, marks = np.asarray(log_likelihood, dtype=float), marks or {}
    if log_likelihood.shape != (y.size, x.size):
        raise ValueError(
            f"log_likelihood has shape {log_likelihood.shape}; give one row for each of the "
            f"{y.size} noise_stds, one column for each of the {x.size} length_scales."
        )
    if len(marks) > len(MARKS):
        raise ValueError(f"marks holds {len(marks)} points; give at most {len(MARKS)}.")
    below_best = log_likelihood - log_likelihood.max()
    levels = np.arange(-DEPTH, 1)
    filled = ax.contourf(x, y, below_best, levels, extend="min")
    ax.contour(x, y, below_best, levels, colors="white", linewidths=0.5, linestyles="solid")
    ax.figure.colorbar(filled, ax=ax, label="log likelihood below the best")
    for marker, (name, point) in zip(MARKS, marks.items()):
        style = {"color": COLORS["vermillion"], "markeredgecolor": "white"}
        ax.plot(*point, marker, markersize=13, linestyle="none", **style, label=name)
    ax.set(xscale="log", yscale="log")
    ax.grid(False)
    return ax


def curve(name: str, values: ArrayLike, x: np.ndarray) -> np.ndarray:
    """Values of a curve as an array, after a check that there is one for each of `x`."""
    values = np.asarray(values, dtype=float)
    if values.shape != x.shape:
        raise ValueError(
            f"{name} has shape {values.shape}; give one number for each of the {x.size} x, "
            f"in an array of shape ({x.size},)."
        )
    return values
