"""What may be tried: distributions, nested at will in dicts, lists and tuples.

A *space* is plain Python with distributions or constants at its leaves. A *configuration* has the
same shape with values at its leaves: an ``int`` for an integer, a ``float`` for a real number, the
option itself for a choice. What lies under an option exists only when the option is chosen, so a
space is a tree.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

import numpy as np

LARGEST_INTEGER = 2**40  # up to here a double tells apart the cells of a log-integer


class Numeric:
    """A number between two inclusive bounds, uniform in itself or in its logarithm."""

    _type: type = float
    _log = False
    low: float
    high: float

    def __post_init__(self) -> None:
        for bound in ("low", "high"):
            object.__setattr__(self, bound, self._checked(bound, getattr(self, bound)))
        if not self.low < self.high:
            raise ValueError(f"{self!r}: low must be less than high.")
        if not math.isfinite(self.high - self.low):
            raise ValueError(f"{self!r}: high - low overflows; give bounds that are closer.")

    def _checked(self, bound: str, value: Any) -> float:
        """Return the bound as a plain number, or say what is wrong with it."""
        kind = type(self).__name__
        if not isinstance(value, Real) or isinstance(value, bool):
            raise TypeError(f"{kind}: {bound} must be a number, got {value!r}.")
        if not math.isfinite(value):
            raise ValueError(f"{kind}: {bound} must be finite, got {value!r}.")
        if self._type is int and (value != int(value) or abs(value) > LARGEST_INTEGER):
            raise ValueError(f"{kind}: {bound} must be an integer within ±2**40, got {value!r}.")
        if self._log and value <= 0:
            raise ValueError(
                f"{kind}: {bound} must be positive, since its logarithm is taken, got {value!r}."
            )
        return self._type(value)

    def _scaled(self, x: float) -> float:
        return math.log(x) if self._log else x

    def _edges(self) -> tuple[float, float]:
        """Return the ends of the scaled interval that the unit interval stands for."""
        margin = 0.5 if self._type is int else 0.0
        return self._scaled(self.low - margin), self._scaled(self.high + margin)

    def sample(self, rng: np.random.Generator) -> float:
        """Draw a value."""
        return self.from_unit(rng.random())

    def from_unit(self, u: float) -> float:
        """Return the value at quantile `u`; a `u` outside [0, 1] gives the nearer bound."""
        start, end = self._edges()
        x = start + u * (end - start)
        x = math.exp(min(x, end)) if self._log else x
        x = math.floor(x + 0.5) if self._type is int else x
        return self._type(min(max(x, self.low), self.high))

    def to_unit(self, value: float) -> float:
        """Return the quantile in [0, 1] of `value`; of an integer, the middle of its cell."""
        start, end = self._edges()
        margin = 0.5 if self._type is int else 0.0
        middle = (self._scaled(value - margin) + self._scaled(value + margin)) / 2
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
    """An integer from `low` to `high`, both included, each as likely as the other.

    The unit interval stands for [low - 0.5, high + 0.5], so that every integer owns a cell of
    the same width.
    """

    low: int
    high: int
    _type = int


@dataclass(frozen=True)
class LogInteger(Numeric):
    """A positive integer from `low` to `high`, both included, log-uniform before rounding.

    The unit interval stands for log(low - 0.5) to log(high + 0.5); integer ``k`` owns the cell
    from log(k - 0.5) to log(k + 0.5), so that both ends have their full share.
    """

    low: int
    high: int
    _type = int
    _log = True


@dataclass(frozen=True)
class Choice:
    """One of several options, each as likely as the other.

    Parameters
    ----------
    options : list or tuple
        Constants of any kind, or spaces, whose parameters exist only when the option is chosen.

    Notes
    -----
    As a distribution its value is the option's index; in a configuration stands the option.
    """

    options: tuple

    def __post_init__(self) -> None:
        if not isinstance(self.options, (list, tuple)):
            raise TypeError(
                f"Choice: options must be a list, as in Choice(['a', 'b']), got {self.options!r}."
            )
        if not self.options:
            raise ValueError("Choice: options must hold at least one option, got an empty list.")
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


@dataclass(frozen=True)
class Parameter:
    """A distribution of a space, with its place in the tree.

    Parameters
    ----------
    name : str
        Dotted path; under a choice, the option's index is part of it.
    distribution : Uniform, LogUniform, Integer, LogInteger or Choice
    conditions : tuple of (str, int)
        Names of choices, each with the index of the option that must be chosen. All must hold
        for the parameter to be active.
    """

    name: str
    distribution: Numeric | Choice
    conditions: tuple[tuple[str, int], ...] = ()


def parameters(space: Any) -> list[Parameter]:
    """List the parameters of a space, parents before children.

    Raises
    ------
    ValueError
        If the space has no parameter, or if two have the same name.
    """
    found = list(_walk(space, (), ()))
    if not found:
        raise ValueError(
            f"The space {space!r} has no parameter to choose; "
            "put a distribution in it, such as Uniform(0, 1)."
        )
    names = [parameter.name for parameter in found]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"Two parameters of the space are called {name!r}; rename a key.")
    return found


def sample(space: Any, rng: np.random.Generator) -> Any:
    """Draw a configuration; only parameters that are active are drawn."""
    return _build(space, lambda name, distribution: distribution.sample(rng))


def unflatten(space: Any, values: dict[str, Any]) -> Any:
    """Make a configuration from values by parameter name.

    Parameters
    ----------
    space : nested dict, list or tuple
    values : dict
        Value by parameter name, the option's index for a choice. Other names are ignored, so
        values of parameters that are not active may be there.

    Raises
    ------
    ValueError
        If the value of an active parameter is missing.
    """

    def value_of(name: str, distribution: Numeric | Choice) -> Any:
        if name not in values:
            raise ValueError(f"The value of parameter {name!r} is missing from {values!r}.")
        return values[name]

    return _build(space, value_of)


def flatten(space: Any, configuration: Any) -> dict[str, Any]:
    """Return the values of a configuration's active parameters by name.

    A choice has the index of the first option that the configuration fits. Lists and tuples
    pass for each other, as do NumPy scalars and Python's numbers.

    Raises
    ------
    ValueError
        If the configuration is not one of the space's.
    """
    return _flatten(space, configuration, ())


def describe(space: Any) -> dict[str, Any]:
    """Describe a space in JSON's types; equal descriptions mean the same space.

    Raises
    ------
    TypeError
        If a constant is nothing that JSON can hold.
    """
    if isinstance(space, Choice):
        return {"Choice": [describe(option) for option in space.options]}
    if isinstance(space, Numeric):
        return {type(space).__name__: [space.low, space.high]}
    if isinstance(space, dict) and all(type(key) is str for key in space):
        return {"dict": {key: describe(child) for key, child in space.items()}}
    if isinstance(space, (list, tuple)):
        return {type(space).__name__: [describe(child) for child in space]}
    constant = _plain(space)
    finite = type(constant) is float and math.isfinite(constant)
    if not (constant is None or type(constant) in (bool, int, str) or finite):
        raise TypeError(
            f"A journal cannot keep {space!r}, which JSON has no form for; "
            "put a string in the space and look the object up in the objective."
        )
    return {"constant": constant}


def _children(space: Any) -> list[tuple[Any, Any]] | None:
    """Return the keys and children of a container, or None of a leaf."""
    if isinstance(space, dict):
        return list(space.items())
    if isinstance(space, (list, tuple)):
        return list(enumerate(space))
    return None


def _name(path: tuple) -> str:
    """Return the dotted name of a path; a space that is a bare distribution is "value"."""
    return ".".join(map(str, path)) or "value"


def _walk(space: Any, path: tuple, conditions: tuple) -> Iterator[Parameter]:
    if isinstance(space, (Choice, Numeric)):
        yield Parameter(_name(path), space, conditions)
    if isinstance(space, Choice):
        for index, option in enumerate(space.options):
            yield from _walk(option, (*path, index), (*conditions, (_name(path), index)))
    for key, child in _children(space) or ():
        yield from _walk(child, (*path, key), conditions)


def _build(space: Any, value_of: Callable[[str, Any], Any], path: tuple = ()) -> Any:
    if isinstance(space, Choice):
        index = value_of(_name(path), space)
        return _build(space.options[index], value_of, (*path, index))
    if isinstance(space, Numeric):
        return value_of(_name(path), space)
    children = _children(space)
    if children is None:
        return space
    built = {key: _build(child, value_of, (*path, key)) for key, child in children}
    if isinstance(space, dict):
        return built
    return tuple(built.values()) if isinstance(space, tuple) else list(built.values())


def _flatten(space: Any, value: Any, path: tuple) -> dict[str, Any]:
    if isinstance(space, Choice):
        for index, option in enumerate(space.options):
            try:
                return {_name(path): index, **_flatten(option, value, (*path, index))}
            except ValueError:
                continue
        raise ValueError(f"{value!r} fits no option of the choice {_name(path)!r}.")
    if isinstance(space, Numeric):
        if not space.contains(value):
            raise ValueError(f"{_name(path)}: {value!r} is not in {space!r}.")
        return {_name(path): space._type(value)}
    children = _children(space)
    if children is None:
        constant, value = _plain(space), _plain(value)
        same = constant is value or (type(constant) is type(value) and (constant == value) is True)
        if not same:
            raise ValueError(f"{_name(path)}: {value!r} is not the constant {space!r}.")
        return {}
    container = dict if isinstance(space, dict) else (list, tuple)
    found = dict(_children(value)) if isinstance(value, container) else {}
    if not isinstance(value, container) or found.keys() != dict(children).keys():
        raise ValueError(f"{_name(path)}: {value!r} has not the shape of {space!r}.")
    values: dict[str, Any] = {}
    for key, child in children:
        values |= _flatten(child, found[key], (*path, key))
    return values


def _plain(value: Any) -> Any:
    """Return a NumPy scalar as Python's own, anything else as it is."""
    return value.item() if isinstance(value, np.generic) else value
