"""A search's journal on disk, in JSON Lines.

What came of a trial is written, flushed and synced before the next begins, so that a killed process
loses no finished trial. What the kill tore, the last line, is set aside. Nothing is unpickled.
"""

import errno
import json
import os
import re
import weakref
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np

from .checks import refuse, warn
from .journal_lines import ended, header_of, parse
from .spaces import Space
from .trials import Trial, Trials

ENCODER = json.JSONEncoder(allow_nan=False)
_locks: weakref.WeakSet[Any] = weakref.WeakSet()


def load(path: str | Path, space: Any = None) -> Trials:
    """Read the trials of a journal, which may still be growing; nothing is changed.

    Parameters
    ----------
    path : str or Path
    space : Space, or nested dict, list or tuple, optional
        The space that was searched. Default: as the journal describes it.

    Raises
    ------
    ValueError
        If the file cannot be read, is no journal, or is one of another space.
    """
    path = _checked_path(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _unusable(path, error) from error
    header, trials, torn = parse(content, path, None if space is None else Space(space))
    if not header:
        raise ValueError(f"Journal {path} is empty; give the path of one with trials.")
    if torn:
        warn(f"{_torn(path)}; it is left out.")
    return trials


class Journal:
    """A journal open for writing, by one search at a time.

    Parameters
    ----------
    path : str or Path
        Created if it is not there; otherwise the search goes on where it stopped.
    space : Space
    seed : int or None
        None takes the journal's own, or draws one if the journal is new.
    sampler : object
        Its ``repr`` is noted in the header.

    Attributes
    ----------
    trials : Trials
        Those that it held when it was opened. Running ones began before it was closed or killed.
    seed : int
    unwritten : set of int
        Numbers of trials whose last line could not be written.

    Raises
    ------
    ValueError
        If the file cannot be opened, is being written by another search, is no journal, or is
        one of another space or seed.
    TypeError
        If JSON has no form for something in the space.
    """

    def __init__(self, path: str | Path, space: Space, seed: int | None, sampler: Any) -> None:
        self.path = _checked_path(path)
        by = re.sub(r" at 0x[0-9a-fA-F]+", "", repr(sampler))
        # Made before there is a file, since it refuses a space that JSON has no form for.
        fresh = header_of(space, draw_seed() if seed is None else seed, by)
        with ExitStack() as opened:  # closes all again if something is wrong
            try:
                opened.callback(_locked(Path(f"{os.path.realpath(self.path)}.lock")).release)
                self._file = opened.enter_context(open(self.path, "a+b", buffering=0))
            except BlockingIOError as error:
                text = f"Journal {self.path} is being written by another search"
                raise ValueError(f"{text}; close() that, wait, or begin another journal.") from error
            except OSError as error:
                raise _unusable(self.path, error) from error
            self._file.seek(0)
            header, self.trials, torn = parse(self._file.read(), self.path, space)
            header = header or fresh
            self.seed, self.unwritten = header["seed"], set[Any]()
            if seed not in (None, self.seed):
                text = f"Journal {self.path} was begun with seed={self.seed}, got seed={seed}"
                raise ValueError(f"{text}; go on with seed={self.seed} or None, or begin another journal.")
            self._mend(torn)
            if header is fresh:
                self._write(fresh)
            if header["sampler"] != by:
                text = f"Journal {self.path} was begun with sampler={header['sampler']}"
                warn(f"{text}; it goes on with {by}.")
            self._opened = opened.pop_all()

    def close(self) -> None:
        """Close the file, and let another search have it."""
        self._opened.close()

    def begin(self, trial: Trial) -> None:
        """Write that a trial begins; only a loss of power can undo that, and nothing is lost with it."""
        self._write({"number": trial.number, "values": trial.values}, sync=False)

    def end(self, trial: Trial) -> None:
        """Write what came of a trial; it is safe on disk once this returns."""
        self._write(ended(trial))

    def _write(self, line: dict[str, Any], sync: bool = True) -> None:
        content = ENCODER.encode(line).encode() + b"\n"
        if self._file.closed:
            refuse("journal", "be open", str(self.path), "begin a new search with it to go on")
        size = self._file.seek(0, os.SEEK_END)
        try:
            if self._file.write(content) < len(content):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            if sync:
                os.fsync(self._file.fileno())
        except OSError as error:
            self._file.truncate(size)  # what was written of it
            self.unwritten.add(line.get("number"))
            text = f"Journal {self.path} cannot be written: {error.strerror}. The trials before this one"
            raise OSError(f"{text} are in it; make room and call minimize again to go on.") from error
        self.unwritten.discard(line.get("number"))

    def _mend(self, torn: bytes) -> None:
        """Move a torn last line to a file of its own, and end a line that lacks its newline."""
        end = self._file.seek(-len(torn), os.SEEK_END)
        if torn:
            aside = Path(f"{self.path}.torn")
            with open(aside, "ab") as file:
                file.write(torn + b"\n")
            self._file.truncate(end)
            warn(f"{_torn(self.path)}; it is now in {aside}.")
        self._file.seek(max(end - 1, 0))
        if self._file.read() not in (b"", b"\n"):
            self._file.write(b"\n")


def draw_seed() -> int:
    """Draw a seed from the operating system's entropy."""
    return int(np.random.SeedSequence().generate_state(1)[0])


def _checked_path(path: Any) -> Path:
    if not isinstance(path, (str, os.PathLike)):
        refuse("journal", "be the path of a file", path, kind=TypeError)
    return Path(path)


def _torn(path: Path) -> str:
    return f"The last line of journal {path} is torn, as by a kill while it was written"


def _unusable(path: Path, error: OSError) -> ValueError:
    return ValueError(f"Journal {path} must be a file that can be used: {error.strerror}.")


def _locked(path: Path) -> Any:
    """Return a lock that no two processes hold at once, and that dies with its process.

    Raises
    ------
    BlockingIOError
        If another process, or another journal of this one, has it.
    OSError
        If its file cannot be created.
    """
    import portalocker

    lock = portalocker.TemporaryFileLock(path)
    try:
        lock.acquire()
        _locks.add(lock)
    except portalocker.AlreadyLocked as error:
        raise BlockingIOError(*error.args) from error
    except portalocker.LockException:  # a file system without locks
        path.unlink(missing_ok=True)
    return lock


def _leave_to_parent() -> None:
    """Close what a forked child inherited, so that it does not hold a lock when its parent is gone."""
    for lock in list(_locks):
        if lock.fh:
            lock.fh.close()
            lock.fh = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_to_parent)
