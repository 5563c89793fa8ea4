"""What may be tried: distributions, nested at will in dicts, lists and tuples.

What a user writes is plain Python with distributions or constants at its leaves. A *configuration* has
the same shape with values at its leaves: an ``int`` for an integer, a ``float`` for a real number, the
option itself for a choice. What lies under an option exists only when the option is chosen, so a space
is a tree. Its *parameters* have dotted names, in which an option stands as its index: the values of the
active ones, by name, say without ambiguity what is tried.
"""

import json
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from copy import copy
from dataclasses import fields
from itertools import chain, repeat
from typing import Any, cast

import numpy as np

from .checks import checked_rng, refuse
from .distributions import Choice, Distribution
from .trees import Parameter, Values, build, changed, read, walk

__all__ = ["Exhausted", "Parameter", "Space", "Values", "sample"]


class Exhausted(Exception):
    """Nothing is left to try: what a sampler raises to end a search."""


class Space:
    """A space that was read once, so that values and configurations can be turned into each other.

    Parameters
    ----------
    tree : Space, or nested dict, list or tuple
        With distributions, or other spaces, at its leaves. Dicts, lists and tuples are copied.

    Attributes
    ----------
    tree : nested dict, list or tuple
    parameters : dict of str to Parameter
        By name, parents before children.
    size : float
        Number of configurations; infinite with a real number.

    Raises
    ------
    ValueError
        If the space has no parameter, or two of the same name.
    TypeError
        If a distribution is where it would not be found.

    Examples
    --------
    >>> from hpo_helpers import Choice, Integer, Space
    >>> space = Space({"layers": Choice([1, {"units": Integer(10, 99)}])})
    >>> space.build({"layers": 1, "layers.1.units": 30})
    {'layers': {'units': 30}}
    >>> space.read({"layers": 1})
    {'layers': 0}
    """

    def __init__(self, tree: Any) -> None:
        if isinstance(tree, Space):
            vars(self).update(vars(tree))
            return
        self.tree: Any = _copied(tree)
        found = list(walk(self.tree))
        if not found:
            refuse("space", "hold a distribution, such as Uniform(0, 1)", tree)
        name, times = Counter(parameter.name for parameter in found).most_common(1)[0]
        if times > 1:
            refuse("space", "have one parameter of each name", name, "rename a key")
        self.parameters = {parameter.name: parameter for parameter in found}
        self.size = self.count(lambda parameter: parameter.distribution.size)

    def __repr__(self) -> str:
        return f"Space({self.tree!r})"

    def values(self, value_of: Callable[[Parameter], Any]) -> Values:
        """Return the values of active parameters, asking for each in turn, parents first."""
        values: Values = {}
        for name, parameter in self.parameters.items():
            if parameter.is_active(values):
                values[name] = value_of(parameter)
        return values

    def count(self, n_values: Callable[[Parameter], float]) -> float:
        """Return the number of combinations of all options and of so many values of each number."""
        under: dict[Any, float] = defaultdict(lambda: 1)  # combinations of what needs some options
        for p in reversed(self.parameters.values()):
            options = [under[(*p.conditions, (p.name, k))] for k in range(len(p.distribution.options or ()))]
            product = under[p.conditions] * (sum(options) if options else n_values(p))
            under[p.conditions] = product if product < 1e300 else math.inf  # as no float can hold it
        return under[()]

    def sample(self, rng: np.random.Generator) -> Values:
        """Draw values; only active parameters are drawn."""
        return self.values(lambda parameter: parameter.distribution.sample(rng))

    def build(self, values: Mapping[str, Any]) -> Any:
        """Return the configuration of some values, in dicts, lists and tuples made anew at each call."""
        return build(self.tree, values)

    def read(self, configuration: Any) -> Values:
        """Return the values of a configuration: what `build` made it from, as far as it tells.

        Of several options that it fits, the first that it fits to the letter is meant, else the first.
        Otherwise lists and tuples pass for each other, integers for real numbers, and NumPy's scalars for
        Python's.

        Raises
        ------
        ValueError
            If the configuration is not one of the space's.
        """
        return self.checked(read(self.tree, configuration)[0])

    def checked(self, values: Any) -> Values:
        """Return values as Python's own numbers, if they are those of the active parameters and no others.

        Raises
        ------
        ValueError
            Otherwise.
        """
        if not isinstance(values, Mapping):
            refuse("values", "be a dict by the parameters' names", values, kind=TypeError)

        def value_of(parameter: Parameter) -> Any:
            value, distribution = values.get(parameter.name), parameter.distribution
            if not distribution.holds(value):
                refuse(parameter.name, f"be a value of {distribution!r}", value)
            if distribution.step is not None and distribution.type is float:
                value = distribution.unscaled(float(cast(Any, value)))  # as the samplers' own are
            return distribution.type(value)

        checked = self.values(value_of)
        if len(checked) < len(values):
            refuse("values", f"be those of {list(checked)} alone", list(values))
        return checked

    def options(self, name: str) -> tuple[Any, ...] | None:
        """Return what the values of a choice stand for; None for a number, or if parameters lie below."""
        if any(choice == name for p in self.parameters.values() for choice, _ in p.conditions):
            return None
        return self.parameters[name].distribution.options

    def table(self, rows: Iterable[Mapping[str, Any]]) -> np.ndarray:
        """Return values as a table, shape (n, d): a column a parameter, NaN where it is not active."""
        names, rows = list(self.parameters), list(rows)
        values = chain.from_iterable(map(row.get, names, repeat(math.nan)) for row in rows)
        return np.fromiter(values, float).reshape(len(rows), len(names))

    def describe(self) -> Any:
        """Return a description in JSON's types; equal ones mean the same space.

        Raises
        ------
        TypeError
            If JSON has no form for a constant or for the key of a dict.
        """
        return _describe(self.tree)

    @property
    def fingerprint(self) -> str:
        """The description as a text that tells 1, 1.0 and true apart, but no order of keys."""
        return json.dumps(self.describe(), sort_keys=True)


