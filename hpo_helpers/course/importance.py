"""Which parameters mattered, of a table."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas
from numpy.typing import ArrayLike

from ..checks import checked_array, refuse
from ..importance import importance_of_columns


def table_importance(
    table: pandas.DataFrame, losses: ArrayLike, *, n_repeats: int = 5, seed: int = 0
) -> tuple[pandas.DataFrame, float]:
    """Tell what `hpo_helpers.parameter_importance` does, where the columns are not a search's parameters.

    Parameters
    ----------
    table : pandas.DataFrame of n rows
        One column a parameter: numbers (NaN where a trial did not have it) or options.
    losses : array_like of shape (n,)
        Trials whose loss is NaN or infinite are left out.
    n_repeats, seed : int
        See `hpo_helpers.parameter_importance`.

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
    return importance_of_columns(list(table.columns), np.column_stack(rows), choices, y, n_repeats, seed)


def _codes(options: Iterable[Any]) -> list[int]:
    """Return a number for each option; what differs in kind, such as 1 and True, differs."""
    seen: dict[Any, int] = {}
    return [seen.setdefault((type(option), repr(option)), len(seen)) for option in options]
