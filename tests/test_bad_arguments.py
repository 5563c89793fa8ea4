"""Every public function, each of its parameters, and what a hand may slip into it: one sentence of ours."""

import re
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import hpo_helpers as hpo
from hpo_helpers import Choice, Space, Trial, Trials, Uniform, plots
from hpo_helpers.course import plots as course_plots
from hpo_helpers.course.importance import table_importance
from hpo_helpers.course.quasi_random import quasi_random_points

NAN, INF = float("nan"), float("inf")
# Nonsense of a kind: none of these is what the kind's name says.
NUMBER = ["a", [], {}, 1j, True, NAN, INF, object()]
INTEGER = ["a", 1.5, [], {}, True, NAN, "3", (1,)]
COUNT = [*INTEGER, 0, -1]  # an integer of at least 1
BOOL = ["no", "yes", 1, 0.0, [], object()]
NAME = ["nonsense", "", 3, [], True, object()]
RNG = [None, 0, "a", np.random, [1], 1.5]
NUMBERS = ["a", object(), [[1.0], [1.0, 2.0]], ["a", "b"], {"a": 1}, [None, object()]]
FINITE = [*NUMBERS, [NAN, 1.0, 2.0], [INF, 1.0, 2.0]]
FUNCTION = [3, "a", [], object(), {}]
SPACE_MEANT = [Uniform, hpo.LogUniform, {1, 2}, {"x": Uniform}, [np.array([Uniform(0, 1)])]]
PATH = [5, [], object(), 1.5]
TABLE = [3, "a", None, object(), [1, 2]]

RNG_0 = np.random.default_rng(0)
SPACE = Space({"x": Uniform(0, 1), "kind": Choice(["a", "b"])})
TRIALS = Trials(
    [Trial(k, {"x": k / 20, "kind": k % 2}, loss=float(k), state="finished", space=SPACE) for k in range(20)],
    SPACE,
)
X, Y = np.linspace(0, 1, 6)[:, None], np.arange(6.0)
GP = hpo.GaussianProcess().fit(X, Y)
GAUSSIAN = hpo.MultivariateGaussian([0.0, 0.0], [[1.0, 0.5], [0.5, 1.0]])
PARZEN = hpo.ParzenEstimator([0.2, 0.3], Uniform(0, 1))
OBJECTIVE = {"objective": lambda c: c["x"], "space": SPACE, "n_trials": 2, "progress": False}


def search(**changes):
    return hpo.minimize(**(OBJECTIVE | changes))


def told(trial=None, result=0.5):
    asked = hpo.Search(SPACE, sampler=hpo.RandomSampler(), seed=0)
    ran = asked.ask()
    return asked.tell(ran if trial is None else trial, result)


def asked(configuration):
    return hpo.Search(SPACE, seed=0).ask(configuration)


def fit(X=X, y=Y, **options):
    return hpo.GaussianProcess(**options).fit(X, y)


def choice(options):
    return Space(hpo.Choice(options))


def suggest(space=SPACE, trials=(), rng=RNG_0):
    return hpo.RandomSampler().suggest(space, trials, rng)


