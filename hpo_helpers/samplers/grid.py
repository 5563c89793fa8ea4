"""Every combination of a few values of each parameter."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..checks import checked_integer, refuse
from ..distributions import Distribution
from ..spaces import Exhausted, Parameter, Space, Values
from ..trials import Trial


class Combinations:
    """All combinations of some values of each parameter, by arithmetic on a combination's index.

    The last parameter changes fastest, as in nested loops. Under each option of a choice lie the
    combinations of that option's own parameters only, so that none comes twice.

    Parameters
    ----------
    space : Space
    values : dict of str to sequence
        Those of each parameter without options, by its name.
    """

    def __init__(self, space: Space, values: Mapping[str, Sequence[Any]]) -> None:
        self._values = values
        self._siblings: dict[tuple[Any, ...], list[Parameter]] = defaultdict(list)
        for parameter in space.parameters.values():
            self._siblings[parameter.conditions].append(parameter)
        self._sizes: dict[tuple[Any, ...], int] = {}

    @classmethod
    def of_all(cls, space: Space) -> "Combinations | None":
        """Return all there are, None if a parameter is a real number."""
        if not math.isfinite(space.size):
            return None
        numbers = {name: p.distribution for name, p in space.parameters.items()}
        return cls(space, {name: _Every(d) for name, d in numbers.items() if d.options is None})

    def size(self, conditions: tuple[tuple[str, int], ...] = ()) -> int:
        """Count the combinations of the parameters under some options, with all below them."""
        if conditions not in self._sizes:
            branches = map(self._branches, self._siblings[conditions])
            self._sizes[conditions] = math.prod(map(sum, branches))
        return self._sizes[conditions]

    def _branches(self, p: Parameter) -> list[int]:
        """Count the combinations at each option of a choice, or all of a number as one branch."""
        if p.name in self._values:
            return [len(self._values[p.name])]
        options = range(len(p.distribution.options))
        return [self.size((*p.conditions, (p.name, option))) for option in options]

    def __getitem__(self, index: int) -> Values:
        return self._at(index, ())

    def _at(self, index: int, conditions: tuple[Any, ...]) -> Values:
        """Return the values at one index, whose digits are the parameters' indices."""
        found: Values = {}
        for p in reversed(self._siblings[conditions]):
            branches = self._branches(p)
            index, digit = divmod(index, sum(branches))
            if p.name in self._values:
                found[p.name] = self._values[p.name][digit]
                continue
            option = 0
            while digit >= branches[option]:
                digit -= branches[option]
                option += 1
            found[p.name] = option
            found |= self._at(digit, (*p.conditions, (p.name, option)))
        return found


class _Every(Sequence[Any]):
    """All values of a distribution, none of them made before it is asked for."""

    def __init__(self, distribution: Distribution) -> None:
        self._distribution = distribution

    def __len__(self) -> int:
        return int(self._distribution.size)

    def __getitem__(self, index: Any) -> Any:
        d = self._distribution
        return d.type(d.unscaled(d.scaled(d.low + index * d.step)))


@dataclass(frozen=True)
class GridSampler:
    """Try all points of a grid, then stop.

    A number has `n_points` values from its lower to its upper bound, evenly spaced in itself or,
    if it is log-uniform, in its logarithm; a single point is the middle. Integers are rounded,
    and what rounds to the same integer counts once. A choice has all its options, and so has an
    ordered one. The last parameter changes fastest, as in nested loops. Under each option of a choice
    lies a grid of that option's own parameters only. What was tried already, by whatever sampler, is passed
    over.

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
        return self._grid(Space(space)).size()

    def suggest(self, space: Space, trials: Sequence[Trial], rng: np.random.Generator) -> Values:
        """Return the values of a point of the grid that was not tried.

        Raises
        ------
        Exhausted
            After the last point.
        """
        grid = self._grid(space)
        tried, n = {frozenset(trial.values.items()) for trial in trials}, grid.size()
        for index in range(n):  # point len(trials) is new, unless others than this sampler chose trials
            values = grid[(len(trials) + index) % n]
            if frozenset(values.items()) not in tried:
                return values
        raise Exhausted

    def _grid(self, space: Space) -> Combinations:
        numbers = {n: p.distribution for n, p in space.parameters.items() if not p.distribution.options}
        counts = (
            self.n_points if isinstance(self.n_points, Mapping) else dict.fromkeys(numbers, self.n_points)
        )
        if counts.keys() != numbers.keys():
            refuse("n_points", f"name the numeric parameters {list(numbers)}", list(counts))
        return Combinations(space, {name: _spread(d, counts[name]) for name, d in numbers.items()})


def _spread(distribution: Distribution, n: int) -> list[Any]:
    """Return n values from the lower bound to the upper, or the middle if n is 1."""
    first, last = distribution.to_unit(np.array([distribution.low, distribution.high], float))
    units = np.linspace(first, last, n) if n > 1 else np.array([0.5])
    return list(dict.fromkeys(map(distribution.type, distribution.from_unit(units))))
