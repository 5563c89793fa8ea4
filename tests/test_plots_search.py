"""Pictures of searches: every trial is where its loss is, and none goes missing unseen."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from hpo_helpers.course.plots import plot_best_so_far, plot_values
from hpo_helpers.course.plots.searches import LINES
from hpo_helpers.distributions import Choice, Integer, LogInteger, LogUniform, Ordered, Uniform
from hpo_helpers.plots import plot_history, plot_parameter
from hpo_helpers.plots.search import SPREAD, best_so_far
from hpo_helpers.spaces import Space
from hpo_helpers.trials import Trial, Trials

LOSSES = [3.0, np.nan, 50.0, 0.5, 2.0, np.inf, 0.4]


@pytest.fixture
def ax():
    return plt.figure().add_subplot()


def dots(ax, marker):
    """Where the points of one marker are, in the order in which they were drawn."""
    drawn = [line.get_xydata() for line in ax.lines if line.get_marker() == marker]
    return np.vstack(drawn).tolist() if drawn else []


# ---------------------------------------------------------------- history


def test_history_has_a_dot_for_each_finite_loss_and_the_best_so_far(ax):
    assert plot_history(LOSSES, ax=ax) is ax
    assert dots(ax, "o") == [[1, 3], [3, 50], [4, 0.5], [5, 2], [7, 0.4]]
    step = next(line for line in ax.lines if line.get_label() == "best so far")
    assert step.get_ydata().tolist() == [3, 3, 3, 0.5, 0.5, 0.5, 0.4]
    assert step.get_drawstyle() == "steps-post"
    assert ax.get_yscale() == "log"


def test_losses_above_the_ceiling_and_failed_trials_are_triangles_on_it(ax):
    plot_history(LOSSES, ceiling=10, ax=ax)
    assert dots(ax, "o") == [[1, 3], [4, 0.5], [5, 2], [7, 0.4]]
    assert dots(ax, "^") == [[2, 10], [3, 10], [6, 10]]
    assert [10, 10] in [list(line.get_ydata()) for line in ax.lines]


def test_what_was_stopped_or_runs_is_no_failure(ax):
    space = Space({"x": Uniform(0, 1)})
    states = [("finished", 0.5), ("failed", None), ("pruned", 0.45), ("running", None)]
    trials = Trials([Trial(k, {"x": 0.1 * k}, loss, state) for k, (state, loss) in enumerate(states)], space)
    plot_history(trials, ceiling=1.0, ax=ax)
    assert (dots(ax, "o"), dots(ax, "^")) == ([[1, 0.5]], [[2, 1]])
    other = plot_parameter(trials, "x", ceiling=1.0, ax=plt.figure().add_subplot())
    assert (dots(other, "o"), dots(other, "^")) == ([[0, 0.5]], [[0.1, 1]])


@pytest.mark.parametrize("size", [(6.4, 4.8), (8, 6), (5, 3)])
@pytest.mark.parametrize("ceiling", [0.1, 0.4, 0.5, 0.9, 1.0, 10.0])
def test_where_all_are_at_the_ceiling_the_axis_has_a_height(ceiling, size):
    ax = plot_history([ceiling] * 5, ceiling=ceiling, ax=plt.figure(figsize=size).add_subplot())
    low, high = ax.get_ylim()
    assert low < 0.99 * ceiling < 1.01 * ceiling < high


def test_a_ceiling_brings_no_losses_below_zero_into_view(ax):
    space, losses = {"x": Uniform(0, 1)}, [0.0, 1e-3, 0.5]
    trials = Trials([Trial(k, {"x": 0.1 * k}, loss, "finished") for k, loss in enumerate(losses)], space)
    assert plot_parameter(trials, "x", ceiling=0.4, ax=ax).get_ylim()[0] > -1e-3
    assert plot_history(trials, ceiling=0.4, ax=plt.figure().add_subplot()).get_ylim()[0] > -1e-3


def test_without_a_loss_above_it_the_ceiling_holds_no_triangle(ax):
    plot_history([1.0, 2.0], ceiling=10, ax=ax)
    assert dots(ax, "^") == []


@pytest.mark.parametrize("losses", [[], [np.nan, np.inf], [[1.0]]])
def test_a_history_without_a_loss_is_refused(ax, losses):
    with pytest.raises(ValueError, match=r"^losses must be a row of losses, at least one"):
        plot_history(losses, ax=ax)


@given(st.lists(st.floats(-1e3, 1e3) | st.just(np.nan) | st.just(np.inf), max_size=20))
def test_best_so_far_is_the_lowest_finite_loss_until_then(losses):
    best = best_so_far(losses)
    for k, value in enumerate(best):
        seen = [loss for loss in losses[: k + 1] if np.isfinite(loss)]
        assert value == min(seen) if seen else np.isnan(value)


# ---------------------------------------------------------------- best so far


def test_each_search_has_a_line_of_its_own_length_told_apart_by_color_and_dashes(ax):
    searches = {"random": [np.nan, 2.0, 3.0], "tpe": [1.0, 0.5]}
    assert plot_best_so_far(searches, ax=ax) is ax
    first, second = ax.lines
    np.testing.assert_array_equal(first.get_xydata(), [[1, np.nan], [2, 2], [3, 2]])
    np.testing.assert_array_equal(second.get_xydata(), [[1, 1], [2, 0.5]])
    assert [line.get_label() for line in ax.lines] == ["random", "tpe"]
    assert first.get_color() != second.get_color()
    assert first.get_linestyle() != second.get_linestyle()


def test_more_searches_than_line_styles_are_refused(ax):
    too_many = {str(n): [1.0] for n in range(len(LINES) + 1)}
    with pytest.raises(ValueError, match="searches must be 1 to 4 by name, got"):
        plot_best_so_far(too_many, ax=ax)


def test_a_search_without_a_loss_is_named(ax):
    with pytest.raises(ValueError, match=r"searches\['tpe'\] must be a row of losses"):
        plot_best_so_far({"random": [1.0], "tpe": [np.nan]}, ax=ax)


# ---------------------------------------------------------------- values


def test_a_number_is_drawn_against_the_loss_and_a_missing_one_left_out(ax):
    assert plot_values([1, np.nan, 3], [0.1, 0.2, 0.3], label="tpe", ax=ax) is ax
    assert dots(ax, "o") == [[1, 0.1], [3, 0.3]]
    assert ax.get_legend_handles_labels()[1] == ["tpe"]


def test_numbers_of_a_frame_are_drawn_and_what_was_not_active_left_out(ax):
    plot_values(pd.Series([1, None, 3], dtype="Int64"), [0.1, 0.2, 0.3], ax=ax)
    assert dots(ax, "o") == [[1, 0.1], [3, 0.3]]


@pytest.mark.parametrize("values", [["a", "b"], [None, object()]])
def test_options_without_options_are_refused(ax, values):
    with pytest.raises(TypeError, match="values must be numbers in an array"):
        plot_values(values, [1.0, 2.0], ax=ax)


def test_a_parameter_has_the_same_ceiling_as_the_history(ax):
    plot_values([1, 2, 3], [0.1, np.nan, 30], ceiling=10, marker="x", color="vermillion", ax=ax)
    assert dots(ax, "x") == [[1, 0.1]]
    assert dots(ax, "^") == [[2, 10], [3, 10]]


def test_each_option_has_a_column_in_which_no_trial_hides_another(ax):
    values = ["tanh", "relu"] * 20
    plot_values(values, np.ones(40), options=["relu", "elu", "tanh"], ax=ax)
    x = np.array(dots(ax, "o"))[:, 0]
    assert np.round(x).tolist() == [2, 0] * 20
    assert np.abs(x - np.round(x)).max() < SPREAD / 2 + 1e-12
    assert np.diff(np.sort(x)).min() > 0.005
    assert [label.get_text() for label in ax.get_xticklabels()] == ["relu", "elu", "tanh"]
    assert ax.get_xlim() == (-0.5, 2.5)


def test_a_value_that_is_no_option_is_named(ax):
    with pytest.raises(ValueError, match=r"values must be options, one of \['relu'\], got 'swish'"):
        plot_values(["relu", "swish"], [1, 2], options=["relu"], ax=ax)


def test_one_loss_for_each_value(ax):
    with pytest.raises(ValueError, match=r"losses must have one for each of the 2 values, got 3 losses"):
        plot_values([1, 2], [1, 2, 3], ax=ax)


# ---------------------------------------------------------------- one parameter

SPACE = Space(
    {
        "step": LogUniform(1e-3, 1),
        "units": Integer(1, 9),
        "big": LogInteger(1, 999),
        "x": Uniform(-1, 1),
        "f": Choice(["relu", None, True, 1]),
        "sizes": Ordered([16, 32, 64]),
        "n": Choice([{"m": Integer(1, 3)}, 0]),
    }
)


def searched(losses, space=SPACE, seed=0):
    """Trials with these losses, failed where they are None."""
    rng, space = np.random.default_rng(seed), Space(space)
    states = ["failed" if loss is None else "finished" for loss in losses]
    rows = zip(losses, states, strict=True)
    return Trials([Trial(k, space.sample(rng), *row, space=space) for k, row in enumerate(rows)], space)


def ticks(axis):
    return [label.get_text() for label in axis.get_ticklabels()]


def test_a_history_of_trials_is_that_of_their_losses(ax):
    plot_history(searched([3.0, None, 0.5]), ceiling=1, ax=ax)
    assert dots(ax, "o") == [[3, 0.5]] and dots(ax, "^") == [[1, 1], [2, 1]]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("trial", "loss")


def test_searches_may_be_trials(ax):
    plot_best_so_far({"random": searched([3.0, None, 0.5]), "tpe": [1.0]}, ax=ax)
    assert [line.get_ydata().tolist() for line in ax.lines] == [[3, 3, 0.5], [1]]


@pytest.mark.parametrize(
    ("name", "scale"),
    [
        ("step", "log"),
        ("units", "linear"),
        ("big", "log"),
        ("x", "linear"),
        ("f", "linear"),
        ("sizes", "linear"),
    ],
)
def test_a_parameter_of_trials_has_the_scale_of_its_distribution(ax, name, scale):
    trials = searched([1.0, 2.0, 3.0, None])
    plot_parameter(trials, name, ax=ax)
    assert (ax.get_xscale(), ax.get_xlabel(), ax.get_ylabel()) == (scale, name, "loss")
    found = np.array(dots(ax, "o"))
    assert found[:, 1].tolist() == [1, 2, 3]
    spread = SPREAD / 2 if name in ("f", "sizes") else 0
    np.testing.assert_allclose(found[:, 0], [t.values[name] for t in trials[:3]], atol=spread + 1e-12)


def test_every_integer_has_its_own_tick_and_none_is_between(ax):
    plot_parameter(searched([1.0, 2.0], {"units": Integer(1, 3)}), "units", ax=ax)
    assert all(tick == int(tick) for tick in ax.get_xticks())


def test_the_options_of_trials_are_drawn_in_their_columns_by_name(ax):
    trials = searched(range(1, 30))
    plot_parameter(trials, "f", ax=ax)
    assert ticks(ax.xaxis) == ["relu", "None", "True", "1"]
    assert np.round(np.array(dots(ax, "o"))[:, 0]).tolist() == [t.values["f"] for t in trials]


def test_an_option_that_is_a_space_is_called_by_its_index(ax):
    plot_parameter(searched([1.0, 2.0]), "n", ax=ax)
    assert ticks(ax.xaxis) == ["0", "1"]


def test_trials_without_the_parameter_are_left_out(ax):
    trials = searched(range(1, 20))
    plot_parameter(trials, "n.0.m", ax=ax)
    assert dots(ax, "o") == [[t.values["n.0.m"], t.loss] for t in trials if t.values["n"] == 0]


def test_of_many_options_some_are_named_and_all_are_drawn(ax):
    plot_parameter(searched(range(1, 9), {"k": Choice(list(range(1000)))}), "k", ax=ax)
    assert ticks(ax.xaxis)[:3] == ["0", "50", "100"] and ax.get_xlim() == (-0.5, 999.5)
    assert len(dots(ax, "o")) == 8


def test_options_that_look_alike_are_told_apart(ax):
    plot_parameter(searched([1.0], {"k": Choice([None, "None", len])}), "k", ax=ax)
    assert ticks(ax.xaxis)[:2] == ["None", "'None'"]


@pytest.mark.parametrize(
    ("values", "options", "columns"),
    [
        ([None, "l2"], ["l2", None], [1, 0]),
        ([True, 1, 1.0], [1.0, True, 1], [1, 2, 0]),
        ([2.0, np.int64(1)], [1, 2], [1, 0]),
        ([np.nan, "a", pd.NA], ["a"], [0]),
        ([np.str_("a"), len], [len, "a"], [1, 0]),
    ],
)
def test_an_option_is_drawn_in_its_own_column(ax, values, options, columns):
    plot_values(values, np.ones(len(values)), options=options, ax=ax)
    assert np.round(np.array(dots(ax, "o"))[:, 0]).tolist() == columns


@pytest.mark.parametrize("name", ["a$b$c", "_x", "a_b^c", "<b>", "$"])
def test_names_and_options_are_no_mathematics(ax, name):
    trials = searched([1.0, 2.0], {name: Choice([name, "other"])})
    plot_parameter(trials, name, ax=ax)
    plot_best_so_far({name: trials}, ax=ax.figure.add_subplot())
    ax.figure.axes[1].legend()
    ax.figure.canvas.draw()
    for text in (ax.xaxis.label, ax.get_xticklabels()[0], ax.figure.axes[1].get_legend().get_texts()[0]):
        written, is_math = text._preprocess_math(text.get_text())
        assert not is_math and written.lstrip("\N{ZERO WIDTH SPACE}") == name


# ---------------------------------------------------------------- losses of any size


def heights(ax):
    """How high in the picture the dots are, from 0 to 1."""
    ax.figure.canvas.draw()
    places = ax.transAxes.inverted().transform(ax.transData.transform(dots(ax, "o")))
    return places[:, 1]


@pytest.mark.parametrize(
    ("losses", "scale"),
    [
        ([1.0, 10.0, 1e5], "log"),
        ([5.0, 5.0], "log"),
        ([-5.0, -1.0, -3.0], "linear"),
        ([-5.0, -5.0], "linear"),
        ([-0.5, 1.0, 2.0], "linear"),
        ([-1.0, 2.0, 100.0, 1.0], "linear"),
        ([0.0, 0.0], "linear"),
        ([1e-4, 0.0, 1e3], "symlog"),
        ([-1.0, 2.0, 1e9, 1.0], "symlog"),
        ([1e-300, 1e300], "log"),
        ([-1.7e308, 1.7e308], "linear"),
        ([-1.7e308, 1.7e308, 1.0, 0.0, -1.0, 2.0, 1e-308], "symlog"),
        ([0.0, 5e-324, 1.7e308], "symlog"),
    ],
)
@pytest.mark.parametrize("draw", ["history", "parameter"])
def test_every_finite_loss_is_seen(ax, losses, scale, draw):
    trials = searched(losses)
    with np.errstate(all="raise"):
        if draw == "history":
            plot_history(trials, ax=ax)
        else:
            plot_parameter(trials, "step", ax=ax)
    assert ax.get_yscale() == scale
    height = heights(ax)
    assert ((0.01 < height) & (height < 0.99)).all()
    order = np.argsort(losses, kind="stable")
    assert (np.diff(height[order]) >= 0).all()
    assert height[order[-1]] - height[order[0]] > 0.5 or len(set(losses)) == 1


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=8))
@settings(max_examples=60)
def test_no_finite_losses_make_an_empty_picture(losses):
    ax = plt.figure().add_subplot()
    with np.errstate(all="raise"):
        plot_history(losses, ax=ax)
    height = heights(ax)
    plt.close(ax.figure)
    assert np.isfinite(height).all() and ((0 < height) & (height < 1)).all()


def test_a_best_loss_of_zero_is_lowest_and_apart(ax):
    plot_history([1e-3, 0.0, 1.0], ax=ax)
    low = heights(ax)
    assert low[1] < low[0] - 0.1 < low[2]


def test_a_scale_fits_all_that_is_drawn_on_it():
    _, (left, right) = plt.subplots(1, 2, sharey=True)
    plot_history([-1.0, 2.0], ax=left)
    plot_history([1.0, 2.0], ax=right)
    assert left.get_yscale() == right.get_yscale() == "linear"


def test_marks_that_are_no_losses_do_not_set_the_scale(ax):
    ax.axvline(2)  # from 0 to 1 of the Axes, not of the losses
    plot_history([1.0, 2.0], ax=ax)
    assert ax.get_yscale() == "log"


def test_a_ceiling_below_zero_is_drawn(ax):
    plot_history([-3.0, -2.0, 5.0, -np.inf], ceiling=-1, ax=ax)
    assert dots(ax, "o") == [[1, -3], [2, -2]] and dots(ax, "^") == [[3, -1], [4, -1]]


# ---------------------------------------------------------------- nothing to draw

FAILED = Trials([Trial(0, {"step": 0.1}, state="failed", error="ValueError: no data", space=SPACE)])


@pytest.mark.parametrize(
    ("draw", "words"),
    [
        (
            lambda: plot_history(FAILED),
            "trials must hold a finished one, got <Trials: 1 tried: 1 failed>;",
        ),
        (lambda: plot_parameter(FAILED, "step"), "the last error: ValueError: no data."),
        (lambda: plot_best_so_far({"a": FAILED}), "trials must hold a finished one"),
        (lambda: plot_history(Trials([], SPACE)), "got <Trials: 0 tried>."),
        (lambda: plot_history(5), "losses must be a row of losses"),
        (lambda: plot_history(["a"]), "losses must be numbers"),
        (lambda: plot_history([1.0], ceiling="a"), "ceiling must be a finite number, got 'a'."),
        (lambda: plot_parameter(searched([1.0]), "steps"), "name must be one of 'step', 'units'"),
        (
            lambda: plot_parameter(searched([1.0], seed=1), "n.0.m"),
            "name must be a parameter of a finished trial",
        ),
        (lambda: plot_parameter(Trials(searched([1.0]), None)[:0], "step"), "hold a finished one"),
        (lambda: plot_values([np.nan], [1.0]), "losses must have a finite one where there is a value"),
        (lambda: plot_values([1.0], [1.0], color="beige"), "color must be one of 'blue'"),
        (lambda: plot_parameter([1.0], "x"), "trials must be Trials with a space, got [1.0]; write Trials("),
        (lambda: plot_best_so_far({}), "searches must be 1 to 4 by name, got {}; write {name: trials}."),
        (lambda: plot_best_so_far([1.0]), "searches must be 1 to 4 by name, got [1.0]"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_a_sentence_and_leaves_no_figure(draw, words):
    plt.close("all")
    with pytest.raises((ValueError, TypeError)) as error:
        draw()
    assert words in str(error.value) and str(error.value).endswith(".")
    assert not plt.get_fignums()


def test_trials_without_a_space_have_a_history_only(ax):
    trials = Trials([Trial(0, {"x": 1}, 2.0, "finished")])
    plot_history(trials, ax=ax)
    with pytest.raises(TypeError, match=r"trials must be Trials with a space, got <Trials: 1 tr.*; write"):
        plot_parameter(trials, "x", ax=ax)


def test_the_current_axes_are_the_default(ax):
    assert plot_history([1.0]) is plt.gca()
