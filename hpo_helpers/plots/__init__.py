"""Pictures, one module a topic.

Every function takes the thing to draw, `Trials` or arrays, and ``ax=None``, and returns the Axes that it
drew on. None of them sets a style, shows or saves.
"""

from .colors import COLORS
from .importance import plot_importance
from .parallel_coordinates import plot_parallel_coordinates
from .regression import plot_marginal_likelihood, plot_posterior
from .search import plot_best_so_far, plot_history, plot_parameter

__all__ = [
    "COLORS",
    "plot_best_so_far",
    "plot_history",
    "plot_importance",
    "plot_marginal_likelihood",
    "plot_parallel_coordinates",
    "plot_parameter",
    "plot_posterior",
]
