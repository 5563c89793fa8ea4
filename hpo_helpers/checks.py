"""What an argument must be, said in one form, "NAME must …, got VALUE; MEND."; and warnings."""

import math
import sys
import warnings
from collections.abc import Collection
from numbers import Integral, Real
from reprlib import repr as short
from typing import Any, NoReturn

import numpy as np
from numpy.typing import ArrayLike


def refuse(name: str, must: str, value: Any, mend: str = "", kind: type = ValueError) -> NoReturn:
    """Raise an error that names an argument, what it must be, what it is, and the mend."""
    shown = value if isinstance(value, str) and " " in value else short(value)
    raise kind(f"{name} must {must}, got {shown}{'; ' if mend else ''}{mend}.")


def warn(text: str) -> None:
    """Warn at the line outside of this package that led here."""
    frame, level = sys._getframe(1), 2
    while frame.f_back and frame.f_globals.get("__name__", "").split(".")[0] == __package__:
        frame, level = frame.f_back, level + 1
    warnings.warn(text, stacklevel=level)


def checked_integer(name: str, value: Any, least: int) -> int:
    """Return an integer as Python's own, at least `least`.

    Raises
    ------
    TypeError, ValueError
        If it is no integer, or less.
    """
    integral = isinstance(value, Integral) and not isinstance(value, bool)
    if not integral or value < least:
        refuse(name, f"be an integer of at least {least}", value, kind=ValueError if integral else TypeError)
    return int(value)


def checked_number(
    name: str, value: Any, above: float = -np.inf, most: float = np.inf, least: float = -np.inf
) -> float:
    """Return a finite number as Python's own, above `above`, from `least` to `most`.

    Raises
    ------
    TypeError, ValueError
        If it is no number, or out of range.
    """
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value.item()
    real = isinstance(value, Real) and not isinstance(value, (bool, np.bool_))
    number = float(value) if real else math.nan
    if not (math.isfinite(number) and above < number <= most and least <= number):
        limits = [f"above {above:g}"] * (above > -np.inf) + [f"of at least {least:g}"] * (least > -np.inf)
        limits += [f"at most {most:g}"] * (most < np.inf)
        must = f"be a finite number {' and '.join(limits)}".strip()
        refuse(name, must, value, kind=ValueError if real else TypeError)
    return number


def checked_option(name: str, value: Any, options: Collection[str]) -> str:
    """Return one of some names.

    Raises
    ------
    ValueError
        If it is none of them.
    """
    if not isinstance(value, str) or value not in options:
        refuse(name, f"be one of {', '.join(map(repr, options))}", value)
    return value


def checked_object(name: str, value: Any, method: str, mend: str) -> None:
    """Refuse what is a class, or lacks a method.

    Raises
    ------
    TypeError
        If so.
    """
    if isinstance(value, type) or not callable(getattr(value, method, None)):
        refuse(name, f"be an object with a {method} method", value, mend, TypeError)


def checked_bool(name: str, value: Any) -> bool:
    """Return a truth value.

    Raises
    ------
    TypeError
        If it is none.
    """
    if not isinstance(value, (bool, np.bool_)):
        refuse(name, "be True or False", value, kind=TypeError)
    return bool(value)


def checked_rng(rng: Any) -> np.random.Generator:
    """Return a random generator.

    Raises
    ------
    TypeError
        If it is none.
    """
    if not isinstance(rng, np.random.Generator):
        refuse("rng", "be a numpy.random.Generator", rng, "pass numpy.random.default_rng(seed)", TypeError)
    return rng


def checked_array(name: str, value: ArrayLike, *, finite: bool = True, most: float = np.inf) -> np.ndarray:
    """Return numbers as an array of floats, without NaN and infinity, or more than `most`, if `finite`.

    Raises
    ------
    TypeError, ValueError
        If something is no number, rows differ in length, or a number is not finite.
    """
    try:
        array = np.asarray(value)
        array = array.astype(float) if array.dtype.kind in "biufO" else array
    except (TypeError, ValueError, RuntimeError):
        array = np.empty(0, object)
    if array.dtype != float:
        refuse(name, "be numbers in an array, rows of one length", value, kind=TypeError)
    if finite and not (np.isfinite(array) & (np.abs(array) <= most)).all():
        refuse(name, "be finite" + f" and within ±{most:g}" * (most < np.inf), value, "leave out what is not")
    return array
