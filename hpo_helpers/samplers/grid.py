"""Every combination of a few values of each parameter."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..checks import checked_integer, refuse
from ..distributions import Distribution
from ..spaces import Exhausted, Parameter, Space, Values
from ..trials import Trial


def combinations(parameters: Sequence[Parameter], values_of: Any, found: Values) -> Iterator[Values]:
    """Yield all combinations of some values of parameters, the last of which changes fastest.

    They are those of nested loops, but under each option of a choice lie the combinations of that
    option's own parameters only, so that none comes twice. None is made before it is asked for.

    Parameters
    ----------
    parameters : sequence of Parameter
        Parents before children.
    values_of : callable
        Takes a parameter, and returns the values to combine.
    found : dict
        Values of the parameters before these.
    """
    if not parameters:
        yield found
        return
    first, *others = parameters
    if not first.is_active(found):
        yield from combinations(others, values_of, found)
        return
    for value in values_of(first):
        yield from combinations(others, values_of, found | {first.name: value})


def every(kind: Distribution) -> Iterator[Any]:
    """Yield all values, of which there is a finite number, from the lowest."""
    return (kind.type(kind.unscaled(kind.scaled(kind.low + k * kind.step))) for k in range(int(kind.size)))


@dataclass(frozen=True)
class GridSampler:
    """Try all points of a grid, then stop.

    A number has `n_points` values from its lower to its upper bound, evenly spaced in itself or,
    if it is log-uniform, in its logarithm; a single point is the middle. Those of a normal one are evenly
    spaced in its quantiles; where it lacks a bound, they are the medians of parts that are equally likely.
    Integers are rounded, and what rounds to the same integer counts once. A choice has all its options, and
    so has an ordered one. The last parameter changes fastest, as in nested loops. Under each option of a
    choice lies a grid of that option's own parameters only. What was tried already, by whatever sampler, is
    passed over.

    Parameters
    ----------
    n_points : int or dict of str to int
        Points of each numeric parameter, or of each by its name.

    Raises
    ------
    TypeError, ValueError
        If a number of points is not an integer of at least 1, or, with a dict, once a space is
        met whose numeric parameters are not those of the dict.
    """

    n_points: int | Mapping[str, int] = 5

    def __post_init__(self) -> None:
        for n in self.n_points.values() if isinstance(self.n_points, Mapping) else [self.n_points]:
            checked_integer("n_points", n, 1)

    def size(self, space: Any) -> int:
        """Return the number of points of the grid."""
        values = self._values(space := Space(space))
        return int(min(space.count(lambda parameter: len(values[parameter.name])), 1e300))

    def suggest(self, space: Space, trials: Sequence[Trial], rng: np.random.Generator) -> Values:
        """Return the values of the first point of the grid that was not tried.

        Raises
        ------
        Exhausted
            After the last point.
        """
        tried, values = {frozenset(trial.values.items()) for trial in trials}, self._values(space)
        for point in combinations(list(space.parameters.values()), lambda p: values[p.name], {}):
            if frozenset(point.items()) not in tried:
                return point
        raise Exhausted

    def _values(self, space: Space) -> dict[str, Sequence[Any]]:
        """Return the values of each parameter by its name."""
        kinds = {name: p.distribution for name, p in space.parameters.items()}
        names = [name for name, kind in kinds.items() if kind.options is None]
        counts = self.n_points if isinstance(self.n_points, Mapping) else dict.fromkeys(names, self.n_points)
        if counts.keys() != set(names):
            refuse("n_points", f"name the numeric parameters {names}", list(counts))
        options = {name: range(len(kind.options)) for name, kind in kinds.items() if kind.options}
        return options | {name: _spread(kinds[name], counts[name]) for name in names}


def _spread(distribution: Distribution, n: int) -> list[Any]:
    """Return n values from the lower bound to the upper, or the middles of n parts."""
    values = distribution.from_unit((np.arange(n) + 0.5) / n)
    if n > 1 and distribution.low != type(distribution).low and math.isfinite(distribution.high):
        ends = np.array([distribution.low, distribution.high], float)
        first, last = distribution.to_unit(ends)
        values = distribution.from_unit(np.linspace(first, last, n))
        values[[0, -1]] = values[[0, -1]] if distribution.step else ends  # which rounding may miss
    return list(dict.fromkeys(map(distribution.type, values)))
