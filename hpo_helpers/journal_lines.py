"""What the lines of a journal say: a header first, then what happened to trials, by their number."""

import json
import math
import platform
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from reprlib import repr as short
from typing import Any

import numpy as np

from ._version import __version__
from .spaces import Space, described
from .trials import Trial, Trials

NAME, VERSION = "hpo_helpers", 2  # lines of version 1 are read too, those of both in one journal
START = json.dumps({"journal": NAME}).encode()[:-1]  # what every journal begins with
BOM = b"\xef\xbb\xbf"  # what some editors put first
OUTCOME = ("state", "loss", "seconds", "error", "curve", "info")
DEEPEST = 20  # what is nested deeper in `info` is written as its repr


def ended(trial: Trial) -> dict[str, Any]:
    """Return the line that says what came of a trial."""
    found = {name: getattr(trial, name) for name in OUTCOME}
    return {"number": trial.number} | {name: strict(it) for name, it in found.items() if it is not None}


def parse(content: bytes, path: Path, space: Space | None) -> tuple[dict[str, Any] | None, Trials, bytes]:
    """Read a journal.

    Parameters
    ----------
    content : bytes
    path : Path
        For errors.
    space : Space or None
        What was searched; None takes what the header describes.

    Returns
    -------
    header : dict or None
        None if there is none yet.
    trials : Trials
    torn : bytes
        The last line, if it is not whole.

    Raises
    ------
    ValueError
        If this is no journal, one of another space, or has a line that does not go on with its search.
    """
    *lines, torn = content.removeprefix(BOM).split(b"\n")
    if _is_json(torn):
        lines, torn = [*lines, torn], b""
    if not lines and START.startswith(torn[: len(START)]):
        return None, Trials((), space), torn
    header = _parse_header((lines or [torn])[0], path)
    try:
        own = Space(described(header["space"]))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        text = f"Journal {path} must begin with a space that is known here, got {short(header['space'])}"
        raise ValueError(f"{text}; mend its first line, or import what defines its distributions.") from error
    if space is not None and space.fingerprint != own.fingerprint:
        text = f"Journal {path} belongs to a search of another space"
        raise ValueError(f"{text}; give that space, or begin another journal.")
    trials = Trials((), own if space is None else space)
    for number, line in filter(lambda numbered: numbered[1].strip(), enumerate(lines[1:], start=2)):
        try:
            trials.put(_parse_event(json.loads(line, object_hook=_number), trials, space or own))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            text = f"Line {number} of journal {path} must go on with this search, in which {len(trials)}"
            text = f"{text} trials began; mend or delete it ({type(error).__name__}: {error})."
            raise ValueError(text) from error
    return header, trials, torn


def _parse_header(line: bytes, path: Path) -> dict[str, Any]:
    header = json.loads(line) if _is_json(line) and line.startswith(START) else {}
    version = header.get("version")
    if type(version) is int and version > VERSION:
        text = f"Journal {path} is of version {version}, which a newer hpo_helpers wrote"
        raise ValueError(f"{text}; this one reads up to {VERSION}: update it.")
    whole = type(header.get("seed")) is int and header.keys() >= {"space", "sampler"}
    if type(version) is not int or version < 1 or not whole:
        raise ValueError(f"{path} is no journal of this library's; it is left as it is.")
    return header


def _parse_event(event: dict[str, Any], trials: Trials, space: Space) -> Trial:
    """Return the trial that a line is about, as it stands after it."""
    number = event["number"]
    if event.get("curve"):
        event["curve"] = [float(loss) for loss in event["curve"]]
    if "configuration" in event:  # version 1, with one line a trial
        event["values"] = space.read(event.pop("configuration"))
    if "values" in event:
        if number != len(trials):
            raise ValueError(f"its number is {number}")
        event["values"] = space.checked(event["values"])
        return Trial(**event, space=space)
    runs = 0 <= number < len(trials) and trials[number].state == "running"
    if not runs or event["state"] == "running":
        raise ValueError(f"trial {number} runs already" if runs else f"no trial {number} is running")
    return replace(trials[number], **event)


def header_of(space: Space, seed: int, sampler: str) -> dict[str, Any]:
    """Return the first line of a journal."""
    versions = {"hpo_helpers": __version__, "python": platform.python_version(), "numpy": np.__version__}
    about = {"space": space.describe(), "seed": seed, "sampler": sampler, "versions": versions}
    return {"journal": NAME, "version": VERSION} | about


def _is_json(line: bytes) -> bool:
    with suppress(ValueError, RecursionError):
        json.loads(line)
        return True
    return False


def strict(value: Any, above: tuple[int, ...] = ()) -> Any:
    """Return what strict JSON can hold: a mark for NaN, its repr for an unknown object.

    Of what holds itself, an entry of the uppermost dict is written as its repr.
    """
    if isinstance(value, (np.generic, np.ndarray)):
        value = (value.astype(str) if value.dtype.kind in "mM" else value).tolist()
    if id(value) in above:
        raise RecursionError
    inside = (*above, id(value))
    if len(above) < DEEPEST and isinstance(value, Mapping):
        return {str(key): (strict if above else _entry)(child, inside) for key, child in value.items()}
    if len(above) < DEEPEST and isinstance(value, (list, tuple)):
        return [strict(child, inside) for child in value]
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else {"float": str(float(value))}
    return value if value is None or isinstance(value, (bool, int, str)) else short(value)


def _entry(value: Any, above: tuple[int, ...]) -> Any:
    with suppress(RecursionError):
        return strict(value, above)
    return short(value)


def _number(found: dict[str, Any]) -> Any:
    """Return the number that `strict` marked."""
    if found.keys() == {"float"} and found["float"] in ("nan", "inf", "-inf"):
        return float(found["float"])
    return found
