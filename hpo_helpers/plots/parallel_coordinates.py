"""Points of many dimensions as lines: one upright axis a coordinate, one line a point."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from ..checks import checked_array, refuse
from ..trials import Trials
from .colors import COLORS
from .drawing import current, drawable, losses_of, numbers, of_parameter, scale, some, words

MANY_LINES = 500  # from here on the lines are stored as pixels: SVG files stay small
MANY_COORDINATES = 12  # from here on the upright axes would hide the lines
Axis = tuple[np.ndarray, dict[float, str]]  # where each point is on an upright axis, and texts by height
LONG_NAMES = 70  # letters beside each other; more are written aslant


def plot_parallel_coordinates(
    points: Trials | ArrayLike,
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
    points : Trials, or array_like of shape (n, d)
        Finished trials, colored by their losses if no color is given, every parameter that was active
        on a scale of its own, logarithmic if its distribution is; or one point a row. A coordinate
        that is NaN (an inactive hyperparameter) leaves a gap.
    names : sequence of str of length d, optional
        What to write below each coordinate. Trials know theirs.
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
    norm = None
    if isinstance(points, Trials):
        losses = drawable(losses_of("losses", points))
        axes = _of_trials(points)
        names = list(axes) if names is None else names
        if color is None and color_by is None:
            color_by, norm = losses, _norm(losses)
    else:
        columns = enumerate(_checked(points).T)
        axes = {str(j): _stretched(column, column) if own_scales else (column, {}) for j, column in columns}
    d, heights = len(axes), np.column_stack([column for column, _ in axes.values()])
    at = np.arange(1.0, d + 1) if positions is None else checked_array("positions", positions)
    for parameter, given in (("names", names), ("positions", at)):
        if given is not None and len(given) != d:
            refuse(parameter, f"have an entry for each of the {d} coordinates", f"{len(given)} entries")
    values, style = None, {"color": color or COLORS["blue"], "alpha": alpha, "linewidths": 1.0}
    if color_by is not None:
        order, values = _from_high_to_low(color_by, len(heights))
        heights, style = heights[order], {"cmap": "viridis", "alpha": alpha, "linewidths": 1.0}
    ax = current(ax)
    lines = _draw(ax, at, heights, values, norm, style)
    if values is not None:
        bar: Any = ax.figure.colorbar(lines, ax=ax, label=color_label)
        bar.solids.set_alpha(1.0)
    for position, (_, texts) in zip(at, axes.values(), strict=True):
        _write(ax, position, texts)
    if any(texts for _, texts in axes.values()):
        ax.set_yticks([])
        ax.spines["left"].set_visible(False)
        ax.set_ylim(-0.1, 1.1)
    _dress(ax, at, names)
    return ax


def _checked(points: ArrayLike) -> np.ndarray:
    array = numbers("points", points)
    if array.ndim != 2 or array.size == 0:
        refuse("points", "have the shape (n, d)", f"shape {array.shape}")
    empty = np.flatnonzero(np.isnan(array).all(axis=0)).tolist()
    if empty:
        refuse("points", "hold a number in each column", f"only NaN in columns {empty}", "leave them out")
    return array


def _of_trials(trials: Trials) -> dict[str, Axis]:
    """Return the axis of each parameter that was active in a finished trial."""
    finished, axes = np.isfinite(trials.losses), dict[str, Axis]()
    active = {name for trial in trials if trial.state == "finished" for name in trial.values}
    for name in trials.space.parameters if trials.space else active:
        if name not in active:
            continue
        values, distribution, labels = of_parameter(trials, name)
        values[~finished] = np.nan
        if labels is None:
            axes[words(name)] = _stretched(distribution.scaled(values), values)
        else:
            last = max(1, len(labels) - 1)
            axes[words(name)] = values / last, {k / last: label for k, label in some(labels).items()}
    return axes


def _stretched(z: np.ndarray, values: np.ndarray) -> Axis:
    """Map the lowest number of a scale to 0 and the highest to 1, equal ones to 0.5; note their values."""
    low, high = np.nanmin(z), np.nanmax(z)
    heights = (z - low) / (high - low) if high > low else 0.5 + 0.0 * z
    return heights, {0.0: f"{np.nanmin(values):.4g}", 1.0: f"{np.nanmax(values):.4g}"}


def _norm(losses: np.ndarray) -> Any:
    """Return how losses become colors, on the scale on which they are drawn upwards."""
    from matplotlib.colors import LogNorm, Normalize, SymLogNorm

    kind, *options = scale(losses).values()
    return {"log": LogNorm, "symlog": SymLogNorm, "linear": Normalize}[kind](*options)


def _from_high_to_low(color_by: ArrayLike, n_points: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the order in which to draw lines, without those that have no finite value, and the values."""
    values = checked_array("color_by", color_by, finite=False)
    if values.shape != (n_points,):
        refuse("color_by", f"have a value for each of the {n_points} points", f"shape {values.shape}")
    if not np.isfinite(values).any():
        refuse("color_by", "hold a finite value", color_by)
    order = np.argsort(-values, kind="stable")
    order = order[np.isfinite(values[order])]
    return order, values[order]


def _draw(
    ax: Axes, at: np.ndarray, heights: np.ndarray, values: np.ndarray | None, norm: Any, style: dict[str, Any]
) -> Any:
    """Draw a line for each row, in one color or by values, and a dot where it has no neighbor to go to."""
    from matplotlib.collections import LineCollection

    corners = [np.column_stack([at, row]) for row in heights]
    lines = LineCollection(corners, array=values, norm=norm, rasterized=len(heights) > MANY_LINES, **style)
    ax.add_collection(lines)
    there = np.pad(~np.isnan(heights), ((0, 0), (1, 1)))
    rows, columns = np.nonzero(there[:, 1:-1] & ~there[:, :-2] & ~there[:, 2:])
    if values is not None:
        lines.autoscale_None()  # dots have the lines' colors
        style = style | {"c": values[rows], "norm": lines.norm}
    if rows.size:
        ax.scatter(at[columns], heights[rows, columns], s=9, **style)
    return lines


def _write(ax: Axes, position: float, texts: dict[float, str]) -> None:
    """Write texts at heights of an upright axis, at its ends outside of it."""
    for height, text in texts.items():
        place = {0.0: ((0, -4), "center", "top"), 1.0: ((0, 4), "center", "bottom")}
        offset, ha, va = place.get(height, ((4, 0), "left", "center"))
        box = {"facecolor": "white", "edgecolor": "none", "pad": 1}
        where: Any = {"xytext": offset, "textcoords": "offset points", "ha": ha, "va": va}
        ax.annotate(text, (position, height), fontsize="small", bbox=box, zorder=4, **where)


def _dress(ax: Axes, at: np.ndarray, names: Sequence[str] | None) -> None:
    """Draw ticks and upright axes at the coordinates, and set limits that hold all lines."""
    few = len(at) <= MANY_COORDINATES
    if few or names is not None:
        turn: dict[str, Any] = {"rotation": 20, "ha": "right", "rotation_mode": "anchor"}
        letters = sum(max(map(len, name.split("\n"))) for name in names or ())
        ax.set_xticks(at, names, **(turn if letters > LONG_NAMES else {}))
        ax.grid(False, axis="x")
    for position in at if few else ():
        ax.axvline(position, color="0.35", linewidth=1.0, zorder=3)
    ax.margins(x=0.04)
    ax.autoscale_view()
