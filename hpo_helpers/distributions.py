"""Distributions of one parameter: four kinds of number, and the choice among options.

Each maps the unit interval to its values, so that a sampler can work in the unit cube.
"""

import math
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

import numpy as np

LARGEST_INTEGER = 2**40  # far beyond it, doubles no longer tell the cells of integers apart


class Numeric:
    """A number between two inclusive bounds, uniform in itself or in its logarithm."""

    low: float
    high: float
    _type: type = float
    _margin = 0.0  # the unit interval stands for [low - margin, high + margin]
    _log = False

    def __post_init__(self) -> None:
        for name in ("low", "high"):
            object.__setattr__(self, name, self._checked_bound(name, getattr(self, name)))
        if not self.low < self.high:
            raise ValueError(f"low must be less than high, got {self!r}.")
        if not math.isfinite(self.high - self.low):
            raise ValueError(f"high - low must be finite, got {self!r}; give closer bounds.")

    def _checked_bound(self, name: str, bound: Any) -> float:
        """Return a bound as a plain number, or say what is wrong with it."""
        name = f"{name} of {type(self).__name__}"
        if not isinstance(bound, Real) or isinstance(bound, bool):
            raise TypeError(f"{name} must be a number, got {bound!r}.")
        if not math.isfinite(bound):
            raise ValueError(f"{name} must be finite, got {bound!r}.")
        if self._type is int and (bound != int(bound) or abs(bound) > LARGEST_INTEGER):
            raise ValueError(f"{name} must be an integer within ±2**40, got {bound!r}.")
        if self._log and bound <= 0:
            raise ValueError(f"{name} must be positive to have a logarithm, got {bound!r}.")
        return self._type(bound)

    def _scale(self, x: float) -> float:
        return math.log(x) if self._log else x

    def _ends(self) -> tuple[float, float]:
        return self._scale(self.low - self._margin), self._scale(self.high + self._margin)

    def sample(self, rng: np.random.Generator) -> float:
        """Draw a value."""
        return self.from_unit(rng.random())

    def from_unit(self, u: float) -> float:
        """Return the value at quantile `u`; a `u` outside [0, 1] gives the nearer bound."""
        start, end = self._ends()
        u = min(max(u, 0), 1)
        x = (1 - u) * start + u * end
        x = math.exp(x) if self._log else x
        x = math.floor(x + 0.5) if self._type is int else x
        return self._type(min(max(x, self.low), self.high))

    def to_unit(self, value: float) -> float:
        """Return the quantile in [0, 1] of `value`; of an integer, the middle of its cell."""
        start, end = self._ends()
        middle = (self._scale(value - self._margin) + self._scale(value + self._margin)) / 2
        return (middle - start) / (end - start)

    def contains(self, value: Any) -> bool:
        """Tell whether `value` is a number of the right kind within the bounds."""
        kind = Integral if self._type is int else Real
        number = isinstance(value, kind) and not isinstance(value, bool)
        return number and bool(self.low <= value <= self.high)


@dataclass(frozen=True)
class Uniform(Numeric):
    """A real number, uniform between `low` and `high`, both included."""

    low: float
    high: float


@dataclass(frozen=True)
class LogUniform(Numeric):
    """A positive real number whose logarithm is uniform between those of `low` and `high`."""

    low: float
    high: float
    _log = True


@dataclass(frozen=True)
class Integer(Numeric):
    """An integer from `low` to `high`, both included, each as likely as any other.

    The unit interval stands for [low - 0.5, high + 0.5], in which every integer owns a cell of
    the same width.
    """

    low: int
    high: int
    _type = int
    _margin = 0.5


@dataclass(frozen=True)
class LogInteger(Numeric):
    """A positive integer from `low` to `high`, both included, log-uniform before it is rounded.

    The unit interval stands for log(low - 0.5) to log(high + 0.5), in which integer ``k`` owns
    the cell from log(k - 0.5) to log(k + 0.5), so that both ends have their full share.
    """

    low: int
    high: int
    _type = int
    _margin = 0.5
    _log = True


@dataclass(frozen=True)
class Choice:
    """One of several options, each as likely as any other.

    Its value as a distribution is the option's index; what stands in a configuration is the
    option.

    Parameters
    ----------
    options : list or tuple
        Constants of any kind, or spaces, whose parameters exist only when the option is chosen.
    """

    options: tuple

    def __post_init__(self) -> None:
        if not isinstance(self.options, (list, tuple)):
            raise TypeError(f"options must be a list, as in Choice([1, 2]), got {self.options!r}.")
        if not self.options:
            raise ValueError("options must hold at least one option, got none.")
        object.__setattr__(self, "options", tuple(self.options))

    def sample(self, rng: np.random.Generator) -> int:
        """Draw the index of an option."""
        return self.from_unit(rng.random())

    def from_unit(self, u: float) -> int:
        """Return the index at quantile `u`; a `u` outside [0, 1] gives the nearer end."""
        return int(min(max(u * len(self.options), 0), len(self.options) - 1))

    def to_unit(self, value: int) -> float:
        """Return the middle of the cell of an option's index."""
        return (value + 0.5) / len(self.options)

    def contains(self, value: Any) -> bool:
        """Tell whether `value` is the index of an option."""
        number = isinstance(value, Integral) and not isinstance(value, bool)
        return number and 0 <= value < len(self.options)
