"""A space as its user writes it: nested Python, and all that has to walk through it."""

import math
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, ValuesView
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import numpy as np

from .checks import refuse, warn
from .distributions import Distribution

Conditions = tuple[tuple[str, int], ...]  # names of choices, and the options that must be chosen
Values = dict[str, Any]  # of the active parameters by name, a choice's being the option's index


@dataclass(frozen=True)
class Parameter:
    """A distribution and its place in a space.

    Parameters
    ----------
    name : str
        Dotted path, such as ``layers.1.n_units.0``; under a choice, the option's index is part of it.
    distribution : Distribution
    conditions : tuple of (str, int)
        Names of choices, each with the index of the option that must be chosen. All must hold for the
        parameter to be active.
    """

    name: str
    distribution: Distribution
    conditions: Conditions = ()

    def is_active(self, values: Mapping[str, Any]) -> bool:
        """Tell whether the options were chosen that it needs."""
        return not self.conditions or all(values.get(name) == option for name, option in self.conditions)


def name_of(path: tuple[Any, ...]) -> str:
    """Return the dotted name of a path; a distribution that is all of the space is "value"."""
    return ".".join(map(str, path)) or "value"


def _children(tree: Any) -> dict[Any, Any] | None:
    """Return what a container holds, by key or index; None if it is no container."""
    if isinstance(tree, (list, tuple)):
        return dict(enumerate(tree))
    return tree if isinstance(tree, dict) else None


def changed(tree: Any, change: Callable[[Any, Any], Any]) -> Any:
    """Return a new container like another, of what `change` makes of each key and child; else the tree."""
    children = _children(tree)
    if children is None:
        return tree
    made = {key: change(key, child) for key, child in children.items()}
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return type(tree)(*made.values())
    return made if isinstance(tree, dict) else (tuple if isinstance(tree, tuple) else list)(made.values())


def walk(tree: Any, path: tuple[Any, ...] = (), conditions: Conditions = ()) -> Iterator[Parameter]:
    """Yield the parameters of a space, parents before children."""
    name = name_of(path)
    if isinstance(tree, Distribution):
        yield Parameter(name, tree, conditions)
        for index, option in enumerate(tree.options or ()):
            yield from walk(option, (*path, index), (*conditions, (name, index)))
        return
    children = _children(tree)
    if children is None:
        _refuse_hidden(tree, name)
    elif not conditions and type(tree) is list and len(tree) > 1 and all(map(_is_plain, tree)):
        text = f"{name} is a list of constants, which every configuration gets whole; "
        text += f"write Choice({tree!r}) to search among them, or a tuple if it is meant"
        warn(text)
    for key, child in (children or {}).items():
        yield from walk(child, (*path, key), conditions)


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, (bool, int, float, str, np.generic))


def _refuse_hidden(constant: Any, name: str) -> None:
    """Refuse what looks like a constant and is, or holds, a distribution."""
    held: Iterable[Any] = ()
    if isinstance(constant, Mapping):
        held = constant.values()
    elif is_dataclass(constant) and not isinstance(constant, type):
        held = [getattr(constant, field.name) for field in fields(constant)]
    elif isinstance(constant, (set, frozenset, deque, ValuesView)):
        held = constant
    elif isinstance(constant, np.ndarray) and constant.dtype == object:
        held = constant.flat
    if any(isinstance(child, Distribution) for child in held):
        must = "hold distributions in dicts, lists and tuples only"
        refuse(name, must, constant, f"make it a dict or list, not a {type(constant).__name__}", TypeError)
    if isinstance(constant, type) and issubclass(constant, Distribution):
        mend = f"write {constant.__name__}(...) with its bounds or options"
        refuse(name, "be a distribution or a constant", constant, mend, TypeError)
    if hasattr(constant, "rvs") and hasattr(constant, "cdf"):
        mend = "take one of hpo_helpers', such as Uniform(0, 1) or Normal(0, 1)"
        refuse(name, "be a distribution of hpo_helpers", constant, mend, TypeError)


def build(tree: Any, values: Mapping[str, Any], path: tuple[Any, ...] = ()) -> Any:
    """Return the configuration of a subtree that values stand for."""
    if isinstance(tree, Distribution):
        value = values[name_of(path)]
        return value if tree.options is None else build(tree.options[value], values, (*path, value))
    return changed(tree, lambda key, child: build(child, values, (*path, key)))


def read(tree: Any, value: Any, path: tuple[Any, ...] = ()) -> tuple[Values, bool]:
    """Return the values of a configuration, and whether it fits to the letter."""
    name, value = name_of(path), value.item() if isinstance(value, np.generic) else value
    if isinstance(tree, Distribution):
        if tree.options is not None:
            return _read_option(tree, value, path)
        if not tree.holds(value):
            refuse(name, f"lie in {tree!r}", value)
        return {name: tree.type(value)}, type(value) is tree.type
    children, found = _children(tree), _children(value)
    if children is None:
        if not _same(tree, value):
            refuse(name, f"be the constant {tree!r}", value)
        return {}, tree is value or not isinstance(tree, np.ndarray)
    mapping = isinstance(tree, dict)
    if found is None or isinstance(value, dict) != mapping or found.keys() != children.keys():
        refuse(name, f"have the shape of {tree!r}", value)
    parts = [read(child, found[key], (*path, key)) for key, child in children.items()]
    values = {key: number for part, _ in parts for key, number in part.items()}
    return values, (mapping or type(value) is type(tree)) and all(exact for _, exact in parts)


def _read_option(choice: Distribution, value: Any, path: tuple[Any, ...]) -> tuple[Values, bool]:
    first = None
    for index, option in enumerate(choice.options):
        try:
            values, exact = read(option, value, (*path, index))
        except ValueError:
            continue
        found = {name_of(path): index, **values}
        if exact:
            return found, True
        first = first or found
    if first is None:
        refuse(name_of(path), "be one of the options of its choice", value)
    return first, False


def _same(a: Any, b: Any) -> bool:
    """Tell whether two constants are one; 1, 1.0 and True are three, and NaN is itself."""
    a = a.item() if isinstance(a, np.generic) else a
    if type(a) is float and type(b) is float:
        return a == b or (math.isnan(a) and math.isnan(b))
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return (a.dtype, a.shape, a.tobytes()) == (b.dtype, b.shape, b.tobytes())
    return a is b or (type(a) is type(b) and (a == b) is True)
