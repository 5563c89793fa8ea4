from .colors import COLORS as COLORS
from .search import plot_best_so_far as plot_best_so_far
from .search import plot_history as plot_history
from .search import plot_parameter as plot_parameter
