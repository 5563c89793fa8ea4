"""The widgets' modules: their numbers against the library's, in Node; and how a notebook shows them."""

import json
import re
import shutil
import subprocess
import sys

import matplotlib.pyplot as plt
import numpy as np
import pytest
from ipywidgets.widgets.widget import _instances
from scipy.stats import kstest

from hpo_helpers import (
    GaussianProcess,
    ParzenEstimator,
    TPESampler,
    Trial,
    Uniform,
    confidence_improvement,
    expected_improvement,
    log_expected_improvement,
    lower_confidence_bound,
    probability_of_improvement,
)
from hpo_helpers.course import save_figure
from hpo_helpers.course.gaussian import MultivariateGaussian
from hpo_helpers.course.widgets import WIDGETS, module, view

NODE = shutil.which("node")
CALL = """\
import {{ readFileSync }} from "node:fs";
import * as widget from {path};
const given = JSON.parse(readFileSync(0, "utf-8"));
console.log(JSON.stringify(given.map(({{ {names} }}) => ({code}))));
"""


@pytest.fixture(scope="session")
def javascript(tmp_path_factory):
    """A function that evaluates an expression of a widget's exports for each of some given values."""
    if NODE is None:
        pytest.skip("Node, which evaluates the widgets' modules, is not installed.")
    folder = tmp_path_factory.mktemp("widgets")
    for name in WIDGETS:
        (folder / f"{name}.mjs").write_text(module(name), encoding="utf-8")

    def call(name, code, given):
        path = json.dumps((folder / f"{name}.mjs").as_uri())
        script = CALL.format(path=path, names=", ".join(given[0]), code=code)
        command = [NODE, "--input-type=module", "--eval", script]
        done = subprocess.run(command, input=json.dumps(given), capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return call


def close(found, expected):
    np.testing.assert_allclose(np.asarray(found, float), expected, rtol=1e-6, atol=1e-6)


# ---------------------------------------------------------------- Gaussian processes


def processes(n_cases=12):
    rng = np.random.default_rng(0)
    for case in range(n_cases):
        n = case % 6 + 1
        kernel = ("matern52", "squared_exponential")[case % 2]
        length, signal, noise = np.exp(rng.normal([-1, 1, -2], 0.7))
        noise *= case % 3 > 0  # every third is exact
        yield {
            "x": rng.uniform(size=n).tolist(),
            "y": rng.normal(2, 3, n).tolist(),
            "kernel": kernel,
            "length": length,
            "signal": signal,
            "noise": noise,
            "mean": rng.normal(),
            "places": rng.uniform(-0.5, 1.5, 7).tolist(),
        }


def fitted(case):
    gp = GaussianProcess(
        case["kernel"],
        length_scale=case["length"],
        signal_variance=case["signal"] ** 2,
        noise_variance=case["noise"] ** 2,
        mean=case["mean"],
    )
    return gp.fit(case["x"], case["y"])


PROCESS = "new widget.Process(x, y, { kernel, length, signal, noise, mean })"


@pytest.mark.parametrize("name", ["gaussian_process", "next_trial"])
def test_the_posterior_is_the_librarys(javascript, name):
    cases = list(processes())
    for case, found in zip(cases, javascript(name, f"{PROCESS}.predict(places)", cases), strict=True):
        mean, std = fitted(case).predict(case["places"], return_std=True)
        close(found["mean"], mean)
        close(found["std"], std)


def test_the_marginal_likelihood_is_the_librarys_and_so_is_its_gradient(javascript):
    cases = [case for case in processes() if case["noise"]]
    code = f"(p => [p.evidence, p.slopes.length, p.slopes.signal, p.slopes.noise])({PROCESS})"
    for case, (value, *slopes) in zip(cases, javascript("gaussian_process", code, cases), strict=True):
        learned = GaussianProcess(case["kernel"], noise_variance=None, mean=case["mean"])
        learned.fit(case["x"], case["y"])
        theta = np.log([case["length"], case["signal"] ** 2, case["noise"] ** 2])
        expected, gradient = learned.log_marginal_likelihood(theta, eval_gradient=True)
        close(value, expected)
        close(slopes, gradient * [1, 2, 2])  # in logarithms of standard deviations, not of variances


def test_climbing_only_goes_up_and_ends_on_a_peak_or_at_a_bound(javascript):
    cases = [case for case in processes() if case["noise"] and len(case["x"]) > 1]
    code = """{
      const settings = ([length, signal, noise]) =>
        ({ kernel, mean, length: Math.exp(length), signal: Math.exp(signal), noise: Math.exp(noise) });
      const look = (logs) => {
        const p = new widget.Process(x, y, settings(logs));
        return [p.evidence, [p.slopes.length, p.slopes.signal, p.slopes.noise]];
      };
      const start = [length, signal, noise].map(Math.log);
      const way = [start, ...widget.climb(start, look, [-3, -1, -3], [2, 3, 2])];
      return { values: way.map((p) => look(p)[0]), end: way.at(-1), slopes: look(way.at(-1))[1] };
    }"""
    for found in javascript("gaussian_process", f"(() => {code})()", cases):
        assert (np.diff(found["values"]) > 0).all() and len(found["values"]) > 3
        bounds = [(-3, 2), (-1, 3), (-3, 2)]
        for value, slope, (low, high) in zip(found["end"], found["slopes"], bounds, strict=True):
            assert low <= value <= high
            assert abs(slope) < 1e-2 or (value == low and slope < 0) or (value == high and slope > 0)


def test_samples_have_the_posteriors_mean_and_spread(javascript):
    case = next(processes()) | {"n": 4000}
    code = f"""(() => {{
      const p = {PROCESS}, uniform = widget.random(1);
      const draws = Array.from({{ length: n }}, () => widget.normals(places.length, uniform));
      return p.sample(places, draws);
    }})()"""
    (samples,) = javascript("gaussian_process", code, [case])
    mean, cov = fitted(case).predict(case["places"], return_cov=True)
    bound = 5 * cov.diagonal().max() / np.sqrt(case["n"])
    np.testing.assert_allclose(np.mean(samples, axis=0), mean, atol=5 * np.sqrt(cov.diagonal().max() / 4000))
    np.testing.assert_allclose(np.cov(np.transpose(samples)), cov, atol=2 * bound)


# ---------------------------------------------------------------- which trial is next

RULES = {
    "expectedImprovement": expected_improvement,
    "logExpectedImprovement": log_expected_improvement,
    "probabilityOfImprovement": probability_of_improvement,
    "lowerConfidenceBound": lower_confidence_bound,
    "confidenceImprovement": confidence_improvement,
}
BOUNDS = ("lowerConfidenceBound", "confidenceImprovement")


@pytest.mark.parametrize("name", RULES)
def test_a_rule_is_the_librarys_near_and_far(javascript, name):
    rng = np.random.default_rng(4)
    mean, std = rng.normal(scale=3, size=300), np.exp(rng.normal(-1, 2, size=300))
    best, knob = rng.normal(size=300), rng.uniform(0, 3, size=300) - (name not in BOUNDS)
    mean[:3], std[:3], best[:3], knob[:3] = (1.0, 0.0, 5.0), 0.0, (2.0, 2.0, 2.0), 0.5
    rows = zip(mean, std, best, knob, strict=True)
    cases = [dict(zip(("mean", "std", "best", "knob"), row, strict=True)) for row in rows]
    arguments = "mean, std, knob" if name == "lowerConfidenceBound" else "mean, std, best, knob"
    found = javascript("next_trial", f"widget.{name}({arguments})", cases)
    word = "n_std" if name in BOUNDS else "margin"
    for case, value in zip(cases, found, strict=True):
        options = {word: case["knob"]} | ({} if name == "lowerConfidenceBound" else {"best": case["best"]})
        score = RULES[name](case["mean"], case["std"], **options)
        # JSON has no minus infinity
        np.testing.assert_allclose(-np.inf if value is None else value, score, rtol=1e-6, atol=1e-300)


def test_next_is_the_best_of_what_was_not_tried_and_of_equals_the_lowest_bound(javascript):
    rng, grid, cases = np.random.default_rng(5), np.linspace(0, 30, 101), []
    scene = {"places": grid.tolist(), "length": 5, "signal": 3, "mean": 2}
    for n in (1, 3, 6):
        x = rng.choice(grid, n, replace=False)
        cases += [
            {"trials": np.column_stack([x, rng.normal(2, 3, size=n)]).tolist(), "name": name, "t": t}
            for name in ("ei", "pi", "bound", "article")
            for t in (0.0, 0.5, 1.0)
        ]
    found = javascript("next_trial", f"widget.judged(trials, {json.dumps(scene)}, name, t)", cases)
    for case, told in zip(cases, found, strict=True):
        x, y = np.transpose(case["trials"])
        gp = GaussianProcess(length_scale=5, signal_variance=9, mean=2).fit(x, y)
        mean, std = gp.predict(grid, return_std=True)
        margin, n_std = 6 * (case["t"] - 0.5), 3.92 * case["t"]
        bound = -lower_confidence_bound(mean, std, n_std=n_std)
        score = {
            "ei": expected_improvement(mean, std, y.min(), margin=margin),
            "pi": probability_of_improvement(mean, std, y.min(), margin=margin),
            "bound": bound,
            "article": confidence_improvement(mean, std, y.min(), n_std=n_std),
        }[case["name"]]
        close(told["scores"], score)
        i, tried = told["next"], np.isin(grid, x)
        assert not tried[i] and score[i] >= score[~tried].max() - 1e-6
        equal = ~tried & (score == score.max())
        assert not equal[i] or bound[i] >= bound[equal].max() - 1e-6


# ---------------------------------------------------------------- two correlated numbers


def pairs(n_cases=8):
    rng = np.random.default_rng(1)
    for _ in range(n_cases):
        mean, std = rng.normal(size=2), np.exp(rng.normal(size=2))
        yield {
            "mean": mean.tolist(),
            "std": std.tolist(),
            "rho": rng.uniform(-0.95, 0.95),
            "known": rng.normal(),
            "draws": rng.normal(size=(5, 2)).tolist(),
        }


def covariance(case):
    return np.outer(case["std"], case["std"]) * [[1, case["rho"]], [case["rho"], 1]]


def test_conditioning_is_the_librarys(javascript):
    cases = list(pairs())
    found = javascript("two_pictures", "widget.condition(known, rho, mean, std)", cases)
    for case, (mean, std) in zip(cases, found, strict=True):
        expected = MultivariateGaussian(case["mean"], covariance(case)).condition({0: case["known"]})
        close([mean, std**2], [expected.mean.item(), expected.covariance.item()])


def test_correlated_pairs_are_draws_times_a_root_of_the_covariance(javascript):
    cases = list(pairs())
    found = javascript("two_pictures", "widget.correlated(draws, rho, mean, std)", cases)
    for case, points in zip(cases, found, strict=True):
        root = np.linalg.cholesky(covariance(case))
        close(points, case["mean"] + np.array(case["draws"]) @ root.T)


# ---------------------------------------------------------------- Parzen estimators


@pytest.mark.parametrize("n", [1, 2, 3, 12, 60])
@pytest.mark.parametrize("width", [None, 0.03, 0.4])
def test_a_density_is_the_librarys_and_so_are_its_bumps(javascript, n, width):
    rng = np.random.default_rng(n)
    samples, weights, x = rng.uniform(size=n), rng.uniform(0.2, 2, size=n), rng.uniform(size=9)
    prior = rng.uniform(0.1, 3)
    case = {"samples": samples.tolist(), "weights": weights.tolist(), "x": x.tolist()}
    case |= {"width": width, "prior": prior}
    code = """(p => [x.map((v) => p.density(v)), x.map((v) => p.centers.map((_, i) => p.bump(i, v)))])(
        new widget.Parzen(samples, width, weights, prior))"""
    ((density, bumps),) = javascript("tpe", code, [case])
    options = {"bandwidth": width, "weights": weights, "prior_weight": prior}
    estimator = ParzenEstimator(samples, Uniform(0, 1), **options)
    close(density, estimator.pdf(x))
    close(bumps, estimator.kernels(x))


def test_equal_samples_have_the_librarys_widths(javascript):
    cases = [{"samples": s} for s in ([0.2, 0.2], [0.5, 0.5, 0.1], [0.3, 0.3, 0.3, 0.9], [0.0, 1.0, 1.0])]
    for case, widths in zip(cases, javascript("tpe", "widget.widthsOfGaps(samples)", cases), strict=True):
        close(np.sort(widths), np.sort(ParzenEstimator(case["samples"], Uniform(0, 1)).widths[:-1, 0]))


def test_the_ratio_of_the_densities_is_that_of_the_librarys_sampler(javascript):
    rng, cases = np.random.default_rng(2), []
    for n in (2, 7, 15, 40):
        x, loss, gamma = rng.uniform(size=n), rng.normal(size=n).round(1), rng.uniform(0.05, 0.6)
        cases.append(
            {"x": x.tolist(), "loss": loss.tolist(), "gamma": gamma, "at": rng.uniform(size=9).tolist()}
        )
    code = (
        """(p => [p.good, at.map((v) => p.l.density(v) / p.g.density(v))])(widget.groups(x, loss, gamma))"""
    )
    for case, (good, ratio) in zip(cases, javascript("tpe", code, cases), strict=True):
        values = enumerate(zip(case["x"], case["loss"], strict=True))
        trials = [Trial(k, {"x": x}, loss, "finished") for k, (x, loss) in values]
        sampler = TPESampler(gamma=case["gamma"])
        assert sorted(good) == [trial.number for trial in sampler.split(trials)[0]]
        ((_, above, below),) = sampler.densities({"x": Uniform(0, 1)}, trials)
        at = np.array(case["at"])[:, None]
        close(ratio, above.pdf(at) / below.pdf(at))


def test_draws_have_the_density(javascript):
    case = {"samples": [0.1, 0.3, 0.35, 0.95], "n": 4000}
    code = """(() => {
        const p = new widget.Parzen(samples, 0.1), uniform = widget.random(3);
        return Array.from({ length: n }, () => p.draw(uniform));
    })()"""
    (drawn,) = javascript("tpe", code, [case])
    grid = np.linspace(0, 1, 2001)
    pdf = ParzenEstimator(case["samples"], Uniform(0, 1), bandwidth=0.1).pdf(grid)
    cdf = np.append(0, np.cumsum((pdf[1:] + pdf[:-1]) / 2) / 2000)
    assert kstest(drawn, lambda x: np.interp(x, grid, cdf)).pvalue > 0.01


# ---------------------------------------------------------------- modules and notebooks

VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.mark.parametrize("name", WIDGETS)
def test_a_module_needs_nothing_else(javascript, name):
    text = module(name)
    assert not re.search(r"^import|\bimport\(|https?://(?!www\.w3\.org)|\bfetch\(", text, re.MULTILINE)
    code = "[typeof widget.default.render, widget.render === widget.default.render]"
    assert javascript(name, code, [{}]) == [["function", True]]


def test_there_is_a_module_for_each_name_alone():
    for name in ("base", "../style", "", None):
        with pytest.raises(ValueError, match="name must be one of 'two_pictures'"):
            module(name)


def test_a_widget_is_shown_from_its_module():
    data, _ = view("gaussian_process")
    widget = _instances[data[VIEW]["model_id"]]
    assert list(data) == [VIEW] and widget._esm == module("gaussian_process")


def test_without_anywidget_there_is_the_figure_alone(monkeypatch):
    monkeypatch.setitem(sys.modules, "anywidget", None)
    assert view("gaussian_process") == ({}, {})


@pytest.fixture
def shown(monkeypatch):
    """What a notebook is given to show."""
    import IPython
    import IPython.display

    plt.switch_backend("agg")  # while there is no notebook yet
    calls = []
    monkeypatch.setattr(IPython, "get_ipython", lambda: type("Shell", (), {"kernel": "a kernel"}))
    monkeypatch.setattr(
        IPython.display, "display", lambda data, metadata, raw: calls.append((data, metadata))
    )
    return calls


def save(name="gaussian_process"):
    save_figure(plt.figure(), "03_play", alt="A line that goes up from left to right.", widget=name)


def test_a_reader_gets_the_widget_with_the_figure_behind_it(shown, monkeypatch):
    monkeypatch.delenv("HPO_HELPERS_FIGURES", raising=False)
    save()
    ((data, metadata),) = shown
    assert list(data) == ["text/html", "image/png", "text/plain", VIEW]
    assert metadata["image/png"]["widget"] == "gaussian_process"


def test_a_stored_output_holds_the_figure_and_only_names_the_widget(shown, monkeypatch, tmp_path):
    monkeypatch.setenv("HPO_HELPERS_FIGURES", str(tmp_path))
    save()
    save()
    (data, metadata), again = shown
    assert list(data) == ["text/html", "image/png", "text/plain"] and (data, metadata) == again
    assert metadata["image/png"]["widget"] == "gaussian_process"


def test_a_widget_that_is_none_is_refused():
    with pytest.raises(ValueError, match="widget must be one of 'two_pictures', .*got 'gp'"):
        save("gp")
