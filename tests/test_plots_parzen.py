"""Pictures of TPE: groups, kernels and ratios are drawn where the numbers are."""

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pytest
from scipy.stats import norm

from hpo_helpers import ParzenEstimator, Uniform
from hpo_helpers.course.plots import plot_groups, plot_kernels, plot_ratio

X = np.linspace(0, 1, 201)
SAMPLES = [0.2, 0.3, 0.7]


@pytest.fixture
def axes():
    fig, axes = plt.subplots(2)
    yield axes
    plt.close(fig)


def lines(ax):
    return {line.get_label(): line for line in ax.lines}


def heights(ax, label):
    return lines(ax)[label].get_ydata()


def estimator(prior_weight=1.0, samples=SAMPLES):
    return ParzenEstimator(samples, Uniform(0, 1), bandwidth=0.1, prior_weight=prior_weight)


def kernels(ax):
    """The thin lines: of all kernels but the prior's."""
    return np.array([line.get_ydata() for line in ax.lines if line.get_linewidth() == 0.9])


# ---------------------------------------------------------------- groups


def test_groups_are_told_apart_and_the_border_is_between_them(axes):
    x, losses, good = [3.0, 1.0, 2.0], [0.5, 0.1, 0.2], [False, True, True]
    assert plot_groups(x, losses, good, ax=axes[0]) is axes[0]
    drawn = lines(axes[0])
    assert drawn["good"].get_xydata().tolist() == [[1.0, 0.1], [2.0, 0.2]]
    assert drawn["bad"].get_xydata().tolist() == [[3.0, 0.5]]
    assert set(drawn["border"].get_ydata()) == {0.35}
    assert drawn["good"].get_marker() != drawn["bad"].get_marker()


@pytest.mark.parametrize("good", [[True, True], [False, False]])
def test_one_group_alone_has_no_border(axes, good):
    plot_groups([1, 2], [0.1, 0.2], good, ax=axes[0])
    assert "border" not in lines(axes[0])


@pytest.mark.parametrize(("losses", "good"), [([1.0], [True, False]), ([1.0, 2.0], [True])])
def test_groups_of_another_length_are_refused(axes, losses, good):
    with pytest.raises(ValueError, match=r"(losses|good) must hold one for each of the 2 x, got"):
        plot_groups([1, 2], losses, good, ax=axes[0])


# ---------------------------------------------------------------- kernels


def test_weighted_kernels_and_the_prior_add_up_to_the_density(axes):
    parzen = estimator()
    assert plot_kernels(X, parzen, ax=axes[0]) is axes[0]
    density = heights(axes[0], "density")
    np.testing.assert_allclose(density, parzen.pdf(X))
    np.testing.assert_allclose(kernels(axes[0]).sum(axis=0) + heights(axes[0], "prior"), density)
    assert len(kernels(axes[0])) == 3 and "sum of the bumps" not in lines(axes[0])
    assert lines(axes[0])["sample"].get_xdata().tolist() == SAMPLES


def test_unweighted_kernels_have_an_area_of_one_and_their_sum_that_of_their_number(axes):
    wide = np.linspace(-1, 2, 601)
    parzen = ParzenEstimator(SAMPLES, Uniform(-5, 6), bandwidth=0.1, prior_weight=0.0)
    plot_kernels(wide, parzen, weighted=False, ax=axes[0])
    np.testing.assert_allclose(kernels(axes[0]), [norm.pdf(wide, s, 0.1) for s in SAMPLES])
    assert np.trapezoid(heights(axes[0], "sum of the bumps"), wide) == pytest.approx(3)
    assert np.trapezoid(heights(axes[0], "density"), wide) == pytest.approx(1)
    assert "prior" not in lines(axes[0])


def test_the_legend_names_kernels_once_and_the_prior_by_itself(axes):
    plot_kernels(X, estimator(), ax=axes[0])
    labels = axes[0].get_legend_handles_labels()[1]
    assert sorted(labels) == ["bump", "density", "prior", "sample"]
    plot_kernels(X, estimator(samples=[]), ax=axes[1])
    assert "bump" not in lines(axes[1])
    np.testing.assert_allclose(heights(axes[1], "prior"), heights(axes[1], "density"))


def test_densities_on_one_scale_start_at_zero_and_none_is_cut_off():
    fig, axes = plt.subplots(1, 2, sharey=True)
    plot_kernels(X, estimator(samples=[0.5]), ax=axes[0])
    plot_kernels(X, estimator(prior_weight=0.01), ax=axes[1])
    highest = max(heights(ax, "density").max() for ax in axes)
    assert axes[0].get_ylim()[0] == 0 and axes[0].get_ylim()[1] > highest
    plt.close(fig)


# ---------------------------------------------------------------- ratios


def good(x):
    return norm.pdf(x, 0.3, 0.1)


def bad(x):
    return norm.pdf(x, 0.6, 0.3)


def test_the_candidate_with_the_largest_ratio_is_the_next_step(axes):
    candidates = np.array([0.1, 0.5, 0.28, 0.35])
    assert plot_ratio(X, good, bad, candidates, axes) is axes
    above, below = axes
    np.testing.assert_array_equal(heights(above, "$l(x)$, good"), good(X))
    np.testing.assert_array_equal(heights(above, "$g(x)$, bad"), bad(X))
    np.testing.assert_array_equal(heights(below, "$l(x)/g(x)$"), good(X) / bad(X))
    ratio = good(candidates) / bad(candidates)
    best = candidates[ratio.argmax()]
    assert best == 0.28
    assert lines(above)["candidate"].get_xydata().tolist() == np.c_[
        candidates, good(candidates)
    ].tolist()
    assert lines(below)["candidate"].get_ydata().tolist() == ratio.tolist()
    assert lines(above)["next trial"].get_xydata().tolist() == [[best, good(best)]]
    assert lines(below)["next trial"].get_xydata().tolist() == [[best, ratio.max()]]
    for ax in axes:
        dotted = [line for line in ax.lines if line.get_linestyle() == ":"]
        assert [set(line.get_xdata()) for line in dotted] == [{best}]
        assert ax.get_ylim()[0] == 0


def test_no_candidate_is_refused(axes):
    with pytest.raises(ValueError, match="candidates must hold at least one value"):
        plot_ratio(X, good, bad, [], axes)


def test_draws_on_the_current_axes_when_none_is_given(axes):
    plt.sca(axes[1])
    assert plot_groups([1, 2], [0.1, 0.2], [True, False]) is axes[1]
    assert plot_kernels(X, estimator()) is axes[1]
