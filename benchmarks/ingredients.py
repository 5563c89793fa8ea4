"""What can be taken out of our samplers, one ingredient at a time."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import Any
from unittest.mock import patch

import numpy as np
from problems import PROBLEMS, TREE, Problem, hartmann6, network
from searches import Contestant, OurSearch

from hpo_helpers import Choice, GaussianProcess, GaussianProcessSampler, Integer, TPESampler
from hpo_helpers.samplers import cube
from hpo_helpers.samplers import gaussian_process as gp
from hpo_helpers.samplers.columns import leave_out_inactive, typed


def diverging(c):
    """The network, but that training diverges with steps above 0.05: losses up to 10,000."""
    return network(c) + float(np.expm1(9.2 * max(np.log10(c["step"] / 0.05), 0)))


def whole_hartmann(c):
    """Hartmann's function of six tenths."""
    return hartmann6(np.array(c) / 10)


MORE_PROBLEMS = {  # where an ingredient shows that does not elsewhere
    "diverging": Problem(
        "network that diverges",
        TREE,
        diverging,
        PROBLEMS["network"].minimizer,
        0.0,
    ),
    "whole": Problem(
        "Hartmann, 6 integers",
        [Integer(0, 10)] * 6,
        whole_hartmann,
        [2, 2, 5, 3, 3, 7],  # the lowest of all 11^6
        whole_hartmann([2, 2, 5, 3, 3, 7]),
    ),
}


@dataclass(frozen=True)
class Case(Contestant):
    """A sampler without one of its ingredients; its rival is the whole sampler.

    Parameters
    ----------
    change : context manager, optional
        Takes the ingredient out while a search runs, where the sampler has no option for it.
    more : tuple of str
        Which of `MORE_PROBLEMS` it searches, too.
    """

    change: AbstractContextManager | None = None
    more: tuple[str, ...] = ()

    @property
    def problems(self) -> dict[str, Problem]:
        """What it searches, by name."""
        return PROBLEMS | {name: MORE_PROBLEMS[name] for name in self.more}


def _tpe(title: str, **options: Any) -> Case:
    """Take an ingredient of TPE out by its options."""
    changed = ", ".join(f"{name}={value!r}" for name, value in options.items())
    return Case(f"{title}: `{changed}`", partial(OurSearch, TPESampler(**options)), rival="tpe")


class _ComparingSampler(TPESampler):
    """TPE whose candidates compete whatever options they have."""

    def _candidates(self, densities, rng):
        ((found, good, bad),) = densities
        drawn = good.sample(self.n_candidates, rng)
        leave_out_inactive(drawn, found)
        drawn = drawn[(bad.logpdf(drawn) - good.logpdf(drawn)).argsort(kind="stable")]
        for row in zip(*map(typed, found, drawn.T), strict=True):
            yield dict(zip([p.name for p in found], row, strict=True))


def _gp(title: str, place: Any, name: str, replacement: Any, *more: str) -> Case:
    """Take an ingredient of the Gaussian process out by what stands in for a part of it."""
    change, start = patch.object(place, name, replacement), partial(OurSearch, GP)
    return Case(title, start, rival="gp", change=change, more=more)


def _model(**changes: Any) -> tuple:
    """Make the sampler's Gaussian process with some options changed."""
    return gp, "GaussianProcess", lambda **options: GaussianProcess(**(options | changes))


def _improvement_on_observed(cube, model, best, whole=gp._Improvement):
    """Make the expected improvement on the lowest observed loss."""
    return whole(cube, model, (model._y + model._level).min())


def _snapped(distribution, u, whole=cube._middle_of_cell):
    """Leave integers where they are in their cells."""
    return whole(distribution, u) if isinstance(distribution, Choice) else u


GP, TPE = GaussianProcessSampler(), TPESampler()
CASES = {
    "tpe": Case("our TPE", partial(OurSearch, TPE), rival="tpe"),
    "tpe-joint": _tpe("modeling parameters together", multivariate=False),
    "tpe-ranks": _tpe("weights by rank", weights="equal"),
    "tpe-share": _tpe("the same share of the prior in both densities", prior="weight"),
    "tpe-prior": _tpe("a prior as heavy as a trial", prior_weight=0.3),
    "tpe-bandwidth": _tpe("kernels as wide as the gaps", bandwidth="scott"),
    "tpe-options": _tpe("options' kernels of one width", option_width="hyperopt"),
    "tpe-drawn": Case(
        "drawing of options: they compete", partial(OurSearch, _ComparingSampler()), rival="tpe"
    ),
    "tpe-truncation": _tpe("cutting each kernel at the bounds", truncation="mixture"),
    "tpe-hyperopt-split": _tpe("15 % good trials", splitting="hyperopt"),
    "tpe-optuna-split": _tpe("15 % good trials", splitting="optuna"),
    "tpe-candidates": _tpe("100 candidates", n_candidates=24),
    "tpe-all": Case(
        "all of these: `TPESampler.hyperopt()`",
        partial(OurSearch, TPESampler.hyperopt()),
        rival="tpe",
    ),
    "gp": Case("our GP", partial(OurSearch, GP), rival="gp", more=tuple(MORE_PROBLEMS)),
    "gp-climb": _gp("the climb", gp._Improvement, "climbed", lambda self, points: points),
    "gp-nearby": _gp("candidates near the best", gp, "N_NEARBY", 0),
    "gp-mean": _gp(
        "the posterior mean: improvement is on the lowest loss",
        *(gp, "_Improvement", _improvement_on_observed),
    ),
    "gp-spread": _gp(
        "spreading of the first trials: they are random",
        *(gp, "_most_remote", lambda c, tried, rng: next(c.new(c.anywhere(rng), tried))),
    ),
    "gp-taming": _gp(
        "taming of huge losses",
        *(gp, "_tamed", lambda losses: (losses - losses.mean()) / losses.std(), "diverging"),
    ),
    "gp-noise": _gp("learning of the noise: there is none", *_model(noise_variance=0.0)),
    "gp-prior": _gp("priors of hyperparameters", *_model(prior=False)),
    "gp-kernel": _gp(
        "the Matérn kernel: squared exponential", *_model(kernel="squared_exponential")
    ),
    "gp-cells": _gp("rounding inside the model", cube, "_middle_of_cell", _snapped, "whole"),
    "gp-inactive": _gp(
        "the middle for what is not active",
        *(cube.Cube, "is_active", lambda self, points: np.ones(points.shape, bool)),
    ),
}
