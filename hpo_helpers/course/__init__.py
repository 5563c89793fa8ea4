"""What only the course needs: its data, networks, recordings and figures, and the article's functions."""

from typing import TYPE_CHECKING

from .._lazy import lazy_names

if TYPE_CHECKING:  # for type checkers and completion; at run time the table below
    from .figures import save_figure as save_figure, use_style as use_style
else:
    __getattr__, __dir__, __all__ = lazy_names(globals(), {"figures": ("save_figure", "use_style")})
