"""What to try next, seen: an acquisition function under the posterior that it is made from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from ...checks import refuse
from ...plots.colors import COLORS
from .regression import curve, plot_posterior

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_acquisition(
    x: ArrayLike,
    acquisition: ArrayLike,
    *,
    next_step: float | None = None,
    label: str = "acquisition",
    ax: Axes | None = None,
) -> Axes:
    """Draw an acquisition function, with the next step marked.

    Parameters
    ----------
    x : array_like of shape (m,) or (m, 1)
        Candidates, in increasing order.
    acquisition : array_like of shape (m,)
        What each candidate promises, higher is better.
    next_step : float, optional
        The candidate to mark. The default is the one with the highest acquisition.
    label : str
        Its name in the legend, such as ``"EI"``.
    ax : matplotlib.axes.Axes, optional
        Where to draw. The default is the current Axes.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on.

    Raises
    ------
    ValueError
        If `acquisition` does not have one number for each of `x`.
    """
    import matplotlib.pyplot as plt

    ax = plt.gca() if ax is None else ax
    x = np.ravel(x)
    acquisition = curve("acquisition", acquisition, x)
    next_step = x[acquisition.argmax()] if next_step is None else next_step
    purple = COLORS["purple"]
    ax.fill_between(x, acquisition, acquisition.min(), color=purple, alpha=0.35, linewidth=0)
    ax.plot(x, acquisition, color=purple, label=label)
    _mark_next(ax, next_step, np.interp(next_step, x, acquisition))
    ax.margins(x=0.01)
    return ax


def plot_improvement(
    mean: float, std: float, best: float, *, n_std: float = 1.96, ax: Axes | None = None
) -> Axes:
    """Draw what one candidate may turn out to be, and which part of that is an improvement.

    Parameters
    ----------
    mean, std : float
        The prediction for the candidate, in the units of the objective.
    best : float
        The lowest value so far; what lies below it is an improvement, and is shaded.
    n_std : float
        Standard deviations below the mean at which the lower confidence bound is marked.
    ax : matplotlib.axes.Axes, optional
        Where to draw. The default is the current Axes.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on: values of the objective to the right, their density upwards.

    Raises
    ------
    ValueError
        If `std` is not positive.
    """
    import matplotlib.pyplot as plt

    if not std > 0:
        refuse("std", "be positive for the candidate to have a density", std)
    ax = plt.gca() if ax is None else ax
    values = np.union1d(np.linspace(mean - 4 * std, mean + 4 * std, 401), best)
    density = np.exp(-0.5 * ((values - mean) / std) ** 2) / (std * np.sqrt(2 * np.pi))
    shade: dict[str, Any] = {"facecolor": COLORS["sky"], "alpha": 0.6, "hatch": "///", "linewidth": 0}
    ax.fill_between(values, density, where=values <= best, **shade, label="improvement")
    ax.plot(values, density, color=COLORS["blue"], label="prediction")
    ax.axvline(best, color=COLORS["vermillion"], linestyle="--", label="best so far")
    style: dict[str, Any] = {"color": COLORS["black"], "markersize": 8, "linestyle": "none", "clip_on": False}
    ax.plot(mean - n_std * std, 0, "|", markeredgewidth=3, **style, label="lower bound")
    ax.set_ylim(bottom=0)
    return ax


def plot_step(
    x: ArrayLike,
    mean: ArrayLike,
    std: ArrayLike,
    observed: tuple[ArrayLike, ArrayLike],
    acquisition: ArrayLike,
    axes: Sequence[Axes],
    *,
    label: str = "acquisition",
) -> Sequence[Axes]:
    """Draw one step of a search: the posterior above, the acquisition made from it below.

    The last observation is ringed, and the candidate with the highest acquisition is marked in
    both pictures as the next step.

    Parameters
    ----------
    x : array_like of shape (m,) or (m, 1)
        Candidates, in increasing order.
    mean, std : array_like of shape (m,)
        Posterior mean and standard deviation of the function at `x`.
    observed : tuple of two array_like of shape (n,)
        Inputs and values of the observations, in the order in which they were made.
    acquisition : array_like of shape (m,)
        What each candidate promises, higher is better.
    axes : two matplotlib.axes.Axes
        Where to draw the posterior and the acquisition.
    label : str
        Of the acquisition in the legend, such as ``"EI"``.

    Returns
    -------
    two matplotlib.axes.Axes
        The `axes`.

    Raises
    ------
    ValueError
        If an array does not have one number for each of `x`.
    """
    above, below = axes
    x = np.ravel(x)
    plot_posterior(x, mean, std, observed, ax=above)
    x_last, y_last = (np.ravel(values)[-1] for values in observed)
    ring: dict[str, Any] = {"markersize": 13, "markerfacecolor": "none", "markeredgewidth": 1.5}
    above.plot(x_last, y_last, "o", color=COLORS["black"], **ring, zorder=5, label="last step")
    plot_acquisition(x, acquisition, label=label, ax=below)
    best = np.argmax(acquisition)
    _mark_next(above, x[best], np.ravel(mean)[best])
    return axes


def _mark_next(ax: Axes, x: float, y: float) -> None:
    green = COLORS["green"]
    ax.axvline(x, color=green, linestyle=":", linewidth=1.8)
    style: dict[str, Any] = {"markersize": 9, "markeredgecolor": "black", "linestyle": "none"}
    ax.plot(x, y, "v", color=green, **style, clip_on=False, zorder=5, label="next step")
