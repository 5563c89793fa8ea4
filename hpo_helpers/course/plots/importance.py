"""Importance of parameters as bars."""

from typing import Any

import numpy as np
import pandas
from matplotlib.axes import Axes

from ...checks import refuse
from ...plots.colors import COLORS
from ...plots.drawing import current, losses_of, words
from ...trials import Trials
from ..importance import parameter_importance


def plot_importance(importance: Trials | pandas.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw the importance of parameters as bars, the first on top, with one standard deviation.

    Parameters
    ----------
    importance : Trials, or pandas.DataFrame
        The table of `parameter_importance`; of trials it is computed, and the label below tells how
        much of the variance the forest explains.
    ax : matplotlib.axes.Axes, optional
        Where to draw. The default is the current Axes.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on.

    Raises
    ------
    ValueError
        If there are too few finished trials.
    """
    label = ""
    if isinstance(importance, Trials):
        losses_of("losses", importance)
        importance, score = parameter_importance(importance)
        label = f"drop in R² when shuffled (before: {score:.2f})"
    if not {"mean", "std"} <= set(getattr(importance, "columns", ())):
        refuse("importance", "be Trials or the table of parameter_importance", importance, kind=TypeError)
    ax = current(ax)
    places = np.arange(len(importance))
    style: dict[str, Any] = {"color": COLORS["sky"], "edgecolor": COLORS["blue"], "capsize": 3}
    ax.barh(places, importance["mean"], xerr=importance["std"], height=0.6, ecolor="black", **style)
    ax.axvline(0, color=COLORS["gray"], linewidth=0.8)
    ax.set_yticks(places, list(map(words, importance.index)))
    ax.invert_yaxis()
    ax.grid(False, axis="y")
    if label:
        ax.set_xlabel(label)
    return ax
