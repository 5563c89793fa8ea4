"""What can be taken out of our samplers, one ingredient at a time."""

from typing import Any
from unittest.mock import patch

import numpy as np
from contestants import Contestant, ours
from problems import MORE_PROBLEMS, PROBLEMS

from hpo_helpers import GaussianProcess, GaussianProcessSampler, ParzenEstimator, TPESampler
from hpo_helpers.samplers import gaussian_process as gp, tpe
from hpo_helpers.samplers.cube import Cube


def _tpe(title: str, **options: Any) -> Contestant:
    """Take an ingredient of TPE out by its options."""
    changed = ", ".join(f"{name}={value!r}" for name, value in options.items())
    return Contestant(f"{title}: `{changed}`", ours(TPESampler(**options)), rival="tpe")


class _Competing(TPESampler):
    """TPE whose candidates compete whatever options they have."""

    def _competing(self, space: Any, drawn: Any) -> Any:
        return drawn


def _of_one_width(samples: Any, kinds: Any, bandwidth: Any, **options: Any) -> ParzenEstimator:
    """Make a density whose kernels are a tenth of the range wide, however many trials there are."""
    widths = [0.1 * kind.width if kind.ordered else b for kind, b in zip(kinds, bandwidth, strict=True)]
    return ParzenEstimator(samples, kinds, bandwidth=widths, **options)


def _gp(title: str, place: Any, name: str, replacement: Any, *more: str) -> Contestant:
    """Take an ingredient of the Gaussian process out by what stands in for a part of it.

    It searches those of `MORE_PROBLEMS` that are named, too.
    """
    problems = PROBLEMS | {key: MORE_PROBLEMS[key] for key in more}
    change = patch.object(place, name, replacement)
    return Contestant(title, ours(GaussianProcessSampler()), rival="gp", problems=problems, change=change)


def _model(**changes: Any) -> tuple[Any, ...]:
    """Make the sampler's Gaussian process with some options changed."""
    return gp, "GaussianProcess", lambda **options: GaussianProcess(**(options | changes))


class _Observed(GaussianProcess):
    """A Gaussian process whose means at the observations, where alone they are asked for, are these."""

    def fit(self, X: Any, y: Any) -> "_Observed":
        self.y_ = y
        return super().fit(X, y)

    def predict(self, X: Any, return_std: bool = False) -> Any:
        return super().predict(X, return_std=True) if return_std else self.y_


def _unrounded(cube: Cube, points: np.ndarray, snapped: Any = Cube.snapped) -> np.ndarray:
    """Leave numbers where they are in their cells."""
    return np.where(cube.ordered & cube.is_active(points), points, snapped(cube, points))


CASES = {
    "tpe": Contestant("our TPE", ours(TPESampler()), rival="tpe"),
    "tpe-joint": _tpe("modeling parameters together", multivariate=False),
    "tpe-ranks": _tpe("weights by rank", weights="equal"),
    "tpe-share": _tpe("the same share of the prior in both densities", prior="weight"),
    "tpe-widths": Contestant(
        "kernels as wide as the gaps: a tenth of the range",
        ours(TPESampler()),
        rival="tpe",
        change=patch.object(tpe, "ParzenEstimator", _of_one_width),
    ),
    "tpe-options": _tpe("options' kernels of one width", option_width="hyperopt"),
    "tpe-drawn": Contestant("drawing of options: they compete", ours(_Competing()), rival="tpe"),
    "tpe-truncation": _tpe("cutting each kernel at the bounds", truncation="mixture"),
    "tpe-split": _tpe("15 % good trials", splitting="hyperopt"),
    "tpe-candidates": _tpe("100 candidates", n_candidates=24),
    "tpe-all": Contestant(
        "all of these: `TPESampler.hyperopt()`", ours(TPESampler.hyperopt()), rival="tpe"
    ),
    "gp": Contestant(
        "our GP", ours(GaussianProcessSampler()), rival="gp", problems=PROBLEMS | MORE_PROBLEMS
    ),
    "gp-climb": _gp("the climb", gp._Improvement, "climbed", lambda self, points: points),
    "gp-nearby": _gp("candidates near the best", gp, "N_NEARBY", 0),
    "gp-mean": _gp("the posterior mean: the losses themselves", gp, "GaussianProcess", _Observed),
    "gp-spread": _gp(
        "spreading of the first trials: they are random",
        *(gp, "_most_remote", lambda cube, tried, rng: cube.anywhere(rng)),
    ),
    "gp-taming": _gp(
        "taming of huge losses",
        *(gp, "_tamed", lambda losses: (losses - losses.mean()) / losses.std(), "diverging"),
    ),
    "gp-noise": _gp("learning of the noise: there is none", *_model(noise_variance=0.0)),
    "gp-prior": _gp("priors of hyperparameters", *_model(prior=False)),
    "gp-kernel": _gp("the Matérn kernel: squared exponential", *_model(kernel="squared_exponential")),
    "gp-cells": _gp("rounding inside the model", Cube, "snapped", _unrounded, "whole"),
    "gp-inactive": _gp(
        "the middle for what is not active",
        *(Cube, "is_active", lambda self, points: np.ones(points.shape, bool)),
    ),
}
