from .colors import COLORS as COLORS
from .importance import plot_importance as plot_importance
from .parallel_coordinates import plot_parallel_coordinates as plot_parallel_coordinates
from .search import plot_best_so_far as plot_best_so_far
from .search import plot_history as plot_history
from .search import plot_parameter as plot_parameter
