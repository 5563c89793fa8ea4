"""What a network's knobs do to its score: one knob after another, or the hidden units alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from ...checks import refuse
from ...plots.colors import COLORS

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_hidden_units(n_units: Sequence[int], scores: Sequence[float], *, ax: Axes | None = None) -> Axes:
    """Draw the score of networks by their hidden units, numbered as they were tried.

    The newest try is drawn as a large diamond, the earlier ones as dots.

    Parameters
    ----------
    n_units : sequence of int
        Hidden units of each try, in the order of the tries.
    scores : sequence of float
        Score of each try, in the unit that the caller writes on the vertical axis.
    ax : matplotlib.axes.Axes, optional
        Where to draw. The default is the current Axes.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on.

    Raises
    ------
    ValueError
        If there is no try, or not one score for each.
    """
    import matplotlib.pyplot as plt

    if not len(n_units) or len(n_units) != len(scores):
        refuse("scores", f"hold one for each try, of which n_units has {len(n_units)}", scores)
    ax = plt.gca() if ax is None else ax
    ax.plot(n_units[:-1], scores[:-1], "o", color=COLORS["blue"], markersize=8)
    ax.plot(n_units[-1:], scores[-1:], "D", color=COLORS["vermillion"], markersize=10)
    for number, tried in enumerate(zip(n_units, scores, strict=True), start=1):
        ax.annotate(f"try {number}", tried, (0, 10), textcoords="offset points", ha="center", va="bottom")
    ax.margins(x=0.12, y=0.25)
    ax.set_xlabel("hidden units")
    return ax


def plot_knob_effects(
    scores: Mapping[str, Mapping[str, ArrayLike]],
    usual: ArrayLike,
    *,
    ax: Axes | None = None,
) -> Axes:
    """Draw how the score changes when one knob at a time is moved.

    Parameters
    ----------
    scores : mapping of str to mapping of str to array_like
        For each knob, for each setting that it was moved to, the score of a training, or of several.
    usual : array_like of shape (n,)
        The scores with no knob moved, from `n` seeds. Their range is drawn as a band: a dot
        within it may be luck.
    ax : matplotlib.axes.Axes, optional
        Where to draw. The default is the current Axes.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on, one row a setting, in the order given.

    Raises
    ------
    ValueError
        If `scores` or `usual` is empty.
    """
    import matplotlib.pyplot as plt

    settings = [(knob, setting) for knob in scores for setting in scores[knob]]
    for name, given in (("scores", settings), ("usual", usual)):
        if not np.size(given):
            refuse(name, "hold at least one training's score", given)
    ax = plt.gca() if ax is None else ax
    low, high = np.min(usual), np.max(usual)
    ax.axvspan(low, high, color=COLORS["sky"], alpha=0.5, linewidth=0)
    for row, (knob, setting) in enumerate(settings):
        tried = np.ravel(scores[knob][setting])
        outside = tried.max() < low or tried.min() > high
        marker, color = ("D", "vermillion") if outside else ("o", "blue")
        ax.plot(tried, np.full(len(tried), row), marker, color=COLORS[color], clip_on=False)
    ax.set_yticks(range(len(settings)), [f"{knob}: {setting}" for knob, setting in settings])
    firsts = np.cumsum([len(scores[knob]) for knob in scores])[:-1]
    for first in firsts:
        ax.axhline(first - 0.5, color=COLORS["gray"], linewidth=0.8)
    ax.set_ylim(len(settings) - 0.5, -0.5)
    ax.grid(False, axis="y")
    return ax
