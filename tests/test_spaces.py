"""Spaces: values and configurations as each other's inverse, whatever is nested how."""

import collections
import dataclasses
import json
import math
import os
import pickle
import subprocess
import sys
import warnings
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import example, given, settings
from scipy import stats
from spaces_to_try import SEEDS, SPACES, generator

from hpo_helpers import (
    Choice,
    Integer,
    LogInteger,
    LogUniform,
    Normal,
    Ordered,
    RandomSampler,
    Search,
    Space,
    Trials,
    Uniform,
    minimize,
    sample,
)
from hpo_helpers.spaces import Parameter, described

pytestmark = pytest.mark.filterwarnings("ignore:.* is a list of constants")

TREE = {
    "step": LogUniform(0.01, 0.5),
    "layers": Choice(
        [
            {"n_layers": 1, "n_units_layer": [Integer(50, 1000)]},
            {"n_layers": 2, "n_units_layer": (Integer(50, 1000), LogInteger(50, 1000))},
            Choice(["deep", {"depth": Integer(3, 9)}]),
        ]
    ),
    "activation": Choice([math.tanh, "relu", None]),
    "fixed": [1, "two", (3.0, None)],
    "batch_size": Ordered([16, 32, 64]),
}


def read_once(tree):
    """Return a space, None if the tree has no parameter."""
    try:
        return Space(tree)
    except ValueError:
        return None


# ---------------------------------------------------------------- values and configurations


@settings(max_examples=400)
@given(SPACES, SEEDS)
@example(Choice([Uniform(0.1, 1), 1]), 1)
@example(Choice([Integer(1, 3), Integer(2, 4)]), 3)
@example(Choice([[64, 32], (64, 32)]), 2)
def test_what_was_drawn_is_built(tree, seed):
    """The option drawn is the one built, and not one that looks like it."""
    space = read_once(tree)
    if space is None:
        return
    values = space.sample(generator(seed))
    assert space.checked(values) == values
    assert repr(space.build(values)) == repr(built_by_hand(tree, values, ()))


def built_by_hand(tree, values, path):
    name = ".".join(map(str, path)) or "value"
    if isinstance(tree, Choice):
        return built_by_hand(tree.options[values[name]], values, (*path, values[name]))
    if hasattr(tree, "from_unit"):
        return values[name]
    if isinstance(tree, dict):
        return {key: built_by_hand(child, values, (*path, key)) for key, child in tree.items()}
    if isinstance(tree, (list, tuple)):
        return type(tree)(built_by_hand(child, values, (*path, i)) for i, child in enumerate(tree))
    return tree


@settings(max_examples=400)
@given(SPACES, SEEDS)
def test_reading_a_configuration_gives_values_that_build_it(tree, seed):
    space = read_once(tree)
    if space is None:
        return
    configuration = space.build(space.sample(generator(seed)))
    again = space.read(configuration)
    assert repr(space.build(again)) == repr(configuration)
    assert space.read(space.build(again)) == again


@given(SPACES, SEEDS)
def test_values_survive_json(tree, seed):
    space = read_once(tree)
    if space is not None:
        values = space.sample(generator(seed))
        assert json.loads(json.dumps(values, allow_nan=False)) == values


@given(SPACES, SEEDS)
def test_active_parameters_are_those_whose_conditions_hold(tree, seed):
    space = read_once(tree)
    if space is None:
        return
    values = space.sample(generator(seed))
    active = [p for p in space.parameters.values() if all(values.get(n) == i for n, i in p.conditions)]
    assert list(values) == [p.name for p in active]
    (row,) = space.table([values])
    assert row[~np.isnan(row)].tolist() == list(values.values())
    assert [name for name, x in zip(space.parameters, row, strict=True) if x == x] == list(values)


def test_ten_thousand_spaces_draw_what_they_build():
    """Without hypothesis, whose examples are small: as many as a long search over spaces would meet."""
    rng = np.random.default_rng(0)
    for _ in range(10_000):
        tree = random_tree(rng, 3)
        space = read_once(tree)
        if space is not None:
            values = space.sample(rng)
            assert repr(space.build(space.read(space.build(values)))) == repr(space.build(values))
            assert repr(space.build(values)) == repr(built_by_hand(tree, values, ()))


