"""What the pictures share: the Axes, words that are no mathematics, losses and their scale."""

from collections.abc import Iterable, Sequence
from reprlib import repr as short
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from ..checks import checked_array, checked_option, refuse
from ..distributions import Distribution
from ..trials import Trials, space_of

FARTHEST = 1e100  # what lies beyond, or nearer to 0 than its inverse, is drawn there
MANY_OPTIONS = 20  # of more, only some are named


def current(ax: Axes | None) -> Axes:
    """Return the Axes to draw on."""
    if ax is not None and not isinstance(ax, Axes):
        refuse("ax", "be a matplotlib Axes", ax, "leave it out to draw on the current one", TypeError)
    return plt.gca() if ax is None else ax


def words(text: object) -> str:
    """Return a text that matplotlib writes letter by letter, dollars too, and shows in a legend."""
    return "\N{ZERO WIDTH SPACE}" * str(text).startswith("_") + str(text).replace("$", r"\$")


def option_words(options: Iterable[Any]) -> list[str]:
    """Return what to write for each option; where two would look alike, strings have quotes."""
    options = list(options)
    plain = [o if isinstance(o, str) else getattr(o, "__name__", None) or short(o) for o in options]
    return list(map(words, plain if len(set(plain)) == len(plain) else map(short, options)))


def some(labels: Sequence[str]) -> dict[int, str]:
    """Return the labels by index, of many only as many as can be read."""
    return dict(list(enumerate(labels))[:: -(-len(labels) // MANY_OPTIONS)])


def losses_of(name: str, losses: Trials | ArrayLike) -> np.ndarray:
    """Return losses, shape (n,), at least one finite: of what failed infinity, of what has not ended NaN."""
    if isinstance(losses, Trials):
        _ = losses.best  # or an error that says why there is none
        return np.where([trial.state == "failed" for trial in losses], np.inf, losses.losses)
    row = checked_array(name, losses, finite=False)
    if row.ndim != 1 or not np.isfinite(row).any():
        refuse(name, "be a row of losses, at least one of them finite", losses)
    return np.where(np.isnan(row), np.inf, row)


def of_parameter(trials: Trials, name: str) -> tuple[np.ndarray, Distribution, list[str] | None]:
    """Return a parameter's values, NaN where it is not active, its distribution, and its options' words."""
    space = space_of(trials)
    distribution = space.parameters[checked_option("name", name, space.parameters)].distribution
    values = np.array([trial.values.get(name, np.nan) for trial in trials], float)
    if not np.isfinite(values[np.isfinite(trials.losses)]).any():
        refuse("name", "be a parameter of a finished trial", name)
    if distribution.options is None:
        return values, distribution, None
    options = space.options(name)
    return values, distribution, option_words(range(distribution.high + 1) if options is None else options)


def drawable(y: np.ndarray) -> np.ndarray:
    """Return numbers within what an axis can show; NaN where they are not finite."""
    sizes = np.clip(np.abs(np.where(np.isfinite(y), y, np.nan)), 1 / FARTHEST, FARTHEST)
    return np.where(y == 0, 0.0, np.copysign(sizes, y))


def scale(y: np.ndarray) -> dict[str, Any]:
    """Choose the scale of losses, as arguments of ``set_yscale``.

    Logarithmic if all are positive, else linear; but logarithmic to both sides of 0 where 0 is the
    lowest of them, or where some are a thousand times as large as half of them.
    """
    y = np.unique(y[np.isfinite(y)])
    sizes = np.abs(y[y != 0])
    if (y > 0).all():
        return {"value": "log"}
    if sizes.size and (y >= 0).all():
        return {"value": "symlog", "linthresh": sizes.min()}
    if sizes.size and sizes.max() > 1000 * np.median(sizes):
        return {"value": "symlog", "linthresh": np.median(sizes)}
    return {"value": "linear"}


def set_scale(ax: Axes) -> None:
    """Set the scale of the upward axis by all that lines show on it, on other Axes that share it too."""
    axes = ax.get_shared_y_axes().get_siblings(ax)
    lines = [line for one in axes for line in one.lines if line.get_transform() is one.transData]
    ax.set_yscale(**scale(np.concatenate([np.asarray(line.get_ydata(), float) for line in lines])))
