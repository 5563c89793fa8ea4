"""A search seen: its history, its parameters against the loss, and how good its winner is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from .style import COLORS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LINES = (("vermillion", "--"), ("blue", "-"), ("green", "-."), ("purple", ":"))
SPREAD = 0.6  # how wide the dots of one option are spread, where options are 1 apart
GOLDEN = (5**0.5 - 1) / 2  # its multiples, modulo 1, keep their distance


def plot_history(
    losses: ArrayLike, *, ceiling: float | None = None, ax: Axes | None = None
) -> Axes:
    """Draw the loss of each trial as a dot, and the best loss so far as a line.

    Parameters
    ----------
    losses : array_like of shape (n,)
        In the order of the trials; NaN or infinite where a trial failed.
    ceiling : float, optional
        Losses above it, and failed trials, are drawn as triangles at this height. Without it they
        are drawn where they are, and failed trials are left out.
    ax : matplotlib.axes.Axes, optional
        Where to draw. The default is the current Axes.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on: the number of the trial to the right, from 1, and the loss upwards on a
        logarithmic scale.

    Raises
    ------
    ValueError
        If there is no finite loss.
    """
    ax, losses = _current(ax), _finite_somewhere("losses", losses)
    number = np.arange(1, len(losses) + 1)
    style = {"color": COLORS["gray"], "alpha": 0.8, "markersize": 4.5}
    _dots(ax, number, losses, ceiling, {"marker": "o", **style}, "trial")
    ax.step(number, best_so_far(losses), where="post", color=COLORS["blue"], label="best so far")
    ax.set_yscale("log")
    return ax


def plot_best_so_far(losses: Mapping[str, ArrayLike], *, ax: Axes | None = None) -> Axes:
    """Draw the best loss so far against the number of trials, one line a search.

    Parameters
    ----------
    losses : mapping of str to array_like
        The losses of each search in the order of its trials; four searches at most.
    ax : matplotlib.axes.Axes, optional
        Where to draw. The default is the current Axes.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on, loss on a logarithmic scale. A line begins with its first finite loss.

    Raises
    ------
    ValueError
        If there are more than four searches, or one without a finite loss.
    """
    if len(losses) > len(LINES):
        raise ValueError(f"losses has {len(losses)} searches; draw at most {len(LINES)} at once.")
    ax = _current(ax)
    for (name, values), (color, dashes) in zip(losses.items(), LINES):
        best = best_so_far(_finite_somewhere(f"losses[{name!r}]", values))
        number = np.arange(1, len(best) + 1)
        ax.step(number, best, dashes, where="post", color=COLORS[color], label=name)
    ax.set_yscale("log")
    return ax


def best_so_far(losses: ArrayLike) -> np.ndarray:
    """Return the lowest of the losses up to each trial, shape (n,); NaN before the first finite."""
    losses = np.asarray(losses, dtype=float)
    best = np.minimum.accumulate(np.where(np.isfinite(losses), losses, np.inf))
    return np.where(np.isfinite(best), best, np.nan)


def plot_parameter(
    values: Sequence,
    losses: ArrayLike,
    *,
    options: Sequence | None = None,
    ceiling: float | None = None,
    color: str = "blue",
    marker: str = "o",
    label: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the loss of each trial against the value that one parameter had in it.

    Parameters
    ----------
    values : sequence of length n
        Numbers, NaN where a trial did not have the parameter, which leaves it out; or options.
    losses : array_like of shape (n,)
        NaN or infinite where a trial failed.
    options : sequence, optional
        All that `values` may be, if it is a choice: each has a column of its own, in this order, in
        which trials are spread to the right and left so that they do not hide each other.
    ceiling : float, optional
        As in `plot_history`.
    color, marker : str
        A name in `COLORS`, and matplotlib's marker.
    label : str, optional
        For the legend.
    ax : matplotlib.axes.Axes, optional
        Where to draw. The default is the current Axes.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on, loss on a logarithmic scale.

    Raises
    ------
    ValueError
        If there is not one loss for each value, or a value is none of the `options`.
    """
    losses = np.asarray(losses, dtype=float)
    if losses.shape != (len(values),):
        raise ValueError(
            f"losses has shape {losses.shape}; give one for each of {len(values)} values."
        )
    ax = _current(ax)
    if options is None:
        x = np.asarray(values, dtype=float)
    else:
        unknown = sorted({str(value) for value in values if value not in options})
        if unknown:
            raise ValueError(f"values has {', '.join(unknown)}, not in options {list(options)}.")
        spread = (np.arange(len(values)) * GOLDEN % 1 - 0.5) * SPREAD
        x = np.array([list(options).index(value) for value in values]) + spread
        ax.set_xticks(range(len(options)), options)
        ax.set_xlim(-0.5, len(options) - 0.5)
    style = {"marker": marker, "color": COLORS[color], "alpha": 0.7, "markersize": 4.5}
    there = ~np.isnan(x)
    _dots(ax, x[there], losses[there], ceiling, style, label)
    ax.set_yscale("log")
    return ax


def plot_winners(
    searches: Mapping[str, tuple[float, ArrayLike, ArrayLike]], *, ax: Axes | None = None
) -> Axes:
    """Draw the loss that won each search beside those of its configuration trained afresh.

    Parameters
    ----------
    searches : mapping of str to (float, array_like of shape (n,), array_like of shape (n,))
        For each search the winning loss, and from `n` fresh seeds the losses on the same validation
        set and on the test set.
    ax : matplotlib.axes.Axes, optional
        Where to draw. The default is the current Axes.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on, a row a search, the first on top.

    Raises
    ------
    ValueError
        If there is no search.
    """
    if not searches:
        raise ValueError("searches is empty; give the losses of at least one.")
    ax = _current(ax)
    kinds = (
        ("in the search", "*", "vermillion", 11, -0.2),
        ("fresh seeds, validation set", "o", "blue", 6, 0.0),
        ("fresh seeds, test set", "s", "green", 6, 0.2),
    )
    for row, losses in enumerate(searches.values()):
        for values, (name, marker, color, size, shift) in zip(losses, kinds, strict=True):
            values = np.ravel(values)
            style = {"color": COLORS[color], "markersize": size, "markeredgecolor": "white"}
            label = None if row else name
            ax.plot(values, np.full(len(values), row + shift), marker, **style, label=label)
    ax.set_yticks(range(len(searches)), searches)
    ax.set_ylim(len(searches) - 0.5, -0.5)
    ax.grid(False, axis="y")
    return ax


def _current(ax):
    import matplotlib.pyplot as plt

    return plt.gca() if ax is None else ax


def _finite_somewhere(name, losses):
    losses = np.asarray(losses, dtype=float)
    if losses.ndim != 1 or not np.isfinite(losses).any():
        raise ValueError(f"{name} must be a row of losses, at least one of them finite.")
    return losses


def _dots(ax, x, losses, ceiling, style, label):
    """Draw trials where they are, and those above the ceiling or failed as triangles on it."""
    style = {"linestyle": "none", "markeredgewidth": 0.5, "markeredgecolor": "white"} | style
    if style["marker"] in "x+":
        style |= {"markeredgecolor": style["color"], "markeredgewidth": 1.3}
    inside = np.isfinite(losses) if ceiling is None else losses <= ceiling
    ax.plot(x[inside], losses[inside], **style, label=label)
    if ceiling is not None:
        style |= {"marker": "^", "clip_on": False}
        if not inside.all():
            ax.plot(x[~inside], np.full((~inside).sum(), ceiling), **style)
        ax.axhline(ceiling, color=COLORS["gray"], linestyle=":", linewidth=1)
