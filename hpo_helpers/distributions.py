"""Distributions of one parameter: the only file that knows kinds of number.

The unit interval is mapped to *values*, and these to a *scale*, on which one with a `step` owns a cell.
"""

import math
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any, NoReturn, Self

import numpy as np
from scipy.special import ndtr, ndtri

from .checks import checked_number, checked_rng, refuse

Numbers = Any  # an array of floats, or a single one
LARGEST_INTEGER = 2**40  # far beyond it, doubles no longer tell the cells of integers apart
TINY = 2.0**-53  # quantiles nearer to 0 or 1 are moved here, where a normal one is still finite


class Distribution:
    """What one parameter may be."""

    low: Any = -math.inf  # the lowest value
    high: Any = math.inf  # the highest
    type: type = float  # of values: float or int
    step: Any = None  # distance of neighboring values; None for a real number
    size: float  # number of values; infinite for a real number
    ordered = True  # whether neighbors are alike: False for a choice
    options: Any = None  # what values stand for, a tuple; None if for themselves
    log = False  # whether the scale is that of logarithms
    largest: float  # the size of values, at most
    start: float  # of the scale, with the first value's cell
    end: float  # of the scale, with the last value's cell
    center: float  # mean on the scale
    width: float  # standard deviation on the scale; if uniform, the range

    def __post_init__(self) -> None:
        self._set(low=self._bound("low", self.low), high=self._bound("high", self.high))
        if not self.low < self.high:
            self._refuse("low", f"be less than high, {self.high!r}", self.low)
        self._set(largest=max(abs(self.low), abs(self.high)))
        self._set(step=None if self.step is None else self._checked_step())
        self._set_scale()
        if not math.isfinite(self.end - self.start):
            self._refuse("high - low", "be finite", self.high, "give closer bounds")

    def _set(self, **attributes: Any) -> Self:
        for name, value in attributes.items():
            object.__setattr__(self, name, value)
        return self

    def _number(self, which: str, value: Any, **limits: float) -> float:
        return checked_number(f"{which} of {type(self).__name__}", value, **limits)

    def _refuse(self, which: str, must: str, value: Any, mend: str = "") -> NoReturn:
        refuse(f"{which} of {type(self).__name__}", must, value, mend)

    def _bound(self, which: str, bound: Any) -> Any:
        number = self._number(which, bound)
        if self.type is int and (number != int(number) or abs(number) > LARGEST_INTEGER):
            self._refuse(which, "be an integer within ±2**40", bound)
        if self.log and number <= 0:
            self._refuse(which, "be positive to have a logarithm", bound)
        return self.type(number)

    def _checked_step(self) -> Any:
        step = self._number("step", self.step, above=self.largest / 2**41)
        last = self.low + max(1, round((self.high - self.low) / step)) * step
        if not math.isclose(last, self.high, rel_tol=1e-9) or (self.type is int and step != int(step)):
            self._refuse("step", f"lead from {self.low} to {self.high}", step, f"it leads to {last:.12g}")
        return self.type(step)

    def _set_scale(self) -> None:
        size = math.inf if self.step is None else round((self.high - self.low) / self.step) + 1
        start, end = float(self.cells(self.low)[0]), float(self.cells(self.high)[1])
        self._set(size=size, start=start, end=end, center=(start + end) / 2, width=end - start)

    def scaled(self, x: Numbers) -> Numbers:
        """Return values on the scale."""
        return np.log(x) if self.log else np.asarray(x, float)

    def unscaled(self, z: Numbers) -> Numbers:
        """Return the values that own points of the scale."""
        x = np.exp(z) if self.log else z
        if self.step is not None:
            x = self.low + np.floor((x - self.low) / self.step + 0.5) * self.step
            if self.type is float and self.largest > 1e-290:  # as one writes it: 0.3, not 0.30000000000000004
                x = np.round(x, 14 - math.floor(math.log10(self.largest)))
        return _clipped(x, self.low, self.high)

    def cells(self, x: Numbers) -> tuple[Numbers, Numbers]:
        """Return where the cells of values begin and end on the scale."""
        half = 0.0 if self.step is None else self.step / 2
        return self.scaled(x - half), self.scaled(x + half)

    def cdf(self, z: Numbers) -> Numbers:
        """Return the share of the distribution below points of the scale."""
        return (z - self.start) / self.width if self.width > 0 else np.full(np.shape(z), 0.5)

    def quantile(self, u: Numbers) -> Numbers:
        """Return the points of the scale below which the shares `u` lie."""
        return (1 - u) * self.start + u * self.end

    def from_unit(self, u: Numbers) -> Numbers:
        """Return the values at quantiles `u`; outside [0, 1] counts as the nearer end."""
        return self.unscaled(self.quantile(_clipped(u, 0.0, 1.0)))

    def to_unit(self, x: Numbers) -> Numbers:
        """Return the quantiles of values, in [0, 1]; with a step, of the middles of their cells."""
        below, above = self.cells(np.asarray(x, float))
        return _clipped((self.cdf(below) + self.cdf(above)) / 2, 0.0, 1.0)

    def snapped(self, u: Numbers) -> Numbers:
        """Return the quantiles of the values at quantiles `u`."""
        return u if self.step is None else self.to_unit(self.from_unit(u))

    def contains(self, x: Numbers) -> Numbers:
        """Tell which numbers are values."""
        inside = (self.low <= x) & (x <= self.high)
        if self.step is None:
            return inside
        if self.type is int:
            return inside & (np.rint(steps := (x - self.low) / self.step) == steps)
        steps = (np.where(inside, x, self.low) - self.low) / self.step
        off = 1e-9 + 1e-14 * self.largest / self.step  # as rounding may be
        return inside & (np.abs(steps - np.rint(steps)) < off)

    def holds(self, value: Any) -> bool:
        """Tell whether something is a value, as Python's or NumPy's number of the right kind."""
        if type(value) is self.type and (self.step is None or (type(value) is int and self.step == 1)):
            return bool(self.low <= value <= self.high)
        right = isinstance(value, Integral if self.type is int else Real) and not isinstance(value, bool)
        return bool(right and self.low <= value <= self.high and self.contains(float(value)))

    def sample(self, rng: np.random.Generator) -> Any:
        """Draw a value, as Python's own number."""
        return self.type(self.from_unit(checked_rng(rng).random()))