def random_tree(rng, depth):
    kind = rng.integers(9 if depth else 6)
    if kind < 6:
        leaves = [Integer(0, 2), Uniform(0, 1), Uniform(0, 1, 0.5), Ordered([0, 1]), 1, 1.0]
        return leaves[kind]
    children = [random_tree(rng, depth - 1) for _ in range(rng.integers(1, 4))]
    return {6: Choice, 7: tuple, 8: lambda c: dict(zip("abc", c, strict=False))}[kind](children)


def test_two_processes_draw_the_same_whatever_their_hash_seed():
    code = (
        "import numpy as np; from test_spaces import TREE; from hpo_helpers import Space;"
        "s = Space(TREE); print([s.sample(np.random.default_rng(k)) for k in range(9)], s.parameters.keys())"
    )
    folders = os.pathsep.join([os.path.dirname(__file__), *sys.path])
    printed = {
        subprocess.run(
            [sys.executable, "-W", "ignore", "-c", code],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": folders},
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(printed) == 1 and b"layers" in printed.pop()


def test_parameters_come_with_their_place_in_the_tree():
    space = Space(TREE)
    assert list(space.parameters) == [
        "step",
        "layers",
        "layers.0.n_units_layer.0",
        "layers.1.n_units_layer.0",
        "layers.1.n_units_layer.1",
        "layers.2",
        "layers.2.1.depth",
        "activation",
        "batch_size",
    ]
    depth = Parameter("layers.2.1.depth", Integer(3, 9), (("layers", 2), ("layers.2", 1)))
    assert space.parameters["layers.2.1.depth"] == depth
    assert space.options("activation") == (math.tanh, "relu", None)
    assert space.options("layers") is None and space.options("step") is None


def test_a_bare_distribution_is_a_space():
    assert list(Space(Integer(1, 3)).parameters) == ["value"]
    assert Space(Integer(1, 3)).build(Space(Integer(1, 3)).read(np.int64(2))) == 2
    choice = Space(Choice([{"x": Uniform(0, 1)}, "none"]))
    assert choice.read({"x": 0.5}) == {"value": 0, "0.x": 0.5}


def test_a_space_of_a_space_is_that_space():
    space = Space(TREE)
    assert Space(space).tree is space.tree == TREE


def test_sample_draws_a_configuration():
    space = Space(TREE)
    expected = space.build(space.sample(generator(3)))
    assert sample(TREE, generator(3)) == sample(space, generator(3)) == expected


def test_changing_a_configuration_leaves_the_space_alone():
    space = Space({"x": Choice([{"units": [64, 64]}])})
    space.build({"x": 0})["x"]["units"].append(32)
    assert space.build({"x": 0}) == {"x": {"units": [64, 64]}}


# ---------------------------------------------------------------- options that look alike


def test_an_option_that_fits_to_the_letter_comes_first():
    space = Space(Choice([Uniform(0.1, 1), 1, [64, 32], (64, 32), True, "1"]))
    for index, option in ((1, 1), (2, [64, 32]), (3, (64, 32)), (4, True), (5, "1")):
        assert space.read(option) == {"value": index}
    assert space.read(1.0) == {"value": 0, "0": 1.0}


def test_the_first_option_that_fits_is_meant_where_a_configuration_cannot_tell():
    space = Space(Choice([{"x": Integer(0, 10)}, {"x": Integer(5, 20)}]))
    assert space.read({"x": 7})["value"] == 0 and space.read({"x": 17})["value"] == 1
    assert space.build({"value": 1, "1.x": 7}) == {"x": 7}


def test_options_may_be_any_object():
    arrays = [np.zeros(2), np.zeros(2), len, math.nan, np.float64("nan")]
    space = Space(Choice(arrays))
    for index, option in enumerate(arrays[:4]):
        assert space.read(option) == {"value": index}
        assert space.build({"value": index}) is option
    assert space.read(np.float64("nan")) == {"value": 3}


class Point(NamedTuple):
    x: object
    y: object


def test_a_named_tuple_stays_one():
    space = Space({"at": Point(Uniform(0, 1), 3)})
    built = space.build({"at.0": 0.5})
    assert built == {"at": Point(0.5, 3)} and type(built["at"]) is Point
    assert space.read(built) == {"at.0": 0.5}


def test_lookalikes_of_json_and_numpy_fit():
    space = Space({"x": (Integer(1, 3), Choice([np.float64(0.5), (1, 2)]), Uniform(0, 9))})
    assert space.read({"x": [np.int32(2), [1, 2], 3]}) == {"x.0": 2, "x.1": 1, "x.2": 3.0}
    assert space.build(space.read({"x": [2, 0.5, 3]})) == {"x": (2, 0.5, 3.0)}


# ---------------------------------------------------------------- sizes


@pytest.mark.parametrize(
    ("tree", "size"),
    [
        (Integer(3, 40), 38),
        (Uniform(0, 1), math.inf),
        (Uniform(0, 1, 0.25), 5),
        ({"a": Choice([None, None, "l2"]), "b": Ordered([1, 2])}, 6),
        (Choice([{}, {}, {}]), 3),
        (Choice([Integer(1, 3), {"x": Integer(2, 4), "y": Choice("a b".split())}, "c"]), 3 + 6 + 1),
        ([Integer(0, 9, 3), Choice([Normal(0, 1), 1])], math.inf),
    ],
)
def test_the_size_of_a_space(tree, size):
    assert Space(tree).size == size


# ---------------------------------------------------------------- descriptions


@given(SPACES, SPACES)
def test_fingerprints_tell_spaces_apart(a, b):
    first, second = read_once(a), read_once(b)
    if first is None or second is None:
        return
    assert json.loads(json.dumps(first.describe(), allow_nan=False)) == first.describe()
    assert (first.fingerprint == second.fingerprint) == (repr(in_order(a)) == repr(in_order(b)))


def in_order(tree):
    if isinstance(tree, dict):
        return {key: in_order(tree[key]) for key in sorted(tree)}
    if isinstance(tree, Choice):
        return type(tree)([in_order(option) for option in tree.options])
    return type(tree)(map(in_order, tree)) if isinstance(tree, (list, tuple)) else tree


@given(SPACES)
def test_a_space_comes_back_from_its_description(tree):
    space = read_once(tree)
    if space is not None:
        again = Space(described(json.loads(json.dumps(space.describe()))))
        assert again.fingerprint == space.fingerprint
        assert repr(again) == repr(space)


def test_bounds_that_are_left_out_and_nan_come_back():
    tree = {"n": Normal(0, 1, high=3), "nan": math.nan, "inf": -math.inf, "u": Uniform(0, 1, 0.5)}
    assert repr(described(Space(tree).describe())) == repr(tree)


@pytest.mark.parametrize("constant", [len, b"x", {1: 2}, {1}, 1j])
def test_what_json_cannot_hold_has_no_description(constant):
    with pytest.raises(TypeError, match="a space with a journal must hold what JSON has a form for, got"):
        Space({"x": Choice([1, constant])}).describe()


def test_a_space_can_be_pickled_with_what_it_holds():
    again = pickle.loads(pickle.dumps(Space(TREE)))
    assert again.tree == TREE and again.build({**again.read(sample(TREE, generator(0)))})


# ---------------------------------------------------------------- what is refused


@dataclasses.dataclass
class Settings:
    step: object


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        ({"x": Uniform}, r"x must be a distribution or a constant, .*; write Uniform\(\.\.\.\) with"),
        (Settings(Uniform(0, 1)), "value must hold distributions in dicts, lists and tuples only"),
        ({"h": collections.deque([Uniform(0, 1)])}, "h must hold .* make it a dict or list, not a deque"),
        ({"h": {"a": Uniform(0, 1)}.values()}, "h must hold distributions in dicts, lists and tuples only"),
        ({"s": {Uniform(0, 1)}}, "s must hold distributions in .*; make it a dict or list, not a set"),
        ({"s": np.array([Uniform(0, 1), 1])}, "s must hold .* not a ndarray"),
        (collections.UserDict(x=Uniform(0, 1)), "value must hold .* not a UserDict"),
        ({"x": stats.norm(0, 1), "y": Uniform(0, 1)}, r"x must be a distribution of hpo_helpers, .*Normal"),
    ],
)
def test_a_distribution_that_would_not_be_found_is_refused(tree, message):
    with pytest.raises(TypeError, match=message):
        Space(tree)


