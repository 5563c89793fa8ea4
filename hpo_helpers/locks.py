"""A lock that two processes cannot hold at once, and that dies with its process."""

import os
import weakref
from pathlib import Path
from typing import Any

_held: weakref.WeakSet[Any] = weakref.WeakSet()


def locked(path: Path) -> Any:
    """Create and lock a file; the lock's ``release`` removes it.

    Raises
    ------
    BlockingIOError
        If another process, or another lock of this one, has it.
    OSError
        If the file cannot be created.
    """
    import portalocker

    lock = portalocker.TemporaryFileLock(path)
    try:
        lock.acquire()
        _held.add(lock)
    except portalocker.AlreadyLocked as error:
        raise BlockingIOError(*error.args) from error
    except portalocker.LockException:  # a file system without locks
        path.unlink(missing_ok=True)
    return lock


def _leave_to_parent() -> None:
    """Close what a forked child inherited, so that it does not hold a lock when its parent is gone."""
    for lock in list(_held):
        if lock.fh:
            lock.fh.close()
            lock.fh = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_to_parent)
