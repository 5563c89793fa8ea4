"""Hyperparameter optimization in code that can be read in an evening.

The names below are loaded from their modules on first use, so that importing the package
costs next to nothing and never imports a deep-learning library.
"""

from importlib import import_module

__version__ = "0.1.0"

_HOMES = {
    "spaces": ("Uniform", "LogUniform", "Integer", "LogInteger", "Choice", "sample"),
    "trials": ("Trial", "Trials"),
    "search": ("minimize", "hyperparam_selection", "ObjectiveError"),
    "samplers.grid": ("GridSampler",),
    "samplers.random": ("RandomSampler", "QuasiRandomSampler"),
    "samplers.gaussian_process": ("GaussianProcessSampler",),
    "models.gaussian": ("MultivariateGaussian",),
    "models.gaussian_process": ("GaussianProcess", "gaussian_process"),
    "models.acquisition": (
        "confidence_improvement",
        "expected_improvement",
        "log_expected_improvement",
        "probability_of_improvement",
        "lower_confidence_bound",
        "next_parameter_by_ei",
    ),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = sorted(_HOME_OF)


def __getattr__(name):
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__():
    return sorted([*globals(), *__all__])