def sample(space: Any, rng: np.random.Generator) -> Any:
    """Draw a configuration.

    Parameters
    ----------
    space : Space, or nested dict, list or tuple
    rng : numpy.random.Generator

    Examples
    --------
    >>> import numpy
    >>> from hpo_helpers import Integer, sample
    >>> sample({"units": Integer(10, 99)}, numpy.random.default_rng(0))
    {'units': 67}
    """
    space, rng = Space(space), checked_rng(rng)
    return space.build(space.sample(rng))


def _copied(tree: Any) -> Any:
    """Return a space in containers that nobody else can change, and what a space within it stands for."""
    tree = tree.tree if isinstance(tree, Space) else tree
    if isinstance(tree, Choice):
        return copy(tree)._set(options=tuple(map(_copied, tree.options)))
    return changed(tree, lambda _, child: _copied(child))


def _describe(tree: Any) -> Any:
    if isinstance(tree, Distribution):
        name = type(tree).__name__
        if tree.options is not None:
            return {name: [_describe(option) for option in tree.options]}
        own = fields(cast(Any, tree))
        given = [getattr(tree, field.name) for field in own]
        while given[-1] == own[len(given) - 1].default:
            given.pop()
        return {name: [number if math.isfinite(number) else None for number in given]}
    if isinstance(tree, dict) and all(isinstance(key, str) for key in tree):
        return {"dict": {key: _describe(child) for key, child in tree.items()}}
    if isinstance(tree, (list, tuple)):
        return {"list" if isinstance(tree, list) else "tuple": [_describe(child) for child in tree]}
    constant = tree.item() if isinstance(tree, np.generic) else tree
    if type(constant) is float and not math.isfinite(constant):
        return {"float": str(constant)}
    if constant is None or type(constant) in (bool, int, str, float):
        return {"constant": constant}
    mend = "put a string in its place and look the object up in the objective"
    return refuse("a space with a journal", "hold what JSON has a form for", tree, mend, TypeError)


def described(description: Any) -> Any:
    """Return what `Space.describe` described, as its user wrote it."""
    ((kind, content),) = description.items()
    if kind == "dict":
        return {key: described(child) for key, child in content.items()}
    if kind in ("list", "tuple"):
        return {"list": list, "tuple": tuple}[kind](map(described, content))
    if kind in ("constant", "float"):
        return content if kind == "constant" else float(content)
    distribution = {one.__name__: one for one in reversed(_kinds(Distribution))}[kind]
    if issubclass(distribution, Choice):
        return distribution([described(option) for option in content])
    return distribution(*content)


def _kinds(kind: Any) -> list[Any]:
    return [kind, *(one for child in kind.__subclasses__() for one in _kinds(child))]
