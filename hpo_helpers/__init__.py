"""Hyperparameter optimization in code that can be read in an evening.

The names in `__init__.pyi` are loaded from their modules on first use, so that importing the package
costs next to nothing and never imports a deep-learning library.
"""

import lazy_loader

from ._version import __version__ as __version__

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
