"""Importance of parameters: what made the loss is found, what didn't is near zero."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from hpo_helpers.course.importance import parameter_importance, table_importance
from hpo_helpers.course.plots import plot_importance
from hpo_helpers.distributions import Choice, LogUniform, Ordered, Uniform
from hpo_helpers.spaces import Space
from hpo_helpers.trials import Trial, Trials


def search(n=120, seed=0):
    """Trials whose loss depends on the activation and the step, in this order, and on no units."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "units": rng.integers(50, 1000, n),
            "step": rng.uniform(-4, 0, n),
            "activation": rng.choice(["relu", "tanh", "elu"], n),
            "units 2": np.where(rng.random(n) < 0.5, np.nan, rng.integers(50, 1000, n)),
        }
    )
    return table, np.exp(table.step + 6 * (table.activation == "tanh"))


def test_the_parameters_that_made_the_loss_come_first():
    importance, score = table_importance(*search())
    assert importance.index.tolist()[:2] == ["activation", "step"]
    assert score > 0.9
    assert importance["mean"].iloc[1] > 0.1
    assert importance["mean"].iloc[2:].abs().max() < 0.03
    assert (importance["std"] >= 0).all()


def test_losses_of_chance_are_not_predicted():
    table, _ = search()
    _, score = table_importance(table, np.exp(np.random.default_rng(1).normal(size=len(table))))
    assert score < 0.1


def test_failed_trials_are_left_out():
    table, losses = search(60)
    holes = losses.copy()
    holes[::6] = [np.nan, np.inf] * 5
    there = np.isfinite(holes)
    with_holes, without = (
        table_importance(table, holes),
        table_importance(table[there], losses[there]),
    )
    pd.testing.assert_frame_equal(with_holes[0], without[0])
    assert with_holes[1] == without[1]


def test_the_seed_decides_and_the_index_of_the_table_does_not():
    table, losses = search(40)
    renumbered = table.set_index(np.arange(40) * 7)
    first = table_importance(table, losses, n_repeats=2)[0]
    assert first.equals(table_importance(renumbered, losses.to_numpy(), n_repeats=2)[0])
    assert not first.equals(table_importance(table, losses, n_repeats=2, seed=1)[0])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            (search(20)[0], np.ones(7)),
            "losses must be a number for each of the 20 trials, got the shape (7,).",
        ),
        ((search(20)[0], ["a"] * 20), "losses must be numbers in an array"),
        (search(9), "losses must have 10 finite ones, got 9 of them."),
        (([1, 2], [1, 2]), "table must be a pandas.DataFrame with a column, got [1, 2]."),
        ((pd.DataFrame(index=range(9)), np.ones(9)), "table must be a pandas.DataFrame with a column"),
    ],
)
def test_tables_that_do_not_fit_are_refused(arguments, words):
    with pytest.raises((ValueError, TypeError)) as error:
        table_importance(*arguments)
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("trials", "words"),
    [
        (
            Trials([Trial(0, {"x": 1})]),
            "trials must be Trials with a space, got <Trials: 1 tried: 1 running>; write",
        ),
        ([1, 2], "trials must be Trials with a space, got [1, 2]; write Trials(trials, space)."),
        (Trials([], {"x": Uniform(0, 1)}), "losses must have 10 finite ones, got 0 of them."),
    ],
)
def test_trials_that_do_not_fit_are_refused(trials, words):
    with pytest.raises((ValueError, TypeError)) as error:
        parameter_importance(trials)
    assert words in str(error.value)


@pytest.mark.parametrize("name", ["n_repeats", "seed"])
@pytest.mark.parametrize("value", [-1, 1.5, "a"])
def test_numbers_that_make_no_sense_are_refused(name, value):
    with pytest.raises((ValueError, TypeError), match=f"^{name} must be an integer of at least"):
        table_importance(*search(20), **{name: value})


# ---------------------------------------------------------------- losses of any kind


@pytest.mark.parametrize(
    "change", [lambda y: -1 / y, lambda y: y - y.min(), lambda y: np.log(y), lambda y: y**40, lambda y: y**90]
)
def test_the_order_of_losses_is_enough(change):
    table, losses = search()
    importance, score = table_importance(table, change(losses), n_repeats=2)
    assert importance.index.tolist()[:2] == ["activation", "step"] and score > 0.8


@pytest.mark.parametrize("loss", [1.0, 0.0, -3.0, 1e300])
def test_of_equal_losses_nothing_is_learned(loss):
    importance, score = table_importance(search(20)[0], np.full(20, loss))
    assert score == 0 and (importance == 0).all(axis=None)
    assert importance.index.tolist() == ["units", "step", "activation", "units 2"]


def test_of_losses_that_are_all_equal_but_one_nothing_is_learned():
    """In most folds a forest predicts what it cannot but predict."""
    score = table_importance(search(40)[0], np.r_[2.0, np.ones(39)], n_repeats=1)[1]
    assert score < 0.1


def test_r2_is_the_share_of_the_variance_of_all_losses():
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"x": rng.random(300), "y": rng.random(300)})
    losses = np.exp(np.where(table.x > 0.5, 1.0, -1.0))
    importance, score = table_importance(table, losses, n_repeats=20)
    assert score > 0.95
    assert importance["mean"]["x"] == pytest.approx(2, abs=0.15), (
        "a coin instead has twice the variance as error"
    )
    assert importance["mean"]["y"] == pytest.approx(0, abs=0.01)