ACQUIRE = {"mean": [0.0, 1.0], "std": [1.0, 1.0], "best": 0.0}
ORDER = [3, 1]  # the lower bound above the upper
# What is called, with arguments that are right; and by parameter what is not.
CALLS = {
    "Uniform": (
        hpo.Uniform,
        {"low": 0, "high": 1},
        {"low": NUMBER, "high": [*NUMBER, -1, 0], "step": [*NUMBER, 0, -1]},
    ),
    "LogUniform": (hpo.LogUniform, {"low": 1, "high": 2}, {"low": [*NUMBER, -1], "high": [*NUMBER, 0.5]}),
    "Integer": (hpo.Integer, {"low": 1, "high": 9}, {"low": INTEGER, "high": [*INTEGER, 0], "step": COUNT}),
    "LogInteger": (hpo.LogInteger, {"low": 1, "high": 9}, {"low": [*INTEGER, -1], "high": [*INTEGER, 0]}),
    "Normal": (
        hpo.Normal,
        {"mean": 0, "std": 1},
        {"mean": NUMBER, "std": [*NUMBER, 0, -1], "low": ["a", [], NAN], "high": ["a", [], NAN]},
    ),
    "LogNormal": (hpo.LogNormal, {"mean": 0, "std": 1}, {"mean": NUMBER, "std": [*NUMBER, 0, -1]}),
    "Choice": (
        choice,
        {"options": [1, 2]},
        {
            "options": [
                3,
                "relu",
                [],
                {},
                None,
                Uniform(0, 1),
                *([x] for x in SPACE_MEANT if not isinstance(x, set)),
            ]
        },
    ),
    "Ordered": (hpo.Ordered, {"options": [1, 2]}, {"options": [3, "relu", [], {}, None]}),
    "Space": (hpo.Space, {"tree": {"x": Uniform(0, 1)}}, {"tree": SPACE_MEANT}),
    "sample": (hpo.sample, {"space": SPACE, "rng": RNG_0}, {"space": SPACE_MEANT, "rng": RNG}),
    "minimize": (
        search,
        {},
        {
            "objective": FUNCTION,
            "space": SPACE_MEANT,
            "sampler": ["tpe", hpo.TPESampler, 3, object()],
            "n_trials": COUNT,
            "seed": [*INTEGER, -1],
            "journal": PATH,
            "first": [3, {"x": 1}, [{"x": 2, "kind": "a"}], [3]],
            "timeout": [*NUMBER[:5], NAN, -1],
            "callback": FUNCTION[:4],
            "executor": [3, "a", object(), ThreadPoolExecutor],
            "n_parallel": COUNT,
            "pruner": [3, "a", object()],
            "on_error": NAME,
            "progress": BOOL,
        },
    ),
    "Search": (
        hpo.Search,
        {"space": SPACE},
        {
            "space": SPACE_MEANT,
            "sampler": ["tpe", hpo.TPESampler, 3],
            "seed": [*INTEGER, -1],
            "journal": PATH,
        },
    ),
    "Search.ask": (
        asked,
        {"configuration": {"x": 0.5, "kind": "a"}},
        {
            "configuration": [
                3,
                {},
                {"x": 2, "kind": "a"},
                {"x": 0.5, "kind": "c"},
                {"x": "a", "kind": "a"},
                {"x": 0.5, "kind": "a", "y": 1},
            ]
        },
    ),
    "Search.tell": (
        told,
        {},
        {
            "trial": [3, "a", {"x": 2, "kind": "a"}, TRIALS[3]],
            "result": ["a", [], None, {}, {"loss": "a"}, {"loss": 1, "curve": "a"}, object()],
        },
    ),
    "load": (hpo.load, {}, {"path": [*PATH, None]}),
    "Trial": (
        hpo.Trial,
        {"number": 0, "values": {}},
        {
            "number": [*INTEGER, -1],
            "values": [3, "a", [], None],
            "state": NAME,
            "seconds": [*NUMBER, -1],
            "loss": ["a", NAN, 1.0],
        },
    ),
    "Trials": (hpo.Trials, {"trials": [TRIALS[0]]}, {"trials": TABLE[3:], "space": [3, "a"]}),
    "RandomSampler.suggest": (suggest, {}, {"rng": RNG}),
    "GridSampler": (hpo.GridSampler, {}, {"n_points": ["a", 1.5, True, NAN, 0, -1, {"x": 0}, {"x": "a"}]}),
    "QuasiRandomSampler": (hpo.QuasiRandomSampler, {}, {"seed": [*INTEGER, -1]}),
    "TPESampler": (
        hpo.TPESampler,
        {},
        {
            "gamma": [*NUMBER, 0, 1, -0.5, 2],
            "n_startup": [*INTEGER, -1],
            "n_candidates": COUNT,
            "multivariate": BOOL,
        },
    ),
    "GaussianProcessSampler": (hpo.GaussianProcessSampler, {}, {"n_startup": COUNT}),
    "RepeatSampler": (
        hpo.RepeatSampler,
        {"sampler": hpo.RandomSampler(), "n_search": 8},
        {"sampler": [*FUNCTION, hpo.RandomSampler], "n_search": COUNT},
    ),
    "recommend": (hpo.recommend, {"trials": TRIALS}, {"trials": [*TABLE, list(TRIALS), Trials()]}),
    "HyperoptSampler": (
        hpo.HyperoptSampler,
        {},
        {"n_startup": [*INTEGER, -1], "n_candidates": COUNT, "gamma": [*NUMBER, 0, -1]},
    ),
    "SuccessiveHalving": (hpo.SuccessiveHalving, {}, {"grace": COUNT, "factor": [*INTEGER, 1, 0]}),
    "MedianRule": (hpo.MedianRule, {}, {"grace": COUNT, "n_startup": COUNT}),
    "parameter_importance": (
        hpo.parameter_importance,
        {"trials": TRIALS},
        {"trials": [*TABLE, TRIALS[:9]], "n_repeats": COUNT, "seed": [*INTEGER, -1]},
    ),
    "table_importance": (
        table_importance,
        {"table": TRIALS.to_frame()[["x", "kind"]], "losses": TRIALS.losses},
        {"table": TABLE, "losses": [*NUMBERS, [1.0]], "n_repeats": COUNT, "seed": [*INTEGER, -1]},
    ),
    "MultivariateGaussian": (
        hpo.MultivariateGaussian,
        {"mean": [0, 0], "covariance": np.eye(2)},
        {
            "mean": [*FINITE, [0.0], [[0.0]]],
            "covariance": [*NUMBERS, [[NAN, 0], [0, 1]], [[1.0]], [[1, 2], [3, 1]], [[-1, 0], [0, 1]]],
        },
    ),
    "MultivariateGaussian.sample": (
        GAUSSIAN.sample,
        {"n": 2, "rng": RNG_0},
        {"n": [*INTEGER, -1], "rng": RNG},
    ),
    "MultivariateGaussian.logpdf": (GAUSSIAN.logpdf, {"x": [0.0, 0.0]}, {"x": [*NUMBERS, [1.0, 2.0, 3.0]]}),
    "MultivariateGaussian.condition": (
        GAUSSIAN.condition,
        {"observed": [0], "values": [1.0]},
        {
            "observed": ["a", [2], [0.5], [0, 0], [-3], [NAN], object(), [0, 1]],
            "values": [*NUMBERS[:5], [NAN], [1.0, 2.0]],
        },
    ),
    "MultivariateGaussian.ellipse": (
        GAUSSIAN.ellipse,
        {"n_std": 1.0},
        {"n_std": NUMBER, "coordinates": [(0, 5), "a", 3], "n_points": COUNT},
    ),
    "GaussianProcess.fit": (
        fit,
        {},
        {
            "X": [*NUMBERS, [NAN] * 6, 3.0, [[1.0], [2.0]]],
            "y": [*NUMBERS, [NAN] * 6, [1.0, 2.0]],
            "kernel": NAME,
            "length_scale": ["a", [], {}, NAN, INF, 0, -1, [1.0, 2.0]],
            "signal_variance": [*NUMBER, 0, -1],
            "noise_variance": [*NUMBER, -1],
            "mean": NUMBER,
            "prior": BOOL,
            "categorical_features": ["a", 3, [True, False], [2]],
        },
    ),
    "GaussianProcess.predict": (GP.predict, {"X": X}, {"X": [*NUMBERS, [[NAN]], [[1.0, 2.0]]]}),
    "GaussianProcess.sample": (
        GP.sample,
        {"X": X, "n_samples": 2, "rng": RNG_0},
        {"X": [*NUMBERS, [[NAN]], [[1.0, 2.0]]], "n_samples": [*INTEGER, -1], "rng": RNG},
    ),
    "ParzenEstimator": (
        hpo.ParzenEstimator,
        {"samples": [0.2], "distributions": Uniform(0, 1)},
        {
            "samples": [*NUMBERS, [INF], [2.0], [[0.5, 0.5]]],
            "distributions": [3, "a", [], None, Uniform, [3]],
            "bandwidth": ["a", {}, True, NAN, INF, 0, -1, [0.1, 0.2], 1e-320],
            "weights": [*NUMBERS, [1.0, 2.0], [-1.0], [NAN]],
            "prior_weight": [*NUMBER, -1],
        },
    ),
    "ParzenEstimator.pdf": (PARZEN.pdf, {"x": [0.1]}, {"x": [*NUMBERS, 0.5, [[0.1]]]}),
    "ParzenEstimator.logpdf": (PARZEN.logpdf, {"x": [0.1]}, {"x": [*NUMBERS, 0.5, [[0.1]]]}),
    "ParzenEstimator.sample": (PARZEN.sample, {"n": 2, "rng": RNG_0}, {"n": [*INTEGER, -1], "rng": RNG}),
    "expected_improvement": (
        hpo.expected_improvement,
        ACQUIRE,
        {"mean": FINITE, "std": [*FINITE, [-1.0, 1.0]], "best": [*NUMBER, None], "margin": [*NUMBER, None]},
    ),
    "log_expected_improvement": (
        hpo.log_expected_improvement,
        ACQUIRE,
        {"mean": FINITE, "std": [*FINITE, [-1.0, 1.0]], "best": [*NUMBER, None]},
    ),
    "probability_of_improvement": (
        hpo.probability_of_improvement,
        ACQUIRE,
        {"mean": FINITE, "std": [*FINITE, [-1.0, 1.0]], "best": [*NUMBER, None], "margin": [*NUMBER, None]},
    ),
    "confidence_improvement": (
        hpo.confidence_improvement,
        ACQUIRE,
        {"mean": FINITE, "std": [*FINITE, [-1.0, 1.0]], "best": [*NUMBER, None], "n_std": [*NUMBER, None]},
    ),
    "lower_confidence_bound": (
        hpo.lower_confidence_bound,
        {"mean": [0.0], "std": [1.0]},
        {"mean": FINITE, "std": FINITE, "n_std": [*NUMBER, None]},
    ),
    "quasi_random_points": (
        quasi_random_points,
        {"method": "sobol", "n_points": 4, "n_dimensions": 2},
        {"method": NAME, "n_points": COUNT, "n_dimensions": COUNT, "seed": [*INTEGER, -1]},
    ),
    "plot_history": (
        plots.plot_history,
        {"trials": TRIALS},
        {"trials": [*NUMBERS, [], [NAN]], "ceiling": NUMBER[:5], "ax": ["a", 3]},
    ),
    "plot_best_so_far": (
        course_plots.plot_best_so_far,
        {"searches": {"a": TRIALS}},
        {"searches": [3, "a", {}, [TRIALS], {"a": [NAN]}, dict.fromkeys("abcde", TRIALS)], "ax": ["a", 3]},
    ),
    "plot_parameter": (
        plots.plot_parameter,
        {"trials": TRIALS, "name": "x"},
        {
            "trials": [*NUMBERS, 3.0, [1.0]],
            "name": ["y", "", 3, None],
            "ceiling": NUMBER[:5],
            "ax": ["a", 3],
        },
    ),
    "plot_values": (
        course_plots.plot_values,
        {"values": [1.0, 2.0], "losses": [1.0, 2.0]},
        {
            "values": [*NUMBERS, 3.0],
            "losses": [*NUMBERS, [1.0]],
            "color": NAME,
            "ceiling": NUMBER[:5],
            "ax": ["a", 3],
        },
    ),
    "plot_parallel_coordinates": (
        course_plots.plot_parallel_coordinates,
        {"trials": TRIALS},
        {"trials": [*NUMBERS, 3.0, [1.0]], "ax": ["a", 3]},
    ),
    "plot_lines": (
        course_plots.plot_lines,
        {"points": [[1.0, 2.0], [3.0, 4.0]]},
        {
            "points": [*NUMBERS, 3.0, [1.0]],
            "names": [["a"], ["a", "b", "c"]],
            "positions": [*NUMBERS, [1.0]],
            "color_by": [*NUMBERS, [1.0]],
            "ax": ["a", 3],
        },
    ),
    "plot_importance": (
        course_plots.plot_importance,
        {"importance": TRIALS},
        {"importance": [3, "a", [], None], "ax": ["a", 3]},
    ),
}
CASES = [
    pytest.param(call, name, value, id=f"{call}-{name}-{k}")
    for call, (_, _, bad) in CALLS.items()
    for name, values in bad.items()
    for k, value in enumerate(values)
]


# What our sentences look like; that about an objective's result names the objective.
SENTENCE = re.compile(r"(.+ )?must .+, (got|but) .+\.|the objective returned .+; return .+")


def arguments(call, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    warnings.simplefilter("ignore")
    return CALLS[call][:2]


@pytest.mark.parametrize("call", sorted(CALLS))
def test_the_right_arguments_are_taken(call, tmp_path, monkeypatch):
    function, right = arguments(call, tmp_path, monkeypatch)
    if call != "load":
        function(**right)


@pytest.mark.parametrize(("call", "name", "value"), CASES)
@pytest.mark.filterwarnings("ignore")
def test_a_bad_argument_gets_one_sentence(call, name, value, tmp_path, monkeypatch):
    function, right = arguments(call, tmp_path, monkeypatch)
    with pytest.raises((TypeError, ValueError, OSError)) as caught:
        function(**right | {name: value})
    assert SENTENCE.fullmatch(str(caught.value)), f"{caught.type.__name__}: {caught.value}"


def test_the_list_is_long():
    assert len(CASES) > 619
