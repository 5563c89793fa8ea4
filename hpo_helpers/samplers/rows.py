"""Rows of a space's table of values (see `Space.table`): what is active in them, and which are equal."""

import numpy as np

from ..spaces import Space, Values


def without_inactive(space: Space, table: np.ndarray) -> np.ndarray:
    """Put NaN where another option was drawn than one that the parameter needs; return the table."""
    place = {name: j for j, name in enumerate(space.parameters)}
    for j, p in enumerate(space.parameters.values()):
        for name, option in p.conditions:
            table[table[:, place[name]] != option, j] = np.nan
    return table


def values_of(space: Space, row: np.ndarray) -> Values:
    """Return the values of a row."""
    pairs = zip(space.parameters.values(), row.tolist(), strict=True)
    return {p.name: p.distribution.type(value) for p, value in pairs if value == value}


def keys(table: np.ndarray) -> list[bytes]:
    """Return a key for each row, equal where rows are, NaN included."""
    return [row.tobytes() for row in np.where(np.isnan(table), np.inf, table + 0.0)]
