"""A search's journal on disk: JSON Lines, a header first, then one trial a line.

Every trial is written, flushed and synced before the next is asked for, so that a killed process
loses no finished trial. Nothing is ever unpickled.
"""

import json
import math
import os
import platform
import warnings
from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np

from . import __version__
from .spaces import describe, flatten, unflatten
from .trials import Trial, Trials

try:
    import fcntl
except ImportError:  # Windows has no advisory locks of this kind
    fcntl = None

HEADER_START = b'{"journal": "hpo_helpers", "version": 1, '


class Journal:
    """An open journal: the trials that it holds, and a way to add to them.

    Parameters
    ----------
    path : str or Path
        Created if it is not there; otherwise the search goes on where it stopped.
    space : nested dict, list or tuple
    seed : int or None
        None takes the journal's own, or draws one if the journal is new.
    sampler : object
        Its ``repr`` is noted in the header.

    Attributes
    ----------
    trials : Trials
        Those that it held when it was opened.
    seed : int

    Raises
    ------
    ValueError
        If the file cannot be opened, is being written by another search, is no journal, or is
        one of another space or seed.
    TypeError
        If the space holds something that JSON cannot.
    """

    def __init__(self, path: str | Path, space: Any, seed: int | None, sampler: Any) -> None:
        self.path = Path(path)
        description = describe(space)
        try:
            self._file = open(self.path, "a+b")
        except OSError as error:
            raise _unusable(self.path, error) from error
        try:
            self._lock()
            self._file.seek(0)
            header, self.trials, torn = _parse(self._file.read(), self.path, space)
            if header and seed not in (None, header["seed"]):
                raise ValueError(
                    f"Journal {self.path} was begun with seed {header['seed']}, got seed={seed}; "
                    f"go on with seed={header['seed']} or None, or begin another journal."
                )
            self._set_aside(torn)
            self.seed = header["seed"] if header else draw_seed() if seed is None else seed
            if not header:
                self._write(_header(description, self.seed, sampler))
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> "Journal":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def append(self, trial: Trial) -> None:
        """Write a trial; it is safe on disk once this returns."""
        self._write(_strict(asdict(trial)))

    def _write(self, line: dict[str, Any]) -> None:
        self._file.write(json.dumps(line, allow_nan=False).encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    def _lock(self) -> None:
        """Refuse a journal that another search has open; the lock dies with its process."""
        try:
            if fcntl:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ValueError(
                f"Journal {self.path} is being written by another search; "
                "wait until it is done, or begin another journal."
            ) from error

    def _set_aside(self, torn: bytes) -> None:
        """Move a torn last line to a file of its own, and end the line before it."""
        if torn:
            aside = Path(f"{self.path}.torn")
            with open(aside, "ab") as file:
                file.write(torn + b"\n")
            self._file.truncate(self._file.tell() - len(torn))
            warnings.warn(_torn(self.path) + f"; it is now in {aside}.", stacklevel=5)
        size = self._file.seek(0, os.SEEK_END)
        self._file.seek(max(size - 1, 0))
        if self._file.read() not in (b"", b"\n"):
            self._file.write(b"\n")


def read(path: str | Path, space: Any = None) -> Trials:
    """Read the trials of a journal, changing nothing; see `Trials.load`."""
    path = Path(path)
    try:
        header, trials, torn = _parse(path.read_bytes(), path, space)
    except OSError as error:
        raise _unusable(path, error) from error
    if not header:
        raise ValueError(f"{path} is empty; give the path of a journal.")
    if torn:
        warnings.warn(_torn(path) + "; it is ignored.", stacklevel=3)
    return trials


def draw_seed() -> int:
    """Draw a seed from the operating system's entropy."""
    return int(np.random.SeedSequence().generate_state(1)[0])


def _parse(content: bytes, path: Path, space: Any) -> tuple[dict | None, Trials, bytes]:
    """Return the header (None of an empty file), the trials and the torn end of the last line."""
    *lines, last = content.split(b"\n")
    torn = b""
    if last:
        try:
            json.loads(last)
            lines.append(last)
        except ValueError:
            torn = last
    if not lines and HEADER_START.startswith(torn[: len(HEADER_START)]):
        return None, Trials(), torn
    header = _parse_header(lines[0] if lines else torn, path, space)
    trials = Trials()
    for number, line in enumerate(lines[1:], start=2):
        if line.strip():
            try:
                trials.append(_parse_trial(line, len(trials), space))
            except (ValueError, TypeError, KeyError) as error:
                raise ValueError(
                    f"Line {number} of journal {path} is not trial {len(trials)} of this search "
                    f"({error}); mend or delete the line."
                ) from error
    return header, trials, torn


def _parse_header(line: bytes, path: Path, space: Any) -> dict[str, Any]:
    try:
        header = json.loads(line)
        assert header["journal"] == "hpo_helpers" and header["version"] == 1
    except (ValueError, TypeError, KeyError, AssertionError) as error:
        raise ValueError(
            f"{path} is not a journal of this library; give another path, so that it is kept."
        ) from error
    same = space is None or _canonical(header["space"]) == _canonical(describe(space))
    if not same:
        raise ValueError(
            f"Journal {path} belongs to another space; give the space that it was begun with, "
            "or begin another journal."
        )
    return header


def _parse_trial(line: bytes, number: int, space: Any) -> Trial:
    stored = json.loads(line)
    if stored["number"] != number:
        raise ValueError(f"its number is {stored['number']}")
    if space is not None:
        stored["configuration"] = unflatten(space, flatten(space, stored["configuration"]))
    if stored["curve"] is not None:
        stored["curve"] = [float(loss) for loss in stored["curve"]]
    return Trial(**{field.name: stored[field.name] for field in fields(Trial)})


def _header(description: dict, seed: int, sampler: Any) -> dict[str, Any]:
    versions = {
        "hpo_helpers": __version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
    }
    return {
        "journal": "hpo_helpers",
        "version": 1,
        "space": description,
        "seed": seed,
        "sampler": repr(sampler),
        "versions": versions,
    }


def _canonical(description: dict) -> str:
    """Return a text that tells 1, 1.0 and true apart, but not the order of keys."""
    return json.dumps(description, sort_keys=True)


def _strict(value: Any) -> Any:
    """Return what strict JSON can hold: "nan" for NaN, a repr for an unknown object."""
    if isinstance(value, (np.generic, np.ndarray)):
        value = value.tolist()
    if isinstance(value, Mapping):
        return {str(key): _strict(child) for key, child in value.items()}
    if isinstance(value, (list, tuple)):
        return [_strict(child) for child in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    return value if isinstance(value, (int, str, type(None))) else repr(value)


def _torn(path: Path) -> str:
    return f"The last line of journal {path} was torn when its writer was killed"


def _unusable(path: Path, error: OSError) -> ValueError:
    return ValueError(
        f"Journal {path} cannot be used: {error.strerror or error}; give the path of a file."
    )
