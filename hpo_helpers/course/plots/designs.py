"""Which points a search tries: how they fill the unit square, and what their projections see."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from ...checks import refuse
from ...plots.colors import COLORS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

HOLE_CENTERS = 101  # per side: places where the largest hole may sit
GAP = 0.04  # between the square and the curves, as a share of the square
LINES = (("blue", "o", "-"), ("vermillion", "s", "--"), ("green", "^", "-."), ("purple", "D", ":"))


def largest_hole(points: ArrayLike) -> tuple[np.ndarray, float]:
    """Find the largest circle that is centered in the unit square and holds no point.

    Its radius is the dispersion of the points (Niederreiter 1992, "Random Number Generation and
    Quasi-Monte Carlo Methods", definition 6.2). Centers are tried on a grid of step 0.01, so the
    radius is short of the true one by at most 0.0071.

    Parameters
    ----------
    points : array_like of shape (n, 2)
        Points in the unit square.

    Returns
    -------
    center : numpy.ndarray of shape (2,)
    radius : float

    Raises
    ------
    ValueError
        If `points` is not a non-empty array of shape (n, 2) within the unit square.
    """
    from scipy.spatial import cKDTree

    tried = _in_unit_square(points)
    side = np.linspace(0, 1, HOLE_CENTERS)
    centers = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    distances = np.asarray(cKDTree(tried).query(centers)[0])
    widest = distances.argmax()
    return centers[widest], float(distances[widest])


def plot_points(points: ArrayLike, *, hole: bool = False, ax: Axes | None = None) -> Axes:
    """Draw points in the unit square.

    Parameters
    ----------
    points : array_like of shape (n, 2)
        Points in the unit square.
    hole : bool
        Draw the largest circle without a point too, see `largest_hole`.
    ax : matplotlib.axes.Axes, optional
        Where to draw. The default is the current Axes.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on, with a frame and one scale for both axes.

    Raises
    ------
    ValueError
        If `points` is not a non-empty array of shape (n, 2) within the unit square.
    """
    dots = _in_unit_square(points)
    ax = _unit_square(ax)
    if hole:
        from matplotlib.patches import Circle

        (x, y), radius = largest_hole(dots)
        ax.add_patch(Circle((x, y), radius, facecolor=COLORS["yellow"], alpha=0.6))
    _dots(ax, *dots.T)
    return ax


def plot_projections(
    points: ArrayLike,
    profiles: Sequence[Callable[[np.ndarray], np.ndarray]],
    *,
    ax: Axes | None = None,
) -> Axes:
    """Draw points in the unit square, and what each knob alone gets to see of its loss.

    The curve above the square is the loss as the first knob moves it, the curve to the right as the
    second does, both in one scale. Every point is carried over to both curves: points in
    one column land on one spot of the upper curve. After figure 1 of Bergstra & Bengio 2012,
    "Random Search for Hyper-Parameter Optimization".

    Parameters
    ----------
    points : array_like of shape (n, 2)
        Points in the unit square.
    profiles : pair of callable
        The loss as a function of the first knob and of the second; each takes and returns an array
        of shape (m,).
    ax : matplotlib.axes.Axes, optional
        Where to draw. The default is the current Axes.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes of the square; the curves are in its two inset axes.

    Raises
    ------
    ValueError
        If `points` is not a non-empty array of shape (n, 2) within the unit square.
    """
    dots = _in_unit_square(points)
    ax = _unit_square(ax)
    ax.grid(False)
    knob = np.linspace(0, 1, 201)
    curves = [np.asarray(profile(knob), dtype=float) for profile in profiles]
    low, high = np.min(curves), np.max(curves)
    margin = 0.1 * (high - low)
    places = ((0, 1 + GAP, 1, 0.3), (1 + GAP, 0, 0.3, 1))
    for axis, (place, profile, curve) in enumerate(zip(places, profiles, curves, strict=True)):
        inset = ax.inset_axes(place)
        inset.set_axis_off()
        tried = dots[:, axis]
        loss = np.asarray(profile(tried), dtype=float)
        lines = np.array([tried, tried]), np.array([np.full_like(loss, low - margin), loss])
        coordinates = ((knob, curve), (tried, loss), lines)
        # To the right, the knob runs upward and the loss outward: the same picture, turned.
        (kx, ky), (tx, ty), (lx, ly) = (c if axis == 0 else c[::-1] for c in coordinates)
        inset.plot(kx, ky, color=COLORS["black"])
        inset.plot(lx, ly, color=COLORS["gray"], linewidth=0.8)
        _dots(inset, tx, ty)
        limits = ((0, 1), (low - margin, high + margin))
        (x_limits, y_limits) = limits if axis == 0 else limits[::-1]
        inset.set(xlim=x_limits, ylim=y_limits)
    thin: dict[str, Any] = {"color": COLORS["gray"], "linewidth": 0.8, "clip_on": False}
    ax.vlines(dots[:, 0], dots[:, 1], 1 + GAP, **thin)
    ax.hlines(dots[:, 1], dots[:, 0], 1 + GAP, **thin)
    ax.text(-0.02, 1.2, "loss", transform=ax.transAxes, ha="right", va="center")
    _dots(ax, *dots.T)
    return ax


def plot_best_losses(x: ArrayLike, losses: Mapping[str, ArrayLike], *, ax: Axes | None = None) -> Axes:
    """Draw one line a method, told apart by color, marker and dashes, its name at its end.

    Parameters
    ----------
    x : array_like of shape (n,)
        What is varied.
    losses : mapping of str to array_like of shape (n,)
        The best loss of each method at each `x`; four methods at most.
    ax : matplotlib.axes.Axes, optional
        Where to draw. The default is the current Axes.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on.

    Raises
    ------
    ValueError
        If there are more than four methods.
    """
    import matplotlib.pyplot as plt

    if len(losses) > len(LINES):
        refuse("losses", f"have at most {len(LINES)} methods", list(losses))
    ax = plt.gca() if ax is None else ax
    for (name, loss), (color, marker, dashes) in zip(losses.items(), LINES, strict=False):
        ax.plot(x, loss, color=COLORS[color], marker=marker, linestyle=dashes)
        end = (np.asarray(x)[-1], np.asarray(loss)[-1])
        ax.annotate(name, end, (9, 0), textcoords="offset points", va="center", color=COLORS[color])
    ax.set_ylim(bottom=0)
    return ax


def _in_unit_square(given: ArrayLike) -> np.ndarray:
    points = np.asarray(given, dtype=float)
    if points.ndim != 2 or points.shape[1] != 2 or not len(points):
        refuse("points", "have shape (n, 2), n > 0", points.shape)
    if not ((points >= 0) & (points <= 1)).all():
        refuse("points", "lie between 0 and 1", points, "scale each knob to that range")
    return points


def _unit_square(ax: Axes | None) -> Axes:
    import matplotlib.pyplot as plt

    ax = plt.gca() if ax is None else ax
    ax.spines[:].set_visible(True)
    ticks = (0, 0.5, 1)
    ax.set(xlim=(0, 1), ylim=(0, 1), xticks=ticks, yticks=ticks, aspect="equal")
    return ax


def _dots(ax: Axes, x: np.ndarray, y: np.ndarray) -> None:
    style: dict[str, Any] = {"color": COLORS["blue"], "markeredgecolor": "white", "markeredgewidth": 0.6}
    ax.plot(x, y, "o", clip_on=False, zorder=3, **style)