# ---------------------------------------------------------------- options of any kind


@pytest.mark.parametrize(
    "options",
    [["auto", 1], [None, "l2"], [True, 1], [1, 1.0], [len, abs], [(1, 2), [3]], [float("nan"), None]],
)
def test_options_of_any_kind_are_told_apart(options):
    rng = np.random.default_rng(0)
    which = rng.integers(2, size=60)
    column = pd.Series([options[k] for k in which], dtype=object)
    table = pd.DataFrame({"x": rng.random(60), "option": column})
    importance, score = table_importance(table, 1.0 + which, n_repeats=2)
    assert importance.index[0] == "option" and score > 0.95


def test_integers_with_holes_are_numbers():
    table, losses = search(60)
    holes = table["units 2"].astype("Int64")
    expected = table_importance(table, losses, n_repeats=1)
    found = table_importance(table.assign(**{"units 2": holes}), losses, n_repeats=1)
    pd.testing.assert_frame_equal(found[0], expected[0])


def trials_of(n=80):
    """Trials whose loss depends on an option, on one with parameters of its own, and on one of these."""
    space = Space(
        {
            "f": Choice([None, "relu", abs, 1]),
            "n": Choice([{"x": Uniform(0, 1)}, 0]),
            "size": Ordered([16, 32, 64]),
            "step": LogUniform(1e-3, 1),
        }
    )

    def loss(values):
        return 3 * (values["f"] == 2) - 2 * values.get("n.0.x", 0.5) - 1

    rows = [space.sample(np.random.default_rng(k)) for k in range(n)]
    return Trials([Trial(k, row, loss(row), "finished", space=space) for k, row in enumerate(rows)], space)


def test_trials_need_nothing_else():
    importance, score = parameter_importance(trials_of())
    assert importance.index.tolist()[:2] == ["f", "n.0.x"] and score > 0.8
    assert set(importance.index) == {"f", "n", "n.0.x", "size", "step"}


def test_numpy_may_raise_on_every_error():
    with np.errstate(all="raise"):
        parameter_importance(trials_of(20), n_repeats=1)


def test_many_options_and_a_parameter_below_one_go_together():
    space = Space({"c": Choice([*range(7), {"u": Uniform(0, 1)}])})
    rng = np.random.default_rng(0)
    trials = Trials([Trial(k, space.sample(rng), float(k), "finished") for k in range(40)], space)
    assert set(parameter_importance(trials, n_repeats=1)[0].index) == {"c", "c.7.u"}


# ---------------------------------------------------------------- bars


def test_the_bars_of_trials_say_how_much_is_explained():
    ax = plot_importance(trials_of())
    importance, score = parameter_importance(trials_of())
    assert [bar.get_width() for bar in ax.patches] == importance["mean"].tolist()
    assert ax.get_xlabel() == f"drop in R² when shuffled (before: {score:.2f})"


def test_bars_of_no_finished_trials_are_refused():
    with pytest.raises(
        ValueError, match="trials must hold a finished one, got <Trials: 0 tried>"
    ):
        plot_importance(Trials([], {"x": Uniform(0, 1)}))


def test_names_are_no_mathematics():
    ax = plot_importance(pd.DataFrame({"mean": [1.0], "std": [0.0]}, index=["$a$"]))
    label = ax.get_yticklabels()[0]
    assert label._preprocess_math(label.get_text()) == ("$a$", False)


def test_bars_are_in_the_order_given_with_one_standard_deviation():
    importance = pd.DataFrame({"mean": [0.8, 0.1], "std": [0.2, 0.05]}, index=["step", "units"])
    ax = plt.figure().add_subplot()
    assert plot_importance(importance, ax=ax) is ax
    assert [bar.get_width() for bar in ax.patches] == [0.8, 0.1]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["step", "units"]
    low, high = ax.get_ylim()
    assert low > high, "the first row is on top"
    spans = [segment[:, 0] for segment in ax.collections[0].get_segments()]
    np.testing.assert_allclose(spans, [[0.6, 1.0], [0.05, 0.15]])
    assert plot_importance(importance) is plt.gca()


@pytest.mark.parametrize(
    "column",
    [np.arange(40) + 10.0**9, 10.0 ** np.linspace(-60, -47, 40), 10.0 ** np.linspace(30, 45, 40)],
    ids=["large", "small", "larger than float32"],
)
def test_values_that_a_forest_does_not_tell_apart_are_told_by_their_order(column):
    losses = np.arange(40.0)
    other = np.random.default_rng(0).permutation(column)
    column, other = column[np.random.default_rng(1).permutation(40)], np.where(losses % 7, other, np.nan)
    losses = column.argsort().argsort() + 1.0
    table_importance(pd.DataFrame({"column": column, "constant": np.full(40, column.max())}), losses)
    importance, score = table_importance(pd.DataFrame({"other": other, "column": column}), losses)
    same, as_good = table_importance(pd.DataFrame({"other": other, "column": losses}), losses)
    assert importance.index[0] == "column" and importance["mean"]["column"] > 1
    assert score > 0.9 and score == pytest.approx(as_good, abs=0.05)
    assert importance["mean"]["column"] == pytest.approx(same["mean"]["column"], abs=0.2)