@pytest.mark.parametrize("tree", [{}, [], 3, {"a": [1, ("b", None)]}])
def test_a_space_without_parameters_is_refused(tree):
    with pytest.raises(ValueError, match="space must hold a distribution, such as Uniform"):
        Space(tree)


def test_two_parameters_of_one_name_are_refused():
    with pytest.raises(ValueError, match=r"one parameter of each name, got 'a\.b'; rename a key"):
        Space({"a.b": Uniform(0, 1), "a": {"b": Uniform(0, 1)}})


def test_a_list_where_a_choice_was_meant_is_told():
    with pytest.warns(UserWarning, match=r"units is a list of constants, .* write Choice\(\[32, 64\]\)"):
        Space({"units": [32, 64], "x": Uniform(0, 1)})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Space({"a": (32, 64), "b": [Integer(1, 2), 3], "c": Choice([[64, 32], [64]]), "d": [1]})


@pytest.mark.parametrize(
    "use",
    [
        lambda tree: Space(tree),
        lambda tree: minimize(lambda c: 0.0, tree, sampler=RandomSampler(), n_trials=2, progress=False),
        lambda tree: Search(tree, sampler=RandomSampler()),
        lambda tree: Trials([], tree),
        lambda tree: sample(tree, np.random.default_rng(0)),
    ],
)
def test_what_is_told_of_a_list_points_to_the_line_that_has_it(use):
    with pytest.warns(UserWarning, match="units is a list of constants") as caught:
        use({"units": [32, 64], "x": Uniform(0, 1)})
    (one,) = caught
    assert (one.filename, one.lineno) == (__file__, use.__code__.co_firstlineno)


