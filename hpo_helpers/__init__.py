"""Hyperparameter optimization in code that can be read in an evening.

The names below are loaded from their modules on first use, so that importing the package
costs next to nothing and never imports a deep-learning library.
"""

from typing import TYPE_CHECKING

from ._lazy import lazy_names
from ._version import __version__ as __version__

if TYPE_CHECKING:  # for type checkers and completion; at run time the table below
    from .course.article import (
        gaussian_process as gaussian_process, hyperparam_selection as hyperparam_selection,
        loguniform_int as loguniform_int, next_parameter_by_ei as next_parameter_by_ei,
        uniform_int as uniform_int,
    )
    from .distributions import (
        Choice as Choice, Integer as Integer, LogInteger as LogInteger, LogNormal as LogNormal,
        LogUniform as LogUniform, Normal as Normal, Ordered as Ordered, Uniform as Uniform,
    )
    from .hyperopt import (
        HyperoptSampler as HyperoptSampler, from_hyperopt as from_hyperopt,
        to_hyperopt as to_hyperopt,
    )
    from .importance import parameter_importance as parameter_importance
    from .journal import load as load
    from .loop import ObjectiveError as ObjectiveError, minimize as minimize
    from .models.acquisition import (
        confidence_improvement as confidence_improvement,
        expected_improvement as expected_improvement,
        log_expected_improvement as log_expected_improvement,
        lower_confidence_bound as lower_confidence_bound,
        probability_of_improvement as probability_of_improvement,
    )
    from .models.gaussian import MultivariateGaussian as MultivariateGaussian
    from .models.gaussian_process import GaussianProcess as GaussianProcess
    from .models.parzen import ParzenEstimator as ParzenEstimator
    from .pruners import MedianRule as MedianRule, Pruner as Pruner, SuccessiveHalving as SuccessiveHalving
    from .samplers import Sampler as Sampler
    from .samplers.gaussian_process import GaussianProcessSampler as GaussianProcessSampler
    from .samplers.grid import GridSampler as GridSampler
    from .samplers.random import QuasiRandomSampler as QuasiRandomSampler, RandomSampler as RandomSampler
    from .samplers.tpe import TPESampler as TPESampler
    from .search import Search as Search
    from .spaces import Exhausted as Exhausted, Space as Space, sample as sample
    from .trials import Trial as Trial, Trials as Trials
else:
    __getattr__, __dir__, __all__ = lazy_names(
        globals(),
        {
            "distributions": (
                "Uniform", "LogUniform", "Normal", "LogNormal", "Integer", "LogInteger", "Ordered",
                "Choice",
            ),
            "spaces": ("Space", "Exhausted", "sample"),
            "trials": ("Trial", "Trials"),
            "journal": ("load",),
            "search": ("Search",),
            "loop": ("minimize", "ObjectiveError"),
            "pruners": ("SuccessiveHalving", "MedianRule", "Pruner"),
            "importance": ("parameter_importance",),
            "samplers": ("Sampler",),
            "samplers.grid": ("GridSampler",),
            "samplers.random": ("RandomSampler", "QuasiRandomSampler"),
            "samplers.gaussian_process": ("GaussianProcessSampler",),
            "samplers.tpe": ("TPESampler",),
            "hyperopt": ("to_hyperopt", "from_hyperopt", "HyperoptSampler"),
            "models.gaussian": ("MultivariateGaussian",),
            "models.gaussian_process": ("GaussianProcess",),
            "models.parzen": ("ParzenEstimator",),
            "models.acquisition": (
                "confidence_improvement", "expected_improvement", "log_expected_improvement",
                "probability_of_improvement", "lower_confidence_bound",
            ),
            "course.article": (
                "gaussian_process", "next_parameter_by_ei", "hyperparam_selection", "uniform_int",
                "loguniform_int",
            ),
        },
    )