@dataclass(frozen=True)
class Uniform(Distribution):
    """A real number from `low` to `high`, or with a `step`, `low` and whole steps above it."""

    low: float
    high: float
    step: float | None = None


@dataclass(frozen=True)
class LogUniform(Distribution):
    """A positive real number whose logarithm is uniform between those of `low` and `high`."""

    low: float
    high: float
    log = True


@dataclass(frozen=True)
class Integer(Distribution):
    """An integer from `low` to `high` in steps of `step`, each as likely as any other."""

    low: int
    high: int
    step: int = 1
    type = int


@dataclass(frozen=True)
class LogInteger(Distribution):
    """An integer from `low` to `high`, log-uniform before it is rounded; the ends have their full share."""

    low: int
    high: int
    step, type, log = 1, int, True


@dataclass(frozen=True)
class Normal(Distribution):
    """A real number, normally distributed with `mean` and `std`; within `low` and `high` if given."""

    mean: float
    std: float
    low: float = -math.inf
    high: float = math.inf
    _side, _below, _share = 1.0, 0.0, 1.0

    def _bound(self, which: str, bound: Any) -> Any:
        none = type(self).__dataclass_fields__[which].default
        return none if bound is None or bound == none else super()._bound(which, bound)

    def _set_scale(self) -> None:
        mean, std = self._number("mean", self.mean), self._number("std", self.std, above=0)
        ends = self.low, self.high
        start, end = (float(self.scaled(x)) if x or not self.log else -math.inf for x in ends)
        # In the upper half, shares near 1 lose their digits: there, all is mirrored.
        side = -1.0 if start >= mean else 1.0
        below, above = ndtr(sorted((side * (start - mean) / std, side * (end - mean) / std)))
        if above - below < 1e-300 or abs(mean) + 9 * std > (700 if self.log else 1e300):
            self._refuse("std", "leave, within the bounds, something to draw that a double can hold", std)
        self._set(mean=mean, std=std, center=mean, width=std, size=math.inf, start=start, end=end)
        self._set(_side=side, _below=float(below), _share=float(above - below))
        start, end = self.quantile(np.array([0.0, 1.0]))  # what is drawn has ends, bounded or not
        self._set(start=float(start), end=float(end))

    def holds(self, value: Any) -> bool:
        return super().holds(value) and math.isfinite(value) and (value > 0 or not self.log)

    def cdf(self, z: Numbers) -> Numbers:
        share = (ndtr(self._side * (z - self.mean) / self.std) - self._below) / self._share
        return share if self._side > 0 else 1 - share

    def quantile(self, u: Numbers) -> Numbers:
        u = np.clip(u if self._side > 0 else 1 - u, TINY, 1 - TINY)
        z = ndtri(np.minimum(self._below + u * self._share, 1 - TINY))
        return np.clip(self.mean + self._side * self.std * z, self.start, self.end)


@dataclass(frozen=True)
class LogNormal(Normal):
    """A positive number whose natural logarithm has `mean` and `std`; `low` and `high` are its own."""

    low: float = 0.0
    log = True


@dataclass(frozen=True)
class Choice(Distribution):
    """One of several options, none more like another: constants, or spaces that exist only when chosen."""

    options: Any
    low, step = 0, 1
    type = int
    ordered = False

    def __post_init__(self) -> None:
        if not isinstance(self.options, (list, tuple)) or not self.options:
            self._refuse("options", "be a list of at least one, as [16, 32]", self.options)
        self._set(options=tuple(self.options), high=len(self.options) - 1)
        self._set_scale()


class Ordered(Choice):
    """One of several options in order: neighbors are alike to every sampler, as those of integers."""

    ordered = True


def _clipped(x: Any, low: float, high: float) -> Any:  # a single number too often to pass through NumPy
    return min(max(x, low), high) if isinstance(x, float) else np.minimum(np.maximum(x, low), high)
