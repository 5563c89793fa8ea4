"""Which parameters of a search mattered, as far as its trials can tell."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas
from numpy.typing import ArrayLike
from scipy.stats import rankdata

from ..checks import checked_array, checked_integer, refuse
from ..trials import Trials, space_of

N_FOLDS = 5


def parameter_importance(
    trials: Trials, *, n_repeats: int = 5, seed: int = 0
) -> tuple[pandas.DataFrame, float]:
    """Tell how much a prediction of the loss loses when the values of one parameter are shuffled.

    A random forest learns the loss from the other folds' trials and predicts those of each fold, before
    and after the shuffle (permutation importance: Breiman 2001, "Random forests", Machine Learning 45,
    section 10). It learns the logarithm of the loss if all are positive, else the rank; and of a parameter
    whose values the forest's 32 bits do not tell apart, their order. What it says holds for these
    trials: within the ranges that were searched, and, if a sampler chose them, where it chose.

    Parameters
    ----------
    trials : Trials
        Those that are not finished are left out.
    n_repeats : int
        Shuffles in each of five folds.
    seed : int
        Of folds, forests and shuffles.

    Returns
    -------
    importance : pandas.DataFrame
        A row a parameter, the most important first: ``mean`` and ``std`` over folds and shuffles of
        the drop in R², the share of the variance of all losses that is predicted.
    score : float
        R² before any shuffle; near 0 or below, nothing was learned and the importances mean nothing.
        0 if all losses are equal.

    Raises
    ------
    ValueError
        If the trials have no space, or fewer than two finite losses a fold.

    Examples
    --------
    >>> from hpo_helpers import RandomSampler, Uniform, minimize, parameter_importance
    >>> space = {"x": Uniform(0, 1), "y": Uniform(0, 1)}
    >>> trials = minimize(lambda c: c["x"], space, sampler=RandomSampler(), seed=0, progress=False)
    >>> importance, score = parameter_importance(trials)
    >>> importance.index[0], score > 0.5
    ('x', True)
    """
    space = space_of(trials)
    kinds = [parameter.distribution for parameter in space.parameters.values()]
    choices = [j for j, kind in enumerate(kinds) if not kind.ordered]
    x = space.table(trial.values for trial in trials)
    x[:, choices] = np.nan_to_num(x[:, choices], nan=-1)
    return _importance(list(space.parameters), x, choices, trials.losses, n_repeats, seed)


def table_importance(
    table: pandas.DataFrame, losses: ArrayLike, *, n_repeats: int = 5, seed: int = 0
) -> tuple[pandas.DataFrame, float]:
    """Tell what `parameter_importance` does, where the columns are not a search's parameters.

    Parameters
    ----------
    table : pandas.DataFrame of n rows
        One column a parameter: numbers (NaN where a trial did not have it) or options.
    losses : array_like of shape (n,)
        Trials whose loss is NaN or infinite are left out.
    n_repeats, seed : int
        See `parameter_importance`.

    Returns
    -------
    importance : pandas.DataFrame
    score : float

    Raises
    ------
    ValueError
        If `losses` does not fit the table, or there are fewer than two finite losses a fold.

    Examples
    --------
    >>> table = pandas.DataFrame({"x": range(40), "f": ["a", "b"] * 20})
    >>> importance, _ = table_importance(table, table.x)
    >>> importance.index[0]
    'x'
    """
    if not isinstance(table, pandas.DataFrame) or table.shape[1] == 0:
        refuse("table", "be a pandas.DataFrame with a column", table, kind=TypeError)
    y = checked_array("losses", losses, finite=False)
    if y.shape != (len(table),):
        refuse("losses", f"be a number for each of the {len(table)} trials", f"the shape {y.shape}")
    columns = [table.iloc[:, j] for j in range(table.shape[1])]
    choices = [j for j, c in enumerate(columns) if not pandas.api.types.is_numeric_dtype(c)]
    rows = [_codes(c) if j in choices else c.to_numpy(float, na_value=np.nan) for j, c in enumerate(columns)]
    return _importance(list(table.columns), np.column_stack(rows), choices, y, n_repeats, seed)


def _importance(
    names: list[Any], x: np.ndarray, choices: list[int], losses: np.ndarray, n_repeats: int, seed: int
) -> tuple[pandas.DataFrame, float]:
    """Return what `parameter_importance` does, of a table of numbers.

    Parameters
    ----------
    names : list of length d
        Of the columns.
    x : ndarray, shape (n, d)
        NaN where a number is missing.
    choices : list of int
        Which columns hold the numbers of options.
    losses : ndarray, shape (n,)
    n_repeats, seed : int
        See `parameter_importance`.
    """
    checked_integer("n_repeats", n_repeats, 1)
    checked_integer("seed", seed, 0)
    finite = np.isfinite(losses)
    if finite.sum() < 2 * N_FOLDS:
        refuse("losses", f"have {2 * N_FOLDS} finite ones", f"{finite.sum()} of them")
    x, y = x[finite], losses[finite]
    for j in set(range(len(names))) - set(choices):
        if not _is_told_apart(x[:, j]):
            x[:, j] = rankdata(x[:, j], "dense", nan_policy="omit")
    y = np.log(y) if (y > 0).all() else rankdata(y)
    drops, score = np.zeros((len(names), 1)), 0.0
    if y.min() < y.max():
        y = (y - y.mean()) / y.std()
        drops, score = _drops(x, y, choices, n_repeats, seed)
    columns = {"mean": drops.mean(axis=1), "std": drops.std(axis=1)}
    result = pandas.DataFrame(columns, index=pandas.Index(names))
    return result.sort_values("mean", ascending=False, kind="stable"), score


def _is_told_apart(column: np.ndarray) -> bool:
    """Tell whether a forest, which knows 32 bits and no steps within 1e-7, sees 19 of 20 neighbors apart."""
    with np.errstate(over="ignore"):
        seen = np.unique(column[~np.isnan(column)]).astype(np.float32)
    return bool(np.isfinite(seen).all() and (len(seen) < 2 or np.mean(np.diff(seen) > 1e-7) > 0.95))


def _codes(options: Iterable[Any]) -> list[int]:
    """Return a number for each option; what differs in kind, such as 1 and True, differs."""
    seen: dict[Any, int] = {}
    return [seen.setdefault((type(option), repr(option)), len(seen)) for option in options]


def _drops(
    x: np.ndarray, y: np.ndarray, choices: list[int], n_repeats: int, seed: int
) -> tuple[np.ndarray, float]:
    """Return the drops in R², shape (d, folds times shuffles), of losses of variance 1, and R² itself."""
    from sklearn.compose import make_column_transformer
    from sklearn.ensemble import RandomForestRegressor
    from sklearn.inspection import permutation_importance
    from sklearn.model_selection import KFold
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    drops, scores = [], []
    for learn, check in KFold(N_FOLDS, shuffle=True, random_state=seed).split(x):
        options = OneHotEncoder(handle_unknown="ignore", sparse_output=False)  # sparse, no NaN is allowed
        columns = make_column_transformer((options, choices), remainder="passthrough")
        forest = make_pipeline(columns, RandomForestRegressor(100, random_state=seed))
        forest.fit(x[learn], y[learn])
        how = {"scoring": "neg_mean_squared_error", "n_repeats": n_repeats, "random_state": seed}
        drops.append(permutation_importance(forest, x[check], y[check], **how).importances)
        scores.append(1 - np.mean((forest.predict(x[check]) - y[check]) ** 2))
    return np.hstack(drops), float(np.mean(scores))
