from .claims import holds as holds
from .figures import save_figure as save_figure
from .figures import use_style as use_style
