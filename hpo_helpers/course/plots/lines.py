"""Any points as lines, see `plot_parallel_coordinates` for trials."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from ...checks import checked_array, refuse
from ...plots.colors import COLORS
from ...plots.drawing import current
from .parallel_coordinates import draw_lines, draw_uprights, stretched, write_ends
from .values import numbers

MANY_COORDINATES = 12  # from here on the upright axes would hide the lines


def plot_lines(
    points: ArrayLike,
    *,
    names: Sequence[str] | None = None,
    positions: ArrayLike | None = None,
    color: str | None = None,
    color_by: ArrayLike | None = None,
    color_label: str = "loss",
    own_scales: bool = False,
    alpha: float = 0.5,
    ax: Axes | None = None,
) -> Axes:
    """Draw each point as a line through its coordinates.

    Parameters
    ----------
    points : array_like of shape (n, d)
        One point a row. A coordinate that is NaN (an inactive hyperparameter) leaves a gap.
    names : sequence of str of length d, optional
        What to write below each coordinate.
    positions : array_like of shape (d,), optional
        Where each coordinate stands on the horizontal axis. The default is 1, 2, ..., d.
    color : str, optional
        One color for all lines. The default is blue.
    color_by : array_like of shape (n,), optional
        A value for each line. Low values are dark and drawn last, on top; where the value
        is NaN or infinite (a failed trial) the line is left out. Adds a color bar.
    color_label : str
        What `color_by` is: the label of the color bar.
    own_scales : bool
        False: all coordinates share the vertical axis. True: each coordinate is stretched
        from its smallest to its largest value, which are written at the axis's two ends.
    alpha : float
        Opacity of a line, in (0, 1].
    ax : matplotlib.axes.Axes, optional
        Where to draw. The default is the current Axes.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on.

    Raises
    ------
    ValueError
        If the shapes of `points`, `names`, `positions` and `color_by` do not fit together, or
        if a coordinate, or `color_by`, holds no number at all.
    """
    array = _checked(points)
    n, d = array.shape
    at = np.arange(1.0, d + 1) if positions is None else checked_array("positions", positions)
    for parameter, given in (("names", names), ("positions", at)):
        if given is not None and len(given) != d:
            refuse(parameter, f"have an entry for each of the {d} coordinates", f"{len(given)} entries")
    values = None if color_by is None else checked_array("color_by", color_by, finite=False)
    if values is not None and values.shape != (n,):
        refuse("color_by", f"have a value for each of the {n} points", f"shape {values.shape}")
    if values is not None and not np.isfinite(values).any():
        refuse("color_by", "hold a finite value", color_by)
    ax, style = current(ax), dict[str, Any](alpha=alpha)
    if values is None:
        style["color"] = color or COLORS["blue"]
    axes = [stretched(column, column) for column in array.T]
    heights = np.column_stack([column for column, _ in axes]) if own_scales else array
    draw_lines(ax, at, heights, style, values, color_label)
    if own_scales:
        write_ends(ax, at, [texts for _, texts in axes])
    few = d <= MANY_COORDINATES
    if few or names is not None:
        ax.set_xticks(at, names)
        draw_uprights(ax, at[: d if few else 0])
    return ax


def _checked(points: ArrayLike) -> np.ndarray:
    array = numbers("points", points)
    if array.ndim != 2 or array.size == 0:
        refuse("points", "have the shape (n, d)", f"shape {array.shape}")
    empty = np.flatnonzero(np.isnan(array).all(axis=0)).tolist()
    if empty:
        refuse("points", "hold a number in each column", f"only NaN in columns {empty}", "leave them out")
    return array
