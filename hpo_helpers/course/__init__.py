"""What only the course needs: data, networks, recordings, figures, claims, and the article's functions."""

from typing import TYPE_CHECKING

from .._lazy import lazy_names

if TYPE_CHECKING:  # for type checkers and completion; at run time the table below
    from .claims import holds as holds
    from .figures import save_figure as save_figure, use_style as use_style
else:
    __getattr__, __dir__, __all__ = lazy_names(
        globals(), {"claims": ("holds",), "figures": ("save_figure", "use_style")}
    )