@pytest.mark.parametrize(
    ("configuration", "message"),
    [
        ({"x": 2.0, "c": "a", "k": [1]}, r"x must lie in Uniform\(low=0.0, high=1.0, .*\), got 2.0"),
        ({"x": 0.5, "c": "z", "k": [1]}, "c must be one of the options of its choice, got 'z'"),
        ({"x": 0.5, "c": "a", "k": [True]}, "k.0 must be the constant 1, got True"),
        ({"x": 0.5, "c": "a", "k": [1, 2]}, r"k must have the shape of \[1\], got \[1, 2\]"),
        ({"x": 0.5, "c": "a", "k": {0: 1}}, "k must have the shape"),
        ({"x": 0.5, "c": "a"}, "must have the shape of"),
        (3, "must have the shape of"),
    ],
)
def test_a_configuration_from_elsewhere_is_refused(configuration, message):
    with pytest.raises(ValueError, match=message):
        Space({"x": Uniform(0, 1), "c": Choice(["a"]), "k": [1]}).read(configuration)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"x": 0.5}, r"f must be a value of Choice.* got None"),
        ({"x": 0.5, "f": 0}, r"f\.0\.n must be a value of Integer"),
        ({"x": 0.5, "f": 1, "f.0.n": 2}, r"values must be those of \['x', 'f'\] alone"),
        ({"x": 0.5, "f": 2}, "f must be a value of Choice.* got 2"),
        ({"x": "a", "f": 1}, "x must be a value of Uniform.* got 'a'"),
        ({"x": math.nan, "f": 1}, "x must be a value of Uniform.* got nan"),
        ({"x": 0.5, "f": 0, "f.0.n": 2.0}, r"f\.0\.n must be a value of Integer.* got 2.0"),
        ({"x": 0.5, "f": True}, "f must be a value of Choice.* got True"),
    ],
)
def test_values_that_are_not_the_spaces_are_refused(values, message):
    space = Space({"x": Uniform(0, 1), "f": Choice([{"n": Integer(1, 3)}, "none"])})
    with pytest.raises(ValueError, match=message):
        space.checked(values)


