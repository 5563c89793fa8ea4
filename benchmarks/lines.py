"""The lines of the figures: how each sampler's looks, its name at its end, and the file."""

from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.optimize import isotonic_regression

from hpo_helpers.plots.style import COLORS

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


def label_ends(ax: Axes, ends: list[tuple[float, float, str, str]]) -> None:
    """Write names to the right of the axes, as near to the ends of their lines as they fit.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        With all that is drawn in it, and its scales.
    ends : list of (x, y, name, color)
        In data coordinates.
    """
    if not ends:
        return
    ends = sorted(ends, key=lambda end: end[1])
    ax.set_ylim(ax.get_ylim())
    ax.figure.draw_without_rendering()  # makes the layout
    points = [(x, y) for x, y, _, _ in ends]
    heights = ax.transAxes.inverted().transform(ax.transData.transform(points))[:, 1]
    gap = 1.25 * ax.figure.dpi / 72 * 10 / ax.get_window_extent().height
    room = [gap * i for i in range(len(ends))]
    # The least moves that keep the gaps: an isotonic regression of what is left without them.
    moved = isotonic_regression(heights - room).x.clip(0, max(1 - room[-1], 0)) + room
    for (x, y, name, color), height in zip(ends, moved, strict=True):
        ax.annotate(
            name,
            (x, y),
            (1.06, height),
            textcoords="axes fraction",
            va="center",
            color=color,
            fontsize=10,
            arrowprops={"arrowstyle": "-", "color": color, "linewidth": 0.7, "relpos": (0, 0.5)},
        )


def save(fig: Figure, path: Path) -> None:
    """Write a figure as PNG, the same bytes on every run of one environment."""
    fig.savefig(path, dpi=120, metadata={"Software": None}, pil_kwargs={"optimize": True})
