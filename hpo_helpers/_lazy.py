"""Load a package's public names from their modules on first use (PEP 562)."""

from collections.abc import Callable
from importlib import import_module
from typing import Any


def lazy_names(
    namespace: dict[str, Any], homes: dict[str, tuple[str, ...]]
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """Make `__getattr__`, `__dir__` and `__all__` for a package.

    Parameters
    ----------
    namespace : dict
        The package's ``globals()``.
    homes : dict of str to tuple of str
        The module (relative to the package) of each group of public names.

    Returns
    -------
    tuple
        The package's ``__getattr__``, ``__dir__`` and ``__all__``.
    """
    package = namespace["__name__"]
    home_of = {name: home for home, names in homes.items() for name in names}
    public = sorted(home_of)

    def load(name: str) -> Any:
        if name not in home_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        namespace[name] = getattr(import_module(f"{package}.{home_of[name]}"), name)
        return namespace[name]

    return load, lambda: sorted({*namespace, *public}), public