def test_checked_values_are_pythons_own_numbers():
    space = Space([Uniform(0, 9), Integer(0, 9)])
    checked = space.checked({"0": 3, "1": np.int64(4)})
    assert checked == {"0": 3.0, "1": 4} and [type(v) for v in checked.values()] == [float, int]
    with pytest.raises(TypeError, match="values must be a dict by the parameters' names, got 3"):
        space.checked(3)


def test_a_value_with_a_step_is_kept_as_it_is_drawn():
    space = Space({"x": Uniform(0, 1, 0.1)})
    assert space.read({"x": 0.1 + 0.2}) == space.checked({"x": 0.1 + 0.2}) == {"x": 0.3}


@pytest.mark.parametrize("step", [1, 1.0])
def test_a_value_between_steps_is_refused(step):
    with pytest.raises(ValueError, match="x must lie in Uniform"):
        Space({"x": Uniform(0, 10, step)}).read({"x": 0.5})
    assert Space({"x": Uniform(0, 10, step)}).read({"x": 3.0}) == {"x": 3.0}


@pytest.mark.parametrize("array", [np.array([np.nan, 1]), np.array(["a"]), np.array([[1], [2, 3]], object)])
def test_an_array_is_itself(array):
    assert Space({"x": Uniform(0, 1), "c": array}).read({"x": 0.5, "c": array}) == {"x": 0.5}


def test_an_equal_array_is_the_constant():
    space = Space({"x": Uniform(0, 1), "c": np.arange(3)})
    assert space.read({"x": 0.5, "c": np.arange(3)}) == {"x": 0.5}
    for other in (np.arange(4), np.arange(3.0), [0, 1, 2]):
        with pytest.raises(ValueError, match="c must be the constant array"):
            space.read({"x": 0.5, "c": other})


@pytest.mark.parametrize("first", [True, False])
def test_a_space_may_have_more_configurations_than_a_float_can_count(first):
    many = {"w": [Integer(1, 1000)] * 120}
    space = Space({"x": Uniform(0, 1)} | many if first else many | {"x": Uniform(0, 1)})
    assert space.size == Space(many).size == math.inf


def test_what_becomes_of_its_containers_later_changes_no_trial_of_a_search():
    under, pair = {"n": Integer(1, 9)}, [Uniform(0, 1), 5]
    space = {"x": Uniform(0, 1), "layers": Choice([under, (pair,)]), "fixed": 20}

    def objective(configuration):
        configuration["fixed"] = under["n"] = pair[1] = 7
        return configuration["x"]

    trials = minimize(objective, space, sampler=RandomSampler(), n_trials=8, seed=0, progress=False)
    space |= {"x": Uniform(5, 6), "fixed": 30, "more": Uniform(0, 1)}
    for trial in trials:
        assert trial.configuration["x"] == trial.loss and trial.configuration["fixed"] == 20
        assert trial.configuration["layers"] in (
            {"n": trial.values.get("layers.0.n")},
            ([trial.values.get("layers.1.0.0"), 5],),
        )


def test_a_space_within_a_space_is_what_it_was_made_of():
    inner = Space({"n": Integer(8, 64)})
    space = Space({"model": Choice([inner, "none"]), "more": (inner,)})
    assert list(space.parameters) == ["model", "model.0.n", "more.0.n"]
    assert space == space and space.tree == {"model": Choice([inner.tree, "none"]), "more": (inner.tree,)}


class Attributes(dict):
    """A common idiom; it answers to any name."""

    __getattr__ = dict.get


class Flag(Choice):
    """A choice with an __init__ of its own."""

    def __init__(self, note):
        super().__init__([False, True])
        object.__setattr__(self, "note", note)


def test_containers_and_choices_of_a_users_own_are_copied():
    space = Space({"x": Uniform(0, 1), "more": Attributes(a=1, flag=Flag("mine"))})
    flag = space.parameters["more.flag"].distribution
    assert (type(flag), flag.note, flag.options) == (Flag, "mine", (False, True))
    assert space.build({"x": 0.5, "more.flag": 1}) == {"x": 0.5, "more": {"a": 1, "flag": True}}
