"""TPE seen: its two groups of trials, its densities from kernels, and the ratio that decides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from ...checks import refuse
from ...plots.colors import COLORS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ...models.parzen import ParzenEstimator

GOOD: dict[str, Any] = {"color": COLORS["blue"]}
BAD: dict[str, Any] = {"color": COLORS["vermillion"]}


def plot_groups(x: ArrayLike, losses: ArrayLike, good: ArrayLike, *, ax: Axes | None = None) -> Axes:
    """Draw trials as dots if they are good and as crosses if not, and the line between them.

    Parameters
    ----------
    x : array_like of shape (n,)
        The parameter's value in each trial.
    losses : array_like of shape (n,)
        In the unit that the caller writes on the vertical axis.
    good : array_like of bool, shape (n,)
        Which trials are good.
    ax : matplotlib.axes.Axes, optional
        Where to draw. The default is the current Axes.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on. The line is halfway between the worst good loss and the best other
        one; it is left out where a group is empty.

    Raises
    ------
    ValueError
        If there is not one loss and one group for each of `x`.
    """
    import matplotlib.pyplot as plt

    ax = plt.gca() if ax is None else ax
    x, losses, good = np.ravel(x), np.asarray(losses, dtype=float), np.asarray(good, dtype=bool)
    for name, given in (("losses", losses), ("good", good)):
        if given.shape != x.shape:
            refuse(name, f"hold one for each of the {x.size} x", f"an array of shape {given.shape}")
    ax.plot(x[~good], losses[~good], "x", markeredgewidth=1.8, **BAD, label="bad")
    ax.plot(x[good], losses[good], "o", markeredgecolor="black", **GOOD, zorder=4, label="good")
    if good.any() and not good.all():
        border = (losses[good].max() + losses[~good].min()) / 2
        ax.axhline(border, color=COLORS["gray"], linestyle="-.", linewidth=1.2, label="border")
    ax.margins(x=0.03)
    return ax


def plot_kernels(
    x: ArrayLike,
    estimator: ParzenEstimator,
    *,
    weighted: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """Draw a Parzen estimator of one number: its kernels, and the density that they make.

    Parameters
    ----------
    x : array_like of shape (m,)
        Where the curves are computed, in increasing order.
    estimator : ParzenEstimator
        Over one number. Its samples are marked on the horizontal axis.
    weighted : bool
        Draw kernels as they count, so that they add up to the density. If False, each has an
        area of 1, and their sum, of which the area is their number, is drawn as well.
    ax : matplotlib.axes.Axes, optional
        Where to draw. The default is the current Axes.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on: x to the right, density per unit of x upwards.
    """
    import matplotlib.pyplot as plt

    ax = plt.gca() if ax is None else ax
    x = np.ravel(x)
    kernels = estimator.kernels(x)
    density = kernels.sum(axis=1)
    counting = estimator.weights > 0
    kernels = kernels[:, counting]
    has_prior = counting[-1]
    style: dict[str, Any]
    if not weighted:
        kernels = kernels / estimator.weights[counting]
        style = {"color": COLORS["vermillion"], "linestyle": "--"}
        ax.plot(x, kernels.sum(axis=1), **style, label="sum of the bumps")
    ax.fill_between(x, density, color=COLORS["blue"], alpha=0.2, linewidth=0)
    ax.plot(x, density, color=COLORS["blue"], label="density")
    prior = kernels.shape[1] - 1 if has_prior else None
    for k, kernel in enumerate(kernels.T):
        style = {"color": "0.35", "linewidth": 0.9}
        if k == prior:
            style = {"color": COLORS["green"], "linewidth": 1.5, "linestyle": "-."}
        label = "prior" if k == prior else None if k else "bump"
        ax.plot(x, kernel, **style, label=label)
    samples = estimator.centers[:-1, 0]
    style = {"color": "black", "markersize": 9, "markeredgewidth": 1.5, "clip_on": False}
    ax.plot(samples, np.zeros(len(samples)), "|", **style, zorder=4, label="sample")
    _start_at_zero(ax)
    ax.margins(x=0)
    return ax


def plot_ratio(
    x: ArrayLike,
    good: Callable[[np.ndarray], np.ndarray],
    bad: Callable[[np.ndarray], np.ndarray],
    candidates: ArrayLike,
    axes: Sequence[Axes],
) -> Sequence[Axes]:
    """Draw the densities l(x) and g(x) with candidates, and below them the ratio l(x) / g(x).

    The candidate with the largest ratio is marked in both pictures as the next trial.

    Parameters
    ----------
    x : array_like of shape (m,)
        Where the curves are computed, in increasing order.
    good, bad : callable
        The densities l and g: each takes values of shape (k,) and returns an array of shape (k,).
    candidates : array_like of shape (n,)
        Values drawn from l(x).
    axes : two matplotlib.axes.Axes
        Where to draw the densities and the ratio.

    Returns
    -------
    two matplotlib.axes.Axes
        The `axes`.

    Raises
    ------
    ValueError
        If there is no candidate.
    """
    above, below = axes
    x, candidates = np.ravel(x), np.ravel(candidates)
    if not candidates.size:
        refuse("candidates", "hold at least one value drawn from l(x)", candidates)
    above.plot(x, good(x), **GOOD, label="$l(x)$, good")
    above.plot(x, bad(x), "--", **BAD, label="$g(x)$, bad")
    ratio = good(candidates) / bad(candidates)
    below.plot(x, good(x) / bad(x), color=COLORS["black"], linewidth=1.2, label="$l(x)/g(x)$")
    best = ratio.argmax()
    for ax, heights in ((above, good(candidates)), (below, ratio)):
        style: dict[str, Any] = {"markerfacecolor": "white", "markeredgecolor": "black", "markersize": 5}
        ax.plot(candidates, heights, "o", linestyle="none", **style, label="candidate")
        ax.axvline(candidates[best], color=COLORS["green"], linestyle=":", linewidth=1.8)
        style = {"color": COLORS["green"], "markeredgecolor": "black", "markersize": 9}
        style |= {"linestyle": "none", "clip_on": False, "label": "next trial"}
        ax.plot(candidates[best], heights[best], "v", **style, zorder=5)
        _start_at_zero(ax)
        ax.margins(x=0.02)
    return axes


def _start_at_zero(ax: Axes) -> None:
    """End the vertical axis at 0, however high what shares it will be."""
    ax.axhline(0, color=COLORS["gray"], linewidth=0.8).sticky_edges.y.append(0)
    ax.autoscale(axis="y")
