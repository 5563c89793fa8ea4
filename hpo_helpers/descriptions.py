"""A space in JSON's types, and back: what a journal's header says of it."""

import math
from collections.abc import Iterator
from dataclasses import fields
from typing import Any, cast

import numpy as np

from .checks import refuse
from .distributions import Distribution


def describe(tree: Any) -> Any:
    """Describe a space; equal descriptions mean the same space.

    Raises
    ------
    TypeError
        If JSON has no form for a constant or for the key of a dict.
    """

    if isinstance(tree, Distribution):
        name = type(tree).__name__
        if tree.options is not None:
            return {name: [describe(option) for option in tree.options]}
        own = fields(cast(Any, tree))
        given = [getattr(tree, field.name) for field in own]
        while given[-1] == own[len(given) - 1].default:
            given.pop()
        return {name: [number if math.isfinite(number) else None for number in given]}
    if isinstance(tree, dict) and all(isinstance(key, str) for key in tree):
        return {"dict": {key: describe(child) for key, child in tree.items()}}
    if isinstance(tree, (list, tuple)):
        return {"list" if isinstance(tree, list) else "tuple": [describe(child) for child in tree]}
    constant = tree.item() if isinstance(tree, np.generic) else tree
    if type(constant) is float and not math.isfinite(constant):
        return {"float": str(constant)}
    if constant is None or type(constant) in (bool, int, str, float):
        return {"constant": constant}
    mend = "put a string in its place and look the object up in the objective"
    return refuse("a space with a journal", "hold what JSON has a form for", tree, mend, TypeError)


def described(description: Any) -> Any:
    """Return the space that `describe` described."""
    ((kind, content),) = description.items()
    if kind == "dict":
        return {key: described(child) for key, child in content.items()}
    if kind in ("list", "tuple"):
        return {"list": list, "tuple": tuple}[kind](map(described, content))
    if kind in ("constant", "float"):
        return content if kind == "constant" else float(content)
    distribution: Any = next(one for one in _kinds(Distribution) if one.__name__ == kind)
    if any(field.name == "options" for field in fields(distribution)):
        return distribution([described(option) for option in content])
    names = [field.name for field in fields(distribution)]
    given = zip(names, content, strict=False)
    return distribution(**{name: number for name, number in given if number is not None})


def _kinds(kind: type) -> Iterator[type]:
    one: type
    for one in kind.__subclasses__():
        yield one
        yield from _kinds(one)
