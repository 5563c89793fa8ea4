"""A lock that two processes cannot hold at once, and that dies with its process."""

import os
import weakref
from pathlib import Path


class FileLock:
    """A locked file.

    Parameters
    ----------
    path : Path
        Created, and removed by `release`.

    Raises
    ------
    BlockingIOError
        If another process, or another lock of this one, has it.
    OSError
        If the file cannot be created.
    """

    def __init__(self, path: Path) -> None:
        import portalocker

        self._path, self._portalocker = path, portalocker
        at_once = portalocker.LockFlags.EXCLUSIVE | portalocker.LockFlags.NON_BLOCKING
        while True:
            self._file = open(path, "ab")
            try:
                portalocker.lock(self._file, at_once)
            except portalocker.AlreadyLocked as error:
                self._file.close()
                raise BlockingIOError(*error.args) from error
            except portalocker.LockException:
                break  # a file system without locks
            if path.exists() and os.path.samestat(path.stat(), os.fstat(self._file.fileno())):
                break
            self._file.close()  # whoever had it just removed it
        _held.add(self)

    def release(self) -> None:
        """Remove the file, and let others have the lock, also if forked children still hold it."""
        _held.discard(self)
        if self._file.closed:
            return
        try:
            self._path.unlink(missing_ok=True)  # before others can have it
        except OSError:
            pass  # Windows removes no open file
        try:
            self._portalocker.unlock(self._file)
        except (OSError, self._portalocker.LockException):
            pass
        self._file.close()


_held: weakref.WeakSet[FileLock] = weakref.WeakSet()


def _leave_to_parent() -> None:
    """Close what a forked child inherited, so that it does not hold a lock when its parent is gone."""
    for lock in list(_held):
        lock._file.close()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_to_parent)
