"""What may be tried: distributions, nested at will in dicts, lists and tuples.

A *space* is plain Python with distributions or constants at its leaves. A *configuration* has the
same shape with values at its leaves: an ``int`` for an integer, a ``float`` for a real number, the
option itself for a choice. What lies under an option exists only when the option is chosen, so a
space is a tree.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from .distributions import Choice, Integer, LogInteger, LogUniform, Numeric, Uniform

__all__ = [
    *("Uniform", "LogUniform", "Integer", "LogInteger", "Choice", "Numeric"),
    *("Parameter", "parameters", "sample", "flatten", "unflatten", "describe"),
]


@dataclass(frozen=True)
class Parameter:
    """A distribution and its place in a space.

    Parameters
    ----------
    name : str
        Dotted path, such as ``layers.1.n_units.0``; under a choice, the option's index is part
        of it.
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
        If the space has no parameter, or two of the same name.
    """
    found = list(_walk(space, (), ()))
    if not found:
        raise ValueError(f"space must hold a distribution, such as Uniform(0, 1), got {space!r}.")
    name, count = Counter(parameter.name for parameter in found).most_common(1)[0]
    if count > 1:
        raise ValueError(f"Two parameters of the space are called {name!r}; rename a key.")
    return found


def sample(space: Any, rng: np.random.Generator) -> Any:
    """Draw a configuration; only active parameters are drawn."""
    return _build(space, lambda name, distribution: distribution.sample(rng), ())


def unflatten(space: Any, values: dict[str, Any]) -> Any:
    """Make a configuration from values by parameter name; the inverse of `flatten`.

    Parameters
    ----------
    space : nested dict, list or tuple
    values : dict
        Value by parameter name, the option's index for a choice. Those of parameters that are
        not active may be there, and are ignored.

    Raises
    ------
    ValueError
        If the value of an active parameter is missing.
    """

    def value_of(name: str, distribution: Numeric | Choice) -> Any:
        if name not in values:
            raise ValueError(f"values must hold the parameter {name!r}, got {values!r}.")
        return values[name]

    return _build(space, value_of, ())


def flatten(space: Any, configuration: Any) -> dict[str, Any]:
    """Return the values of a configuration's active parameters by name.

    A choice has the index of the first option that the configuration fits. Lists and tuples
    pass for each other, and so do NumPy's scalars and Python's numbers.

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
        If JSON has no form for a constant or for the key of a dict.
    """
    if isinstance(space, Choice):
        return {"Choice": [describe(option) for option in space.options]}
    if isinstance(space, Numeric):
        return {type(space).__name__: [space.low, space.high]}
    if isinstance(space, dict) and all(isinstance(key, str) for key in space):
        return {"dict": {key: describe(child) for key, child in space.items()}}
    if isinstance(space, (list, tuple)):
        kind = "list" if isinstance(space, list) else "tuple"
        return {kind: [describe(child) for child in space]}
    constant = _plain(space)
    finite = type(constant) is float and math.isfinite(constant)
    if constant is None or type(constant) in (bool, int, str) or finite:
        return {"constant": constant}
    raise TypeError(
        f"A journal cannot keep {space!r}, since JSON has no form for it; "
        "put a string in its place and look the object up in the objective."
    )


def _children(container: Any) -> dict[Any, Any] | None:
    """Return what a container holds, by key or index; None if it is no container."""
    if isinstance(container, (list, tuple)):
        return dict(enumerate(container))
    return container if isinstance(container, dict) else None


def _name(path: tuple) -> str:
    """Return the dotted name of a path; a distribution that is all of the space is "value"."""
    return ".".join(map(str, path)) or "value"


def _walk(space: Any, path: tuple, conditions: tuple) -> Iterator[Parameter]:
    if isinstance(space, (Choice, Numeric)):
        yield Parameter(_name(path), space, conditions)
    if isinstance(space, Choice):
        for index, option in enumerate(space.options):
            yield from _walk(option, (*path, index), (*conditions, (_name(path), index)))
    for key, child in (_children(space) or {}).items():
        yield from _walk(child, (*path, key), conditions)


def _build(space: Any, value_of: Callable[[str, Any], Any], path: tuple) -> Any:
    """Make a configuration, asking for the value of each active parameter in turn."""
    if isinstance(space, Choice):
        index = value_of(_name(path), space)
        return _build(space.options[index], value_of, (*path, index))
    if isinstance(space, Numeric):
        return value_of(_name(path), space)
    children = _children(space)
    if children is None:
        return space
    built = {key: _build(child, value_of, (*path, key)) for key, child in children.items()}
    if isinstance(space, dict):
        return built
    return tuple(built.values()) if isinstance(space, tuple) else list(built.values())


def _flatten(space: Any, value: Any, path: tuple) -> dict[str, Any]:
    name = _name(path)
    if isinstance(space, Choice):
        for index, option in enumerate(space.options):
            try:
                return {name: index, **_flatten(option, value, (*path, index))}
            except ValueError:
                continue
        raise ValueError(f"{name} must be one of the options of its choice, got {value!r}.")
    if isinstance(space, Numeric):
        if not space.contains(value):
            raise ValueError(f"{name} must lie in {space!r}, got {value!r}.")
        return {name: type(space.low)(value)}
    children, found = _children(space), _children(value)
    if children is None:
        if not _same(_plain(space), _plain(value)):
            raise ValueError(f"{name} must be the constant {space!r}, got {value!r}.")
        return {}
    mapping = isinstance(space, dict)
    if found is None or isinstance(value, dict) != mapping or found.keys() != children.keys():
        raise ValueError(f"{name} must have the shape of {space!r}, got {value!r}.")
    values: dict[str, Any] = {}
    for key, child in children.items():
        values |= _flatten(child, found[key], (*path, key))
    return values


def _plain(value: Any) -> Any:
    """Return a NumPy scalar as Python's own, and anything else as it is."""
    return value.item() if isinstance(value, np.generic) else value


def _same(a: Any, b: Any) -> bool:
    """Tell whether two constants are one; 1, 1.0 and True are three."""
    return a is b or (type(a) is type(b) and (a == b) is True)
