"""Pictures that only the course draws, one module a topic; see `hpo_helpers.plots` for the others."""

from .acquisition import plot_acquisition, plot_improvement, plot_step
from .designs import largest_hole, plot_best_losses, plot_points, plot_projections
from .gaussian import plot_gaussian, plot_slice
from .importance import plot_importance
from .knobs import plot_hidden_units, plot_knob_effects
from .lines import plot_lines
from .parallel_coordinates import plot_parallel_coordinates
from .parzen import plot_groups, plot_kernels, plot_ratio
from .regression import plot_marginal_likelihood, plot_posterior
from .searches import plot_best_so_far
from .values import plot_values
from .winners import plot_winners

__all__ = [
    "largest_hole",
    "plot_acquisition",
    "plot_best_losses",
    "plot_best_so_far",
    "plot_gaussian",
    "plot_groups",
    "plot_hidden_units",
    "plot_importance",
    "plot_improvement",
    "plot_kernels",
    "plot_knob_effects",
    "plot_lines",
    "plot_marginal_likelihood",
    "plot_parallel_coordinates",
    "plot_points",
    "plot_posterior",
    "plot_projections",
    "plot_ratio",
    "plot_slice",
    "plot_step",
    "plot_values",
    "plot_winners",
]
