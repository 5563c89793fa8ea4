"""What can be taken out of our samplers, one ingredient at a time."""

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import numpy as np
from contestants import Contestant, ours
from problems import MORE_PROBLEMS, PROBLEMS

from hpo_helpers import GaussianProcess, GaussianProcessSampler, ParzenEstimator, TPESampler
from hpo_helpers.course.hyperopt_rules import CutAsAWhole, HyperoptRules, counted
from hpo_helpers.samplers import gaussian_process as gp
from hpo_helpers.samplers.cube import Cube


def _tpe(title: str, sampler: TPESampler) -> Contestant:
    return Contestant(title, ours(sampler), rival="tpe")


def _other(title: str, **methods: Callable[..., Any]) -> Contestant:
    """Take an ingredient of TPE out by other methods in the place of its own."""
    return _tpe(title, type("Other", (TPESampler,), methods)())


def _estimator(bandwidth: Callable[..., Any], kind: type = ParzenEstimator) -> Callable[..., Any]:
    """Make TPE's densities in another way."""

    def estimator(self: TPESampler, samples: Any, kinds: Any, weights: Any) -> ParzenEstimator:
        options = {"weights": weights[:-1], "prior_weight": weights[-1]}
        return kind(samples, kinds, bandwidth=bandwidth(samples, kinds, weights), **options)

    return estimator


def _equal(self: TPESampler, good: Any, bad: Any) -> tuple[np.ndarray, np.ndarray]:
    """Let all good trials weigh the same."""
    return np.ones(len(good) + 1), np.append(np.ones(len(bad)), max(len(bad), 1) / max(len(good), 1))


def _lighter(self: TPESampler, good: Any, bad: Any) -> tuple[np.ndarray, np.ndarray]:
    """Let the prior of the bad weigh what that of the good does."""
    return TPESampler.weights(self, good, bad)[0], np.ones(len(bad) + 1)


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
    "tpe": _tpe("our TPE", TPESampler()),
    "tpe-joint": _tpe("modeling parameters together: `multivariate=False`", TPESampler(multivariate=False)),
    "tpe-ranks": _other("weights by rank: equal ones", weights=_equal),
    "tpe-share": _other("the same share of the prior in both densities: the same weight", weights=_lighter),
    "tpe-widths": _other(
        "kernels as wide as the gaps: a tenth of the range",
        estimator=_estimator(lambda x, kinds, w: [0.1 * k.width if k.ordered else None for k in kinds]),
    ),
    "tpe-options": _other(
        "options' kernels that narrow with the samples: counted options", estimator=_estimator(counted)
    ),
    "tpe-drawn": _other(
        "drawing of options that parameters lie below: they compete", _competing=lambda _, space, drawn: drawn
    ),
    "tpe-truncation": _other(
        "cutting each kernel at the bounds: the mixture as a whole",
        estimator=_estimator(lambda *_: None, CutAsAWhole),
    ),
    "tpe-split": _other("15 % good trials: hyperopt's number", n_good=lambda _, n: HyperoptRules().n_good(n)),
    "tpe-candidates": _tpe("100 candidates: `n_candidates=24`", TPESampler(n_candidates=24)),
    "tpe-all": _tpe("all of these: hyperopt's rules", HyperoptRules()),
    "gp": Contestant("our GP", ours(GaussianProcessSampler()), rival="gp", problems=PROBLEMS | MORE_PROBLEMS),
    "gp-climb": _gp("the climb", gp.Improvement, "climbed", lambda self, points: points),
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
