from .colors import COLORS as COLORS
from .search import plot_history as plot_history
from .search import plot_parameter as plot_parameter
