"""How good the winners of searches are when they are trained again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from ...checks import refuse
from ...plots.colors import COLORS

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_winners(
    searches: Mapping[str, tuple[float, ArrayLike, ArrayLike]], *, ax: Axes | None = None
) -> Axes:
    """Draw the loss that won each search beside those of its configuration trained afresh.

    Parameters
    ----------
    searches : mapping of str to (float, array_like of shape (n,), array_like of shape (n,))
        For each search the winning loss, and from `n` fresh seeds the losses on the same validation
        set and on the test set.
    ax : matplotlib.axes.Axes, optional
        Where to draw. The default is the current Axes.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on, a row a search, the first on top.

    Raises
    ------
    ValueError
        If there is no search.
    """
    if not searches:
        refuse("searches", "hold the losses of at least one", searches)
    import matplotlib.pyplot as plt

    ax = plt.gca() if ax is None else ax
    kinds = (
        ("in the search", "*", "vermillion", 11, -0.2),
        ("fresh seeds, validation set", "o", "blue", 6, 0.0),
        ("fresh seeds, test set", "s", "green", 6, 0.2),
    )
    for row, losses in enumerate(searches.values()):
        for values, (name, marker, color, size, shift) in zip(losses, kinds, strict=True):
            values = np.ravel(values)
            style: dict[str, Any] = {"color": COLORS[color], "markersize": size, "markeredgecolor": "white"}
            label = None if row else name
            apart = 0.05 * (np.arange(len(values)) - (len(values) - 1) / 2)  # lest equal ones hide each other
            ax.plot(values, row + shift + apart, marker, **style, label=label)
    ax.set_yticks(range(len(searches)), searches)
    ax.set_ylim(len(searches) - 0.5, -0.5)
    ax.grid(False, axis="y")
    return ax
