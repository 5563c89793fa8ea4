"""Pictures, one module a topic.

Every function takes the thing to draw and ``ax=None`` and returns the Axes that it drew on.
None of them sets a style, shows or saves; `use_style` and `save_figure` do that.
"""

from .._lazy import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    globals(),
    {
        "style": ("use_style", "save_figure", "COLORS"),
        "gaussian": ("plot_gaussian", "plot_slice"),
        "parallel_coordinates": ("plot_parallel_coordinates",),
        "designs": ("largest_hole", "plot_points", "plot_projections", "plot_best_losses"),
        "regression": ("plot_posterior", "plot_marginal_likelihood"),
        "acquisition": ("plot_acquisition", "plot_improvement", "plot_step"),
        "knobs": ("plot_hidden_units", "plot_knob_effects"),
        "parzen": ("plot_groups", "plot_kernels", "plot_ratio"),
        "search": ("plot_history", "plot_best_so_far", "plot_parameter", "plot_winners"),
        "importance": ("parameter_importance", "plot_importance"),
    },
)
