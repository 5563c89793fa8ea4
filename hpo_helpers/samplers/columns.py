"""Configurations as rows of a table, a column for each parameter of the space."""

import math
from typing import Any

import numpy as np

from ..spaces import Choice, Numeric, Parameter


def leave_out_inactive(rows: np.ndarray, found: list[Parameter]) -> None:
    """Put NaN where another option was drawn than one that the parameter needs."""
    place = {p.name: j for j, p in enumerate(found)}
    for j, p in enumerate(found):
        for name, option in p.conditions:
            rows[rows[:, place[name]] != option, j] = np.nan


def typed(parameter: Parameter, values: np.ndarray) -> list:
    """Return values as Python numbers of the parameter's type; 0 where it is not active."""
    whole = isinstance(parameter.distribution, Choice) or type(parameter.distribution.low) is int
    return np.nan_to_num(values).astype(int if whole else float).tolist()


def count_configurations(space: Any) -> float:
    """Return the number of configurations, infinite if the space has a real number."""
    if isinstance(space, Choice):
        return sum(map(count_configurations, space.options))
    if isinstance(space, Numeric):
        return space.high - space.low + 1 if type(space.low) is int else math.inf
    if isinstance(space, dict):
        space = list(space.values())
    return math.prod(map(count_configurations, space)) if isinstance(space, (list, tuple)) else 1
