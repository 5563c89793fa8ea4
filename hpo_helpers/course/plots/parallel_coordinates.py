"""Points of many dimensions as lines: one upright axis a coordinate, one line a point."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ...plots.drawing import current, drawable, losses_of, of_parameter, scale, some, words
from ...trials import Trials, space_of

MANY_LINES = 500  # from here on the lines are stored as pixels: SVG files stay small
LONG_NAMES = 70  # letters beside each other; more are written aslant
Axis = tuple[np.ndarray, dict[float, str]]  # where each point is on an upright axis, and texts by height


def plot_parallel_coordinates(trials: Trials, *, ax: Axes | None = None) -> Axes:
    """Draw each finished trial as a line through the values of its parameters.

    Every parameter that was active has an upright axis, logarithmic if its distribution is, that spans
    the values that were tried; where it was not active, a line has a gap. Low losses are dark and drawn
    last, on top.

    Parameters
    ----------
    trials : Trials
    ax : matplotlib.axes.Axes, optional
        Where to draw. The default is the current Axes.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on, with a color bar beside it.

    Raises
    ------
    ValueError
        If the trials have no space, or none of them is finished.

    Notes
    -----
    A. Inselberg, "The plane with parallel coordinates", The Visual Computer 1 (1985), 69-91.
    """
    losses = drawable(losses_of("losses", trials))
    axes, names = _of_trials(trials)
    at, ax = np.arange(1.0, len(axes) + 1), current(ax)
    heights = np.column_stack([column for column, _ in axes])
    draw_lines(ax, at, heights, {"alpha": 0.5, "norm": _norm(losses)}, losses, "loss")
    write_ends(ax, at, [texts for _, texts in axes])
    turn: dict[str, Any] = {"rotation": 20, "ha": "right", "rotation_mode": "anchor"}
    ax.set_xticks(at, names, **(turn if sum(map(len, names)) > LONG_NAMES else {}))
    draw_uprights(ax, at)
    return ax


def _of_trials(trials: Trials) -> tuple[list[Axis], list[str]]:
    """Return the axis of each parameter that was active in a finished trial, and its name."""
    space, axes = space_of(trials), dict[str, Axis]()
    finished = np.isfinite(trials.losses)
    active = {name for trial in trials if trial.state == "finished" for name in trial.values}
    for name in filter(active.__contains__, space.parameters):
        values, distribution, labels = of_parameter(trials, name)
        values[~finished] = np.nan
        if labels is None:
            axes[words(name)] = stretched(distribution.scaled(values), values)
        else:
            last = max(1, len(labels) - 1)
            axes[words(name)] = values / last, {k / last: label for k, label in some(labels).items()}
    return list(axes.values()), list(axes)


def stretched(z: np.ndarray, values: np.ndarray) -> Axis:
    """Map the lowest number of a scale to 0 and the highest to 1, equal ones to 0.5; note their values."""
    low, high = np.nanmin(z), np.nanmax(z)
    heights = (z - low) / (high - low) if high > low else 0.5 + 0.0 * z
    return heights, {0.0: f"{np.nanmin(values):.4g}", 1.0: f"{np.nanmax(values):.4g}"}


def _norm(losses: np.ndarray) -> Any:
    """Return how losses become colors, on the scale on which they are drawn upwards."""
    from matplotlib.colors import LogNorm, Normalize, SymLogNorm

    kind, *options = scale(losses).values()
    return {"log": LogNorm, "symlog": SymLogNorm, "linear": Normalize}[kind](*options)


def draw_lines(
    ax: Axes,
    at: np.ndarray,
    heights: np.ndarray,
    style: dict[str, Any],
    color_by: np.ndarray | None = None,
    color_label: str = "",
) -> None:
    """Draw a line for each row of heights, and a dot where it has no neighbor to go to.

    With `color_by`, a value for each, low ones are dark and on top, and those that are not finite left out.
    """
    from matplotlib.collections import LineCollection

    if color_by is not None:
        order = np.argsort(-color_by, kind="stable")
        order = order[np.isfinite(color_by[order])]
        heights, color_by, style = heights[order], color_by[order], style | {"cmap": "viridis"}
    corners, style = [np.column_stack([at, row]) for row in heights], style | {"linewidths": 1.0}
    lines = LineCollection(corners, array=color_by, rasterized=len(heights) > MANY_LINES, **style)
    ax.add_collection(lines)
    there = np.pad(~np.isnan(heights), ((0, 0), (1, 1)))
    rows, columns = np.nonzero(there[:, 1:-1] & ~there[:, :-2] & ~there[:, 2:])
    if color_by is not None:
        lines.autoscale_None()  # dots have the lines' colors
        style = style | {"c": color_by[rows], "norm": lines.norm}
        bar: Any = ax.figure.colorbar(lines, ax=ax, label=color_label)
        bar.solids.set_alpha(1.0)
    if rows.size:
        ax.scatter(at[columns], heights[rows, columns], s=9, **style)
    ax.margins(x=0.04)
    ax.autoscale_view()


def write_ends(ax: Axes, at: np.ndarray, texts: list[dict[float, str]]) -> None:
    """Write texts at heights of each upright axis, at its ends outside of it; there is no vertical scale."""
    place = {0.0: ((0, -4), "center", "top"), 1.0: ((0, 4), "center", "bottom")}
    box = {"facecolor": "white", "edgecolor": "none", "pad": 1}
    for position, of_axis in zip(at, texts, strict=True):
        for height, text in of_axis.items():
            offset, ha, va = place.get(height, ((4, 0), "left", "center"))
            where: Any = {"xytext": offset, "textcoords": "offset points", "ha": ha, "va": va}
            ax.annotate(text, (position, height), fontsize="small", bbox=box, zorder=4, **where)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.set_ylim(-0.1, 1.1)


def draw_uprights(ax: Axes, at: np.ndarray) -> None:
    """Draw the upright axes, in place of a grid."""
    ax.grid(False, axis="x")
    for position in at:
        ax.axvline(position, color="0.35", linewidth=1.0, zorder=3)
