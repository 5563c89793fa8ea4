"""Every combination of a few values of each parameter."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np

from ..spaces import Choice, Numeric, Parameter, parameters, unflatten
from ..trials import Trial


@dataclass(frozen=True)
class GridSampler:
    """Try all points of a grid, then stop.

    A number has `n_points` values from its lower to its upper bound, evenly spaced in itself or,
    if it is log-uniform, in its logarithm; a single point is the middle. Integers are rounded,
    and what rounds to the same integer counts once. A choice has all its options.

    The last parameter changes fastest, as in nested loops. Under each option of a choice lies a
    grid of that option's own parameters only, so no configuration comes twice.

    Parameters
    ----------
    n_points : int or dict of str to int
        Points of each numeric parameter, or of each by its name.

    Raises
    ------
    ValueError
        If a number of points is not an integer of at least 1, or, with a dict, once a space is
        met whose numeric parameters are not those of the dict.
    """

    n_points: int | Mapping[str, int] = 5

    def __post_init__(self) -> None:
        named = isinstance(self.n_points, Mapping)
        for n in self.n_points.values() if named else [self.n_points]:
            if not isinstance(n, Integral) or isinstance(n, bool) or n < 1:
                raise ValueError(f"n_points must be integers of at least 1, got {n!r}.")

    def size(self, space: Any) -> int:
        """Return the number of points of the grid."""
        return _Grid(space, self.n_points).size()

    def suggest(self, space: Any, trials: Sequence[Trial], rng: np.random.Generator) -> Any:
        """Return point ``len(trials)`` of the grid.

        Raises
        ------
        StopIteration
            After the last point.
        """
        grid = _Grid(space, self.n_points)
        if len(trials) >= grid.size():
            raise StopIteration
        return unflatten(space, grid.point(len(trials)))


class _Grid:
    """A grid as arithmetic on the index of a point: no list of all points is ever made."""

    def __init__(self, space: Any, n_points: int | Mapping[str, int]) -> None:
        self.values: dict[str, list] = {}
        self.siblings: dict[tuple, list[Parameter]] = defaultdict(list)
        found = parameters(space)
        numeric = [p.name for p in found if not isinstance(p.distribution, Choice)]
        if not isinstance(n_points, Mapping):
            n_points = dict.fromkeys(numeric, n_points)
        if n_points.keys() != set(numeric):
            raise ValueError(
                f"n_points must name the numeric parameters {numeric}, got {list(n_points)}."
            )
        for p in found:
            self.siblings[p.conditions].append(p)
            if p.name in n_points:
                self.values[p.name] = _spread(p.distribution, n_points[p.name])

    def size(self, conditions: tuple = ()) -> int:
        """Count the points of the parameters under some options, with all below them."""
        return math.prod(sum(self.branches(p)) for p in self.siblings[conditions])

    def branches(self, p: Parameter) -> list[int]:
        """Count the points at each option of a choice, or all of a number as one branch."""
        if p.name in self.values:
            return [len(self.values[p.name])]
        options = range(len(p.distribution.options))
        return [self.size((*p.conditions, (p.name, option))) for option in options]

    def point(self, index: int, conditions: tuple = ()) -> dict[str, Any]:
        """Return the values by name at one index, whose digits are the parameters' indices."""
        point = {}
        for p in reversed(self.siblings[conditions]):
            branches = self.branches(p)
            index, digit = divmod(index, sum(branches))
            if p.name in self.values:
                point[p.name] = self.values[p.name][digit]
                continue
            option = 0
            while digit >= branches[option]:
                digit -= branches[option]
                option += 1
            point[p.name] = option
            point |= self.point(digit, (*p.conditions, (p.name, option)))
        return point


def _spread(distribution: Numeric, n: int) -> list:
    """Return n values from the lower bound to the upper, or the middle if n is 1."""
    ends = distribution.to_unit(distribution.low), distribution.to_unit(distribution.high)
    units = np.linspace(*ends, n) if n > 1 else np.array([0.5])
    return list(dict.fromkeys(map(distribution.from_unit, units.tolist())))
