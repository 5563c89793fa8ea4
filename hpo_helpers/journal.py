"""A search's journal on disk: JSON Lines, a header first, then one trial a line.

Every trial is written, flushed and synced before the next is asked for, so that a killed process
loses no finished trial. What the kill tore, the last line, is set aside. Nothing is unpickled.
"""

import errno
import json
import math
import os
import platform
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from . import __version__
from .spaces import describe, flatten, unflatten
from .trials import Trial, Trials

try:
    import fcntl
except ImportError:  # pragma: no cover  (Windows: two searches may open one journal there)
    fcntl = None

FORMAT = {"journal": "hpo_helpers", "version": 1}
START = json.dumps(FORMAT).encode()[:-1]  # what every journal's first line begins with


class Journal:
    """A journal open for writing, by one search at a time.

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
        If JSON has no form for something in the space.
    """

    def __init__(self, path: str | Path, space: Any, seed: int | None, sampler: Any) -> None:
        self.path = Path(path)
        description = describe(space)
        try:
            self._file = open(self.path, "a+b", buffering=0)
        except OSError as error:
            raise _unusable(self.path, error) from error
        try:
            self._lock()
            self._file.seek(0)
            header, self.trials, torn = _parse(self._file.read(), self.path, space)
            if header and seed not in (None, header["seed"]):
                raise ValueError(
                    f"Journal {self.path} was begun with seed={header['seed']}, got seed={seed}; "
                    f"go on with seed={header['seed']} or None, or begin another journal."
                )
            self._mend(torn)
            if header:
                self.seed = header["seed"]
            else:
                self.seed = draw_seed() if seed is None else seed
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
        self._write(_strict(vars(trial)))

    def _write(self, line: dict[str, Any]) -> None:
        content = json.dumps(line, allow_nan=False).encode() + b"\n"
        try:
            if self._file.write(content) < len(content):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(self._file.fileno())
        except OSError as error:
            raise OSError(
                f"Journal {self.path} cannot be written: {error.strerror}. The trials before this "
                "one are in it; make room and call minimize again to go on."
            ) from error

    def _lock(self) -> None:
        """Refuse a journal that another search has open; a lock dies with its process."""
        try:
            if fcntl:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ValueError(
                f"Journal {self.path} is being written by another search; "
                "wait until that is done, or begin another journal."
            ) from error
        except OSError:
            pass  # a file system without locks

    def _mend(self, torn: bytes) -> None:
        """Move a torn last line to a file of its own, and end a line that lacks its newline."""
        end = self._file.seek(-len(torn), os.SEEK_END)
        if torn:
            aside = Path(f"{self.path}.torn")
            with open(aside, "ab") as file:
                file.write(torn + b"\n")
            self._file.truncate(end)
            warnings.warn(f"{_torn(self.path)}; it is now in {aside}.", stacklevel=4)
        self._file.seek(max(end - 1, 0))
        if self._file.read() not in (b"", b"\n"):
            self._file.write(b"\n")


def read(path: str | Path, space: Any = None) -> Trials:
    """Read the trials of a journal, changing nothing; see `Trials.load`."""
    path = Path(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _unusable(path, error) from error
    header, trials, torn = _parse(content, path, space)
    if not header:
        raise ValueError(f"Journal {path} is empty; give the path of one with trials.")
    if torn:
        warnings.warn(f"{_torn(path)}; it is left out.", stacklevel=3)
    return trials


def draw_seed() -> int:
    """Draw a seed from the operating system's entropy."""
    return int(np.random.SeedSequence().generate_state(1)[0])


def _parse(content: bytes, path: Path, space: Any) -> tuple[dict | None, Trials, bytes]:
    """Return the header (None if there is none yet), the trials, and a torn last line."""
    *lines, torn = content.split(b"\n")
    if _is_json(torn):
        lines, torn = [*lines, torn], b""
    if not lines and START.startswith(torn[: len(START)]):
        return None, Trials(), torn
    header = _parse_header((lines or [torn])[0], path, space)
    trials = Trials()
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip():
            continue
        try:
            trials.append(_parse_trial(line, len(trials), space))
        except (ValueError, TypeError, KeyError) as error:
            raise ValueError(
                f"Line {number} of journal {path} must hold trial {len(trials)} of this search; "
                f"mend or delete it ({type(error).__name__}: {error})."
            ) from error
    return header, trials, torn


def _parse_header(line: bytes, path: Path, space: Any) -> dict[str, Any]:
    header = json.loads(line) if _is_json(line) and line.startswith(START) else {}
    if not header.keys() >= {"space", "seed"}:
        raise ValueError(f"{path} is no journal of this library's; it is left as it is.")
    if space is not None and _text(header["space"]) != _text(describe(space)):
        raise ValueError(
            f"Journal {path} belongs to a search of another space; "
            "give that space, or begin another journal."
        )
    return header


def _parse_trial(line: bytes, number: int, space: Any) -> Trial:
    stored = json.loads(line)
    if stored["number"] != number:
        raise ValueError(f"its number is {stored['number']}")
    if space is not None:
        stored["configuration"] = unflatten(space, flatten(space, stored["configuration"]))
    if stored.get("curve"):
        stored["curve"] = [float(loss) for loss in stored["curve"]]
    return Trial(**stored)


def _header(description: dict, seed: int, sampler: Any) -> dict[str, Any]:
    versions = {
        "hpo_helpers": __version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
    }
    about = {"space": description, "seed": seed, "sampler": repr(sampler), "versions": versions}
    return FORMAT | about


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


def _text(description: dict) -> str:
    """Return a text that tells 1, 1.0 and true apart, but no order of keys."""
    return json.dumps(description, sort_keys=True)


def _strict(value: Any) -> Any:
    """Return what strict JSON can hold: "nan" for NaN, its repr for an unknown object."""
    if isinstance(value, (np.generic, np.ndarray)):
        value = value.tolist()
    if isinstance(value, Mapping):
        return {str(key): _strict(child) for key, child in value.items()}
    if isinstance(value, (list, tuple)):
        return [_strict(child) for child in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    return value if value is None or isinstance(value, (int, str)) else repr(value)


def _torn(path: Path) -> str:
    return f"The last line of journal {path} is torn, as by a kill while it was written"


def _unusable(path: Path, error: OSError) -> ValueError:
    return ValueError(f"Journal {path} must be a file that can be used: {error.strerror}.")
