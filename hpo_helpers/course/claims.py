"""The claims of a chapter, in code, so that another seed can refute them."""

import json
import os
from typing import Any

import numpy as np

from ..checks import refuse

FILE_VARIABLE = "HPO_HELPERS_CLAIMS"


def holds(sentence: str, condition: bool | np.bool_) -> None:
    """Claim that a sentence is true: print it with a tick, or stop with it.

    Where the environment variable ``HPO_HELPERS_CLAIMS`` names a file, as ``make claims`` does while it runs
    the chapters with other seeds, a line of JSON with the sentence and whether it held is added to that
    file, and a false sentence stops nothing.

    Parameters
    ----------
    sentence : str
        What is claimed. It says nothing that depends on the seed, such as a number that came out.
    condition : bool
        Whether it is so.

    Raises
    ------
    AssertionError
        If it is not so; the message is the sentence.
    TypeError
        If `condition` is no truth value, such as an array of them, or `sentence` is no text.
    ValueError
        If `sentence` is blank.

    Examples
    --------
    >>> holds("a square is never negative", all(x**2 >= 0 for x in range(-3, 4)))
    ✓ a square is never negative
    """
    _checked(sentence, condition)
    held, path = bool(condition), os.environ.get(FILE_VARIABLE)
    if path:
        with open(path, "a", encoding="utf-8") as file:
            file.write(json.dumps({"sentence": sentence, "held": held}, ensure_ascii=False) + "\n")
    elif not held:
        raise AssertionError(sentence)
    print("✓" if held else "✗", sentence)


def _checked(sentence: Any, condition: Any) -> None:
    if not isinstance(sentence, str):
        refuse("sentence", "be text", sentence, kind=TypeError)
    if not sentence.strip():
        refuse("sentence", "say something", sentence)
    if not isinstance(condition, (bool, np.bool_)):
        refuse("condition", "be True or False", condition, "reduce an array with all() or any()", TypeError)
