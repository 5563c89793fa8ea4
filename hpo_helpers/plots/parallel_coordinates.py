"""Points of many dimensions as lines: one upright axis a coordinate, one line a point."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from .style import COLORS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MANY_LINES = 500  # from here on the lines are stored as pixels: SVG files stay small
MANY_COORDINATES = 12  # from here on the upright axes would hide the lines


def plot_parallel_coordinates(
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

    Notes
    -----
    A. Inselberg, "The plane with parallel coordinates", The Visual Computer 1 (1985), 69-91.
    """
    import matplotlib.pyplot as plt
    from matplotlib.collections import LineCollection

    points, names, positions = _check(points, names, positions)
    ax = plt.gca() if ax is None else ax
    heights = points
    if own_scales:
        heights = _stretch(points, positions, ax)
    if color_by is not None:
        order = _from_high_to_low(color_by, len(points))
        heights, color_by = heights[order], np.asarray(color_by, dtype=float)[order]
    lines = LineCollection(
        [np.column_stack([positions, height]) for height in heights],
        colors=(color or COLORS["blue"]) if color_by is None else None,  # None: by color_by
        array=color_by,
        cmap="viridis",
        alpha=alpha,
        linewidths=1.0,
        rasterized=len(heights) > MANY_LINES,
    )
    ax.add_collection(lines)
    if color_by is not None:
        ax.figure.colorbar(lines, ax=ax, label=color_label).solids.set_alpha(1.0)
    _dress(ax, positions, names)
    return ax


def _check(points, names, positions):
    """Points as (n, d) floats, one name and one position for each coordinate."""
    points = np.asarray(points, dtype=float)
    if points.ndim != 2 or points.size == 0:
        raise ValueError(f"points has shape {points.shape}; give an array of shape (n, d).")
    if np.isnan(points).all(axis=0).any():
        empty = np.flatnonzero(np.isnan(points).all(axis=0)).tolist()
        raise ValueError(f"points has only NaN in columns {empty}; leave these columns out.")
    n_coordinates = points.shape[1]
    positions = np.arange(1, n_coordinates + 1) if positions is None else np.asarray(positions)
    for parameter, given in (("names", names), ("positions", positions)):
        if given is not None and len(given) != n_coordinates:
            raise ValueError(
                f"{parameter} has {len(given)} entries; give one for each of the "
                f"{n_coordinates} coordinates of points."
            )
    return points, names, positions


def _from_high_to_low(color_by, n_points):
    """Order in which to draw the lines; those without a finite value are left out."""
    color_by = np.asarray(color_by, dtype=float)
    if color_by.shape != (n_points,):
        raise ValueError(
            f"color_by has shape {color_by.shape}; give one value for each of the "
            f"{n_points} points."
        )
    if not np.isfinite(color_by).any():
        raise ValueError("color_by holds no finite value; there is no line to draw.")
    order = np.argsort(-color_by, kind="stable")
    return order[np.isfinite(color_by[order])]


def _stretch(points, positions, ax):
    """Map each coordinate to [0, 1] and write its smallest and largest value beside its axis."""
    low, high = np.nanmin(points, axis=0), np.nanmax(points, axis=0)
    for position, *ends in zip(positions, low, high, strict=True):
        for height, end, side in zip((0, 1), ends, ("top", "bottom"), strict=True):
            ax.annotate(
                f"{end:.4g}",
                (position, height),
                xytext=(0, 4 if height else -4),
                textcoords="offset points",
                ha="center",
                va=side,
                fontsize="small",
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
                zorder=4,
            )
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.set_ylim(-0.1, 1.1)
    span = np.where(high > low, high - low, 1.0)
    return np.where(high > low, (points - low) / span, 0.5 + 0.0 * points)


def _dress(ax, positions, names):
    """Ticks and upright axes at the coordinates, limits that hold all lines."""
    if len(positions) <= MANY_COORDINATES:
        ax.set_xticks(positions, names)
        ax.grid(False, axis="x")
        for position in positions:
            ax.axvline(position, color="0.35", linewidth=1.0, zorder=3)
    ax.margins(x=0.04)
    ax.autoscale_view()
