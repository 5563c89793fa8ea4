"""The figures' lines: how each contestant's looks, with its name at its end, and the file."""

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.optimize import isotonic_regression

from hpo_helpers.plots.colors import COLORS

# Ours are blue and solid. Whatever shares a color differs in its marker.
LOOKS = {
    name: {"color": COLORS[color], "linestyle": dashes, "marker": marker, "markersize": 5}
    for name, color, dashes, marker in (
        ("random", "gray", ":", ""),
        ("tpe", "blue", "-", "o"),
        ("gp", "blue", "-", "s"),
        ("hyperopt-tpe", "vermillion", "--", "^"),
        ("hyperopt-anneal", "green", "-.", "v"),
        ("optuna-tpe", "purple", (0, (5, 1)), "D"),
        ("optuna-gp", "purple", (0, (5, 1)), "P"),
        ("loop", "black", (0, (1, 1)), ""),
    )
}


def draw_lines(ax: Axes, lines: list[tuple[str, str, np.ndarray, np.ndarray]], title: str) -> None:
    """Draw medians and the bands between quartiles, with names at the ends.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    lines : list of (key of `LOOKS`, name, x, y)
        With y of shape (repeats, len(x)).
    title : str
    """
    ends = []
    for key, name, x, y in lines:
        low, middle, high = np.percentile(y, [25, 50, 75], axis=0)
        marks = np.unique(np.geomspace(1, len(x), 5).astype(int) - 1).tolist()
        ax.fill_between(x, low, high, color=LOOKS[key]["color"], alpha=0.13, linewidth=0)
        ax.plot(x, middle, markevery=marks, **LOOKS[key])
        ends.append((x[-1], middle[-1], name, LOOKS[key]["color"]))
    ax.set(xscale="log", yscale="log", title=title)
    _label_ends(ax, ends)


def _label_ends(ax: Axes, ends: list[tuple[float, float, str, str]]) -> None:
    """Write names (x, y, name, color) to the right, as near to the ends of their lines as they fit."""
    if not ends:
        return
    ends = sorted(ends, key=lambda end: end[1])
    ax.set_ylim(ax.get_ylim())
    ax.figure.draw_without_rendering()  # makes the layout
    points = [(x, y) for x, y, _, _ in ends]
    heights = ax.transAxes.inverted().transform(ax.transData.transform(points))[:, 1]
    gap = 1.25 * ax.figure.dpi / 72 * 10 / ax.get_window_extent().height
    room = gap * np.arange(len(ends))
    # The least moves that keep the gaps: an isotonic regression of what is left without them.
    moved = isotonic_regression(heights - room).x.clip(0, max(1 - room[-1], 0)) + room
    for (x, y, name, color), height in zip(ends, moved, strict=True):
        options = {"textcoords": "axes fraction", "va": "center", "color": color, "fontsize": 10}
        arrow = {"arrowstyle": "-", "color": color, "linewidth": 0.7, "relpos": (0, 0.5)}
        ax.annotate(name, (x, y), (1.06, height), arrowprops=arrow, **options)


def save(fig: Figure, path: Path) -> None:
    """Write a figure as PNG, the same bytes on every run of one environment."""
    fig.savefig(path, dpi=120, metadata={"Software": None}, pil_kwargs={"optimize": True})
