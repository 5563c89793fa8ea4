"""Several searches seen side by side."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from ...checks import refuse
from ...plots.colors import COLORS
from ...plots.drawing import current, drawable, losses_of, set_scale, words
from ...plots.search import best_so_far
from ...trials import Trials

LINES = (("vermillion", "--"), ("blue", "-"), ("green", "-."), ("purple", ":"))


def plot_best_so_far(searches: Mapping[str, Trials | ArrayLike], *, ax: Axes | None = None) -> Axes:
    """Draw the best loss so far against the number of trials, one line a search.

    Parameters
    ----------
    searches : mapping of str to Trials or array_like
        The trials of each search, or their losses in order; four searches at most.
    ax : matplotlib.axes.Axes, optional
        Where to draw. The default is the current Axes.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on, loss as in `hpo_helpers.plots.plot_history`. A line begins with its first
        finite loss.

    Raises
    ------
    ValueError
        If there is no search, more than four, or one without a finite loss.
    """
    if not isinstance(searches, Mapping) or not 1 <= len(searches) <= len(LINES):
        refuse("searches", f"be 1 to {len(LINES)} by name", searches, "write {name: trials}")
    rows = {name: best_so_far(losses_of(f"searches[{name!r}]", it)) for name, it in searches.items()}
    ax = current(ax)
    for (name, best), (color, dashes) in zip(rows.items(), LINES, strict=False):
        number, look = np.arange(1, len(best) + 1), COLORS[color]
        ax.step(number, drawable(best), dashes, where="post", color=look, label=words(name))
    set_scale(ax)
    return ax
