"""Pictures, one module a topic.

Every function takes the thing to draw, `Trials` or arrays, and ``ax=None``, and returns the Axes that it
drew on. None of them sets a style, shows or saves. The names stand in `__init__.pyi`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
