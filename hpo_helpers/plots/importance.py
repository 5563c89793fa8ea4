"""Which parameters of a search mattered, as far as its trials can tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from .style import COLORS

if TYPE_CHECKING:
    import pandas
    from matplotlib.axes import Axes


def parameter_importance(
    table: pandas.DataFrame,
    losses: ArrayLike,
    *,
    n_folds: int = 5,
    n_repeats: int = 5,
    seed: int = 0,
) -> tuple[pandas.DataFrame, float]:
    """Tell how much a prediction of the loss loses when the values of one parameter are shuffled.

    A random forest learns the logarithm of the loss from the other folds' trials and predicts those
    of each fold, before and after the shuffle (permutation importance: Breiman 2001, "Random
    forests", Machine Learning 45, section 10). What it says holds for these trials: within the
    ranges that were searched, and, if a sampler chose them, where it chose them.

    Parameters
    ----------
    table : pandas.DataFrame of n rows
        One column a parameter: numbers (NaN where a trial did not have it) or options.
    losses : array_like of shape (n,)
        Above 0. Trials whose loss is NaN or infinite are left out.
    n_folds, n_repeats : int
        Folds, and shuffles in each.
    seed : int
        Of folds, forests and shuffles.

    Returns
    -------
    importance : pandas.DataFrame
        A row a parameter, the most important first: ``mean`` and ``std`` over folds and shuffles of
        the drop in R², the share of the variance that is predicted.
    score : float
        Mean R² before any shuffle; near 0 or below, the importances mean nothing.

    Raises
    ------
    ValueError
        If `losses` does not fit `table` or is not positive, or there are fewer than two finite
        losses a fold.
    """
    import pandas
    from sklearn.compose import make_column_transformer
    from sklearn.ensemble import RandomForestRegressor
    from sklearn.inspection import permutation_importance
    from sklearn.model_selection import KFold
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    losses = np.asarray(losses, dtype=float)
    finite = np.isfinite(losses)
    if losses.shape != (len(table),) or not (losses[finite] > 0).all():
        raise ValueError(f"losses must hold a number above 0 for each of the {len(table)} trials.")
    if finite.sum() < 2 * n_folds:
        raise ValueError(f"losses has {finite.sum()} finite values, too few for n_folds={n_folds}.")
    x, y = table[finite], np.log(losses[finite])
    choices = [name for name in x if not pandas.api.types.is_numeric_dtype(x[name])]
    encoder = OneHotEncoder(handle_unknown="ignore"), choices
    drops, scores = [], []
    for learn, check in KFold(n_folds, shuffle=True, random_state=seed).split(x):
        columns = make_column_transformer(encoder, remainder="passthrough")
        forest = make_pipeline(columns, RandomForestRegressor(100, random_state=seed))
        forest.fit(x.iloc[learn], y[learn])
        held_out = x.iloc[check], y[check]
        shuffles = permutation_importance(forest, *held_out, n_repeats=n_repeats, random_state=seed)
        drops.append(shuffles.importances)
        scores.append(forest.score(*held_out))
    drops = np.hstack(drops)
    columns = {"mean": drops.mean(axis=1), "std": drops.std(axis=1)}
    result = pandas.DataFrame(columns, index=x.columns)
    return result.sort_values("mean", ascending=False, kind="stable"), float(np.mean(scores))


def plot_importance(importance: pandas.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw the importance of parameters as bars, the first on top, with one standard deviation.

    Parameters
    ----------
    importance : pandas.DataFrame
        Of `parameter_importance`.
    ax : matplotlib.axes.Axes, optional
        Where to draw. The default is the current Axes.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on.
    """
    import matplotlib.pyplot as plt

    ax = plt.gca() if ax is None else ax
    places = np.arange(len(importance))
    style = {"color": COLORS["sky"], "edgecolor": COLORS["blue"], "ecolor": "black", "capsize": 3}
    ax.barh(places, importance["mean"], xerr=importance["std"], height=0.6, **style)
    ax.axvline(0, color=COLORS["gray"], linewidth=0.8)
    ax.set_yticks(places, importance.index)
    ax.invert_yaxis()
    ax.grid(False, axis="y")
    return ax
