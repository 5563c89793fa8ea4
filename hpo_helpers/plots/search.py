"""A search seen: its history, and its parameters against the loss."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import ArrayLike

from ..checks import checked_number
from ..trials import Trials
from .colors import COLORS
from .drawing import current, drawable, losses_of, of_parameter, set_scale, some, words

SPREAD = 0.6  # how wide the dots of one option are spread, where options are 1 apart
GOLDEN = (5**0.5 - 1) / 2  # its multiples, modulo 1, keep their distance


def plot_history(trials: Trials | ArrayLike, *, ceiling: float | None = None, ax: Axes | None = None) -> Axes:
    """Draw the loss of each trial as a dot, and the best loss so far as a line.

    Parameters
    ----------
    trials : Trials, or array_like of shape (n,)
        Or their losses in order, NaN or infinite where a trial failed.
    ceiling : float, optional
        Losses above it, and failed trials, are drawn as triangles at this height. Without it they are
        drawn where they are, and failed trials are left out, as pruned ones and those that run always are.
    ax : matplotlib.axes.Axes, optional
        Where to draw. The default is the current Axes.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on: the number of the trial to the right, from 1, and the loss upwards, on a
        logarithmic scale if all losses are positive, else on a linear or symmetric one.

    Raises
    ------
    ValueError
        If there is no finite loss.

    Examples
    --------
    >>> from hpo_helpers import Uniform, minimize
    >>> from hpo_helpers.plots import plot_history
    >>> ax = plot_history(minimize(abs, Uniform(-1, 1), n_trials=5, progress=False))
    """
    losses = losses_of("losses", trials)
    ceiling = None if ceiling is None else checked_number("ceiling", ceiling)
    number, ax = np.arange(1, len(losses) + 1), current(ax)
    style: dict[str, Any] = {"marker": "o", "color": COLORS["gray"], "alpha": 0.8, "label": "trial"}
    _dots(ax, number, losses, ceiling, style)
    ax.step(number, drawable(best_so_far(losses)), where="post", color=COLORS["blue"], label="best so far")
    set_scale(ax)
    if isinstance(trials, Trials):
        ax.set(xlabel="trial", ylabel="loss")
    return ax


def best_so_far(losses: ArrayLike) -> np.ndarray:
    """Return the lowest of the losses up to each trial, shape (n,); NaN before the first finite."""
    row = np.asarray(losses, dtype=float)
    best = np.minimum.accumulate(np.where(np.isfinite(row), row, np.inf))
    return np.where(np.isfinite(best), best, np.nan)


def plot_parameter(
    trials: Trials, name: str, *, ceiling: float | None = None, ax: Axes | None = None
) -> Axes:
    """Draw the loss of each trial against the value that one parameter had in it.

    Parameters
    ----------
    trials : Trials
        Those that did not have the parameter are left out.
    name : str
        Of the parameter. Each option of a choice has a column of its own, in which trials are spread
        to the right and left so that they do not hide each other; where an option is a space, its
        index is written.
    ceiling : float, optional
        As in `plot_history`.
    ax : matplotlib.axes.Axes, optional
        Where to draw. The default is the current Axes.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on, loss as in `plot_history`; a log-uniform parameter on a logarithmic scale.

    Raises
    ------
    ValueError
        If no trial is finished and has the parameter.
    """
    losses = losses_of("losses", trials)
    x, distribution, labels = of_parameter(trials, name)
    ceiling = None if ceiling is None else checked_number("ceiling", ceiling)
    ax = current(ax)
    ax.set(xlabel=words(name), ylabel="loss", xscale="log" if distribution.log else "linear")
    if distribution.type is int and not distribution.log:
        ax.locator_params(axis="x", integer=True)
    draw_against(ax, x, losses, labels, ceiling, {"marker": "o", "color": COLORS["blue"]})
    return ax


def draw_against(ax: Axes, x: Any, losses: Any, labels: Any, ceiling: float | None, style: Any) -> None:
    """Draw losses against numbers, or against the indices of options with labels; x is NaN where missing."""
    if labels is not None:
        x = x + (np.arange(len(x)) * GOLDEN % 1 - 0.5) * SPREAD
        ax.set_xticks(list(some(labels)), list(some(labels).values()))
        ax.set_xlim(-0.5, len(labels) - 0.5)
    there = ~np.isnan(x)
    _dots(ax, drawable(x[there]), losses[there], ceiling, style | {"alpha": 0.7})
    set_scale(ax)


def _dots(ax: Axes, x: np.ndarray, losses: np.ndarray, ceiling: float | None, style: dict[str, Any]) -> None:
    """Draw trials where they are, and those above the ceiling or failed as triangles on it."""
    edge = (1.3, style["color"]) if style["marker"] in ("x", "+") else (0.5, "white")
    style |= {"linestyle": "none", "markersize": 4.5, "markeredgewidth": edge[0], "markeredgecolor": edge[1]}
    inside = np.isfinite(losses) & (losses <= (np.inf if ceiling is None else ceiling))
    ax.plot(x[inside], drawable(losses[inside]), **style)
    if ceiling is not None:
        top = ~inside & ~np.isnan(losses)
        if top.any():  # the layout cannot bear an empty line that is not clipped
            ax.plot(x[top], 0 * x[top] + ceiling, **style | {"marker": "^", "clip_on": False, "label": None})
        line = Line2D([0, 1], [ceiling] * 2, color=COLORS["gray"], linestyle=":", linewidth=1)
        ax.add_artist(line).set_transform(ax.get_yaxis_transform())
        ax.update_datalim([(0, ceiling)], updatex=False)  # exactly, which axhline does not
