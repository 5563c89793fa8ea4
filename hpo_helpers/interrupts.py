"""Ctrl-C that waits for the end of what must be done as a whole."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self


class Interrupts:
    """While this context is entered, Ctrl-C does what it did before, but not within `wait`."""

    def __enter__(self) -> Self:
        self._waiting = False
        self._caught: tuple[Any, ...] | None = None
        self._before: Any = signal.getsignal(signal.SIGINT)
        main = threading.current_thread() is threading.main_thread()
        self._ours = main and callable(self._before)
        if self._ours:
            signal.signal(signal.SIGINT, self._handle)
        return self

    def __exit__(self, *_: object) -> None:
        if self._ours:
            signal.signal(signal.SIGINT, self._before)

    def _handle(self, *arguments: Any) -> None:
        if self._waiting:
            self._caught = arguments
        else:
            self._before(*arguments)

    @contextmanager
    def wait(self) -> Iterator[None]:
        """Let Ctrl-C wait until this is left."""
        self._waiting = True
        try:
            yield
        finally:
            self._waiting = False
            if self._caught:
                caught, self._caught = self._caught, None
                self._before(*caught)
