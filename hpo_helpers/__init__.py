"""Hyperparameter optimization in code that can be read in an evening.

The names below are loaded from their modules on first use, so that importing the package
costs next to nothing and never imports a deep-learning library.
"""

from ._lazy import lazy_names

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = lazy_names(
    globals(),
    {
        "spaces": ("Uniform", "LogUniform", "Integer", "LogInteger", "Choice", "sample"),
        "trials": ("Trial", "Trials"),
        "search": ("minimize", "hyperparam_selection", "ObjectiveError"),
        "samplers.grid": ("GridSampler",),
        "samplers.random": ("RandomSampler", "QuasiRandomSampler"),
        "samplers.gaussian_process": ("GaussianProcessSampler",),
        "samplers.tpe": ("TPESampler",),
        "hyperopt_bridge": ("to_hyperopt", "uniform_int", "loguniform_int"),
        "models.gaussian": ("MultivariateGaussian",),
        "models.gaussian_process": ("GaussianProcess", "gaussian_process"),
        "models.parzen": ("ParzenEstimator",),
        "models.acquisition": (
            "confidence_improvement",
            "expected_improvement",
            "log_expected_improvement",
            "probability_of_improvement",
            "lower_confidence_bound",
            "next_parameter_by_ei",
        ),
    },
)
