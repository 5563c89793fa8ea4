"""Losses against values that are not a search's parameters."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from ...checks import checked_array, checked_number, checked_option, refuse
from ...plots.colors import COLORS
from ...plots.drawing import current, losses_of, option_words
from ...plots.search import draw_against


def plot_values(
    values: Sequence[Any],
    losses: ArrayLike,
    *,
    options: Sequence[Any] | None = None,
    ceiling: float | None = None,
    color: str = "blue",
    marker: str = "o",
    label: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw losses against values, as `hpo_helpers.plots.plot_parameter` does for a search.

    Parameters
    ----------
    values : sequence of length n
        Numbers, NaN where a trial did not have the parameter, which leaves it out; or options.
    losses : array_like of shape (n,)
        NaN or infinite where a trial failed.
    options : sequence, optional
        All that values may be, if it is a choice: each has a column of its own, in this order.
    ceiling : float, optional
        As in `hpo_helpers.plots.plot_history`.
    color, marker : str
        A name in `COLORS`, and matplotlib's marker.
    label : str, optional
        For the legend.
    ax : matplotlib.axes.Axes, optional
        Where to draw. The default is the current Axes.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on.

    Raises
    ------
    ValueError
        If there is not one loss for each value, none is finite where there is a value, or a value is
        none of the `options`.
    """
    checked_option("color", color, COLORS)
    row = losses_of("losses", losses)
    ceiling = None if ceiling is None else checked_number("ceiling", ceiling)
    x = numbers("values", values) if options is None else _places(values, list(options))
    if row.shape != x.shape:
        refuse("losses", f"have one for each of the {x.size} values", f"{row.size} losses")
    if not np.isfinite(row[~np.isnan(x)]).any():
        refuse("losses", "have a finite one where there is a value", losses)
    ax, labels = current(ax), None if options is None else option_words(options)
    draw_against(ax, x, row, labels, ceiling, {"marker": marker, "color": COLORS[color], "label": label})
    return ax


def numbers(name: str, values: Any) -> np.ndarray:
    """Return numbers as an array of floats, pandas' NA as NaN."""
    array = np.asarray(values, object)
    missing = np.array([type(value).__name__ == "NAType" for value in array.flat], bool)
    return checked_array(name, np.where(missing.reshape(array.shape), np.nan, array), finite=False)


def _places(values: Sequence[Any], options: list[Any]) -> np.ndarray:
    """Return each value's place among options, NaN if it is missing; 1, 1.0 and True are three if need be."""

    def place(value: Any) -> float:
        value = value.item() if isinstance(value, np.generic) else value
        if type(value).__name__ == "NAType" or (value != value and value not in options):
            return np.nan
        found = [k for k, option in enumerate(options) if option is value or option == value]
        exact = [k for k in found if type(options[k]) is type(value)]
        if not found:
            refuse("values", f"be options, one of {options}", value)
        return (exact or found)[0]

    return np.array([place(value) for value in values], float)
