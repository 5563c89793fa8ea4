"""Configurations as rows of a table, a column for each parameter of the space."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..spaces import Choice, Numeric, Parameter
from ..trials import Trial


class Memory:
    """What was computed of each trial: once a search, and not once a suggestion."""

    def __init__(self) -> None:
        self._kept: dict[int, tuple] = {}

    def of(self, trials: Sequence[Trial], space: Any, compute: Callable[[Any], Any]) -> list:
        """Return compute(configuration) for each trial; it must depend on that and space only."""
        now = {}
        for trial in trials:
            kept = self._kept.get(id(trial))
            if kept is None or kept[0] is not trial or kept[1] is not space:
                kept = trial, space, compute(trial.configuration)
            now[id(trial)] = kept
        self._kept = now
        return [now[id(trial)][2] for trial in trials]


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
